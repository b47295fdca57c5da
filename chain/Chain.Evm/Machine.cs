using Chain.Core;
using Chain.Evm.Precompiles;
using Chain.State;

namespace Chain.Evm;

/// <summary>Runs message calls to their end over a stack of frames, so that 1024 nested calls need no native
/// stack.</summary>
internal sealed class Machine
{
    /// <summary>Frames kept for the next transaction; a deeper stack, of 32 KiB each, is let go.</summary>
    private const int KeptFrames = 32;

    private readonly List<Frame> _frames = [];
    private readonly BytecodeCache _bytecodes = new();
    private int _active;

    public IWorldState State { get; private set; } = null!;

    public BlockContext Block { get; private set; } = null!;

    public Address Origin { get; private set; }

    public UInt256 GasPrice { get; private set; }

    public UInt256 BlobBaseFee { get; private set; }

    public IReadOnlyList<Hash32> BlobHashes { get; private set; } = [];

    /// <summary>Sets what all frames of the next transaction see.</summary>
    public void Enter(
        IWorldState state, BlockContext block, Address origin, in UInt256 gasPrice, IReadOnlyList<Hash32> blobHashes)
    {
        if (_frames.Count > KeptFrames)
            _frames.RemoveRange(KeptFrames, _frames.Count - KeptFrames);
        if (!ReferenceEquals(block, Block))
            BlobBaseFee = block.BlobBaseFee;
        State = state;
        Block = block;
        Origin = origin;
        GasPrice = gasPrice;
        BlobHashes = blobHashes;
    }

    /// <summary>Runs a transaction's message, for a creation with the new contract's address as recipient.</summary>
    public CallOutcome Run(in CallMessage message)
    {
        _active = 0;
        var running = message.IsCreate
            ? TryStartCreation(message, out var outcome)
            : TryStartCall(message, out outcome);
        if (!running)
            return outcome;
        while (true)
        {
            var frame = _frames[_active - 1];
            var halt = Interpreter.Run(frame);
            if (halt == Halt.Call)
            {
                if (TryStartNested(frame, out outcome))
                    continue;
            }
            else
            {
                outcome = Finish(frame, halt);
                if (--_active == 0)
                    return outcome;
                frame = _frames[_active - 1];
            }

            Resume(frame, outcome);
        }
    }

    private bool TryStartNested(Frame caller, out CallOutcome outcome)
    {
        var message = caller.Pending;
        if (message.Depth > GasSchedule.MaxCallDepth)
            return Refuse(message, Halt.CallTooDeep, out outcome);
        if (!message.IsCreate)
            return TryStartCall(message, out outcome);

        if (State.GetBalance(message.Caller) < message.Value)
            return Refuse(message, Halt.InsufficientBalance, out outcome);
        var nonce = State.GetNonce(message.Caller);
        if (nonce == ulong.MaxValue)
            return Refuse(message, Halt.NonceOverflow, out outcome);
        State.SetNonce(message.Caller, nonce + 1);
        var address = message.Kind == CallKind.Create
            ? Address.OfCreate(message.Caller, nonce)
            : Address.OfCreate2(
                message.Caller, new Hash32(caller.PendingSalt.ToBigEndian()), Keccak256.Hash(message.Input.Span));
        return TryStartCreation(message with { Recipient = address }, out outcome);
    }

    private bool TryStartCall(in CallMessage message, out CallOutcome outcome)
    {
        outcome = default;
        var movesValue = message.Kind == CallKind.Call;
        if (message.Kind is CallKind.Call or CallKind.CallCode
            && !message.Value.IsZero && State.GetBalance(message.Caller) < message.Value)
            return Refuse(message, Halt.InsufficientBalance, out outcome);
        var snapshot = State.Snapshot();
        if (movesValue)
            State.TrySubtractBalance(message.Caller, message.Value);
        if (movesValue || message.Kind == CallKind.StaticCall)
            State.AddBalance(message.Recipient, message.Kind == CallKind.Call ? message.Value : UInt256.Zero);

        if (PrecompiledContracts.Find(message.CodeAddress) is { } contract)
        {
            outcome = RunPrecompile(contract, message);
            if (!outcome.Succeeded)
                State.Revert(snapshot);
            return false;
        }

        var code = State.GetCode(message.CodeAddress);
        if (code.Length == 0)
        {
            outcome = new CallOutcome { Halt = Halt.Stop, GasLeft = message.Gas };
            return false;
        }

        Push().Start(message, _bytecodes.Get(State.GetCodeHash(message.CodeAddress), code), snapshot);
        return true;
    }

