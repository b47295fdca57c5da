namespace Chain.Core;

/// <summary>
/// The extraData of a QBFT header (Besu): [vanity, validators, vote, round, seals], five items exactly. Reading is
/// strict, because Besu hashes a re-encoding: what would not come back byte for byte is refused.
/// </summary>
/// <param name="Vanity">32 bytes without meaning.</param>
/// <param name="Validators">The validators of this height in header mode; empty in contract mode.</param>
/// <param name="Vote">The proposer's vote, if any.</param>
/// <param name="Round">The round the block was sealed in, from 0.</param>
/// <param name="Seals">Commit seals; empty while unsealed.</param>
public sealed record QbftExtraData(
    Hash32 Vanity, IReadOnlyList<Address> Validators, QbftVote? Vote, int Round, IReadOnlyList<Signature> Seals)
{
    private const byte AddVote = 0xff;

    /// <summary>ExtraData without vote and seals, of round 0.</summary>
    public static QbftExtraData ForGenesis(IReadOnlyList<Address> validators) => new(default, validators, null, 0, []);

    /// <summary>The encoding.</summary>
    public byte[] Encode() => Encode(Round, Seals);

    /// <summary>Reads an encoding.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out QbftExtraData extraData)
    {
        extraData = null!;
        var outer = new RlpReader(encoded);
        if (!outer.TryReadList(out var items) || !outer.AtEnd) return false;
        if (!items.TryReadHash(out var vanity) || !TryReadValidators(ref items, out var validators)
            || !TryReadVote(ref items, out var vote) || !items.TryReadInt32(out int round)
            || !TryReadSeals(ref items, out var seals) || !items.AtEnd) return false;
        extraData = new QbftExtraData(vanity, validators, vote, round, seals);
        return true;
    }

    internal byte[] Encode(int round, IReadOnlyList<Signature> seals)
    {
        var writer = new RlpWriter(64 + (21 * Validators.Count) + (67 * seals.Count));
        int outer = writer.StartList();
        writer.Write(Vanity);
        int validators = writer.StartList();
        foreach (var validator in Validators) writer.Write(validator);
        writer.EndList(validators);
        WriteVote(writer);
        writer.Write((ulong)round);
        WriteSeals(writer, seals);
        writer.EndList(outer);
        return writer.ToArray();
    }

    private void WriteVote(RlpWriter writer)
    {
        int vote = writer.StartList();
        if (Vote is not null)
        {
            writer.Write(Vote.Recipient);
            writer.Write(Vote.Add ? [AddVote] : []);
        }
        writer.EndList(vote);
    }

    private static void WriteSeals(RlpWriter writer, IReadOnlyList<Signature> seals)
    {
        Span<byte> bytes = stackalloc byte[Signature.Length];
        int list = writer.StartList();
        foreach (var seal in seals)
        {
            seal.CopyTo(bytes);
            writer.Write(bytes);
        }
        writer.EndList(list);
    }

    private static bool TryReadValidators(ref RlpReader items, out List<Address> validators)
    {
        validators = [];
        if (!items.TryReadList(out var list)) return false;
        while (!list.AtEnd)
        {
            if (!list.TryReadAddress(out var validator)) return false;
            validators.Add(validator);
        }
        return true;
    }

    private static bool TryReadVote(ref RlpReader items, out QbftVote? vote)
    {
        vote = null;
        if (!items.TryReadList(out var list)) return false;
        if (list.AtEnd) return true;
        if (!list.TryReadAddress(out var recipient) || !list.TryReadBytes(out var type) || !list.AtEnd) return false;
        if (type.Length > 1 || (type.Length == 1 && type[0] != AddVote)) return false;
        vote = new QbftVote(recipient, type.Length == 1);
        return true;
    }

    private static bool TryReadSeals(ref RlpReader items, out List<Signature> seals)
    {
        seals = [];
        if (!items.TryReadList(out var list)) return false;
        while (!list.AtEnd)
        {
            if (!list.TryReadBytes(out var bytes) || !Signature.TryRead(bytes, out var seal)) return false;
            seals.Add(seal);
        }
        return true;
    }

    /// <summary>Equality of content.</summary>
    public bool Equals(QbftExtraData? other) => other is not null && Encode().AsSpan().SequenceEqual(other.Encode());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Vanity, Round, Validators.Count, Seals.Count);
}
