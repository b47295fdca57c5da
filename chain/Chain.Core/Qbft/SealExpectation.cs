namespace Chain.Core;

/// <summary>Where the validators of a chain are written.</summary>
public enum ValidatorSource
{
    /// <summary>In a contract's storage; headers list none and carry no vote.</summary>
    Contract,

    /// <summary>In every header, changed by votes.</summary>
    Header,
}

/// <summary>What a verifier knows about a height before it looks at a header.</summary>
/// <param name="Number">The height.</param>
/// <param name="Validators">The validators of this height, ascending, from a trusted source.</param>
/// <param name="Source">Where the chain keeps its validators.</param>
/// <param name="ParentHash">Block hash of the parent, if known.</param>
public sealed record SealExpectation(
    ulong Number,
    IReadOnlyList<Address> Validators,
    ValidatorSource Source = ValidatorSource.Contract,
    Hash32? ParentHash = null);
