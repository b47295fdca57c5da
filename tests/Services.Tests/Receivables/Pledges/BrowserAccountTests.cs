using System.Diagnostics;
using System.Security.Cryptography;
using Chain.Core;
using Services.Tests.Proofs;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Pledges;

/// <summary>A supplier's account lives in its browser: what that makes is what the register's contract recovers.</summary>
public sealed class BrowserAccountTests
{
    private const string Script =
        """
        globalThis.document = { documentElement: { lang: "en" }, querySelectorAll: () => [] };
        const { addressOf, signDigest } = await import(process.argv[1]);
        for (const [secret, digest] of JSON.parse(process.argv[2]))
          console.log(addressOf(Buffer.from(secret, "hex")), signDigest(digest, Buffer.from(secret, "hex")));
        """;

    [Fact]
    public async Task An_address_and_a_signature_made_in_the_browser_are_those_of_the_chain()
    {
        (byte[] Secret, Hash32 Digest)[] cases = [.. Enumerable.Range(0, 20).Select(_ =>
            (RandomNumberGenerator.GetBytes(32), new Hash32(RandomNumberGenerator.GetBytes(32))))];
        string module = Path.GetFullPath(
            Path.Combine(VectorFiles.Folder, "../../services/Portal/wwwroot/vouchers/claims.js"));
        string json = $"[{string.Join(',', cases.Select(c => $"[\"{Convert.ToHexString(c.Secret)}\",\"{c.Digest}\"]"))}]";
        using Process process = Process.Start(new ProcessStartInfo(
            "node", ["--input-type=module", "-e", Script, module, json])
        { RedirectStandardOutput = true })!;
        string[] lines = (await process.StandardOutput.ReadToEndAsync()).Trim().Split('\n');
        lines.Length.ShouldBe(cases.Length);
        foreach (((byte[] secret, Hash32 digest), string line) in cases.Zip(lines))
        {
            string[] said = line.Split(' ');
            byte[] signature = Hex.Parse(said[1]);
            signature[64] -= 27; // ecrecover's v
            Signature.TryRead(signature, out Signature read).ShouldBeTrue();
            read.IsLowS.ShouldBeTrue();
            Secp256k1.TryRecover(digest, read, out Address signer).ShouldBeTrue();
            signer.ToString().ShouldBe(said[0]);
            signer.ShouldBe(Secp256k1.AddressOf(secret));
        }
    }
}
