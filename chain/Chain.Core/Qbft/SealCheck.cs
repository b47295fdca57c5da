namespace Chain.Core;

/// <summary>
/// Checks one sealed header against the validators of its height, without the chain around it. The validators must
/// come from a trusted source, never from this header: anyone can seal a header that lists only himself.
/// </summary>
public static class SealCheck
{
    /// <summary>Reads a header strictly and checks it.</summary>
    /// <param name="encoded">RLP of the header, seals included.</param>
    /// <param name="expectation">What is known about the height.</param>
    /// <param name="header">The header, when it could be read.</param>
    public static SealVerdict Verify(
        ReadOnlySpan<byte> encoded, SealExpectation expectation, out BlockHeader? header) =>
        BlockHeader.TryDecode(encoded, out header!) ? Verify(header, expectation) : SealVerdict.MalformedHeader;

    /// <summary>Checks a header: fixed fields, validators, coinbase, and that every seal counts and a quorum sealed.</summary>
    /// <remarks>Every seal must be good: a bad one spoils the header also beyond the quorum, as in Besu.</remarks>
    public static SealVerdict Verify(BlockHeader header, SealExpectation expectation)
    {
        var verdict = VerifyUnsealed(header, expectation, out var extraData);
        return verdict == SealVerdict.Valid ? VerifySeals(header, extraData, expectation.Validators) : verdict;
    }

    /// <summary>All rules except those about seals, for a proposal.</summary>
    public static SealVerdict VerifyUnsealed(BlockHeader header, SealExpectation expectation) =>
        VerifyUnsealed(header, expectation, out _);

    private static SealVerdict VerifyUnsealed(
        BlockHeader header, SealExpectation expectation, out QbftExtraData extraData)
    {
        if (!header.TryGetExtraData(out extraData)) return SealVerdict.MalformedExtraData;
        if (header.Number != expectation.Number) return SealVerdict.WrongNumber;
        if (expectation.ParentHash is { } parent && header.ParentHash != parent) return SealVerdict.WrongParent;
        if (header.MixHash != BlockHeader.QbftMixHash || header.Difficulty != UInt256.One || header.Nonce != 0
            || header.OmmersHash != BlockHeader.EmptyOmmersHash) return SealVerdict.NotQbft;
        bool listed = expectation.Source == ValidatorSource.Contract
            ? extraData.Validators.Count == 0 && extraData.Vote is null
            : extraData.Validators.SequenceEqual(expectation.Validators);
        if (!listed) return SealVerdict.WrongValidators;
        return expectation.Validators.Contains(header.Coinbase) ? SealVerdict.Valid : SealVerdict.WrongCoinbase;
    }

    private static SealVerdict VerifySeals(
        BlockHeader header, QbftExtraData extraData, IReadOnlyList<Address> validators)
    {
        // Checked before any recovery, so that a long list of seals costs nothing.
        if (extraData.Seals.Count > validators.Count) return SealVerdict.DuplicateSeal;
        var digest = header.CommitHash;
        var signers = new HashSet<Address>();
        foreach (var seal in extraData.Seals)
        {
            if (!seal.IsLowS || !Secp256k1.TryRecover(digest, seal, out var signer)) return SealVerdict.MalformedSeal;
            if (!validators.Contains(signer)) return SealVerdict.ForeignSeal;
            if (!signers.Add(signer)) return SealVerdict.DuplicateSeal;
        }
        return signers.Count >= Quorum.Size(validators.Count) && signers.Count > 0
            ? SealVerdict.Valid
            : SealVerdict.TooFewSeals;
    }
}
