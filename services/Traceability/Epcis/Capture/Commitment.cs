using Proofs;

namespace Traceability.Epcis.Capture;

/// <summary>The commitment to an event's statements that is anchored.</summary>
internal static class Commitment
{
    public static StatementsRoot Of(ReadOnlySpan<byte> secret, EpcisEvent e, byte[]? before)
    {
        StatementTree tree = StatementTree.Scattered(secret, EventStatements.Of(e.Hash, e.Body.Span, before));
        return new StatementsRoot(tree.Count, Convert.ToHexStringLower(tree.Root()));
    }
}
