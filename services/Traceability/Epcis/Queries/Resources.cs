using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using Traceability.Epcis.Documents;
using Traceability.Epcis.Storage;
using Traceability.Gs1;
using Traceability.Visibility;

namespace Traceability.Epcis.Queries;

/// <summary>
/// The top-level resources beside events: items, places and words that visible events name, each with its events.
/// </summary>
internal static class Resources
{
    private static readonly string[] TopLevel =
    [
        "capture", "events", "eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions", "queries",
    ];

    private static readonly string[] EventTypes =
        ["AggregationEvent", "AssociationEvent", "ObjectEvent", "TransactionEvent", "TransformationEvent"];

    public static void Map(IEndpointRouteBuilder epcis)
    {
        epcis.MapGet("/", () => EventDocument.Collection(TopLevel)).RequireRoles(GetEvents.Readers)
            .WithName("ListResources").WithSummary("The resources of the EPCIS interface.");
        MapOne(epcis, "eventTypes", "eventType", (_, _) => Used("type", "type", EventTypes),
            (query, type) => query.With(new Criterion("e.type = {0}", "type", type)), EventTypes);
        MapOne(epcis, "bizSteps", "bizStep", (_, _) => Used("biz_step", "bizStep", Vocabulary.BizSteps.Words),
            (query, word) => query.With(
                new Criterion("e.biz_step = {0}", "bizStep", Words.BizStep(word))), Vocabulary.BizSteps.Words);
        MapOne(epcis, "dispositions", "disposition",
            (_, _) => Used("disposition", "disposition", Vocabulary.Dispositions.Words),
            (query, word) => query.With(new Criterion(
                "e.disposition = {0}", "disposition", Words.Disposition(word))), Vocabulary.Dispositions.Words);
        MapOne(epcis, "epcs", "epc", (_, _) => Items, (query, epc) => query.With(new MatchCriterion(
            "epcis_epcs", "uri", [0, 1, 2, 3, 4], [new EpcPattern(Epc.ToCanonicalUri(epc), [])])));
        MapOne(epcis, "bizLocations", "bizLocation", (_, _) => Places(Side.BizLocation), (query, uri) => query.With(
            new Criterion("e.biz_location = {0}", "bizLocation", Epc.ToCanonicalUri(uri))));
        MapOne(epcis, "readPoints", "readPoint", (_, _) => Places(Side.ReadPoint), (query, uri) => query.With(
            new Criterion("e.read_point = {0}", "readPoint", Epc.ToCanonicalUri(uri))));
        foreach ((string path, string allow) in Discoverable)
        {
            epcis.MapMethods(path, ["OPTIONS"], (HttpContext http) =>
                EpcisVersions.Describe(http, allow, path == "/capture")).RequireRoles(GetEvents.Readers);
        }
    }

    private static IEnumerable<(string Path, string Allow)> Discoverable
    {
        get
        {
            yield return ("/", "OPTIONS, GET");
            yield return ("/capture", "OPTIONS, GET, POST");
            yield return ("/capture/{id}", "OPTIONS, GET");
            yield return ("/events", "OPTIONS, GET, POST");
            yield return ("/events/{id}", "OPTIONS, GET");
            yield return ("/queries", "OPTIONS, GET, POST");
            yield return ("/queries/{name}", "OPTIONS, GET, DELETE");
            yield return ("/queries/{name}/events", "OPTIONS, GET");
            yield return ("/queries/{name}/subscriptions", "OPTIONS, GET, POST");
            yield return ("/queries/{name}/subscriptions/{id}", "OPTIONS, GET, DELETE");
            foreach (string resource in TopLevel[2..^1])
            {
                yield return ($"/{resource}", "OPTIONS, GET");
                yield return ($"/{resource}/{{id}}", "OPTIONS, GET");
                yield return ($"/{resource}/{{id}}/events", "OPTIONS, GET");
            }
        }
    }

    private const string Items =
        """
        (select i.seq, i.uri,
            (array['/epcList', '/parentID', '/childEPCs', '/inputEPCList', '/outputEPCList'])[i.role + 1] as pointer
            from epcis_epcs i) x
        """;

