using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// ROUND-CHANGE: the author will not vote below the target round any more, and shows what it last prepared.
/// <c>[payload, block or 0xc0, 0x80, [PREPARE …]]</c>; the third item is Besu's optional access list, unused here.
/// </summary>
/// <param name="Payload">The signed part.</param>
/// <param name="Block">The prepared block, with the prepared round in its extra data; null if none was prepared.</param>
/// <param name="Prepares">The quorum of PREPAREs that prepared it; empty if none was prepared.</param>
public sealed record RoundChange(RoundChangePayload Payload, Block? Block, IReadOnlyList<Prepare> Prepares)
    : QbftMessage(Payload.Height, Payload.Target, Payload.Signed)
{
    /// <summary>0x15.</summary>
    public const byte MessageCode = 0x15;

    /// <inheritdoc/>
    public override byte Code => MessageCode;

    /// <summary>Makes a signed ROUND-CHANGE.</summary>
    public static RoundChange Sign(ulong height, int target, PreparedCertificate? prepared, ValidatorKey key)
    {
        (int, Hash32)? metadata = prepared is null ? null : (prepared.Round, prepared.Digest);
        var payload = RoundChangePayload.Sign(height, target, metadata, key);
        return new RoundChange(payload, prepared?.Block, prepared?.Prepares ?? []);
    }

    /// <summary>The certificate it carries; null if none.</summary>
    public PreparedCertificate? Certificate =>
        Payload.Prepared is var (round, digest) && Block is not null
            ? new PreparedCertificate(round, digest, Block, Prepares)
            : null;

    /// <summary>
    /// The block is not executed here: a quorum of PREPAREs holds at least one of an honest validator, which did, and
    /// whoever votes for the block again executes it then. So a ROUND-CHANGE costs signatures only.
    /// </summary>
    internal Refusal Validate(BlockHeader parent, ValidatorSet validators)
    {
        if (Payload.Target < 1) return Refusal.Unjustified;
        if (Payload.Prepared is not var (round, digest))
            return Block is null && Prepares.Count == 0 ? Refusal.None : Refusal.Unjustified;
        if (Block is null || round >= Payload.Target) return Refusal.Unjustified;
        var header = Block.Header;
        if (header.Number != Height
            || header.ParentHash != parent.Hash
            || !header.TryGetExtraData(out var extraData)
            || extraData.Round != round
            || extraData.Seals.Count != 0
            || header.CommitHash != digest)
        {
            return Refusal.WrongBlock;
        }
        return Prepares.All(prepare => prepare.IsFor(Height, round, digest))
            && AreQuorumOf(validators, Prepares.Select(prepare => prepare.Signed))
                ? Refusal.None
                : Refusal.Unjustified;
    }

    internal static bool TryRead(ref RlpReader reader, out RoundChange roundChange)
    {
        roundChange = null!;
        if (!reader.TryReadList(out var items) || !RoundChangePayload.TryRead(ref items, out var payload))
            return false;
        if (!items.TryReadItem(out var encoded)) return false;
        Block? block = null;
        if (!encoded.SequenceEqual<byte>([0xc0]) && !Block.TryDecode(encoded, out block)) return false;
        // Besu before 26.1 has no third item.
        items.TryReadEmpty();
        if (!Prepare.TryReadList(ref items, out var prepares) || !items.AtEnd) return false;
        roundChange = new RoundChange(payload, block, prepares);
        return true;
    }

    internal override void WriteBody(RlpWriter writer)
    {
        int list = writer.StartList();
        writer.WriteRaw(Signed.Encoded.Span);
        if (Block is null) writer.WriteEmptyList();
        else Block.WriteTo(writer);
        writer.Write(ReadOnlySpan<byte>.Empty);
        Prepare.WriteList(writer, Prepares);
        writer.EndList(list);
    }
}
