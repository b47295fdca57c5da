using System.Collections.Concurrent;
using EventStore;
using Npgsql;
using Receivables.Rules;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;

namespace Receivables.Ledger;

/// <summary>
/// Decides in memory and answers after the commit. Of the commands that wait for one family, whoever gets its turn
/// decides all and commits them together; a command about several families takes their turns in the order of their
/// names, so that no two wait for each other.
/// </summary>
internal sealed class VoucherLedger(
    Store store, TimeProvider time, Patience patience, IEnumerable<ILedgerCompanion> companions) : ILedger
{
    private const int BatchMax = 256;
    private const int AttemptsMax = 16;
    private const int FamiliesKept = 2_000;
    private readonly ConcurrentDictionary<string, FamilyWriter> _writers = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<LedgerAnswer> ExecuteAsync(
        VoucherCommand command, Approved approved, long? expectedVersion, CancellationToken cancellation)
    {
        return await RunAsync(await RequestAsync(command, approved, expectedVersion, cancellation), cancellation);
    }

    /// <summary>Decides a command and stores nothing: what would refuse it now refuses it.</summary>
    /// <exception cref="ProblemException">A rule stands against it.</exception>
    public async Task TryAsync(VoucherCommand command, CancellationToken cancellation)
    {
        LedgerRequest request = await RequestAsync(command, new Approved("", []), null, cancellation);
        Dictionary<string, (FamilyState State, long Version)> families = new(StringComparer.Ordinal);
        foreach (string root in request.Roots)
            families[root] = await ReadAsync(root, cancellation);
        LedgerBatch batch = new(families, time);
        batch.Know(await StoredAnswer.FindAsync(store.DataSource, [request], cancellation));
        batch.Add(request);
        using HeldTurns turns = new();
        foreach (ILedgerCompanion companion in batch.IsEmpty ? [] : companions.Where(c => c.OnTrial))
            await companion.FollowAsync(batch.Changes, turns, cancellation);
        batch.Answer();
        await request.Done.Task;
    }

    /// <inheritdoc/>
    public Task<LedgerAnswer> PayAsync(
        string root, string receipt, IReadOnlyList<LeafPayment> payments, IReadOnlyList<AppendedWith> record,
        CancellationToken cancellation) =>
        RunAsync(new LedgerRequest
        {
            Roots = [root],
            Actor = store.Service,
            Decide = (state, _, _) => Family.Pay(state, receipt, payments),
            Record = record,
        }, cancellation);

    /// <summary>Days of rest as they are known now.</summary>
    public async Task<WorkCalendar> CalendarAsync(CancellationToken cancellation) =>
        (await RuleEndpoints.DataAsync(store, cancellation)).Calendar;

    /// <summary>A family as this process last knew it, without waiting; null where it never read it.</summary>
    public FamilyState? Peek(string root) => _writers.TryGetValue(root, out FamilyWriter? writer) ? writer.Known : null;

    /// <summary>A family as it is now, with its version.</summary>
    public async Task<(FamilyState State, long Version)> ReadAsync(string root, CancellationToken cancellation)
    {
        FamilyWriter writer = Writer(root);
        await writer.Turn.WaitAsync(cancellation);
        try
        {
            writer.Doubt();
            return await writer.LoadAsync(store, cancellation);
        }
        finally
        {
            writer.Turn.Release();
        }
    }

    /// <summary>Runs a request of whatever origin.</summary>
    public async Task<LedgerAnswer> RunAsync(LedgerRequest request, CancellationToken cancellation)
    {
        if (request.Roots.Count == 0)
            throw new ProblemException(Problem.Of(Refusal.Form));
        List<FamilyWriter> writers = [.. request.Roots.Select(Writer)];
        if (writers.Count == 1)
            writers[0].Waiting.Enqueue(request);
        int held = 0;
        try
        {
            for (; held < writers.Count; held++)
                await writers[held].Turn.WaitAsync(cancellation);
            while (!request.Done.Task.IsCompleted)
                await CommitAsync(writers, Next(writers, request));
        }
        catch (OperationCanceledException) when (!request.TryWithdraw())
        {
            // A writer has it already: its answer comes.
        }
        finally
        {
            while (held > 0)
                writers[--held].Turn.Release();
        }
        return await request.Done.Task;
    }

    private async Task<LedgerRequest> RequestAsync(
        VoucherCommand command, Approved approved, long? expectedVersion, CancellationToken cancellation)
    {
        DateOnly? due = (command as VoucherCommand.Issue)?.DueDate ?? (command as VoucherCommand.TakeOver)?.DueDate;
        DateOnly? payDay = due is { } day ? (await CalendarAsync(cancellation)).Due(day).Day : null;
        return LedgerRequest.Of(command, approved, expectedVersion, patience, payDay);
    }

    private static List<LedgerRequest> Next(List<FamilyWriter> writers, LedgerRequest request)
    {
        if (writers.Count > 1)
            return [request];
        List<LedgerRequest> batch = [];
        while (batch.Count < BatchMax && writers[0].Waiting.TryDequeue(out LedgerRequest? next))
        {
            if (next.TryTake())
                batch.Add(next);
        }
        return batch;
    }

    /// <summary>Commits requests or fails them; never throws, because most of them are somebody else's.</summary>
    private async Task CommitAsync(List<FamilyWriter> writers, List<LedgerRequest> requests)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using HeldTurns turns = new();
                LedgerBatch batch = await DecideAsync(writers, requests, turns, again: attempt > 1);
                // An append is checked by its version; what is refused appends nothing, so its version is asked for.
                if (batch.Refuses && attempt < AttemptsMax && await IsOldAsync(writers))
                    continue;
                await SaveAsync(writers, batch);
                batch.Answer();
                return;
            }
            catch (ConcurrencyException e) when (requests.Exists(r => Records(r, e.Stream)))
            {
                // Approvals were given on a chain that went on: those commands are refused, the others go on.
                requests.FindAll(r => Records(r, e.Stream)).ForEach(r => r.Done.TrySetException(e));
                requests.RemoveAll(r => Records(r, e.Stream));
            }
            catch (ProblemException) when (requests.Count > 1)
            {
                // A companion stands against one of them: each alone.
                foreach (LedgerRequest request in requests)
                    await CommitAsync(writers, [request]);
                return;
            }
            catch (Exception e) when (attempt < AttemptsMax && IsRace(e))
            {
                // Somebody else was first: what they recorded may change the decisions.
                writers.ForEach(w => w.Doubt());
            }
