using Chain.Core;

namespace Chain.Consensus;

/// <summary>PREPARE: the author accepts the proposal of a round. <c>signed([height, round, digest])</c>.</summary>
/// <param name="Height">See <see cref="QbftMessage"/>.</param>
/// <param name="Round">See <see cref="QbftMessage"/>.</param>
/// <param name="Digest">Commit hash of the proposed block, with the round in its extra data.</param>
/// <param name="Signed">See <see cref="QbftMessage"/>.</param>
public sealed record Prepare(ulong Height, int Round, Hash32 Digest, SignedPayload Signed)
    : QbftMessage(Height, Round, Signed)
{
    /// <summary>0x13.</summary>
    public const byte MessageCode = 0x13;

    /// <inheritdoc/>
    public override byte Code => MessageCode;

    /// <summary>Makes a signed PREPARE.</summary>
    public static Prepare Sign(ulong height, int round, Hash32 digest, ValidatorKey key)
    {
        var writer = new RlpWriter();
        int list = writer.StartList();
        writer.Write(height);
        writer.Write((ulong)round);
        writer.Write(digest);
        writer.EndList(list);
        return new Prepare(height, round, digest, SignedPayload.Sign(MessageCode, writer.Written, key));
    }

    /// <summary>True for the vote of one height, round and digest.</summary>
    internal bool IsFor(ulong height, int round, Hash32 digest) =>
        Height == height && Round == round && Digest == digest;

    internal static bool TryRead(ref RlpReader reader, out Prepare prepare)
    {
        prepare = null!;
        if (!SignedPayload.TryRead(MessageCode, ref reader, out var signed, out var payload)
            || !payload.TryReadUInt64(out ulong height)
            || !payload.TryReadInt32(out int round)
            || !payload.TryReadHash(out var digest)
            || !payload.AtEnd)
        {
            return false;
        }
        prepare = new Prepare(height, round, digest, signed);
        return true;
    }

    /// <summary>Reads a list of PREPAREs, one validator's at most each.</summary>
    internal static bool TryReadList(ref RlpReader reader, out IReadOnlyList<Prepare> prepares)
    {
        var list = new List<Prepare>();
        prepares = list;
        if (!reader.TryReadList(out var items)) return false;
        while (!items.AtEnd)
        {
            if (list.Count == MaxVotes || !TryRead(ref items, out var prepare)) return false;
            list.Add(prepare);
        }
        return true;
    }

    internal static void WriteList(RlpWriter writer, IReadOnlyList<Prepare> prepares)
    {
        int list = writer.StartList();
        foreach (var prepare in prepares) prepare.WriteBody(writer);
        writer.EndList(list);
    }

    internal override void WriteBody(RlpWriter writer) => writer.WriteRaw(Signed.Encoded.Span);
}
