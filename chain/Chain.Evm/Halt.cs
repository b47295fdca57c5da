namespace Chain.Evm;

/// <summary>Why a call frame stopped.</summary>
public enum Halt : byte
{
    /// <summary>It has not: the next instruction follows.</summary>
    None,

    /// <summary>Paused for a call or creation it asked for.</summary>
    Call,

    /// <summary>STOP, SELFDESTRUCT or the end of the code: success without output.</summary>
    Stop,

    /// <summary>RETURN: success with output.</summary>
    Return,

    /// <summary>REVERT: undone, output kept, remaining gas returned (EIP-140).</summary>
    Revert,

    /// <summary>Not enough gas.</summary>
    OutOfGas,

    /// <summary>An undefined instruction or INVALID.</summary>
    InvalidInstruction,

    /// <summary>Fewer stack items than the instruction takes.</summary>
    StackUnderflow,

    /// <summary>More than 1024 stack items.</summary>
    StackOverflow,

    /// <summary>A jump to anything but a JUMPDEST.</summary>
    InvalidJump,

    /// <summary>A state change inside a static call (EIP-214).</summary>
    StaticViolation,

    /// <summary>RETURNDATACOPY beyond the return data (EIP-211).</summary>
    ReturnDataOutOfBounds,

    /// <summary>Code above 24,576 bytes (EIP-170) or init code above 49,152 bytes (EIP-3860).</summary>
    CodeTooLarge,

    /// <summary>New code that begins with 0xEF (EIP-3541).</summary>
    InvalidCode,

    /// <summary>The address of a new contract is taken (EIP-684).</summary>
    AddressCollision,

    /// <summary>Deeper than 1024 calls; the caller keeps the gas.</summary>
    CallTooDeep,

    /// <summary>The caller has less than the value it sends; it keeps the gas.</summary>
    InsufficientBalance,

    /// <summary>The creator's nonce cannot grow (EIP-2681); it keeps the gas.</summary>
    NonceOverflow,

    /// <summary>A precompiled contract refused its input.</summary>
    PrecompileFailure,
}
