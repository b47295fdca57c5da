using Chain.Core;

namespace Chain.Evm;

internal enum CallKind : byte { Call, CallCode, DelegateCall, StaticCall, Create, Create2 }

/// <summary>A message call or contract creation (YP §8, §7).</summary>
internal readonly struct CallMessage
{
    public CallKind Kind { get; init; }

    /// <summary>CALLER of the new frame.</summary>
    public Address Caller { get; init; }

    /// <summary>ADDRESS of the new frame, whose storage it writes.</summary>
    public Address Recipient { get; init; }

    /// <summary>Account the code is taken from.</summary>
    public Address CodeAddress { get; init; }

    /// <summary>CALLVALUE of the new frame; moved from caller to recipient by CALL and creations only.</summary>
    public UInt256 Value { get; init; }

    /// <summary>Call data, or init code.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    public long Gas { get; init; }

    public bool IsStatic { get; init; }

    public int Depth { get; init; }

    public bool IsCreate => Kind >= CallKind.Create;
}