#pragma warning disable CA1031 // The fault is every caller's answer; the outcome may be unknown, so nothing is remembered.
            catch (Exception e)
#pragma warning restore CA1031
            {
                writers.ForEach(w => w.Doubt());
                requests.ForEach(r => r.Done.TrySetException(e));
                return;
            }
        }
    }

    /// <summary>Whether another process has written what this one's copies did not know.</summary>
    private async Task<bool> IsOldAsync(List<FamilyWriter> writers)
    {
        bool old = false;
        foreach (FamilyWriter writer in writers)
        {
            (_, long before) = await writer.LoadAsync(store, CancellationToken.None);
            writer.Doubt();
            (_, long now) = await writer.LoadAsync(store, CancellationToken.None);
            old |= now != before;
        }
        return old;
    }

    private async Task<LedgerBatch> DecideAsync(
        List<FamilyWriter> writers, List<LedgerRequest> requests, HeldTurns turns, bool again)
    {
        Dictionary<string, (FamilyState State, long Version)> families = new(StringComparer.Ordinal);
        foreach (FamilyWriter writer in writers)
            families[writer.Root] = await writer.LoadAsync(store, CancellationToken.None);
        LedgerBatch batch = new(families, time);
        // A command that no family knows is new, unless it was used in other families: then the insert fails once.
        List<LedgerRequest> known = requests.FindAll(r => r.CommandId is { } id
            && (again || r.Roots.Any(root => families[root].State.Commands.Contains(id))));
        if (known.Count > 0)
            batch.Know(await StoredAnswer.FindAsync(store.DataSource, known, CancellationToken.None));
        requests.ForEach(batch.Add);
        foreach (ILedgerCompanion companion in batch.IsEmpty ? [] : companions)
            batch.Follow(await companion.FollowAsync(batch.Changes, turns, CancellationToken.None));
        return batch;
    }

    private async Task SaveAsync(List<FamilyWriter> writers, LedgerBatch batch)
    {
        if (batch.IsEmpty)
            return;
        await using Session session = store.OpenSession(new EventContext(time, store.Service, store.Service));
        batch.Write(session);
        await session.SaveChangesAsync(CancellationToken.None);
        foreach (FamilyWriter writer in writers)
        {
            (FamilyState state, long version) = batch.Families[writer.Root];
            writer.Remember(state, version);
        }
    }

    private static bool Records(LedgerRequest request, string stream) => request.Record.Any(r => r.Stream == stream);

    private static bool IsRace(Exception e) => e is ConcurrencyException
        or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "voucher_commands" };

    private FamilyWriter Writer(string root)
    {
        if (_writers.Count > FamiliesKept)
        {
            // Losing one that is in use costs a reload at most: the versions in the database decide.
            foreach (KeyValuePair<string, FamilyWriter> idle in _writers.Take(FamiliesKept / 2))
            {
                if (idle.Value.Turn.CurrentCount > 0)
                    _writers.TryRemove(idle);
            }
        }
        return _writers.GetOrAdd(root, r => new FamilyWriter(r));
    }
}
