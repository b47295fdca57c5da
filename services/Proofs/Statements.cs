using Proofs.Json;
using Proofs.Merkle;

namespace Proofs;

/// <summary>One thing that an event says, which can be shown without showing the others.</summary>
/// <param name="Pointer">Where it stands in the document, for example <c>/epcList/0</c> (RFC 6901).</param>
/// <param name="Value">The value's JSON text, exactly as it stands there.</param>
public sealed record Statement(string Pointer, string Value);

/// <summary>How a file of statements stands to an event.</summary>
/// <param name="Verdict">Proven, refuted, unreadable, or incomplete where the event is withheld.</param>
/// <param name="Reason">Why, one of <see cref="Proofs.Reason"/> or <see cref="Statements"/>' own.</param>
/// <param name="Shown">The statements by their place; empty unless they are proven to be the event's.</param>
/// <param name="Size">How many statements the event has, shown or not; 0 unless proven.</param>
public sealed record StatementsResult(
    Verdict Verdict, string Reason, IReadOnlyList<(long Index, Statement Statement)> Shown, long Size)
{
    /// <summary>The result as RFC 8785 JSON.</summary>
    public byte[] ToJson() => CanonicalJson.Write(JsonObject.Of(
        ("reason", new JsonString(Reason)),
        ("shown", new JsonArray([.. Shown.Select(s => JsonObject.Of(
            ("index", new JsonInteger(s.Index)),
            ("pointer", new JsonString(s.Statement.Pointer)),
            ("value", new JsonString(s.Statement.Value))))])),
        ("size", new JsonInteger(Size)),
        ("verdict", new JsonString(Verdict.ToString().ToLowerInvariant()))));
}

/// <summary>
/// Commitments to what an event says, one by one (services/docs/proof-format.md, "Statements"): the event carries count
/// and root of a Merkle tree over salted statements, so that its holder shows some of them and the reader sees that they
/// are the event's, learning of the others nothing but their number. Pure.
/// </summary>
public static class Statements
{
    /// <summary>The name of the format of a file of shown statements.</summary>
    public const string Format = "event-statements/1";

    /// <summary>The event carries no statements.</summary>
    public const string EventHasNone = "event-has-no-statements";

    /// <summary>A statement is not the event's, or not at its place.</summary>
    public const string Mismatch = "statement-mismatch";

    /// <summary>The most statements that an event may have.</summary>
    public const int Max = 1 << 16;

    /// <summary>Bytes of the secret from which the salts of one event are derived.</summary>
    public const int SecretSize = 16;

    /// <summary>Bytes of a statement's salt.</summary>
    internal const int SaltSize = 16;

    /// <summary>Root of the tree over all of an event's statements, in their order.</summary>
    /// <param name="secret">16 random bytes, new for each event; whoever has them can check guesses of what is not shown.</param>
    /// <param name="statements">All of them, at least one.</param>
    public static byte[] Root(ReadOnlySpan<byte> secret, IReadOnlyList<Statement> statements) =>
        StatementTree.InOrder(secret, statements).Root();

    /// <summary>Writes a file that shows some of an event's statements, whose tree has them in their order.</summary>
    /// <param name="secret">The event's secret.</param>
    /// <param name="statements">All of the event's statements.</param>
    /// <param name="shown">Which to show: places in <paramref name="statements"/>, each once.</param>
    public static byte[] Disclose(ReadOnlySpan<byte> secret, IReadOnlyList<Statement> statements, IReadOnlyList<int> shown) =>
        StatementTree.InOrder(secret, statements).Disclose(shown);

    /// <summary>Checks a file of statements against the event of a bundle. Whether that event is proven is the bundle's answer.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="content">The event, as <see cref="VerificationResult.Event"/> has it; null where it is withheld.</param>
    public static StatementsResult Check(ReadOnlySpan<byte> file, JsonObject? content)
    {
        if (Read(file) is not { } items)
            return new StatementsResult(Verdict.Unreadable, "statements", [], 0);
        if (content is null)
            return new StatementsResult(Verdict.Incomplete, Reason.EventWithheld, [], 0);
        if (Commitment(content) is not { } commitment)
            return new StatementsResult(Verdict.Refuted, EventHasNone, [], 0);
        foreach (Item item in items)
        {
            if (!MerkleTree.VerifyInclusion((ulong)item.Index, (ulong)commitment.Count,
                    StatementTree.Leaf(item.Salt, item.Statement), item.Path, commitment.Root))
                return new StatementsResult(Verdict.Refuted, Mismatch, [], 0);
        }
        return new StatementsResult(
            Verdict.Proven, Reason.Ok, [.. items.Select(i => (i.Index, i.Statement))], commitment.Count);
    }

    private static List<Item>? Read(ReadOnlySpan<byte> file)
    {
        if (file.Length > Bundle.MaxBytes || CanonicalJson.Parse(file) is not { } json)
            return null;
        try
        {
            var members = new Members(json);
            members.Constant("format", Format);
            var items = members.List("statements", Item.Read, Max);
            members.End();
            for (int i = 1; i < items.Count; i++)
                Members.Require(items[i - 1].Index < items[i].Index);
            return [.. items];
        }
        catch (MisshapenException)
        {
            return null;
        }
    }

    private static (long Count, byte[] Root)? Commitment(JsonObject content)
    {
        try
        {
            var members = new Members(content).Object("data").Object("statements");
            var (count, root) = (members.Number("count"), members.Hash("root").Bytes.ToArray());
            members.End();
            return count is > 0 and <= Max ? (count, root) : null;
        }
        catch (MisshapenException)
        {
            return null;
        }
    }

    private sealed record Item(long Index, IReadOnlyList<byte[]> Path, byte[] Salt, Statement Statement)
    {
        public static Item Read(JsonValue json)
        {
            var members = new Members(json);
            var item = new Item(members.Number("index"),
                members.List("path", h => Members.Hex(h, MerkleTree.HashSize), MerkleTree.MaxPathLength),
                members.Hex("salt", SaltSize),
                new Statement(members.Text("pointer"), members.Text("value")));
            members.End();
            return item;
        }
    }
}
