using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// What must survive a crash so that no vote is cast twice differently: height and round, the proposal voted for or
/// made, the own PREPARE and COMMIT, and the prepared certificate. The bytes are opaque to the driver.
/// </summary>
internal sealed record DurableRecord(
    ulong Height, int Round, Proposal? Proposal, Prepare? Prepare, Commit? Commit, PreparedCertificate? Certificate)
{
    private const ulong Version = 1;

    public static DurableRecord Of(HeightState state) =>
        new(state.Height, state.Round.Number, state.Round.Proposal, state.Round.OwnPrepare, state.Round.OwnCommit,
            state.Certificate);

    public byte[] Encode()
    {
        var writer = new RlpWriter(4096);
        int list = writer.StartList();
        writer.Write(Version);
        writer.Write(Height);
        writer.Write((ulong)Round);
        WriteOptional(writer, Proposal);
        WriteOptional(writer, Prepare);
        WriteOptional(writer, Commit);
        WriteCertificate(writer);
        writer.EndList(list);
        return writer.ToArray();
    }

    public static bool TryDecode(ReadOnlySpan<byte> bytes, out DurableRecord record)
    {
        record = null!;
        var reader = new RlpReader(bytes);
        if (!reader.TryReadList(out var items) || !reader.AtEnd
            || !items.TryReadUInt64(out ulong version) || version != Version
            || !items.TryReadUInt64(out ulong height)
            || !items.TryReadInt32(out int round))
        {
            return false;
        }
        Proposal? proposal = null;
        if (!items.TryReadEmpty() && !Proposal.TryRead(ref items, out proposal)) return false;
        Prepare? prepare = null;
        if (!items.TryReadEmpty() && !Prepare.TryRead(ref items, out prepare)) return false;
        Commit? commit = null;
        if (!items.TryReadEmpty() && !Commit.TryRead(ref items, out commit)) return false;
        PreparedCertificate? certificate = null;
        if (!items.TryReadEmpty() && !TryReadCertificate(ref items, proposal, out certificate)) return false;
        record = new DurableRecord(height, round, proposal, prepare, commit, certificate);
        return items.AtEnd;
    }

    // The prepared block mostly is the accepted one, and then is not written a second time.
    private bool CertificateIsOfProposal => Certificate is not null && Proposal?.Round == Certificate.Round;

    private void WriteCertificate(RlpWriter writer)
    {
        if (Certificate is null)
        {
            writer.Write(ReadOnlySpan<byte>.Empty);
            return;
        }
        int list = writer.StartList();
        writer.Write((ulong)Certificate.Round);
        writer.Write(Certificate.Digest);
        if (CertificateIsOfProposal) writer.WriteEmptyList();
        else Certificate.Block.WriteTo(writer);
        Consensus.Prepare.WriteList(writer, Certificate.Prepares);
        writer.EndList(list);
    }

    private static bool TryReadCertificate(
        ref RlpReader reader, Proposal? proposal, out PreparedCertificate? certificate)
    {
        certificate = null;
        if (!reader.TryReadList(out var items)
            || !items.TryReadInt32(out int round)
            || !items.TryReadHash(out var digest)
            || !items.TryReadItem(out var encoded))
        {
            return false;
        }
        var block = proposal?.Block;
        if (!encoded.SequenceEqual<byte>([0xc0]) && !Block.TryDecode(encoded, out block)) return false;
        if (block is null || !Consensus.Prepare.TryReadList(ref items, out var prepares) || !items.AtEnd) return false;
        certificate = new PreparedCertificate(round, digest, block, prepares);
        return true;
    }

    private static void WriteOptional(RlpWriter writer, QbftMessage? message)
    {
        if (message is null) writer.Write(ReadOnlySpan<byte>.Empty);
        else message.WriteBody(writer);
    }
}
