using Chain.Network;
using Shouldly;
using Xunit;

namespace Chain.Integration.Network;

public sealed class PeerMessageCodecTests
{
    public static TheoryData<PeerMessage> Messages => new(
        new PeerMessage.Hello(Nodes.NetworkId, "node1", [new GroupHead("evidence", 3), new GroupHead("trace", 0)]),
        new PeerMessage.Status([new GroupHead("evidence", ulong.MaxValue)]),
        new PeerMessage.Consensus("evidence", new byte[] { 1 }),
        new PeerMessage.Transactions("evidence", [new byte[] { 1, 2 }, Array.Empty<byte>()]),
        new PeerMessage.NewBlock("evidence", 8, new byte[100]),
        new PeerMessage.BlockRequest("evidence", 12, 64),
        new PeerMessage.Blocks("evidence", 12, [new byte[] { 9 }]));

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_reads_back_as_it_was_written(PeerMessage message)
    {
        var frame = PeerMessageCodec.EncodeFrame(message);
        PeerMessageCodec.TryDecode(frame.AsMemory(4), out var read).ShouldBeTrue();
        PeerMessageCodec.EncodeFrame(read).ShouldBe(frame);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_cut_short_or_lengthened_is_refused(PeerMessage message)
    {
        var frame = PeerMessageCodec.EncodeFrame(message);
        for (var length = 4; length < frame.Length; length++)
            PeerMessageCodec.TryDecode(frame.AsMemory(4..length), out _).ShouldBeFalse($"{length} bytes");
        PeerMessageCodec.TryDecode((byte[])[.. frame[4..], 0], out _).ShouldBeFalse();
    }
}
