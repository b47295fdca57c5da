using EventStore;
using Microsoft.Extensions.Options;
using Prepaid.Cards;
using Prepaid.Custody;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Prepaid.Days;

/// <summary>A merchant's day as lists show it.</summary>
/// <param name="Merchant">Who owes.</param>
/// <param name="Principal">Of what holders paid, in fen.</param>
/// <param name="Gift">Of what was given on top, in fen.</param>
/// <param name="Cards">Cards in the tree.</param>
/// <param name="Root">The root's hash, hexadecimal.</param>
/// <param name="State"><c>recorded</c>, <c>open</c> or <c>another</c>.</param>
public sealed record ClosedMerchant(string Merchant, long Principal, long Gift, int Cards, string Root, string State);

/// <summary>A day that was closed.</summary>
public sealed record ClosedDay(DateOnly Day, long Position, IReadOnlyList<ClosedMerchant> Merchants);

/// <summary>
/// Closes days: every merchant's balances at the day's end become a tree, and its root goes to the chain. Cards are
/// redeemed meanwhile; what happens after the day is not in it.
/// </summary>
internal sealed class DayClosing(
    Store store, TreeRows trees, TimeProvider time, ILogger<DayClosing> logger, RootPublisher? publisher = null)
    : IDisposable
{
    /// <summary>A command that began before midnight may be recorded a little after it.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    /// <summary>So long after the last part of a rehearsed past no day is closed by itself.</summary>
    private static readonly TimeSpan Rehearsed = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private long _heldUntil;

    /// <summary>Whether a past is being rehearsed, so that days are not closed by themselves.</summary>
    public bool IsHeld => time.GetUtcNow().UtcTicks < Interlocked.Read(ref _heldUntil);

    /// <summary>A part of the past came.</summary>
    public void Hold() => Interlocked.Exchange(ref _heldUntil, (time.GetUtcNow() + Rehearsed).UtcTicks);

    /// <summary>Closes a day, or takes up what is left open of it. Doing it again changes nothing.</summary>
    /// <exception cref="ProblemException">The day is not over.</exception>
    public async Task<ClosedDay> CloseAsync(DateOnly day, CancellationToken cancellation)
    {
        if (CardRun.Day(time.GetUtcNow() - Grace) <= day)
            throw new ProblemException(Problem.Of("day-not-over", ("day", day)));
        await _one.WaitAsync(cancellation);
        try
        {
            // The head first: what is projected then holds at least every event up to it.
            long position = await store.FeedHeadAsync(cancellation);
            await store.Projections.CatchUpAsync(BalanceRows.Projection, cancellation);
            (List<DayRow> rows, int added) = ([], 0);
            foreach (string merchant in await DayBalances.MerchantsAsync(store.DataSource, day, cancellation))
            {
                DayRow? known = await trees.FindAsync(merchant, day, cancellation);
                added += known is null ? 1 : 0;
                rows.Add(known ?? await trees.StoreAsync(
                    merchant, day, await DayBalances.ReadAsync(store.DataSource, merchant, day, cancellation), position,
                    cancellation));
            }
            if (added > 0)
                DayLog.Closed(logger, day, added);
            IReadOnlyList<RootState> states = await PublishAsync(day, rows, cancellation);
            return new ClosedDay(day, position, [.. rows.Select((r, i) => Shown(r, states[i]))]);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Days that are over and were not closed, from the last that was.</summary>
    public async Task<IReadOnlyList<DateOnly>> DueAsync(CancellationToken cancellation)
    {
        DateOnly today = CardRun.Day(time.GetUtcNow() - Grace);
        DateOnly from = (await trees.LastAsync(cancellation))?.AddDays(1) ?? today.AddDays(-1);
        IReadOnlyList<DateOnly> open = publisher is null ? [] : await trees.OpenDaysAsync(cancellation);
        return [.. open.Concat(Enumerable.Range(0, Math.Max(0, today.DayNumber - from.DayNumber)).Select(from.AddDays))
            .Distinct().Order()];
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private static ClosedMerchant Shown(DayRow row, RootState state) => new(
        row.Merchant, row.Root.Total.PrincipalFen, row.Root.Total.GiftFen, row.Cards,
        Convert.ToHexStringLower(row.Root.Hash), state.ToString().ToLowerInvariant());

    private async Task<IReadOnlyList<RootState>> PublishAsync(
        DateOnly day, List<DayRow> rows, CancellationToken cancellation)
    {
        if (publisher is null || rows.Count == 0)
            return [.. rows.Select(_ => RootState.Open)];
        IReadOnlyList<RootState> states = await publisher.PublishAsync(day, rows, cancellation);
        for (int i = 0; i < rows.Count; i++)
        {
            if (states[i] == RootState.Recorded && rows[i].State is null)
            {
                await trees.SetStateAsync(
                    rows[i].Merchant, day, await publisher.ProveAsync(rows[i], cancellation), cancellation);
            }
            else if (states[i] == RootState.Another)
            {
                DayLog.Another(logger, rows[i].Merchant, day);
            }
        }
        return states;
    }
}

/// <summary>Closes each day soon after its end.</summary>
internal sealed class DayWorker(
    DayClosing closing, DailyReconciliation reconciliation, TimeProvider time, ILogger<DayWorker> logger) : Worker
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        using PeriodicTimer timer = new(Pause, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            try
            {
                if (closing.IsHeld)
                    continue;
                foreach (DateOnly day in await closing.DueAsync(stopping))
                    await closing.CloseAsync(day, stopping);
                await reconciliation.RunAsync(stopping);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested && e is Npgsql.NpgsqlException
                or StoreUnavailableException or Chain.Client.NodesUnreachableException
                or Chain.Client.RpcErrorException or FormatException or InvalidOperationException)
            {
                DayLog.Waits(logger, e.Message);
            }
        }
    }
}

/// <summary>The operator's close of a day.</summary>
internal static class CloseDay
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/days/{day}/close", CloseAsync).RequireRoles(Role.Operator)
            .WithName("CloseDay").WithSummary("Closes a day that is over: a root of liabilities for every merchant.");
        app.MapGet("/days/{day}", GetAsync).RequireRoles(Role.Operator, Role.Regulator)
            .WithName("GetDay").WithSummary("The roots of a day.");
    }

    /// <summary>Wires the close of days; roots are published where the section is given.</summary>
    public static void Add(WebApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton(p => new TreeRows(p.GetRequiredService<Store>().DataSource));
        services.AddSingleton(p => new DayClosing(
            p.GetRequiredService<Store>(), p.GetRequiredService<TreeRows>(), p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<ILogger<DayClosing>>(), p.GetService<RootPublisher>()));
        services.AddSingleton(p => new DailyReconciliation(
            p.GetRequiredService<Store>(), p.GetRequiredService<TreeRows>(), p.GetRequiredService<TimeProvider>()));
        services.AddHostedService<DayWorker>();
        if (!builder.Configuration.GetSection($"{LiabilityOptions.Section}:{nameof(LiabilityOptions.Rpc)}").Exists())
            return;
        services.AddOptions<LiabilityOptions>().BindConfiguration(LiabilityOptions.Section)
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddHttpClient(nameof(RootPublisher), c => c.Timeout = TimeSpan.FromSeconds(20));
        services.AddSingleton(Publisher);
    }

    private static RootPublisher Publisher(IServiceProvider services)
    {
        LiabilityOptions options = services.GetRequiredService<IOptions<LiabilityOptions>>().Value;
        Chain.Client.ChainClient chain = new(new Chain.Client.RpcClient(
            services.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(RootPublisher)),
            options.Rpc.Select(r => new Uri(r))));
        byte[] account = SecretFile.ReadOrCreate(Path.Combine(
            services.GetRequiredService<IOptions<ServiceOptions>>().Value.Data, RootPublisher.AccountFile));
        return new RootPublisher(chain, Chain.Core.Address.Parse(options.Registry), new Chain.Client.DurableSender(
            chain, new Chain.Client.TransactionSigner((ulong)options.ChainId, account),
            new SentRows(services.GetRequiredService<Store>().DataSource),
            services.GetRequiredService<TimeProvider>()));
    }

    private static async Task<IResult> CloseAsync(DateOnly day, DayClosing closing, CancellationToken token) =>
        TypedResults.Json(await closing.CloseAsync(day, token), PrepaidJson.Default.ClosedDay);

    private static async Task<IResult> GetAsync(DateOnly day, TreeRows trees, CancellationToken token)
    {
        IReadOnlyList<DayRow> rows = await trees.OfDayAsync(day, token);
        return TypedResults.Json(new ClosedDay(day, rows.Count == 0 ? 0 : rows[^1].Position, [.. rows.Select(r =>
            new ClosedMerchant(r.Merchant, r.Root.Total.PrincipalFen, r.Root.Total.GiftFen, r.Cards,
                Convert.ToHexStringLower(r.Root.Hash), r.State is null ? "open" : "recorded"))]),
            PrepaidJson.Default.ClosedDay);
    }
}

internal static partial class DayLog
{
    [LoggerMessage(5101, LogLevel.Information, "Day {Day} is closed for {Merchants} merchants")]
    public static partial void Closed(ILogger logger, DateOnly day, int merchants);

    [LoggerMessage(5102, LogLevel.Warning, "The close of the day waits: {Reason}")]
    public static partial void Waits(ILogger logger, string reason);

    [LoggerMessage(5103, LogLevel.Error, "The chain has another root of {Merchant} for {Day} than is stored here")]
    public static partial void Another(ILogger logger, string merchant, DateOnly day);
}
