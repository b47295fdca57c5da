using System.Security.Cryptography;
using System.Text.Json;
using EventStore;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults;

namespace Receivables.Ledger;

/// <summary>Something to be decided by the writers of its families, and the promise of its answer.</summary>
internal sealed class LedgerRequest
{
    private int _state;

    /// <summary>The families, in order.</summary>
    public required IReadOnlyList<string> Roots { get; init; }

    /// <summary>Decides for one family at a time; pure.</summary>
    public required Func<FamilyState, string, DateTimeOffset, Decision<VoucherEvent>> Decide { get; init; }

    /// <summary>Whose events they are; without one, the issuer's.</summary>
    public string? Party { get; init; }

    /// <summary>Who acts.</summary>
    public required string Actor { get; init; }

    /// <summary>The id under which the answer is kept; null for a worker's own.</summary>
    public string? CommandId { get; init; }

    /// <summary>SHA-256 of the command: another one under its id is refused.</summary>
    public byte[] Sha256 { get; init; } = [];

    /// <summary>Who approved it.</summary>
    public Approved? Approved { get; init; }

    /// <summary>What is stored with its events; who made it knows the versions.</summary>
    public IReadOnlyList<AppendedWith> Record { get; init; } = [];

    /// <summary>The version that the party has seen.</summary>
    public long? ExpectedVersion { get; init; }

    /// <summary>The answer, or the refusal.</summary>
    public TaskCompletionSource<LedgerAnswer> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static LedgerRequest Of(VoucherCommand command, Approved approved, long? expected,
        Patience patience, DateOnly? payDay = null) => new()
        {
            Roots = command.Roots,
            Decide = (state, root, at) => Family.Decide(state, command, root, at, patience, payDay),
            Party = command.Party,
            Actor = approved.Signatures.Count > 0 ? approved.Signatures[0].KeyId : command.Party,
            CommandId = command.CommandId,
            Sha256 = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(command, VoucherJson.Default.VoucherCommand)),
            Approved = approved,
            Record = approved.Record,
            ExpectedVersion = expected,
        };

    /// <summary>A writer takes it, after which it can't be withdrawn.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, 1, 0) == 0;

    /// <summary>The caller gives up before a writer came to it.</summary>
    public bool TryWithdraw() => Interlocked.CompareExchange(ref _state, 2, 0) == 0;

    /// <summary>The edge of its events.</summary>
    public EventContext Context(TimeProvider time, string issuer) => new(time, Actor, Party ?? issuer);
}
