using EventStore;
using Npgsql;
using Traceability.Epcis.Capture;
using Traceability.Epcis.Storage;
using Traceability.Graph;

namespace Traceability.Epcis.Findings;

/// <summary>
/// Refuses, for organisations that want it and in forms of our own, events that contradict what is known. Of two
/// captures of one item at the same moment the later is decided anew.
/// </summary>
internal sealed class StrictProfile(Store store, FindingTable table, TimeProvider time)
{
    /// <summary>Positions of events that are not stored yet: behind every stored one.</summary>
    private const long Unstored = long.MaxValue / 2;

    /// <summary>The decision, less what contradicts under a strict profile.</summary>
    public async Task<CaptureDecision> ApplyAsync(
        string tenant, CaptureDecision decision, ErrorBehaviour behaviour, CancellationToken cancellationToken) =>
        decision.Accepted.Count > 0 && await IsStrictAsync(tenant, cancellationToken)
            ? await RefuseAsync(
                tenant, decision, behaviour, _ => "event-contradicts", f => $"{f.Code}: {f.Subject}", cancellationToken)
            : decision;

    /// <summary>The decision of a form of our own, less what contradicts; each rule has its own problem.</summary>
    public Task<CaptureDecision> ApplyToFormAsync(
        string tenant, CaptureDecision decision, CancellationToken cancellationToken) =>
        decision.Accepted.Count > 0
            ? RefuseAsync(
                tenant, decision, ErrorBehaviour.Rollback, f => FormCode(f.Code), f => GraphItem.Readable(f.Subject),
                cancellationToken)
            : Task.FromResult(decision);

    private static string FormCode(string finding) =>
        finding == Finding.AlreadyCommissioned ? "event-already-made" : "event-" + finding;

    private async Task<CaptureDecision> RefuseAsync(
        string tenant, CaptureDecision decision, ErrorBehaviour behaviour, Func<Finding, string> code,
        Func<Finding, string> detail, CancellationToken cancellationToken)
    {
        // What a parent holds changes at every packing; that it lies within itself is found afterwards too.
        CaptureGuard guard = new(await store.FeedHeadAsync(cancellationToken),
        [
            .. decision.Accepted.SelectMany(a => a.Event.Epcs).Where(e => e.Role != EpcRole.Parent)
                .Select(e => e.Uri).Distinct(),
        ]);
        Dictionary<string, List<ItemFact>> facts = await table.FactsAsync(
            decision.Accepted.SelectMany(a => Named(a.Event)).Select(n => n.Uri), tenant, cancellationToken);
        DateTimeOffset now = time.GetUtcNow();
        AcceptedEvent[] said = [.. decision.Accepted.Where(a => a.Event.ErrorDeclaration is null)];
        HashSet<string> fed = await FedAsync(tenant, said, cancellationToken);
        foreach (AcceptedEvent accepted in said)
        {
            foreach ((string uri, EpcRole role, bool counted) in Named(accepted.Event))
            {
                if (!facts.TryGetValue(uri, out List<ItemFact>? known))
                    facts.Add(uri, known = []);
                known.Add(Fact(accepted, role, counted, fed, now));
            }
        }
        AddEnds(facts, said, fed, now);
        Dictionary<string, IReadOnlyList<Stay>> parents = await table.ParentsAsync(facts, tenant, cancellationToken);
        Dictionary<int, Finding> refused = [];
        foreach (Finding finding in facts.SelectMany(f => Contradictions.Of(f.Key, f.Value, parents)))
        {
            if (finding.Seq >= Unstored)
                refused.TryAdd((int)(finding.Seq - Unstored), finding);
        }
        if (refused.Count == 0)
            return decision with { Guard = guard };
        CaptureError[] errors = [.. refused.OrderBy(r => r.Key).Select(r =>
            new CaptureError(r.Key, code(r.Value), "", detail(r.Value)))];
        return decision with
        {
            Accepted = behaviour == ErrorBehaviour.Rollback
                ? []
                : [.. decision.Accepted.Where(a => !refused.ContainsKey(a.Index))],
            Errors = [.. decision.Errors.Concat(errors).OrderBy(e => e.Index)],
            Guard = guard,
        };
    }

    /// <summary>What empties, uses up or takes out of use a parent ends the stays of what is in it.</summary>
    private static void AddEnds(
        Dictionary<string, List<ItemFact>> facts, IEnumerable<AcceptedEvent> said, HashSet<string> fed,
        DateTimeOffset now)
    {
        foreach (AcceptedEvent accepted in said)
        {
            bool empties = accepted.Event is { Type: "AggregationEvent" or "AssociationEvent", Action: "DELETE" }
                && !Named(accepted.Event).Any(n => n.Role == EpcRole.Child);
            foreach ((string uri, EpcRole role, bool counted) in Named(accepted.Event))
            {
                ItemFact fact = Fact(accepted, role, counted, fed, now);
                if (!fact.Ends && !(empties && role == EpcRole.Parent))
                    continue;
                foreach (List<ItemFact> inside in facts.Values
                             .Where(f => f.Exists(x => x.Parent == uri && x.Role == EpcRole.Child)))
                    inside.Add(fact with { Role = EpcRole.Child, Parent = uri, OfParent = true });
            }
        }
    }

    private static IEnumerable<(string Uri, EpcRole Role, bool Counted)> Named(EpcisEvent e) =>
        e.Epcs.Select(x => (x.Uri, x.Role, false)).Concat(e.Quantities.Select(x => (x.ClassUri, x.Role, true)));

    /// <summary>
    /// The transformations that something went into: all events of one transformationID are one (EPCIS 2.0 §7.4.6), so
    /// what
    /// goes in may stand in an event of the same capture, or in one captured before.
    /// </summary>
    private async Task<HashSet<string>> FedAsync(
        string tenant, IReadOnlyCollection<AcceptedEvent> said, CancellationToken cancellationToken)
    {
        HashSet<string> fed =
            [.. said.Where(a => TakesIn(a.Event)).Select(a => a.Event.TransformationId).OfType<string>()];
        string[] open = [.. said.Select(a => a.Event.TransformationId).OfType<string>().Distinct().Except(fed)];
        if (open.Length == 0)
            return fed;
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
            select distinct e.transformation_id from epcis_events e
            where e.transformation_id = any($2) and e.tenant = $1 and e.error_time is null
              and (exists (select from epcis_epcs n where n.seq = e.seq and n.role = 3)
                or exists (select from epcis_quantities n where n.seq = e.seq and n.role = 3))
              and {Declared.NotWrong("e")}
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = open });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            fed.Add(reader.GetString(0));
        return fed;
    }

    private static bool TakesIn(EpcisEvent e) =>
        e.Epcs.Any(i => i.Role == EpcRole.Input) || e.Quantities.Any(i => i.Role == EpcRole.Input);

    private static ItemFact Fact(
        AcceptedEvent accepted, EpcRole role, bool counted, HashSet<string> fed, DateTimeOffset now)
    {
        EpcisEvent e = accepted.Event;
        return new ItemFact(
            Unstored + accepted.Index, e.EventTime, now, e.Type, e.Action, role,
            e.Epcs.Where(p => p.Role == EpcRole.Parent).Select(p => p.Uri).FirstOrDefault(),
            e.Type != "TransformationEvent" || TakesIn(e) || (e.TransformationId is { } id && fed.Contains(id)),
            counted);
    }

    private async Task<bool> IsStrictAsync(string tenant, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command =
            store.DataSource.CreateCommand("select 1 from trace_policies where tenant = $1 and strict");
        command.Parameters.Add(new() { Value = tenant });
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }
}
