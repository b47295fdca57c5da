using System.Text.Json.Nodes;
using EventStore;
using Npgsql;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using Traceability.Epcis.Capture;
using Traceability.Epcis.Storage;
using Traceability.MasterData;
using Traceability.Scanning.Page;
using Traceability.Visibility;

namespace Traceability.Scanning;

/// <summary>
/// The events that everybody may know to be about an item, or about what held it, and why the item's page does not list one
/// of them. Whoever checks the page looks here for those that its records say were there before them. Of a thing that never
/// held the item nothing is told: numbers of pallets follow one another, and anybody could read what was done with them.
/// </summary>
internal static class OpenRecords
{
    /// <summary>As many as an event can say were there before it.</summary>
    private const int Most = 256;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGroup("/open/items").OpenToAll().MapGet("/records", ListAsync).WithName("ListOpenRecords")
            .WithSummary("The captured events that everybody may know to be about an item.");

    // The item is the page's link; the key is it, or the box or pallet whose events are asked for.
    private static async Task<IResult> ListAsync(
        HttpContext http, Store store, HoldingReader holdings, CancellationToken cancellationToken, string? item = null,
        string? key = null)
    {
        if (item is null || !ItemKey.TryParse(item, out ItemKey? page, out _)
            || key is null || OpenEvents.Canonical(key) is not { } uri)
            return Problem.Of(ItemKey.Invalid);
        Holding holding = await holdings.ReadAsync(page, cancellationToken);
        if (uri != page.ItemUri && !holding.HasHeld(uri))
            return Problem.Of("not-found");
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
            select e.id, e.tenant, e.event_time, bool_or(x.role in (0, 2)), not {Declared.NotWrong("e")},
                p.published, p.withheld
            from (select seq, role from epcis_epcs where uri = $1 collate "C" order by seq limit {Most}) x
            cross join lateral (select * from epcis_events where seq = x.seq offset 0) e
            left join trace_policies p on p.tenant = e.tenant
            where e.error_time is null and {ItemCounts.Public("x.role", "p")}
            group by e.seq, e.id, e.tenant, e.event_time, e.hash, p.published, p.withheld order by e.seq
            """);
        command.Parameters.Add(new() { Value = uri });
        JsonArray records = [];
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            DateTime at = row.GetDateTime(2);
            bool listed = uri == page.ItemUri || row.GetBoolean(3) && holding.Holds(uri, at);
            records.Add(new JsonObject
            {
                ["id"] = row.GetGuid(0).ToString(),
                ["at"] = VisibilityRule.MaySee(Relation.Public, row.Policy(5), "/eventTime") ? PageTime.Iso(at) : null,
                ["left"] = !holding.IsOnChain(row.GetString(1)) ? "outsider"
                    : row.GetBoolean(4) ? "declared" : listed ? null : "elsewhere",
            });
        }
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Text(new JsonObject { ["records"] = records }.ToJsonString(), "application/json");
    }
}
