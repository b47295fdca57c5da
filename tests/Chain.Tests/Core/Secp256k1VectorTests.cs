using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text.Json;
using Chain.Core;
using Shouldly;
using Xunit;

namespace Chain.Tests.Core;

public sealed class Secp256k1VectorTests
{
    [Fact]
    public void Signing_follows_RFC_6979_and_recovery_returns_the_signer()
    {
        var failures = new List<string>();
        int run = 0;
        foreach (var test in VectorFiles.ReadJson("crypto/secp256k1/ecdsa_valid.json").EnumerateArray())
        {
            run++;
            var key = Bytes(test, "d");
            var digest = new Hash32(Bytes(test, "m"));
            var signature = Secp256k1.Sign(digest, key);
            var recovered = new byte[64];
            bool good = Hex.ToString(signature.ToArray().AsSpan(0, 64)) == test.GetProperty("signature").GetString()
                && signature.IsLowS
                && ManagedSecp256k1.TryRecover(digest, signature, recovered)
                && recovered.AsSpan().SequenceEqual(Secp256k1.PublicKeyOf(key))
                && Secp256k1.TryRecover(digest, signature, out var signer) && signer == Secp256k1.AddressOf(key)
                && VerifyBoth(digest, signature.ToArray()[..64], [4, .. recovered]);
            if (!good) failures.Add(Hex.ToString(key) + " " + digest);
        }
        VectorFiles.Report("noble secp256k1, signatures", run, failures);
    }

    [Fact]
    public void Keys_outside_the_scalar_range_are_refused()
    {
        foreach (var test in VectorFiles.ReadJson("crypto/secp256k1/ecdsa_invalid_sign.json").EnumerateArray())
        {
            var digest = new Hash32(Bytes(test, "m"));
            Should.Throw<ArgumentException>(() => Secp256k1.Sign(digest, Bytes(test, "d")));
        }
    }

    [Fact]
    public void Bad_keys_and_signatures_do_not_verify()
    {
        int run = 0;
        foreach (var test in VectorFiles.ReadJson("crypto/secp256k1/ecdsa_invalid_verify.json").EnumerateArray())
        {
            if (!Hex.TryParse(test.GetProperty("m").GetString(), out var m) || m.Length != 32) continue;
            run++;
            var key = Bytes(test, "Q");
            if (test.TryGetProperty("strict", out _))
            {
                new Signature(default, new Hash32(Bytes(test, "signature").AsSpan(32)), 0).IsLowS.ShouldBeFalse();
                continue;
            }
            VerifyBoth(new Hash32(m), Bytes(test, "signature"), key).ShouldBeFalse(test.ToString());
        }
        run.ShouldBeGreaterThan(5);
    }

    [Fact]
    public void Points_are_decoded_only_when_they_lie_on_the_curve()
    {
        var failures = new List<string>();
        int run = 0;
        var digest = Keccak256.Hash([1]);
        foreach (var test in VectorFiles.ReadJson("crypto/secp256k1/points_valid_isPoint.json").EnumerateArray())
        {
            var point = Bytes(test, "P");
            bool expected = test.GetProperty("expected").GetBoolean();
            run++;
            VerifyBoth(digest, [.. digest.Bytes, .. digest.Bytes], point);
            if (ManagedSecp256k1.IsPoint(point) != expected) failures.Add(Hex.ToString(point));
        }
        VectorFiles.Report("noble secp256k1, points", run, failures);
    }

