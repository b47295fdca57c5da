using System.Text.Json.Serialization;
using EventStore;
using EventStore.Idempotency;
using EventStore.Projections;
using FluentValidation;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Traceability.Scanning;

/// <summary>One sale: an item leaves the supply chain for good.</summary>
/// <param name="Gtin">14 digits.</param>
/// <param name="Serial">AI 21.</param>
/// <param name="At">When.</param>
public sealed record Sale(string Gtin, string Serial, DateTimeOffset At);

/// <summary>A seller reported sales, numbered without gaps over the whole feed.</summary>
/// <param name="Feed">The seller's name for its feed, a till for example.</param>
/// <param name="First">Number of the first sale.</param>
/// <param name="Through">To when these are all sales.</param>
/// <param name="Sales">The sales in order; none where nothing was sold.</param>
public sealed record SalesReported(string Feed, long First, DateTimeOffset Through, IReadOnlyList<Sale> Sales)
{
    /// <summary>Its stable name.</summary>
    public const string Type = "trace.sales-reported.v1";
}

/// <summary>Reports sales.</summary>
public sealed record SalesRequest(
    string? Feed = null, long? First = null, DateTimeOffset? Through = null, IReadOnlyList<SaleItem>? Sales = null);

/// <summary>A sale as it is sent.</summary>
public sealed record SaleItem(string? Link = null, DateTimeOffset? At = null);

/// <summary>The answer to a report.</summary>
/// <param name="EventId">Event that records it.</param>
/// <param name="Next">Number that the next report begins with.</param>
/// <param name="Complete">Whether the feed has no gap.</param>
/// <param name="Missing">Numbers that were left out, from and to, and may still be reported; null where none were.</param>
public sealed record SalesAnswer(Guid EventId, long Next, bool Complete, IReadOnlyList<MissingSales>? Missing = null);

internal sealed class SalesShape : AbstractValidator<SalesRequest>
{
    public const int SalesMax = 1000;

    public SalesShape()
    {
        RuleFor(r => r.Feed).Required();
        RuleFor(r => r.Feed).Text(1, 40);
        RuleFor(r => r.First).Must(n => n is >= 1 and < 1L << 50).WithErrorCode("field-form");
        RuleFor(r => r.Through).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Sales).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Sales).Must(s => s is null || s.Count <= SalesMax).WithErrorCode("list-length")
            .WithState(_ => new Dictionary<string, object?> { ["max"] = SalesMax });
        RuleForEach(r => r.Sales).Must(s => s is { At: not null, Link: not null }
            && ItemKey.TryParse(s.Link, out ItemKey? key, out string? _) && key.Serial is not null).WithErrorCode("sale-form");
    }
}

/// <summary>
/// Takes a seller's sales. They are numbered, so that it shows when some are missing: only a feed without a gap lets a
/// page say "sold once" or "not sold yet".
/// </summary>
internal static class ReportSales
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/sales", HandleAsync).RequireRoles(Role.Member).Validate(new SalesShape())
            .WithName("ReportSales").WithSummary("Reports sales, numbered without gaps.");

    private static Task<IResult> HandleAsync(
        HttpContext http, Caller caller, JsonBody<SalesRequest> body, CodeRegister codes)
    {
        if (!codes.IsLoaded)
            return Task.FromResult<IResult>(Problem.Of("codes-loading"));
        SalesRequest r = body.Value;
        string stream = $"sales-{caller.Tenant}-{r.Feed}";
        IdempotencyKey? key = Once.Key(http.Request, caller, stream, body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<SalesFeed> feed = await session.FetchForWriting<SalesFeed>(stream, token);
            if (!feed.Aggregate.Takes(r.First!.Value, r.Sales!.Count))
                throw new ProblemException(Problem.Of("sales-repeated", ("first", r.First), ("expected", feed.Aggregate.Expected)));
            if (r.Through > session.Context.Now || r.Sales!.Any(s => s.At > session.Context.Now + ClockTolerance))
                throw new ProblemException(Problem.Of("sales-in-future"));
            SalesReported reported = new(r.Feed!, r.First.Value, r.Through!.Value, [.. r.Sales!.Select(s => Parse(s, codes))]);
            NewEvent e = session.Context.Stamp(SalesReported.Type, reported);
            feed.AppendOne(e);
            SalesFeed after = feed.Aggregate.With(reported.First, reported.Sales.Count, reported.Through);
            return Once.Json(StatusCodes.Status201Created, new SalesAnswer(e.Id, after.Expected, !after.Gap, after.Gap ? after.Missing : null),
                SalesJson.Default.SalesAnswer);
        });
    }

    /// <summary>A serial that was typed with other letters is the same item's, as on its page.</summary>
    private static Sale Parse(SaleItem item, CodeRegister codes)
    {
        _ = ItemKey.TryParse(item.Link!, out ItemKey? key, out _);
        key = codes.Identify(key!).Key;
        return new Sale(key.Gtin, key.Serial!, item.At!.Value);
    }
}

