using System.Text;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using Prepaid.Days;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Draws;

/// <summary>A draw to announce.</summary>
/// <param name="Day">A closed day; null for the last one.</param>
/// <param name="Count">How many cards.</param>
public sealed record AnnounceDrawRequest(DateOnly? Day = null, int Count = 100);

/// <summary>A draw.</summary>
/// <param name="Draw">Its id.</param>
/// <param name="At">When it was announced.</param>
/// <param name="Plan">What was announced.</param>
/// <param name="Result">What it came to; null while the block of its seed is not there.</param>
public sealed record DrawDetails(Guid Draw, DateTimeOffset At, DrawEvent.Announced Plan, DrawEvent.Checked? Result);

/// <summary>The last draws, the newest first.</summary>
public sealed record DrawList(IReadOnlyList<DrawDetails> Draws);

/// <summary>The files of a drawn card, to check by oneself; null where there is none.</summary>
public sealed record DrawEvidence(string Receipt, string? Proof, string? Root);

internal sealed class AnnounceDrawShape : AbstractValidator<AnnounceDrawRequest>
{
    private const int CountMax = 500;

    public AnnounceDrawShape() =>
        RuleFor(r => r.Count).InclusiveBetween(1, CountMax).WithErrorCode("field-range");
}

/// <summary>Announces draws and carries them out as soon as the block of their seed is there.</summary>
internal sealed class DrawDesk(Store store, TreeRows trees, Drawer drawer, RootPublisher? publisher)
{
    private const int WeeklyCount = 100;

    /// <summary>A draw for a closed day whose seed nobody knows yet.</summary>
    /// <exception cref="ProblemException">The day is not closed, or there is no chain.</exception>
    public async Task<DrawEvent.Announced> PlanAsync(DateOnly? day, int count, CancellationToken cancellation)
    {
        if (publisher is null)
            throw new ProblemException(Problem.Of("draw-no-chain"));
        IReadOnlyList<DayRow> rows = (day ?? await trees.LastAsync(cancellation)) is { } asked
            ? await trees.OfDayAsync(asked, cancellation) : [];
        return rows.Count > 0
            ? new DrawEvent.Announced(
                rows[0].Day, count, rows.Max(r => r.Position), await publisher.HeadAsync(cancellation))
            : throw new ProblemException(Problem.Of("day-not-closed", ("day", day ?? (object)"-")));
    }

    /// <summary>Announces a draw where none was announced for a week.</summary>
    public async Task AnnounceWeeklyAsync(EventContext context, CancellationToken cancellation)
    {
        if (publisher is null || await trees.LastAsync(cancellation) is null
            || (await LastAsync(1, cancellation)) is [var last] && context.Now - last.At < TimeSpan.FromDays(7))
            return;
        DrawEvent.Announced plan = await PlanAsync(null, WeeklyCount, cancellation);
        await using Session session = store.OpenSession(context);
        session.StartStream(
            DrawEvents.Stream(context.NewId()), session.Context.Stamp(DrawEvents.NameOf(plan), plan));
        await session.SaveChangesAsync(cancellation);
    }

    /// <summary>Carries a draw out; false while the block of its seed is not there.</summary>
    public async Task<bool> RunAsync(Guid id, EventContext context, CancellationToken cancellation)
    {
        await using Session session = store.OpenSession(context);
        WritableStream<ReceiptDraw> stream = await session.FetchForWriting<ReceiptDraw>(DrawEvents.Stream(id), cancellation);
        if (stream.Aggregate is not { Plan: { } plan })
            throw new ProblemException(Problem.Of(ReceiptDraw.Missing));
        if (stream.Aggregate.Result is not null)
            return true;
        if (publisher is null || await publisher.BlockHashAsync(plan.AfterBlock + 1, cancellation) is not { } seed)
            return false;
        DrawEvent.Checked result = await drawer.DrawAsync(plan, seed, cancellation);
        foreach (DrawEvent e in ReceiptDraw.Record(stream.Aggregate, result).EventsOrProblem())
            stream.AppendOne(session.Context.Stamp(DrawEvents.NameOf(e), e));
        try
        {
            await session.SaveChangesAsync(cancellation);
        }
        catch (ConcurrencyException)
        {
            // Another process drew the same cards.
        }
        return true;
    }

    /// <summary>The last draws.</summary>
    public async Task<IReadOnlyList<DrawDetails>> LastAsync(int limit, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            "select stream from store.events where type = $1 order by position desc limit $2");
        query.Parameters.Add(new() { Value = DrawEvents.AnnouncedType });
        query.Parameters.Add(new() { Value = limit });
        List<Guid> ids = [];
        await using (NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation))
                ids.Add(DrawEvents.IdOf(rows.GetString(0)));
        }
        List<DrawDetails> draws = [];
        foreach (Guid id in ids)
            draws.Add((await FindAsync(id, cancellation))!);
        return draws;
    }

    /// <summary>A draw; null where there is none.</summary>
    public async Task<DrawDetails?> FindAsync(Guid id, CancellationToken cancellation)
    {
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(DrawEvents.Stream(id), cancellation);
        ReceiptDraw draw = events.Aggregate(ReceiptDraw.Initial, (d, e) => ReceiptDraw.Evolve(d, (DrawEvent)e.Data));
        return draw.Plan is null ? null : new DrawDetails(id, events[0].OccurredAt, draw.Plan, draw.Result);
    }
}

