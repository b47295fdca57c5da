using System.Security.Cryptography;
using System.Text;
using Chain.Client;
using Chain.Core;
using EventStore;
using ServiceDefaults;

namespace Receivables.Pledges;

/// <summary>What came of claiming a thing for a voucher.</summary>
/// <param name="Id">Names the claim.</param>
/// <param name="Claimed">Whether the voucher may be issued: the claim is ours and the voucher is bound to it.</param>
/// <param name="Refusal">Who has it instead.</param>
/// <param name="Evidence">The chain's own proof of that.</param>
/// <param name="Faults">What key holders did wrong on the way.</param>
public sealed record PledgeResult(
    Hash32 Id, bool Claimed, PledgeEvent.Refused? Refusal, ClaimEvidence? Evidence, IReadOnlyList<HolderFault> Faults);

/// <summary>What became of a voucher.</summary>
public enum VoucherStanding
{
    /// <summary>It was never issued.</summary>
    None,

    /// <summary>It was issued, and perhaps paid.</summary>
    Issued,

    /// <summary>It was issued and is void or returned.</summary>
    Void,
}

/// <summary>Knows what became of vouchers: their ledger.</summary>
public interface IVoucherRegister
{
    /// <summary>What became of the voucher of that name.</summary>
    Task<VoucherStanding> StandingAsync(string voucher, CancellationToken cancellation);
}

