using System.Text.Json;
using Chain.Core;
using Shouldly;
using Xunit;

namespace Chain.Tests.Core;

public sealed class QbftVectorTests
{
    /// <summary>Refused by rules about the chain before it: whose turn it was, and the base fee of the parent.</summary>
    private static readonly string[] RefusedByImportOnly = ["coinbase-wrong-turn", "base-fee-7-under-zero-base-fee"];

    /// <summary>
    /// Its vote type is the byte 0x00, which the case "drop-as-zero-byte" refuses: Besu reads it, but hashes 0x80.
    /// </summary>
    private const string DropVoteAsZeroByte = "qbft-tests-scalar-fully_populated_qbft_extra_data_with_drop_vote";

    public static TheoryData<string> ExtraDataIds => Ids("qbft/extradata.json");

    public static TheoryData<string> HeaderIds => Ids("qbft/headers.json");

    public static TheoryData<string> QuorumIds => Ids("qbft/quorum.json");

    [Theory]
    [MemberData(nameof(ExtraDataIds))]
    public void Extra_data_is_read_strictly_and_reduced_for_hashing(string id)
    {
        var test = Case("qbft/extradata.json", id);
        var bytes = Hex.Parse(test.GetProperty("rlp").GetString());
        bool ok = QbftExtraData.TryDecode(bytes, out var extra);

        ok.ShouldBe(test.GetProperty("valid").GetBoolean() && id != DropVoteAsZeroByte);
        if (!ok) return;
        extra.Encode().ShouldBe(bytes);
        var decoded = test.GetProperty("decoded");
        extra.Vanity.ToString().ShouldBe(decoded.GetProperty("vanity").GetString());
        extra.Validators.Select(v => v.ToString()).ShouldBe(Strings(decoded.GetProperty("validators")));
        extra.Round.ShouldBe(decoded.GetProperty("round").GetInt32());
        extra.Seals.Select(s => Hex.ToPrefixed(s.ToArray())).ShouldBe(Strings(decoded.GetProperty("seals")));
        Hex.ToPrefixed((extra with { Seals = [] }).Encode()).ShouldBe(test.GetProperty("withoutSeals").GetString());
        Hex.ToPrefixed((extra with { Seals = [], Round = 0 }).Encode())
            .ShouldBe(test.GetProperty("withoutSealsAndRound").GetString());
    }

    [Theory]
    [MemberData(nameof(HeaderIds))]
    public void Headers_have_both_hashes_and_the_verdict(string id)
    {
        var test = Case("qbft/headers.json", id);
        var bytes = Hex.Parse(test.GetProperty("header").GetString());
        BlockHeader.TryDecode(bytes, out var header).ShouldBeTrue();

        header.Encode().ShouldBe(bytes);
        header.Number.ShouldBe(test.GetProperty("number").GetUInt64());
        header.Hash.ToString().ShouldBe(test.GetProperty("hash").GetString());
        header.CommitHash.ToString().ShouldBe(test.GetProperty("commitHash").GetString());
        Keccak256.Hash(header.Encode()).ToString().ShouldBe(test.GetProperty("keccakOfFullHeader").GetString());
        header.TryGetExtraData(out var extra).ShouldBeTrue();
        extra.Round.ShouldBe(test.GetProperty("round").GetInt32());
        extra.Seals.Select(s => Signer(header, s)).ShouldBe(Strings(test.GetProperty("sealSigners")));

        if (header.Number == 0 || RefusedByImportOnly.Contains(id)) return;
        bool contract = test.TryGetProperty("mode", out var mode) && mode.GetString() == "contract";
        var expectation = new SealExpectation(
            header.Number,
            [.. Strings(test.GetProperty("validators")).Select(v => Address.Parse(v))],
            contract ? ValidatorSource.Contract : ValidatorSource.Header,
            test.TryGetProperty("parentHeader", out var parent) ? HashOf(parent.GetString()!) : null);
        var verdict = SealCheck.Verify(bytes, expectation, out _);
        (verdict == SealVerdict.Valid).ShouldBe(test.GetProperty("valid").GetBoolean(), verdict.ToString());
    }

    [Theory]
    [MemberData(nameof(QuorumIds))]
    public void Quorum_sizes_are_those_of_QBFT(string id)
    {
        var test = Case("qbft/quorum.json", id);
        int validators = test.GetProperty("validators").GetInt32();
        Quorum.Size(validators).ShouldBe(test.GetProperty("quorum").GetInt32());
        Quorum.CatchUp(validators).ShouldBe(test.GetProperty("catchUp").GetInt32());
        Quorum.MaxFaulty(validators).ShouldBe(test.GetProperty("maxFaulty").GetInt32());
    }

    private static string Signer(BlockHeader header, Signature seal) =>
        Secp256k1.TryRecover(header.CommitHash, seal, out var signer) ? signer.ToString() : "none";

    private static Hash32 HashOf(string header)
    {
        BlockHeader.TryDecode(Hex.Parse(header), out var decoded).ShouldBeTrue();
        return decoded.Hash;
    }

    private static TheoryData<string> Ids(string file) =>
        [.. VectorFiles.ReadJson(file).GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("id").GetString()!)];

    private static JsonElement Case(string file, string id) =>
        VectorFiles.ReadJson(file).GetProperty("cases").EnumerateArray()
            .Single(c => c.GetProperty("id").GetString() == id);

    private static IEnumerable<string> Strings(JsonElement array) => array.EnumerateArray().Select(e => e.GetString()!);
}
