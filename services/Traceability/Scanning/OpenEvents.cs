using System.Text.Json;
using EventStore;
using Npgsql;
using Proofs;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using Traceability.Epcis;
using Traceability.Epcis.Capture;
using Traceability.Epcis.Storage;
using Traceability.Gs1;
using Traceability.MasterData;
using Traceability.Scanning.Page;
using Traceability.Visibility;

namespace Traceability.Scanning;

/// <summary>
/// Proofs for whoever holds an item: the bundle of a public event, and of an EPCIS event those statements that the public
/// may see.
/// </summary>
internal static class OpenEvents
{
    private static readonly string[] Items =
        ["/epcList/", "/childEPCs/", "/inputEPCList/", "/outputEPCList/", "/quantityList/", "/childQuantityList/",
         "/inputQuantityList/", "/outputQuantityList/"];

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder events = app.MapGroup("/open/events/{id:guid}").OpenToAll();
        events.MapGet("/proof", ProveAsync).WithName("ProveOpenEvent")
            .WithSummary("The proof bundle of a public event, or 202 and the state until it exists.");
        events.MapGet("/statements", ShowAsync).WithName("ShowStatements")
            .WithSummary("What a captured event says publicly about one item or lot, bound to its proof.");
    }

    private static async Task<IResult> ProveAsync(
        Guid id, HttpContext http, Store store, ProofBundles bundles, CancellationToken cancellationToken) =>
        await store.FindEventAsync(id, cancellationToken) is { } e && await IsPublicAsync(store, e, cancellationToken)
            ? await bundles.AnswerAsync(http, e, withEvent: true, wait: 0, cancellationToken)
            : Problem.Of("not-found");

    private static async Task<bool> IsPublicAsync(Store store, StoredEvent e, CancellationToken cancellationToken)
    {
        if (e.Type is EpcisCaptured.Type or MasterEvents.LabelPublished or MasterEvents.CertificateRecorded
            or MasterEvents.LotDescribed or MasterEvents.ProductDescribed or MasterEvents.CertificateWithdrawn)
            return true;
        if (e.Type is not (Sensors.BlockRecorded.Type or MasterEvents.PlaceDescribed))
            return false;
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select o.published, o.withheld, exists (select from places where event_id = $2 and shown)
            from (values ($1)) t (tenant) left join trace_policies o on o.tenant = t.tenant
            """);
        command.Parameters.Add(new() { Value = e.Tenant });
        command.Parameters.Add(new() { Value = e.Id });
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return e.Type == Sensors.BlockRecorded.Type
            ? May(row.Policy(0), "/sensorElementList")
            : row.GetBoolean(2) || May(row.Policy(0), "/bizLocation") || May(row.Policy(0), "/readPoint");
    }

    private static async Task<IResult> ShowAsync(
        Guid id, HttpContext http, Store store, CancellationToken cancellationToken, string? key = null)
    {
        if (key is null || Canonical(key) is not { } item)
            return Problem.Of(ItemKey.Invalid);
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select b.secret, e.hash, b.body, o.published, o.withheld, b.counts, array(
                select pa.side from epcis_parties pa join places p on p.gln = pa.gln and p.shown and p.tenant = e.tenant
                where pa.seq = e.seq and pa.side in (2, 3))
            from epcis_bodies b join store.events s on s.id = b.event_id join epcis_events e on e.seq = s.position
            left join trace_policies o on o.tenant = e.tenant where b.event_id = $1
            """);
        command.Parameters.Add(new() { Value = id });
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
            return Problem.Of("not-found");
        DisclosurePolicy policy = row.IsDBNull(3)
            ? DisclosurePolicy.Default
            : new DisclosurePolicy(row.GetFieldValue<string[]>(3).ToHashSet(), row.GetFieldValue<string[]>(4).ToHashSet());
        HashSet<string> ownPlaces = [.. row.GetFieldValue<short[]>(6).Select(JourneyQuery.PlacePointer)];
        IReadOnlyList<Statement> statements = Cut(
            row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2),
            row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5));
        int[] shown =
        [
            .. Enumerable.Range(0, statements.Count).Where(i => IsShown(statements[i], item, policy, ownPlaces)),
        ];
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Bytes(
            StatementTree.Scattered(row.GetFieldValue<byte[]>(0), statements).Disclose(shown), "application/json");
    }

    /// <summary>The identity of the item or lot, or of the box or pallet that it was in.</summary>
    internal static string? Canonical(string key)
    {
        int at = key.IndexOf("/01/", StringComparison.Ordinal);
        if (ItemKey.TryParse(key[Math.Max(0, at)..], out ItemKey? item, out _))
            return item.Canonical;
        return DigitalLink.TryParse(key, out DigitalLink? link, out _) ? link.ToCanonical() : null;
    }

    // A body that was altered may not even be cut any more; what is shown then fits no proof, which is what the reader
    // is to see.
    private static IReadOnlyList<Statement> Cut(byte[] hash, byte[] body, byte[]? counts)
    {
        try
        {
            return EventStatements.Of(EventRows.HashText(hash), body, counts);
        }
        catch (JsonException)
        {
            return [new Statement("", "null")];
        }
    }

    private static bool IsShown(Statement statement, string item, DisclosurePolicy policy, HashSet<string> ownPlaces)
    {
        string pointer = statement.Pointer;
        if (pointer.StartsWith(EventStatements.BeforePointer, StringComparison.Ordinal))
            return May(policy, pointer[EventStatements.BeforePointer.Length..]) && Names(statement.Value, item);
        if (pointer is "/readPoint" or "/bizLocation")
            return ownPlaces.Contains(pointer) && !policy.Withheld.Contains(pointer) || May(policy, pointer);
        if (EventStatements.WhatHappened.Contains(pointer))
            return May(policy, pointer);
        return Items.Any(list => pointer.StartsWith(list, StringComparison.Ordinal)) && May(policy, pointer)
            && Names(statement.Value, item);
    }

    private static bool May(DisclosurePolicy policy, string pointer) =>
        VisibilityRule.MaySee(Relation.Public, policy, pointer);

    /// <summary>Whether a value names the item or lot: its own identity, the class of a quantity, or what is counted.</summary>
    private static bool Names(string json, string item)
    {
        using JsonDocument value = JsonDocument.Parse(json);
        string? uri = value.RootElement.ValueKind switch
        {
            JsonValueKind.String => value.RootElement.GetString(),
            JsonValueKind.Object when value.RootElement.TryGetProperty("epcClass", out JsonElement named)
                || value.RootElement.TryGetProperty("of", out named) => named.GetString(),
            _ => null,
        };
        return uri is not null && Epc.ToCanonicalUri(uri) == item;
    }
}
