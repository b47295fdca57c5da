using Proofs;

namespace Traceability.Epcis.Capture;

/// <summary>The commitment to a body's statements that stands in the anchored event.</summary>
internal static class Commitment
{
    public static StatementsRoot Of(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> body)
    {
        IReadOnlyList<Statement> statements = EventStatements.Cut(body);
        return new StatementsRoot(statements.Count, Convert.ToHexStringLower(Statements.Root(secret, statements)));
    }
}