    private static string Used(string column, string member, IReadOnlyList<string> standard) =>
        $"(select e.seq, e.{column} as uri, '/{member}' as pointer from epcis_events e where e.{column} is not null"
        + $" and e.{column} not like 'https://ref.gs1.org/cbv/%'"
        + (column == "type" ? $" and e.type not in ({string.Join(", ", standard.Select(w => $"'{w}'"))})" : "") + ") x";

    private static string Places(Side side) =>
        $"(select p.seq, p.uri, '/{(side == Side.ReadPoint ? "readPoint" : "bizLocation")}' as pointer "
        + $"from epcis_parties p where p.side = {(int)side}) x";

    private static void MapOne(
        IEndpointRouteBuilder epcis, string collection, string member, Func<HttpContext, Caller, string> source,
        Func<EventQuery, string, EventQuery> restrict, IReadOnlyList<string>? standard = null)
    {
        epcis.MapGet($"/{collection}", (HttpContext http, Caller caller, CancellationToken cancellationToken) =>
                ListAsync(http, caller, collection, source(http, caller), standard, cancellationToken))
            .RequireRoles(GetEvents.Readers);
        epcis.MapGet($"/{collection}/{{{member}}}",
                async (HttpContext http, Caller caller, EventSearch search, Viewers viewers,
                    CancellationToken cancellationToken) =>
                {
                    string id = RawPath.After(http, collection);
                    bool known = standard?.Contains(id) == true;
                    if (!known)
                    {
                        EventPage page = await search.PageAsync(
                            restrict(EventQuery.Everything, id), await viewers.OfAsync(caller, cancellationToken), null,
                            long.MaxValue, 1, cancellationToken);
                        known = page.Events.Count > 0;
                    }
                    return known ? EventDocument.Collection(["events"]) : EpcisProblems.NoSuchName("not-found");
                })
            .RequireRoles(GetEvents.Readers);
        epcis.MapGet($"/{collection}/{{{member}}}/events",
                (HttpContext http, Caller caller, CancellationToken cancellationToken) => GetEvents.AnswerAsync(
                    http, caller, query => restrict(query, RawPath.After(http, collection)), cancellationToken))
            .RequireRoles(GetEvents.Readers);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, Caller caller, string scope, string source, IReadOnlyList<string>? standard,
        CancellationToken cancellationToken)
    {
        EventDocument.RequireJson(http.Request);
        PageTokens tokens = http.RequestServices.GetRequiredService<PageTokens>();
        PageRequest page = await tokens.ReadAsync(http, caller, scope, cancellationToken);
        Viewer viewer = await http.RequestServices.GetRequiredService<Viewers>().OfAsync(caller, cancellationToken);
        await using NpgsqlCommand command =
            http.RequestServices.GetRequiredService<Store>().DataSource.CreateCommand(
                $"""
                select distinct x.uri from {source} join epcis_events e on e.seq = x.seq
                where x.uri > $1 and ($2 or e.tenant = any($3) or exists (
                    select 1 from epcis_parties v where v.seq = e.seq and v.gln = any($4)))
                  and ($2 or e.tenant = $6 or not exists (
                    select 1 from trace_policies o where o.tenant = e.tenant and x.pointer = any(o.withheld)))
                order by 1 limit $5
                """);
        foreach (object value in (object[])
                 [
                     page.After ?? "", viewer.IsRegulator, viewer.Sharing.Append(caller.Tenant).ToArray(),
                     viewer.Glns.ToArray(), page.Size + 1, caller.Tenant,
                 ])
            command.Parameters.Add(new() { Value = value });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> found = [];
        while (await reader.ReadAsync(cancellationToken))
            found.Add(reader.GetString(0));
        if (found.Count > page.Size)
        {
            found.RemoveAt(page.Size);
            tokens.SendNext(http, caller, scope, page, found[^1]);
        }
        return EventDocument.Collection(page.After is null && standard is not null ? standard.Concat(found) : found);
    }
}