/// <summary>
/// Takes a claim from the number of a thing to a voucher bound to it: evaluate → commit → reveal → bind → issue. Each state is
/// durable before the next message leaves, and each step looks at the chain first, so that after a crash anywhere the same
/// steps go on where they were (services/docs/pledges.md).
/// </summary>
public sealed partial class PledgeSaga(
    Store store, RegistryClient registry, KeyHolders holders, TimeProvider time, ILogger<PledgeSaga> logger) : IDisposable
{
    /// <summary>After this time a voucher that was not issued gives its amount back.</summary>
    public static readonly TimeSpan Reservation = TimeSpan.FromHours(1);

    private const string Actor = "pledges";
    private const int AttemptsMax = 4;
    private readonly Dictionary<Hash32, Task> _drives = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The stream of a claim.</summary>
    public static string Stream(Hash32 id) => $"pledge/{id}";

    /// <summary>Claims a thing, or more of it, for a voucher that is about to be issued.</summary>
    /// <exception cref="ServiceDefaults.Problems.ProblemException">A rule of this platform stands against it.</exception>
    /// <exception cref="HoldersAwayException">Fewer than two key holders gave an answer that holds.</exception>
    public async Task<PledgeResult> ClaimAsync(
        CanonicalId thing, PledgeRequest request, CancellationToken cancellation)
    {
        (IReadOnlyList<Hash32> keys, int epoch, IReadOnlyList<HolderFault> faults) =
            await EvaluateAsync(thing, cancellation);
        Hash32 id = await OwnIdAsync(keys, cancellation);
        string salt = new Hash32(RandomNumberGenerator.GetBytes(Hash32.Length)).ToString();
        await AppendAsync(id, request.Tenant, thing,
            s => Pledge.Lock(s, request, thing.Kind, [.. keys.Select(k => k.ToString())], epoch, salt), cancellation);
        PledgeState state = await DriveAsync(id, cancellation);
        if (state.Locks.TryGetValue(request.Voucher, out VoucherLock? held) && held.Bound)
            return new PledgeResult(id, true, null, null, faults);
        ClaimEvidence? evidence = null;
        if (state.Refusal is { Platform.Length: > 0 })
            evidence = await registry.ProveAsync(await TakenKeyAsync(keys, cancellation), cancellation);
        return new PledgeResult(id, false, state.Refusal, evidence, faults);
    }

    /// <summary>Says that a voucher was issued: from now on its amount stays used.</summary>
    public async Task IssuedAsync(Hash32 id, string voucher, CancellationToken cancellation) =>
        await AppendAsync(id, null, null, s => Pledge.Issue(s, voucher), cancellation);

    /// <summary>Says that a voucher was not issued, or is void or returned; a claim with no other is given up.</summary>
    public async Task UnlockAsync(Hash32 id, string voucher, CancellationToken cancellation)
    {
        await AppendAsync(id, null, null, s => Pledge.Unlock(s, voucher), cancellation);
        await DriveAsync(id, cancellation);
    }

    /// <summary>
    /// Gives back what was set aside for an issue that was refused; an issued voucher keeps it. The chain hears of it from
    /// recovery.
    /// </summary>
    public Task WithdrawAsync(Hash32 id, string voucher, CancellationToken cancellation) =>
        AppendAsync(id, null, null, s => Pledge.Withdraw(s, voucher), cancellation);

    /// <summary>Counts a credit note inside the claim.</summary>
    public async Task<PledgeState> CreditAsync(Hash32 id, string reference, long fen, CancellationToken cancellation)
    {
        await AppendAsync(id, null, null, s => Pledge.Credit(s, reference, fen), cancellation);
        return await StateAsync(id, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Cancel();

    /// <summary>The claim as its events have it.</summary>
    public Task<PledgeState> StateAsync(Hash32 id, CancellationToken cancellation) =>
        store.AggregateStreamAsync<PledgeState>(Stream(id), cancellation);

    /// <summary>
    /// Takes the steps that a claim needs from the chain until it needs none; they go on when the caller gives up.
    /// </summary>
    public async Task<PledgeState> DriveAsync(Hash32 id, CancellationToken cancellation)
    {
        while (true)
        {
            PledgeState state = await StateAsync(id, cancellation);
            if (Pledge.Next(state).Step == PledgeStep.None)
                return state;
            await Drive(id).WaitAsync(cancellation);
        }
    }

    /// <summary>Each claim is driven by one at a time, different ones side by side.</summary>
    private Task Drive(Hash32 id)
    {
        lock (_drives)
        {
            if (!_drives.TryGetValue(id, out Task? drive))
            {
                drive = Task.Run(() => RunAsync(id));
                _drives.Add(id, drive);
            }
            return drive;
        }
    }

    private async Task RunAsync(Hash32 id)
    {
        try
        {
            while (true)
            {
                PledgeState state = await StateAsync(id, _stop.Token);
                (PledgeStep step, string? voucher) = Pledge.Next(state);
                if (step == PledgeStep.None)
                    return;
                PledgeEvent happened = await StepAsync(step, id, state, voucher, _stop.Token);
                await AppendAsync(id, null, null,
                    // What was added meanwhile is for the next round.
                    s => Pledge.Next(s) == (step, voucher) ? new PledgeEvent[] { happened } : Array.Empty<PledgeEvent>(),
                    _stop.Token);
            }
        }
        finally
        {
            lock (_drives)
                _drives.Remove(id);
        }
    }

    private async Task<PledgeEvent> StepAsync(
        PledgeStep step, Hash32 id, PledgeState state, string? voucher, CancellationToken cancellation) => step switch
        {
            PledgeStep.Claim => await TakeAsync(state, cancellation),
            PledgeStep.Bind => await BindAsync(id, voucher!, cancellation),
            PledgeStep.Release => await ReleaseAsync(id, cancellation),
            PledgeStep.Move => await MoveAsync(id, state.Move!, cancellation),
            _ => throw new InvalidOperationException($"There is no step {step}."),
        };

    /// <summary>Finds the claim to be ours or another's, or commits and reveals.</summary>
    private async Task<PledgeEvent> TakeAsync(PledgeState state, CancellationToken cancellation)
    {
        PledgeEvent.Claiming terms = state.Terms!;
        List<Hash32> keys = [.. terms.Keys.Select(k => Hash32.Parse(k))];
        (Address supplier, Hash32 salt) = (Address.Parse(terms.Supplier), Hash32.Parse(terms.Salt));
        Hash32? reverted = null;
        for (int attempt = 1; ; attempt++)
        {
            foreach (Hash32 key in keys)
            {
                if (await registry.FindAsync(key, cancellation) is not { } claim)
                    continue;
                // A claim of ours that was used or moved already is not what this record thinks: the rest of another
                // platform's, which is received with its statement, or of a database that was set back.
                return claim.Platform == registry.Platform && claim.IsFresh
                    ? new PledgeEvent.Claimed((long)claim.ClaimedAt)
                    : await RefusedAsync(key, reverted, cancellation);
            }
            if (attempt == AttemptsMax)
                return await RefusedAsync(keys[0], reverted, cancellation);
            SendOutcome outcome = await registry.CommitAsync(keys, supplier, salt, cancellation);
            if (outcome.Status == SendStatus.Succeeded)
                outcome = await registry.ClaimAsync(keys, supplier, salt, cancellation);
            if (outcome.Status == SendStatus.Reverted)
                reverted = outcome.Hash;
        }
    }

    private async Task<PledgeEvent> BindAsync(Hash32 id, string voucher, CancellationToken cancellation)
    {
        Hash32 digest = VoucherDigest(id, voucher);
        if (await registry.IsBoundAsync(id, digest, cancellation))
            return new PledgeEvent.Bound(voucher);
        SendOutcome outcome = await registry.BindAsync(id, digest, cancellation);
        if (outcome.Status == SendStatus.Succeeded)
            return new PledgeEvent.Bound(voucher);
        if (await IsOursAsync(id, cancellation))
            throw new InvalidOperationException($"Binding to a claim of ours ended as {outcome.Status}.");
        // It lapsed before it was bound. Nothing was issued on it, so nothing is lost.
        return await RefusedAsync(id, outcome.Hash, cancellation);
    }

    private async Task<PledgeEvent> ReleaseAsync(Hash32 id, CancellationToken cancellation)
    {
        if (await IsOursAsync(id, cancellation)
            && (await registry.ReleaseAsync(id, cancellation)).Status != SendStatus.Succeeded
            && await IsOursAsync(id, cancellation))
            throw new InvalidOperationException("The chain did not release a claim of ours.");
        return new PledgeEvent.Released();
    }

    private async Task<PledgeEvent> MoveAsync(Hash32 id, PledgeEvent.Moving move, CancellationToken cancellation)
    {
        if (!await IsOursAsync(id, cancellation))
            return new PledgeEvent.Moved();
        SendOutcome outcome = await registry.TransferAsync(id, Address.Parse(move.To),
            RestStatement.Digest(move.Statement), Hex.Parse(move.Signature), cancellation);
        return outcome.Status == SendStatus.Succeeded || !await IsOursAsync(id, cancellation)
            ? new PledgeEvent.Moved()
            : new PledgeEvent.MoveRefused();
    }

    private async Task<PledgeEvent> RefusedAsync(Hash32 key, Hash32? transaction, CancellationToken cancellation)
    {
        ClaimEvidence evidence = await registry.ProveAsync(key, cancellation);
        evidence.TryRead(out Address platform, out ulong claimedAt);
        bool nobody = platform.IsZero || platform == registry.Platform;
        Refused(logger, platform.ToString(), evidence.Block);
        return new PledgeEvent.Refused(nobody ? "" : platform.ToString(), nobody ? 0 : (long)claimedAt,
            (long)evidence.Block, evidence.BlockHash.ToString(), transaction?.ToString());
    }

    private async Task<bool> IsOursAsync(Hash32 id, CancellationToken cancellation) =>
        await registry.FindAsync(id, cancellation) is { } claim && claim.Platform == registry.Platform;

    private async Task<Hash32> TakenKeyAsync(IReadOnlyList<Hash32> keys, CancellationToken cancellation)
    {
        foreach (Hash32 key in keys)
        {
            if (await registry.FindAsync(key, cancellation) is not null)
                return key;
        }
        return keys[0];
    }

    /// <summary>A claim is named by its first key, which may be of an epoch that is closed by now.</summary>
    private async Task<Hash32> OwnIdAsync(IReadOnlyList<Hash32> keys, CancellationToken cancellation)
    {
        foreach (Hash32 key in keys)
        {
            if (await registry.FindAsync(key, cancellation) is { } claim && claim.Platform == registry.Platform)
                return claim.Id;
        }
        return keys[0];
    }

    private async Task<(IReadOnlyList<Hash32> Keys, int Epoch, IReadOnlyList<HolderFault> Faults)> EvaluateAsync(
        CanonicalId thing, CancellationToken cancellation)
    {
        (List<Hash32> keys, List<HolderFault> faults, int newest) = ([], [], 0);
        foreach (KeyEpoch epoch in await registry.EpochsAsync(cancellation))
        {
            EvaluatedKey evaluated = await holders.EvaluateAsync(thing, epoch.Number, epoch.Key, cancellation);
            keys.Add(evaluated.Key);
            faults.AddRange(evaluated.Faults);
            newest = epoch.Number;
        }
        return (keys, newest, faults);
    }

    /// <summary>Decides on the stream's state and appends; a lost race is decided anew.</summary>
    private async Task AppendAsync(
        Hash32 id, string? tenant, CanonicalId? thing, Func<PledgeState, Decision<PledgeEvent>> decide,
        CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            tenant ??= (await StateAsync(id, cancellation)).Tenant;
            await using Session session = store.OpenSession(new EventContext(time, Actor, tenant));
            WritableStream<PledgeState> stream = await session.FetchForWriting<PledgeState>(Stream(id), cancellation);
            IReadOnlyList<PledgeEvent> events = decide(stream.Aggregate).EventsOrProblem();
            if (events.Count == 0)
                return;
            stream.AppendMany(events);
            if (thing is not null)
                session.QueueSqlCommand(PledgeSubjects.Open, id.ToArray(), tenant, thing.Text);
            try
            {
                await session.SaveChangesAsync(cancellation);
                return;
            }
            catch (ConcurrencyException) when (attempt < AttemptsMax)
            {
                // Somebody else was first: what they recorded may change the decision.
            }
        }
    }

    /// <summary>What the chain gets to see of a voucher.</summary>
    internal static Hash32 VoucherDigest(Hash32 id, string voucher) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"pledge-voucher/1|{id}|{voucher}")));

    [LoggerMessage(4101, LogLevel.Information, "A claim was refused: held by {Platform} in block {Block}")]
    private static partial void Refused(ILogger logger, string platform, ulong block);
}
