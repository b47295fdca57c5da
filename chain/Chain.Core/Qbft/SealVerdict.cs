namespace Chain.Core;

/// <summary>What <see cref="SealCheck"/> found; the first rule that is broken, in the order of checking.</summary>
public enum SealVerdict
{
    /// <summary>The header is sealed by a quorum.</summary>
    Valid,

    /// <summary>Not the canonical encoding of a header.</summary>
    MalformedHeader,

    /// <summary>The extraData is not the canonical five items.</summary>
    MalformedExtraData,

    /// <summary>The height is another.</summary>
    WrongNumber,

    /// <summary>The parent is another.</summary>
    WrongParent,

    /// <summary>mixHash, difficulty, nonce or ommersHash is not that of QBFT.</summary>
    NotQbft,

    /// <summary>The list of validators in the header is not the expected one, or a vote stands where none may.</summary>
    WrongValidators,

    /// <summary>The coinbase is no validator of this height.</summary>
    WrongCoinbase,

    /// <summary>A seal can't be recovered or has a high s.</summary>
    MalformedSeal,

    /// <summary>A seal is by somebody who is no validator of this height.</summary>
    ForeignSeal,

    /// <summary>A validator sealed twice.</summary>
    DuplicateSeal,

    /// <summary>There are fewer seals than a quorum.</summary>
    TooFewSeals,
}