/// <summary>Draws over HTTP, for the regulator.</summary>
internal static class DrawSlice
{
    private const int ListMax = 50;

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder draws = app.MapGroup("/draws").RequireRoles(Role.Regulator);
        draws.MapPost("", AnnounceAsync).Validate(new AnnounceDrawShape())
            .WithName("AnnounceDraw").WithSummary("Announces a draw of receipts; the next block's hash is its seed.");
        draws.MapPost("/{id:guid}/result", RunAsync)
            .WithName("RunDraw").WithSummary("Draws and checks, once the block of the seed is there.");
        draws.MapGet("", ListAsync)
            .WithName("ListDraws").WithSummary("The last draws and what they came to.");
        draws.MapGet("/{id:guid}", GetAsync)
            .WithName("GetDraw").WithSummary("A draw: announcement, seed, cards and verdicts.");
        draws.MapGet("/{id:guid}/cards/{card:guid}", EvidenceAsync)
            .WithName("GetDrawEvidence").WithSummary("Receipt, proof and root of a drawn card, to check by oneself.");
    }

    /// <summary>Wires draws, carried out also where nobody asks again.</summary>
    public static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Drawer>();
        builder.Services.AddSingleton(p => new DrawDesk(
            p.GetRequiredService<Store>(), p.GetRequiredService<TreeRows>(), p.GetRequiredService<Drawer>(),
            p.GetService<RootPublisher>()));
        builder.Services.AddHostedService<DrawWorker>();
    }

    private static Task<IResult> AnnounceAsync(
        HttpContext http, Caller caller, JsonBody<AnnounceDrawRequest> body, DrawDesk desk)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, "draw", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            DrawEvent.Announced plan = await desk.PlanAsync(body.Value.Day, body.Value.Count, token);
            Guid id = session.Context.NewId();
            session.StartStream(DrawEvents.Stream(id), session.Context.Stamp(DrawEvents.NameOf(plan), plan));
            return Once.Json(StatusCodes.Status201Created, new DrawDetails(id, session.Context.Now, plan, null),
                DrawJson.Default.DrawDetails, $"draws/{id}");
        });
    }

    private static async Task<IResult> RunAsync(
        Guid id, Caller caller, DrawDesk desk, TimeProvider time, CancellationToken token) =>
        await desk.RunAsync(id, caller.Context(time), token)
            ? await GetAsync(id, desk, token) : Problem.Of("draw-waits");

    private static async Task<IResult> ListAsync(DrawDesk desk, CancellationToken token) =>
        TypedResults.Json(new DrawList(await desk.LastAsync(ListMax, token)), DrawJson.Default.DrawList);

    private static async Task<IResult> GetAsync(Guid id, DrawDesk desk, CancellationToken token) =>
        await desk.FindAsync(id, token) is { } draw
            ? TypedResults.Json(draw, DrawJson.Default.DrawDetails) : Problem.Of(ReceiptDraw.Missing);

    private static async Task<IResult> EvidenceAsync(
        Guid id, Guid card, DrawDesk desk, Drawer drawer, CancellationToken token)
    {
        if (await desk.FindAsync(id, token) is not { Result: { } result } draw
            || result.Cards.FirstOrDefault(c => c.Card == card) is not { } drawn
            || await drawer.FilesAsync(drawn.Merchant, card, draw.Plan.Day, token) is not { } files)
            return Problem.Of(ReceiptDraw.Missing);
        return TypedResults.Json(new DrawEvidence(files.Receipt, Text(files.Proof), Text(files.Root)),
            DrawJson.Default.DrawEvidence);
    }

    private static string? Text(byte[]? file) => file is null ? null : Encoding.UTF8.GetString(file);
}

/// <summary>Announces a draw each week, and carries announced ones out.</summary>
internal sealed class DrawWorker(
    DrawDesk desk, Store store, TimeProvider time, ILogger<DrawWorker> logger) : Worker
{
    private const int Looks = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        using PeriodicTimer timer = new(Pause, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            try
            {
                EventContext context = new(time, store.Service, store.Service);
                await desk.AnnounceWeeklyAsync(context, stopping);
                foreach (DrawDetails draw in (await desk.LastAsync(Looks, stopping)).Where(d => d.Result is null))
                    await desk.RunAsync(draw.Draw, context, stopping);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested && e is NpgsqlException
                or StoreUnavailableException or Chain.Client.NodesUnreachableException or ProblemException
                or Chain.Client.RpcErrorException or FormatException)
            {
                DrawLog.Waits(logger, e.Message);
            }
        }
    }
}

internal static partial class DrawLog
{
    [LoggerMessage(5301, LogLevel.Warning, "A draw waits: {Reason}")]
    public static partial void Waits(ILogger logger, string reason);
}
