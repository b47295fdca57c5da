using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// PROPOSAL: the block of a round and why it may be proposed there.
/// <c>[signed([height, round, block, 0x80]), [[ROUND-CHANGE payload …], [PREPARE …]]]</c>; the fourth signed item is
/// Besu's optional access list, unused here.
/// </summary>
/// <param name="Height">See <see cref="QbftMessage"/>.</param>
/// <param name="Round">See <see cref="QbftMessage"/>.</param>
/// <param name="Block">The block, unsealed, with the round in its extra data.</param>
/// <param name="RoundChanges">A quorum for this round; none in round 0.</param>
/// <param name="Prepares">The quorum for the highest prepared round among them; none if nobody prepared.</param>
/// <param name="Signed">See <see cref="QbftMessage"/>.</param>
public sealed record Proposal(
    ulong Height,
    int Round,
    Block Block,
    IReadOnlyList<RoundChangePayload> RoundChanges,
    IReadOnlyList<Prepare> Prepares,
    SignedPayload Signed) : QbftMessage(Height, Round, Signed)
{
    /// <summary>0x12.</summary>
    public const byte MessageCode = 0x12;

    /// <inheritdoc/>
    public override byte Code => MessageCode;

    /// <summary>Makes a signed PROPOSAL of a block that carries the round.</summary>
    public static Proposal Sign(
        int round, Block block, IReadOnlyList<RoundChangePayload> roundChanges, IReadOnlyList<Prepare> prepares,
        ValidatorKey key)
    {
        ulong height = block.Header.Number;
        var writer = new RlpWriter();
        int list = writer.StartList();
        writer.Write(height);
        writer.Write((ulong)round);
        block.WriteTo(writer);
        writer.Write(ReadOnlySpan<byte>.Empty);
        writer.EndList(list);
        var signed = SignedPayload.Sign(MessageCode, writer.Written, key);
        return new Proposal(height, round, block, roundChanges, prepares, signed);
    }

    /// <summary>Everything but the execution of the block.</summary>
    /// <param name="author">Recovered author, a validator.</param>
    /// <param name="parent">Head of the chain.</param>
    /// <param name="validators">Validators of the height.</param>
    /// <param name="latest">Latest block time accepted, seconds.</param>
    internal Refusal Validate(Address author, BlockHeader parent, ValidatorSet validators, ulong latest)
    {
        if (author != validators.Proposer(parent.Coinbase, Round)) return Refusal.NotProposer;
        var header = Block.Header;
        if (header.Number != Height
            || header.ParentHash != parent.Hash
            || !header.TryGetExtraData(out var extraData)
            || extraData.Round != Round
            || extraData.Seals.Count != 0
            || !validators.Contains(header.Coinbase))
        {
            return Refusal.WrongBlock;
        }
        if (header.Timestamp < parent.Timestamp) return Refusal.WrongTime;
        var justified = ValidateJustification(validators, out bool isPreparedBefore);
        // A block that a quorum prepared before was in time for it then, and was made by its first proposer.
        if (justified != Refusal.None || isPreparedBefore) return justified;
        if (header.Coinbase != author) return Refusal.WrongBlock;
        return header.Timestamp <= latest ? Refusal.None : Refusal.WrongTime;
    }

    /// <summary>
    /// There is no lock that keeps a validator from accepting another block in a later round; what protects a block
    /// that may be decided already is that the proposer has to show the highest prepared one among a quorum.
    /// </summary>
    private Refusal ValidateJustification(ValidatorSet validators, out bool isPreparedBefore)
    {
        isPreparedBefore = false;
        if (Round == 0)
            return RoundChanges.Count == 0 && Prepares.Count == 0 ? Refusal.None : Refusal.Unjustified;

        bool fit = RoundChanges.All(roundChange => roundChange.Height == Height && roundChange.Target == Round
            && (roundChange.Prepared is not { } prepared || prepared.Round < Round));
        if (!fit || !AreQuorumOf(validators, RoundChanges.Select(roundChange => roundChange.Signed)))
            return Refusal.Unjustified;

        var metadata = RoundChanges.Where(roundChange => roundChange.Prepared is not null)
            .Select(roundChange => roundChange.Prepared!.Value).ToList();
        if (metadata.Count == 0) return Prepares.Count == 0 ? Refusal.None : Refusal.Unjustified;

        isPreparedBefore = true;
        // Two digests for one prepared round cannot both be true; an honest proposer never shows them.
        if (metadata.GroupBy(prepared => prepared.Round)
            .Any(round => round.Select(prepared => prepared.Digest).Distinct().Count() > 1))
        {
            return Refusal.Unjustified;
        }
        var (highest, digest) = metadata.MaxBy(prepared => prepared.Round);
        bool same = Block.Header.WithRound(highest).CommitHash == digest;
        return same && Prepares.All(prepare => prepare.IsFor(Height, highest, digest))
            && AreQuorumOf(validators, Prepares.Select(prepare => prepare.Signed))
                ? Refusal.None
                : Refusal.Unjustified;
    }

    internal static bool TryRead(ref RlpReader reader, out Proposal proposal)
    {
        proposal = null!;
        if (!reader.TryReadList(out var items)
            || !SignedPayload.TryRead(MessageCode, ref items, out var signed, out var payload)
            || !payload.TryReadUInt64(out ulong height)
            || !payload.TryReadInt32(out int round)
            || !payload.TryReadItem(out var encoded)
            || !Block.TryDecode(encoded, out var block))
        {
            return false;
        }
        // Besu before 26.1 has no fourth item.
        payload.TryReadEmpty();
        if (!payload.AtEnd || !items.TryReadList(out var justification) || !items.AtEnd) return false;
        if (!RoundChangePayload.TryReadList(ref justification, out var roundChanges)
            || !Prepare.TryReadList(ref justification, out var prepares)
            || !justification.AtEnd)
        {
            return false;
        }
        proposal = new Proposal(height, round, block, roundChanges, prepares, signed);
        return true;
    }

    internal override void WriteBody(RlpWriter writer)
    {
        int list = writer.StartList();
        writer.WriteRaw(Signed.Encoded.Span);
        int justification = writer.StartList();
        int payloads = writer.StartList();
        foreach (var roundChange in RoundChanges) writer.WriteRaw(roundChange.Signed.Encoded.Span);
        writer.EndList(payloads);
        Prepare.WriteList(writer, Prepares);
        writer.EndList(justification);
        writer.EndList(list);
    }
}