/// <summary>Sales by item, and how complete each feed is.</summary>
internal sealed class SalesRows : IProjection
{
    public const string Schema =
        """
        create table sales (
            gtin    text        collate "C" not null,
            serial  text        collate "C" not null,
            sold_at timestamptz not null,
            tenant  text        collate "C" not null,
            feed    text        collate "C" not null,
            number  bigint      not null,
            primary key (tenant, feed, number)
        );
        create index sales_item on sales (gtin, serial);
        create table sales_feeds (
            tenant      text        collate "C" not null,
            name        text        collate "C" not null,
            expected    bigint      not null,
            gap         boolean     not null,
            complete_to timestamptz not null,
            primary key (tenant, name)
        );
        """;

    /// <summary>Which numbers are missing, so that they can be reported later; of gaps so far from what is there.</summary>
    public const string Missing =
        """
        alter table sales_feeds add column missing int8multirange not null default '{}';
        update sales_feeds f set missing = int8multirange(int8range(1, f.expected)) - coalesce((
            select range_agg(int8range(number, number + 1)) from sales s where s.tenant = f.tenant and s.feed = f.name), '{}')
        where gap;
        """;

    public string Name => "sales";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            if (e.Type != SalesReported.Type)
                continue;
            SalesReported data = (SalesReported)e.Data;
            sql.Add(
                """
                insert into sales (gtin, serial, sold_at, tenant, feed, number, changed)
                select u.gtin, u.serial, u.at, $4, $5, $6 + u.n - 1, $7
                from unnest($1, $2, $3) with ordinality as u (gtin, serial, at, n)
                """,
                data.Sales.Select(s => s.Gtin).ToArray(), data.Sales.Select(s => s.Serial).ToArray(),
                new NpgsqlParameter
                {
                    Value = data.Sales.Select(s => s.At.UtcDateTime).ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
                },
                e.Tenant, data.Feed, data.First, e.Position);
            sql.Add(
                """
                insert into sales_feeds as f (tenant, name, expected, complete_to, missing, gap)
                values ($1, $2, $4, $5, int8multirange(int8range(1, $3)), $3 > 1)
                on conflict (tenant, name) do update
                set missing = f.missing + int8multirange(int8range(f.expected, greatest(f.expected, $3)))
                        - int8multirange(int8range($3, $4)),
                    gap = not isempty(f.missing + int8multirange(int8range(f.expected, greatest(f.expected, $3)))
                        - int8multirange(int8range($3, $4))),
                    expected = greatest(f.expected, $4), complete_to = greatest(f.complete_to, $5)
                """, e.Tenant, data.Feed, data.First, data.First + data.Sales.Count, data.Through.UtcDateTime);
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate sales, sales_feeds");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(MasterData.InstantConverter)])]
[JsonSerializable(typeof(SalesReported))]
[JsonSerializable(typeof(SalesAnswer))]
internal sealed partial class SalesJson : JsonSerializerContext;
