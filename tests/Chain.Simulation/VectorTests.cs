using System.Text.Json;
using Chain.Consensus;
using Chain.Core;
using Shouldly;
using Xunit;

namespace Chain.Simulation;

public class VectorTests
{
    [Fact]
    public void Quorum_sizes_are_those_of_the_vectors() => QbftVectors.Run("quorum", vector =>
    {
        int n = vector.Int("validators");
        var set = new ValidatorSet(Enumerable.Range(1, n).Select(i => Address.FromWord(new UInt256((ulong)i).ToBigEndian())));
        return set.QuorumSize == vector.Int("quorum") && set.CatchUpSize == vector.Int("catchUp")
            && Quorum.MaxFaulty(n) == vector.Int("maxFaulty")
            && 2 * set.QuorumSize - n > Quorum.MaxFaulty(n);
    });

    [Fact]
    public void Proposers_are_those_of_the_vectors() => QbftVectors.Run("proposer", vector =>
        new ValidatorSet(vector.Addresses("validators"))
            .Proposer(vector.Address("previousProposer"), vector.Int("round")) == vector.Address("proposer"));

    [Fact]
    public void Round_lengths_double_as_in_the_vectors() => QbftVectors.Run("timers", vector =>
    {
        var options = new QbftOptions { RequestTimeoutMs = vector.Int("requestTimeoutMs"), MaxTimeoutExponent = 11 };
        long[] expected = [.. vector.GetProperty("roundExpiryMs").EnumerateArray().Select(item => item.GetInt64())];
        return expected.Select((length, round) => options.RoundLengthMs(round) == length).All(same => same);
    });

    [Theory]
    [InlineData(4, 16_000)]
    [InlineData(5, 16_000)]
    [InlineData(33, 16_000)]
    [InlineData(70, 16_000)]
    [InlineData(int.MaxValue, 16_000)]
    public void Round_lengths_stop_growing_at_the_cap(int round, long expected) =>
        new QbftOptions { RequestTimeoutMs = 1_000, MaxTimeoutExponent = 4 }.RoundLengthMs(round).ShouldBe(expected);

    [Fact]
    public void Messages_have_the_bytes_hash_and_author_of_the_vectors() => QbftVectors.Run("messages", vector =>
    {
        byte[] rlp = vector.Bytes("rlp");
        byte code = vector.GetProperty("type").GetString() switch
        {
            "proposal" => Proposal.MessageCode,
            "prepare" => Prepare.MessageCode,
            "commit" => Commit.MessageCode,
            _ => RoundChange.MessageCode,
        };
        byte[] wire = [code, .. rlp];
        if (!QbftMessage.TryRead(wire, out var message)) return false;
        // Older messages are read, but written in the present layout.
        if (vector.TryGetProperty("layoutOnly", out _)) return HasDecodedContent(message, vector.GetProperty("decoded"));
        return message.Encode().SequenceEqual(wire)
            && message.Signed.SigningHash == Hash32.Parse(vector.GetProperty("hashForSignature").GetString())
            && message.Signed.TryGetAuthor(out var author) && author == vector.Address("author")
            && (!vector.TryGetProperty("height", out var height) || message.Height == height.GetUInt64())
            && (!vector.TryGetProperty("round", out var round) || message.Round == round.GetInt32())
            && (message is not Prepare prepare
                || prepare.Digest == Hash32.Parse(vector.GetProperty("digest").GetString()));
    });

    [Fact]
    public void Proposals_and_round_changes_get_the_verdict_of_the_vectors() =>
        QbftVectors.Run("justification", vector => IsAccepted(vector) == vector.GetProperty("valid").GetBoolean());

    private static bool IsAccepted(JsonElement vector)
    {
        var context = vector.GetProperty("context");
        var validators = context.Addresses("validators");
        BlockHeader.TryDecode(context.Bytes("parentHeader"), out var parent).ShouldBeTrue();
        byte code = vector.GetProperty("kind").GetString() == "proposal" ? Proposal.MessageCode : RoundChange.MessageCode;
        byte[] wire = [code, .. vector.Bytes("rlp")];
        QbftMessage.TryRead(wire, out var message).ShouldBeTrue(vector.GetProperty("id").GetString());
        message.Signed.TryGetAuthor(out var author);

        var self = new ValidatorKey(validators.Last(validator => validator != author), _ => default);
        var validator = new QbftValidator(self, new QbftOptions());
        int atRound = vector.TryGetProperty("atRound", out var round) ? round.GetInt32() : 0;
        var record = new DurableRecord(parent.Number + 1, atRound, null, null, null, null);
        long now = (long)(parent.Timestamp + 10) * 1000;
        validator.Step(new Recovered(record.Encode(), now));
        validator.Step(new HeadChanged(parent, validators, false, now));
        validator.Height.ShouldBe(context.GetProperty("height").GetUInt64());

        var outputs = validator.Step(new MessageReceived("peer", wire, now));
        validator.Round.ShouldBe(message is Proposal && message.Round > atRound && outputs.OfType<ValidateBlock>().Any()
            ? message.Round
            : atRound);
        return message is Proposal
            ? outputs.OfType<ValidateBlock>().Any()
            : !outputs.OfType<Report>().Any() && validator.KnownRoundChanges == (atRound > 0 ? 2 : 1);
    }

    private static bool HasDecodedContent(QbftMessage message, JsonElement decoded)
    {
        var unsigned = message is Proposal
            ? decoded.GetProperty("signedProposal").GetProperty("unsignedProposal")
            : decoded.GetProperty("signedRoundChange").GetProperty("unsignedRoundChange");
        int prepares = message is Proposal proposal ? proposal.Prepares.Count : ((RoundChange)message).Prepares.Count;
        return message.Height == unsigned.GetProperty("sequence").GetUInt64()
            && message.Round == unsigned.GetProperty("round").GetInt32()
            && prepares == decoded.GetProperty("prepares").GetArrayLength();
    }
}
