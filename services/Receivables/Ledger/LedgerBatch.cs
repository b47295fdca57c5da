using EventStore;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults;
using ServiceDefaults.Problems;

namespace Receivables.Ledger;

/// <summary>
/// Requests that share a transaction: each is decided on what the ones before it leave, nothing is answered before the
/// commit.
/// </summary>
internal sealed class LedgerBatch(Dictionary<string, (FamilyState State, long Version)> families, TimeProvider time)
{
    private readonly Dictionary<string, (FamilyState State, long Version)> _start = new(families);
    private readonly List<(LedgerRequest Request, LedgerAnswer? Answer, Exception? Fault)> _outcomes = [];
    private readonly Dictionary<(string?, string), StoredAnswer> _answers = [];
    private readonly List<StoredAnswer> _new = [];
    private readonly List<(string Root, NewEvent Event)> _events = [];
    private readonly List<AppendedWith> _records = [];
    private readonly List<FamilyChange> _changes = [];

    /// <summary>Families as they are after the batch.</summary>
    public IReadOnlyDictionary<string, (FamilyState State, long Version)> Families => families;

    /// <summary>Whether there is anything to commit.</summary>
    public bool IsEmpty => _events.Count == 0;

    /// <summary>Whether a rule stands against any of it: perhaps only by what the copies say.</summary>
    public bool Refuses => _outcomes.Exists(o => o.Fault is ProblemException);

    /// <summary>What was decided, in order.</summary>
    public IReadOnlyList<FamilyChange> Changes => _changes;

    /// <summary>Adds what other streams record of it.</summary>
    public void Follow(IEnumerable<AppendedWith> records) => _records.AddRange(records);

    /// <summary>Adds answers given in former transactions.</summary>
    public void Know(IEnumerable<StoredAnswer> answers)
    {
        foreach (StoredAnswer answer in answers)
            _answers[(answer.Party, answer.CommandId)] = answer;
    }

    /// <summary>Decides a request.</summary>
    public void Add(LedgerRequest request)
    {
        try
        {
            _outcomes.Add((request, Judge(request), null));
        }
        // A rule or, which no rule allows, a broken invariant: this request fails and the others go on.
        catch (Exception e) when (e is ProblemException or InvalidOperationException or ConcurrencyException)
        {
            _outcomes.Add((request, null, e));
        }
    }

    /// <summary>Hands everything to a session.</summary>
    public void Write(Session session)
    {
        foreach (IGrouping<string, (string Root, NewEvent Event)> stream in _events.GroupBy(e => e.Root))
            session.Append(stream.Key, _start[stream.Key].Version, stream.Select(e => (object)e.Event));
        foreach (AppendedWith record in _records)
            session.Append(record.Stream, record.ExpectedVersion, record.Event);
        if (_new.Count > 0)
            StoredAnswer.Insert(session, _new);
    }

    /// <summary>Tells everybody what came of it.</summary>
    public void Answer()
    {
        foreach ((LedgerRequest request, LedgerAnswer? answer, Exception? fault) in _outcomes)
        {
            if (fault is null)
                request.Done.TrySetResult(answer!);
            else
                request.Done.TrySetException(fault);
        }
    }

    private LedgerAnswer Judge(LedgerRequest request)
    {
        if (request.CommandId is { } id && _answers.TryGetValue((request.Party, id), out StoredAnswer? given))
        {
            return given.Sha256.AsSpan().SequenceEqual(request.Sha256)
                ? given.Answer with { Repeated = true }
                : throw Problem(Refusal.Repeated, request.Roots[0]);
        }
        if (request.ExpectedVersion is { } expected
            && (request.Roots.Count > 1 || families[request.Roots[0]].Version != expected))
        {
            throw Problem("version-stale", request.Roots[0]);
        }
        EventContext context = request.Context(time, families[request.Roots[0]].State.Issuer);
        Dictionary<string, (FamilyState State, long Version)> after = [];
        List<(string, NewEvent)> events = [];
        List<FamilyChange> changes = [];
        foreach (string root in request.Roots)
        {
            (FamilyState state, long version) = families[root];
            IReadOnlyList<VoucherEvent> decided = request.Decide(state, root, context.Now) switch
            {
                Decision<VoucherEvent>.Accepted a =>
                    [.. a.Events.Select((e, i) => i == 0 ? e with { Approved = request.Approved } : e)],
                Decision<VoucherEvent>.Refused r => throw Problem(Participants.Veil(state, request.Party, r.Rule),
                    root),
                _ => throw new InvalidOperationException(),
            };
            FamilyState next = decided.Aggregate(state, FamilyState.Evolve);
            Invariants.CheckAppend(state, decided, next);
            after[root] = (next, version + decided.Count);
            changes.Add(new FamilyChange(root, next, decided, context));
            events.AddRange(decided.Select(e => (root, Stamp(context, e))));
        }
        foreach (AppendedWith record in request.Record)
            RequireNext(record, request.Record);
        _records.AddRange(request.Record);
        foreach ((string root, (FamilyState State, long Version) family) in after)
            families[root] = family;
        _events.AddRange(events);
        _changes.AddRange(changes);
        LedgerAnswer answer = new(
            request.CommandId ?? "", context.Now, [.. after.Select(f => new FamilyVersion(f.Key, f.Value.Version))]);
        if (request is { CommandId: { } command, Party: { } party })
        {
            StoredAnswer stored = new(party, command, request.Sha256, answer);
            _answers[(party, command)] = stored;
            _new.Add(stored);
        }
        return answer;
    }

    /// <summary>Two commands of a batch may not build on the same version of a signer's chain.</summary>
    private void RequireNext(AppendedWith record, IReadOnlyList<AppendedWith> own)
    {
        AppendedWith? last = _records.FindLast(r => r.Stream == record.Stream);
        int earlier = own.TakeWhile(r => r != record).Count(r => r.Stream == record.Stream);
        if (last is not null && record.ExpectedVersion != last.ExpectedVersion + 1 + earlier)
            throw new ConcurrencyException(record.Stream, record.ExpectedVersion, last.ExpectedVersion + 1);
    }

    private static NewEvent Stamp(EventContext context, VoucherEvent e) => context.Stamp(VoucherEvents.NameOf(e), e);

    private static ProblemException Problem(string code, string root) =>
        new(ServiceDefaults.Problems.Problem.Of(code, ("root", root)));
}
