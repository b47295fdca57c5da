using Chain.Core;

namespace Chain.Evm;

/// <summary>How a message call or creation ended.</summary>
internal readonly struct CallOutcome
{
    public Halt Halt { get; init; }

    public long GasLeft { get; init; }

    public long Refund { get; init; }

    public ReadOnlyMemory<byte> Output { get; init; }

    /// <summary>Address of the new contract.</summary>
    public Address Created { get; init; }

    public bool Succeeded => Halt is Halt.Stop or Halt.Return;
}
