using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// COMMIT: the author is prepared and seals the block. <c>signed([height, round, digest, commitSeal])</c>.
/// </summary>
/// <param name="Height">See <see cref="QbftMessage"/>.</param>
/// <param name="Round">See <see cref="QbftMessage"/>.</param>
/// <param name="Digest">Commit hash of the block, with the round in its extra data.</param>
/// <param name="Seal">The author's signature of the digest itself.</param>
/// <param name="Signed">See <see cref="QbftMessage"/>.</param>
public sealed record Commit(ulong Height, int Round, Hash32 Digest, Signature Seal, SignedPayload Signed)
    : QbftMessage(Height, Round, Signed)
{
    /// <summary>0x14.</summary>
    public const byte MessageCode = 0x14;

    /// <inheritdoc/>
    public override byte Code => MessageCode;

    /// <summary>Makes a signed COMMIT with its seal.</summary>
    public static Commit Sign(ulong height, int round, Hash32 digest, ValidatorKey key) =>
        Sign(height, round, digest, key.Sign(digest), key);

    /// <summary>Makes a signed COMMIT around a given seal.</summary>
    public static Commit Sign(ulong height, int round, Hash32 digest, Signature seal, ValidatorKey key)
    {
        var writer = new RlpWriter();
        int list = writer.StartList();
        writer.Write(height);
        writer.Write((ulong)round);
        writer.Write(digest);
        writer.Write(seal.ToArray());
        writer.EndList(list);
        return new Commit(height, round, digest, seal, SignedPayload.Sign(MessageCode, writer.Written, key));
    }

    /// <summary>
    /// The seal must be the author's: one bad seal would spoil the header for everyone who verifies it later.
    /// </summary>
    internal Refusal Validate(Address author) =>
        Signatures.TryRecover(Digest, Seal, out var sealer) && sealer == author
            ? Refusal.None
            : Refusal.WrongSeal;

    internal static bool TryRead(ref RlpReader reader, out Commit commit)
    {
        commit = null!;
        if (!SignedPayload.TryRead(MessageCode, ref reader, out var signed, out var payload)
            || !payload.TryReadUInt64(out ulong height)
            || !payload.TryReadInt32(out int round)
            || !payload.TryReadHash(out var digest)
            || !payload.TryReadBytes(out var bytes)
            || !Signature.TryRead(bytes, out var seal)
            || !payload.AtEnd)
        {
            return false;
        }
        commit = new Commit(height, round, digest, seal, signed);
        return true;
    }

    internal override void WriteBody(RlpWriter writer) => writer.WriteRaw(Signed.Encoded.Span);
}
