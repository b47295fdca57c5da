using System.Globalization;
using System.Text.Json;
using EventStore;
using Npgsql;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using Traceability.Visibility;

namespace Traceability.MasterData;

/// <summary>A version of a label, and how long it was the one shown.</summary>
/// <param name="Gtin">14 digits.</param>
/// <param name="Version">From 1.</param>
/// <param name="ShownFrom">From when.</param>
/// <param name="ShownUntil">When the next version took its place; missing while none has.</param>
/// <param name="EventId">Event that holds the label; <c>…/labels/{version}/proof</c> proves it.</param>
/// <param name="NextEventId">Event of the next version.</param>
/// <param name="Fields">Its lines.</param>
public sealed record ShownLabel(
    string Gtin, int Version, DateTimeOffset ShownFrom, DateTimeOffset? ShownUntil, Guid EventId, Guid? NextEventId,
    IReadOnlyList<LabelField> Fields);

/// <summary>Reads master data: an organisation's own lists, and labels, which are for everybody.</summary>
internal static class MasterLists
{
    private const int ListMax = 10_000;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/products", (Caller caller, Store store, CancellationToken token, int skip = 0, int limit = ListMax) => ListAsync(
            store, "select gtin, name_zh, name_en, net_zh, net_en, claims from products where tenant = $1 order by gtin",
            caller.Tenant, r => new Product(r.GetString(0), Words(r, 1)!, Words(r, 3),
                JsonSerializer.Deserialize(r.GetString(5), MasterJson.Default.ListWording)!),
            (skip, limit), token)).Own("ListProducts", "The organisation's products.");
        app.MapGet("/places", (Caller caller, Store store, CancellationToken token, int skip = 0, int limit = ListMax) => ListAsync(
            store,
            """
            select gln, name_zh, name_en, city_zh, city_en, latitude, longitude, shown from places
            where tenant = $1 order by gln
            """, caller.Tenant, r => new Place(r.GetString(0), Words(r, 1)!, Words(r, 3),
                GeoPoint.Of(r.Number(5), r.Number(6)), r.GetBoolean(7)), (skip, limit), token))
            .Own("ListPlaces", "The organisation's places.");
        app.MapGet("/dealers", (Caller caller, Store store, CancellationToken token, int skip = 0, int limit = ListMax) => ListAsync(
            store, """
            select code, name_zh, name_en, regions, gln, organisation from dealers where tenant = $1 order by code
            """, caller.Tenant,
            r => new Dealer(r.GetString(0), Words(r, 1)!, r.GetFieldValue<string[]>(3), r.Text(4), r.Text(5)), (skip, limit), token))
            .Own("ListDealers", "The organisation's dealers.");
        app.MapGet("/products/{gtin}/lots", (string gtin, Caller caller, Store store, CancellationToken token, int skip = 0, int limit = ListMax) =>
            ListAsync(store,
                """
                select l.gtin, lot, produced_on, expires_on, origin_zh, origin_en, origin_gln
                from lots l join products p on p.gtin = l.gtin and p.tenant = $1 where l.gtin = $2 order by lot
                """, caller.Tenant, r => new Lot(r.GetString(0), r.GetString(1), r.Day(2), r.Day(3), Words(r, 4), r.Text(6)),
                (skip, limit), token, MasterApi.Gtin(gtin))).Own("ListLots", "The lots of a product.");
        app.MapGet("/certificates", (Caller caller, Store store, CancellationToken token, int skip = 0, int limit = ListMax) => ListAsync(store,
            """
            select number, title_zh, title_en, issuer_zh, issuer_en, valid_from, valid_to, gtins, lots, sha256
            from certificates where tenant = $1 order by valid_to desc, number
            """, caller.Tenant, r => new Certificate(r.GetString(0), Words(r, 1)!, Words(r, 3)!, r.Day(5)!.Value,
                r.Day(6)!.Value, r.GetFieldValue<string[]>(7), r.GetFieldValue<string[]>(8), r.Text(9)), (skip, limit), token))
            .Own("ListCertificates", "The organisation's certificates.");

        app.MapGet("/products/{gtin}/label", LabelAsync).OpenToAll()
            .WithName("ShownLabel").WithSummary("The label that was shown at a time, and for how long.");
        app.MapGet("/products/{gtin}/labels", LabelsAsync).OpenToAll()
            .WithName("ListLabels").WithSummary("All versions of a label.");
        app.MapGet("/products/{gtin}/labels/{version:int}/proof", ProveAsync).OpenToAll()
            .WithName("ProveLabel").WithSummary("The proof bundle of a label, or 202 and the state until it exists.");
    }

    private static void Own(this RouteHandlerBuilder route, string name, string summary) =>
        route.RequireRoles(Role.Member, Role.Reader, Role.Admin).WithName(name).WithSummary(summary);

    private static async Task<IResult> LabelAsync(
        string gtin, Store store, TimeProvider time, CancellationToken cancellationToken, string? at = null)
    {
        DateTimeOffset moment = time.GetUtcNow();
        // A day alone means its end in China, where labels are governed: what was last shown on that day.
        if (at is { Length: 10 }
            && DateOnly.TryParseExact(at, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
            moment = new DateTimeOffset(day.ToDateTime(new TimeOnly(23, 59, 59, 999)), TimeSpan.FromHours(8));
        else if (at is not null && !DateTimeOffset.TryParse(
                     at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out moment))
            return Problem.Of("query-invalid", ("field", "at"));
        List<ShownLabel> labels = await LabelsOfAsync(store, MasterApi.Gtin(gtin), cancellationToken);
        return labels.FindLast(l => l.ShownFrom <= moment) is { } label
            ? TypedResults.Json(label, MasterJson.Default.ShownLabel)
            : Problem.Of("label-not-shown", ("gtin", gtin), ("at", moment.ToString("O", CultureInfo.InvariantCulture)));
    }

    private static async Task<IResult> LabelsAsync(string gtin, Store store, CancellationToken cancellationToken) =>
        TypedResults.Json(await LabelsOfAsync(store, MasterApi.Gtin(gtin), cancellationToken),
            MasterJson.Default.IReadOnlyListShownLabel);

    private static async Task<IResult> ProveAsync(
        string gtin, int version, HttpContext http, Store store, ProofBundles bundles, CancellationToken cancellationToken,
        int wait = 0)
    {
        List<ShownLabel> labels = await LabelsOfAsync(store, MasterApi.Gtin(gtin), cancellationToken);
        return labels.Find(l => l.Version == version) is { } label
            && await store.FindEventAsync(label.EventId, cancellationToken) is { } e
            ? await bundles.AnswerAsync(http, e, withEvent: true, Math.Min(wait, 10), cancellationToken)
            : Problem.Of("not-found");
    }

    private static async Task<List<ShownLabel>> LabelsOfAsync(
        Store store, string gtin, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select version, shown_from, event_id, fields from labels where gtin = $1 order by version");
        command.Parameters.Add(new() { Value = gtin });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<ShownLabel> labels = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            ShownLabel label = new(gtin, reader.GetInt32(0), reader.GetFieldValue<DateTimeOffset>(1), null,
                reader.GetGuid(2), null,
                JsonSerializer.Deserialize(reader.GetString(3), MasterJson.Default.ListLabelField)!);
            if (labels.Count > 0)
                labels[^1] = labels[^1] with { ShownUntil = label.ShownFrom, NextEventId = label.EventId };
            labels.Add(label);
        }
        return labels;
    }

    private static async Task<IResult> ListAsync<T>(
        Store store, string sql, string tenant, Func<NpgsqlDataReader, T> row, (int Skip, int Limit) page,
        CancellationToken cancellationToken, string? key = null)
    {
        int next = key is null ? 2 : 3;
        await using NpgsqlCommand command = store.DataSource.CreateCommand($"{sql} offset ${next} limit ${next + 1}");
        command.Parameters.Add(new() { Value = tenant });
        if (key is not null)
            command.Parameters.Add(new() { Value = key });
        command.Parameters.Add(new() { Value = Math.Clamp(page.Skip, 0, 1_000_000) });
        command.Parameters.Add(new() { Value = Math.Clamp(page.Limit, 1, ListMax) });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<T> rows = [];
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(row(reader));
        return TypedResults.Json<IReadOnlyList<T>>(rows, MasterJson.Default.Options);
    }

    private static Wording? Words(NpgsqlDataReader reader, int at) => reader.Words(at);
}

/// <summary>Columns that may be null.</summary>
internal static class RowReading
{
    /// <summary>Words of two columns, Chinese first; null where both are.</summary>
    public static Wording? Words(this NpgsqlDataReader reader, int at) =>
        (reader.Text(at), reader.Text(at + 1)) is var (zh, en) && (zh ?? en) is not null ? new Wording(zh, en) : null;

    /// <summary>An organisation's policy in two columns; one that set none has the default.</summary>
    public static DisclosurePolicy Policy(this NpgsqlDataReader reader, int at) => reader.IsDBNull(at)
        ? DisclosurePolicy.Default
        : new DisclosurePolicy(
            reader.GetFieldValue<string[]>(at).ToHashSet(), reader.GetFieldValue<string[]>(at + 1).ToHashSet());

    /// <summary>Text or null.</summary>
    public static string? Text(this NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetString(at);

    /// <summary>A number or null.</summary>
    public static double? Number(this NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetDouble(at);

    /// <summary>A day or null.</summary>
    public static DateOnly? Day(this NpgsqlDataReader reader, int at) =>
        reader.IsDBNull(at) ? null : reader.GetFieldValue<DateOnly>(at);
}