    private bool TryStartCreation(in CallMessage message, out CallOutcome outcome)
    {
        outcome = default;
        State.WarmAddress(message.Recipient);
        if (State.IsOccupied(message.Recipient))
        {
            outcome = new CallOutcome { Halt = Halt.AddressCollision };
            return false;
        }

        var snapshot = State.Snapshot();
        State.CreateContract(message.Recipient);
        State.TrySubtractBalance(message.Caller, message.Value);
        State.AddBalance(message.Recipient, message.Value);
        Push().Start(message with { Input = default }, new Bytecode(message.Input.Span), snapshot);
        return true;
    }

    private static CallOutcome RunPrecompile(PrecompiledContract contract, in CallMessage message)
    {
        var input = message.Input.Span;
        var gas = contract.Gas(input);
        if (gas > message.Gas)
            return new CallOutcome { Halt = Halt.OutOfGas };
        return contract.Run(input) is { } output
            ? new CallOutcome { Halt = Halt.Return, GasLeft = message.Gas - gas, Output = output }
            : new CallOutcome { Halt = Halt.PrecompileFailure };
    }

    private CallOutcome Finish(Frame frame, Halt halt)
    {
        ReadOnlyMemory<byte> output = halt is Halt.Return or Halt.Revert
            ? frame.Memory.Span(frame.OutputOffset, frame.OutputLength).ToArray()
            : default;
        if (frame.Message.IsCreate && (halt is Halt.Return or Halt.Stop))
            halt = Deposit(frame, output, halt);
        if (halt is Halt.Return or Halt.Stop)
        {
            return new CallOutcome
            {
                Halt = halt,
                GasLeft = frame.Gas,
                Refund = frame.Refund,
                Output = output,
                Created = frame.Message.Recipient,
            };
        }

        State.Revert(frame.Snapshot);
        return halt == Halt.Revert
            ? new CallOutcome { Halt = halt, GasLeft = frame.Gas, Output = output }
            : new CallOutcome { Halt = halt };
    }

    /// <summary>Stores the code a creation returned (EIP-170, EIP-3541, EIP-2).</summary>
    private Halt Deposit(Frame frame, ReadOnlyMemory<byte> code, Halt halt)
    {
        if (code.Length > GasSchedule.MaxCodeSize)
            return Halt.CodeTooLarge;
        if (code.Length > 0 && code.Span[0] == 0xef)
            return Halt.InvalidCode;
        if (!frame.TryUseGas((long)GasSchedule.CodeDepositByte * code.Length))
            return Halt.OutOfGas;
        if (code.Length > 0)
            State.SetCode(frame.Self, code.ToArray());
        return halt;
    }

    private static void Resume(Frame frame, in CallOutcome outcome)
    {
        frame.Gas += outcome.GasLeft;
        frame.Refund += outcome.Refund;
        if (frame.Pending.IsCreate)
        {
            frame.ReturnData = outcome.Halt == Halt.Revert ? outcome.Output : default;
            frame.Push(outcome.Succeeded ? UInt256.FromBigEndian(outcome.Created.Bytes) : UInt256.Zero);
            return;
        }

        frame.ReturnData = outcome.Output;
        var copied = Math.Min(frame.ReturnLength, outcome.Output.Length);
        outcome.Output.Span[..copied].CopyTo(frame.Memory.Span(frame.ReturnOffset, copied));
        frame.Push(outcome.Succeeded ? UInt256.One : UInt256.Zero);
    }

    private static bool Refuse(in CallMessage message, Halt halt, out CallOutcome outcome)
    {
        outcome = new CallOutcome { Halt = halt, GasLeft = message.Gas };
        return false;
    }

    private Frame Push()
    {
        if (_active == _frames.Count)
            _frames.Add(new Frame(this));
        return _frames[_active++];
    }
}
