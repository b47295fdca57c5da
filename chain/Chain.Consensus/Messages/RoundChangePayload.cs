using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// The signed part of a ROUND-CHANGE, which a later PROPOSAL carries as justification:
/// <c>signed([height, targetRound, [] or [preparedRound, digest]])</c>.
/// </summary>
/// <param name="Height">Height it speaks of.</param>
/// <param name="Target">Round to go to, at least 1.</param>
/// <param name="Prepared">Latest round that the author prepared at this height and the commit hash of its block there;
/// null if none.</param>
/// <param name="Signed">The bytes with the signature.</param>
public sealed record RoundChangePayload(
    ulong Height, int Target, (int Round, Hash32 Digest)? Prepared, SignedPayload Signed)
{
    /// <summary>Makes a signed payload.</summary>
    public static RoundChangePayload Sign(
        ulong height, int target, (int Round, Hash32 Digest)? prepared, ValidatorKey key)
    {
        var writer = new RlpWriter();
        int list = writer.StartList();
        writer.Write(height);
        writer.Write((ulong)target);
        int metadata = writer.StartList();
        if (prepared is var (round, digest))
        {
            writer.Write((ulong)round);
            writer.Write(digest);
        }
        writer.EndList(metadata);
        writer.EndList(list);
        var signed = SignedPayload.Sign(RoundChange.MessageCode, writer.Written, key);
        return new RoundChangePayload(height, target, prepared, signed);
    }

    internal static bool TryRead(ref RlpReader reader, out RoundChangePayload payload)
    {
        payload = null!;
        if (!SignedPayload.TryRead(RoundChange.MessageCode, ref reader, out var signed, out var items)
            || !items.TryReadUInt64(out ulong height)
            || !items.TryReadInt32(out int target)
            || !items.TryReadList(out var metadata)
            || !items.AtEnd)
        {
            return false;
        }
        (int, Hash32)? prepared = null;
        if (!metadata.AtEnd)
        {
            if (!metadata.TryReadInt32(out int round) || !metadata.TryReadHash(out var digest) || !metadata.AtEnd)
                return false;
            prepared = (round, digest);
        }
        payload = new RoundChangePayload(height, target, prepared, signed);
        return true;
    }

    internal static bool TryReadList(ref RlpReader reader, out IReadOnlyList<RoundChangePayload> payloads)
    {
        var list = new List<RoundChangePayload>();
        payloads = list;
        if (!reader.TryReadList(out var items)) return false;
        while (!items.AtEnd)
        {
            if (list.Count == QbftMessage.MaxVotes || !TryRead(ref items, out var payload)) return false;
            list.Add(payload);
        }
        return true;
    }
}
