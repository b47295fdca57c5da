using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// A message between validators. On the wire: one byte of code, then the RLP of the message.
/// </summary>
/// <param name="Height">Height it speaks of.</param>
/// <param name="Round">Round it speaks of; of a ROUND-CHANGE the one to go to.</param>
/// <param name="Signed">The part that names the author.</param>
public abstract record QbftMessage(ulong Height, int Round, SignedPayload Signed)
{
    /// <summary>Most validators that a message may carry votes of.</summary>
    public const int MaxVotes = 255;

    /// <summary>Code of the message in the QBFT protocol.</summary>
    public abstract byte Code { get; }

    /// <summary>The bytes that travel.</summary>
    public byte[] Encode()
    {
        var writer = new RlpWriter();
        writer.WriteRaw([Code]);
        WriteBody(writer);
        return writer.ToArray();
    }

    /// <summary>Reads a message strictly; nothing is verified yet but the form.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out QbftMessage message)
    {
        message = null!;
        if (bytes.IsEmpty) return false;
        var reader = new RlpReader(bytes[1..]);
        QbftMessage? read = bytes[0] switch
        {
            Proposal.MessageCode when Proposal.TryRead(ref reader, out var proposal) => proposal,
            Prepare.MessageCode when Prepare.TryRead(ref reader, out var prepare) => prepare,
            Commit.MessageCode when Commit.TryRead(ref reader, out var commit) => commit,
            RoundChange.MessageCode when RoundChange.TryRead(ref reader, out var roundChange) => roundChange,
            _ => null,
        };
        message = read!;
        return read is not null && reader.AtEnd;
    }

    /// <summary>Writes the RLP of the message.</summary>
    internal abstract void WriteBody(RlpWriter writer);

    /// <summary>Author, when the signature is valid and of a validator.</summary>
    internal bool TryGetAuthor(ValidatorSet validators, out Address author) =>
        Signed.TryGetAuthor(out author) && validators.Contains(author);

    /// <summary>
    /// True when there is a quorum of the votes and each is of another validator. Distinctness is what makes a quorum:
    /// one author counted twice would let fewer than a quorum decide.
    /// </summary>
    internal static bool AreQuorumOf(ValidatorSet validators, IEnumerable<SignedPayload> votes)
    {
        var authors = new SortedSet<Address>();
        foreach (var vote in votes)
        {
            if (!vote.TryGetAuthor(out var author) || !validators.Contains(author) || !authors.Add(author))
                return false;
        }
        return authors.Count >= validators.QuorumSize;
    }
}