    [Theory]
    [InlineData("ecdsa_secp256k1_sha256_test")]
    [InlineData("ecdsa_secp256k1_sha256_bitcoin_test")]
    [InlineData("ecdsa_secp256k1_sha256_p1363_test")]
    [InlineData("ecdsa_secp256k1_sha3_256_test")]
    public void Wycheproof_verdicts_are_met(string file)
    {
        var failures = new List<string>();
        int run = 0;
        foreach (var group in VectorFiles.ReadJson($"crypto/wycheproof/{file}.json.gz").GetProperty("testGroups").EnumerateArray())
        {
            var key = Bytes(group.GetProperty("publicKey"), "uncompressed");
            bool sha3 = group.GetProperty("sha").GetString() == "SHA3-256";
            if (sha3 && !SHA3_256.IsSupported) continue;
            bool der = !group.GetProperty("type").GetString()!.Contains("P1363", StringComparison.Ordinal);
            bool lowSOnly = group.GetProperty("type").GetString()!.Contains("Bitcoin", StringComparison.Ordinal);
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                run++;
                var message = Bytes(test, "msg");
                var digest = new Hash32(sha3 ? SHA3_256.HashData(message) : SHA256.HashData(message));
                bool valid = (der ? FromDer(Bytes(test, "sig")) : Bytes(test, "sig")) is { Length: 64 } compact
                    && VerifyBoth(digest, compact, key)
                    && !(lowSOnly && !new Signature(default, new Hash32(compact.AsSpan(32)), 0).IsLowS);
                if (valid != (test.GetProperty("result").GetString() != "invalid"))
                    failures.Add($"{test.GetProperty("tcId")} {test.GetProperty("comment")}: {valid}");
            }
        }
        VectorFiles.Report("wycheproof " + file, run, failures);
    }

    [Fact]
    public void Keys_have_the_addresses_ethers_gives_them()
    {
        var failures = new List<string>();
        int run = 0;
        foreach (var test in VectorFiles.ReadJson("crypto/ethers/accounts.json.gz").EnumerateArray())
        {
            run++;
            string expected = test.GetProperty("address").GetString()!;
            if (Address.Parse(expected).ToChecksummed() != expected) failures.Add("EIP-55 " + expected);
            if (test.TryGetProperty("privateKey", out var key)
                && Secp256k1.AddressOf(Hex.Parse(key.GetString())).ToChecksummed() != expected) failures.Add(expected);
        }
        VectorFiles.Report("ethers accounts", run, failures);
    }

    [Fact]
    public void Both_implementations_agree_on_random_recoveries()
    {
        var random = new Random(1);
        var native = new byte[64];
        var managed = new byte[64];
        var bytes = new byte[97];
        for (int i = 0; i < 500; i++)
        {
            random.NextBytes(bytes);
            if (i % 5 == 0) bytes.AsSpan(0, 32).Clear();
            var digest = new Hash32(bytes.AsSpan(0, 32));
            var signature = new Signature(
                new Hash32(bytes.AsSpan(32, 32)), new Hash32(bytes.AsSpan(64, 32)), (byte)(bytes[96] & 1));
            bool one = Secp256k1.TryRecoverPublicKey(digest, signature, native);
            ManagedSecp256k1.TryRecover(digest, signature, managed).ShouldBe(one);
            if (one) managed.ShouldBe(native);
        }
    }

    private static bool VerifyBoth(Hash32 digest, byte[] compact, byte[] publicKey)
    {
        bool native = Secp256k1.Verify(digest, compact, publicKey);
        bool managed = compact.Length == 64 && ManagedSecp256k1.Verify(
            digest, new Signature(new Hash32(compact.AsSpan(0, 32)), new Hash32(compact.AsSpan(32)), 0), publicKey);
        managed.ShouldBe(native);
        return native;
    }

    private static byte[]? FromDer(byte[] der)
    {
        try
        {
            var reader = new AsnReader(der, AsnEncodingRules.DER);
            var sequence = reader.ReadSequence();
            var r = sequence.ReadInteger();
            var s = sequence.ReadInteger();
            sequence.ThrowIfNotEmpty();
            reader.ThrowIfNotEmpty();
            if (r.Sign <= 0 || s.Sign <= 0 || r.GetByteCount(true) > 32 || s.GetByteCount(true) > 32) return null;
            var compact = new byte[64];
            r.ToByteArray(true, true).CopyTo(compact, 32 - r.GetByteCount(true));
            s.ToByteArray(true, true).CopyTo(compact, 64 - s.GetByteCount(true));
            return compact;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static byte[] Bytes(JsonElement test, string name) => Hex.Parse(test.GetProperty(name).GetString());
}
