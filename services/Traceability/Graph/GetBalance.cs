using System.Globalization;
using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Traceability.Graph;

/// <summary>The mass balance of a lot, and of the transformations that made it or used it.</summary>
public sealed record BalanceAnswer(
    string Lot, DateTime? From, DateTime To, decimal Tolerance, string? Claim, IReadOnlyList<BalanceLine> Lines,
    IReadOnlyList<TransformationBalance> Transformations);

/// <summary>Answers whether what came in went somewhere, and nothing came from nowhere.</summary>
internal static class GetBalance
{
    private const int HistoryMax = 500;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/balance/{**lot}", HandleAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetBalance").WithSummary("Mass balance of a lot and of the transformations it took part in.");

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, GraphViews views, Store store, TimeProvider time,
        CancellationToken cancellationToken)
    {
        string id = GraphRequest.Id(http, "balance");
        (DateTime? from, DateTime to) = (GraphRequest.Time(http, "from"),
            GraphRequest.Time(http, "to") ?? time.GetUtcNow().UtcDateTime);
        (decimal tolerance, decimal yieldMax) = (Decimal(http, "tolerance", 0), Decimal(http, "yield", 1));
        string? claim = http.Request.Query["claim"];
        GraphView view = await views.OpenAsync(caller, GraphRequest.Time(http, "knownAt"), cancellationToken);
        if (await view.FindAsync(id, cancellationToken) is not { } lot)
            return Problem.Of("trace-not-found");
        await view.Near.LoadAllAsync([lot], cancellationToken);
        List<Incidence> own = view.Near.Of(lot);
        if (view.Near.ToldOf(lot).Count == 0)
            return Problem.Of("trace-not-found");
        long[] pieces = [.. own.Where(i => i.Role == ItemRole.Lot).SelectMany(i => i.Step.Items)
            .Where(p => p.Lot == lot).Select(p => p.Item).Distinct()];
        await view.Near.LoadAllAsync(pieces, cancellationToken);
        Step[] transformations = [.. own.Select(i => i.Step).Where(s => s.Kind == StepKind.Transformation)];
        transformations = await WholeAsync(view, transformations, cancellationToken);
        Claims claims = await Claims.LoadAsync(store, view, claim, transformations, cancellationToken);
        IReadOnlyList<TransformationBalance> made =
            MassBalance.OfTransformations(transformations, claims.Bears, yieldMax, tolerance);
        string gtin = GraphItem.GtinOf(Gs1.Epc.ToCanonicalUri(id)) ?? "";
        made = await ScoreAsync(view, store, gtin, made, transformations, cancellationToken);
        Positions positions = await Positions.LoadAsync(view.Near, pieces, cancellationToken);
        return TypedResults.Json(new BalanceAnswer(
            Gs1.Epc.ToCanonicalUri(id), from, to, tolerance, claim,
            MassBalance.OfLot(own.Concat(pieces.SelectMany(view.Near.Of)), from, to, tolerance,
                piece => positions.Of(piece, to).State == ItemState.InTransit), made),
            GraphJson.Default.BalanceAnswer);
    }

    /// <summary>The other events of the same processes.</summary>
    private static async Task<Step[]> WholeAsync(GraphView view, Step[] steps, CancellationToken cancellation)
    {
        long[] processes = [.. steps.Select(s => s.Process).Where(p => p != 0).Distinct()];
        await view.Near.LoadAsync(processes, cancellation);
        return [.. steps.Concat(processes.SelectMany(view.Near.Of).Select(i => i.Step)).DistinctBy(s => s.Number)];
    }

    /// <summary>Compares yields with those of the same product at the same place.</summary>
    private static async Task<IReadOnlyList<TransformationBalance>> ScoreAsync(
        GraphView view, Store store, string gtin, IReadOnlyList<TransformationBalance> balances, Step[] steps,
        CancellationToken cancellation)
    {
        if (gtin.Length == 0 || !balances.Any(b => b.Yield is not null))
            return balances;
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"select id from graph_items where uri >= $1 and uri < $2 order by id desc limit {HistoryMax}");
        command.Parameters.Add(new() { Value = $"https://id.gs1.org/01/{gtin}/10/" });
        command.Parameters.Add(new() { Value = $"https://id.gs1.org/01/{gtin}/100" });
        List<long> lots = [];
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                lots.Add(reader.GetInt64(0));
        }
        await view.Near.LoadAsync(lots, cancellation);
        Dictionary<long, long> places = steps.ToDictionary(s => s.Number, s => s.Place);
        Step[] history = [.. lots.SelectMany(view.Near.Of).Where(i => i.Role == ItemRole.Output).Select(i => i.Step)];
        var yields = MassBalance.OfTransformations(history, static (_, _) => false, 1, 0)
            .Where(b => b.Yield is not null)
            .Join(history.DistinctBy(s => s.Number), b => b.Number, s => s.Number, (b, s) =>
            (b.Number, s.Place, Yield: b.Yield!.Value))
            .ToArray();
        return [.. balances.Select(b => b.Yield is { } yield && places.TryGetValue(b.Number, out long place)
            ? b with { ZScore = MassBalance.ZScore(yield, [.. yields.Where(y => y.Place == place && y.Number != b.Number).Select(y => y.Yield)]) }
            : b)];
    }

    private static decimal Decimal(HttpContext http, string name, decimal otherwise)
    {
        string? text = http.Request.Query[name];
        if (string.IsNullOrEmpty(text))
            return otherwise;
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            && value <= 1_000_000 ? value : throw GraphRequest.Wrong(name);
    }
}

/// <summary>
/// Which lots bear a claim, such as organic: those that a certificate with that word covers on the day.
/// </summary>
internal sealed class Claims
{
    private readonly Dictionary<long, string> _uris;
    private readonly List<(HashSet<string> Gtins, HashSet<string> Lots, DateOnly From, DateOnly To)> _certificates = [];

    private Claims(Dictionary<long, string> uris) => _uris = uris;

    public static async Task<Claims> LoadAsync(
        Store store, GraphView view, string? claim, IEnumerable<Step> steps, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(claim))
            return new Claims([]);
        Claims claims = new(await view.UrisAsync(steps.SelectMany(s => s.Items).Select(p => p.Item), cancellation));
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select gtins, lots, valid_from, least(valid_to, coalesce(withdrawn_on, valid_to)) from certificates
            where position(lower($1) in lower(coalesce(title_zh, '') || ' ' || coalesce(title_en, ''))) > 0
            """);
        command.Parameters.Add(new() { Value = claim });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            claims._certificates.Add((
                [.. reader.GetFieldValue<string[]>(0)], [.. reader.GetFieldValue<string[]>(1)],
                reader.GetFieldValue<DateOnly>(2), reader.GetFieldValue<DateOnly>(3)));
        }
        return claims;
    }

    public bool Bears(long item, DateTime at)
    {
        if (!_uris.TryGetValue(item, out string? uri) || GraphItem.GtinOf(uri) is not { } gtin)
            return false;
        string lot = uri[(uri.LastIndexOf('/') + 1)..];
        DateOnly day = DateOnly.FromDateTime(at);
        return _certificates.Exists(c => c.Gtins.Contains(gtin) && c.From <= day && day <= c.To
            && (c.Lots.Count == 0 || c.Lots.Contains(uri) || c.Lots.Contains(Uri.UnescapeDataString(lot))));
    }
}
