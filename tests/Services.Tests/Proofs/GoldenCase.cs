using System.Security.Cryptography;
using System.Text;
using Chain.Core;
using Proofs;
using Proofs.Notes;

namespace Services.Tests.Proofs;

/// <summary>One golden file: what a verifier is given, and the answer that the rules of the format demand.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Bundle">Bytes of the bundle.</param>
/// <param name="Trust">Bytes of the trust file.</param>
/// <param name="File">SHA-256 of a file, if one is given.</param>
/// <param name="Expected">
/// <c>content log chain</c> by reason code (the state follows from it), or <c>bundle</c> or <c>trust-file</c>.
/// </param>
internal sealed record GoldenCase(string Name, byte[] Bundle, byte[] Trust, string? File, string Expected);

/// <summary>A bundle under construction, right unless something is changed.</summary>
internal sealed record Draft
{
    public static readonly string FileDigest = Convert.ToHexStringLower(SHA256.HashData("hello"u8));

    public TestNetwork Network { get; init; } = new(4);

    public byte[] Event { get; init; } = TestNetwork.Event();

    public bool Withhold { get; init; }

    public int Index { get; init; } = 3;

    public int Size { get; init; } = 7;

    public Func<LogPart, LogPart> Log { get; init; } = l => l;

    public Func<TestNetwork, Checkpoint, ChainPart> Block { get; init; } = (n, c) => n.Block(c);

    public Func<ChainPart, ChainPart> Chain { get; init; } = c => c;

    public Func<TrustFile, TrustFile> Trust { get; init; } = t => t;

    public string? File { get; init; }

    /// <summary>Last changes to the bundle's text.</summary>
    public Func<string, string> Text { get; init; } = t => t;

    public Func<string, string> TrustText { get; init; } = t => t;

    public GoldenCase Case(string name, string expected)
    {
        var digest = SHA256.HashData(Event);
        var (log, checkpoint) = TestNetwork.LogOf(digest, Index, Size);
        var (logPart, chainPart) = (Log(log), Chain(Block(Network, checkpoint)));
        var bundle = Withhold
            ? Bundle.WithDigest(new Hash32(digest), logPart, chainPart)
            : Bundle.WithEvent(Event, logPart, chainPart);
        return new GoldenCase(name, Encoding.UTF8.GetBytes(Text(Encoding.UTF8.GetString(bundle.ToBytes()))),
            Encoding.UTF8.GetBytes(TrustText(Encoding.UTF8.GetString(Trust(Network.Trust()).ToBytes()))), File, expected);
    }
}
