using EventStore;
using Npgsql;
using Receivables.Credit;
using Receivables.Parties;
using Receivables.Rules;
using Receivables.Vouchers;
using ServiceDefaults;

namespace Receivables.Maturity;

/// <summary>
/// Opens the payment of vouchers that passed their cut-off, and stops debtors that did not pay (77号 art. 15) once the
/// bank's file of the pay day is in. A voucher whose pay day can't be told, because a calendar is missing, waits.
/// </summary>
internal sealed partial class ClearingWorker(
    Store store, PartyDirectory parties, PaymentAllocation payments, IConfiguration configuration, TimeProvider time,
    ILogger<ClearingWorker> logger)
    : Worker
{
    private readonly DateOnly _filesFrom = BankDays.FromOf(configuration);
    private const int RootsMax = 1_000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Does all that is to be done now.</summary>
    /// <returns>How many vouchers it moved on, and the years whose calendars are missing.</returns>
    internal async Task<(int Moved, IReadOnlySet<int> Missing)> TickAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        HashSet<int> missing = [];
        int moved = 0;
        ReferenceData data = await RuleEndpoints.DataAsync(store, cancellation);
        foreach (string root in await RootsAsync("where pay_day is null", now, cancellation))
        {
            if (await OpenAsync(root, data, cancellation) is { } year)
                missing.Add(year);
            else
                moved++;
        }
        // What came is allocated before anything is judged late.
        await payments.RunAsync(cancellation);
        const string late =
            """
            where due_fen > 0 and not overdue and pay_day < $1
            and (pay_day < $2 or exists (select from bank_days b where b.day = pay_day and b.complete))
            """;
        foreach (string root in await RootsAsync(late, now, cancellation))
        {
            await FallOverdueAsync(root, RuleBook.Day(now), cancellation);
            moved++;
        }
        return (moved, missing);
    }

    /// <summary>Opens what is to be opened and lets one voucher fall overdue as if it were a day.</summary>
    internal async Task RehearseAsync(string root, DateOnly day, CancellationToken cancellation)
    {
        await TickAsync(cancellation);
        ClearingState state =
            await store.AggregateStreamAsync<ClearingState>(ClearingEvents.Stream(root), cancellation);
        if (Clearing.FallOverdue(state, day).Count > 0)
            await FallOverdueAsync(root, day, cancellation);
    }

    protected override async Task RunAsync(CancellationToken stopping)
    {
        using PeriodicTimer timer = new(Pause, time);
        string told = "";
        while (await timer.WaitForNextTickAsync(stopping))
        {
            try
            {
                (_, IReadOnlySet<int> missing) = await TickAsync(stopping);
                string years = string.Join(", ", missing.Order());
                if (years != told && years.Length > 0)
                    LogCalendarMissing(logger, years);
                told = years;
            }
            catch (Exception e) when (e is NpgsqlException or AppendException or TimeoutException)
            {
                LogWaiting(logger, e.Message);
            }
        }
    }

    private async Task<int?> OpenAsync(string root, ReferenceData data, CancellationToken cancellation)
    {
        await using Session session = Open();
        WritableStream<FamilyState> stream = await session.FetchForWriting<FamilyState>(root, cancellation);
        FamilyState family = stream.Aggregate;
        DueDay due = data.Calendar.Due(family.DueDate);
        if ((family.PayDay ?? due.Day) is not { } day)
            return due.MissingYear;
        PartyState debtor = await parties.FindAsync(family.Debtor, cancellation);
        PartyState creditor = await parties.FindAsync(family.FirstHolder, cancellation);
        // Payees of this very version of the family: a freeze that comes first is in it, one that comes later is told.
        session.Append(root, stream.CurrentVersion);
        PayeeLeaf[] leaves = [.. family.Fragments.Select(Clearing.Of)];
        session.Append(ClearingEvents.Stream(root), 0, new ClearingEvent.Opened(
            root, family.Debtor, family.DueDate, day, due.Notices,
            new LateTerms(ClassOf(debtor), ClassOf(creditor), null, null), leaves, PayeeList.Root(leaves)));
        await session.SaveChangesAsync(cancellation);
        return null;
    }

    private async Task FallOverdueAsync(string root, DateOnly today, CancellationToken cancellation)
    {
        await using Session session = Open();
        WritableStream<ClearingState> clearing =
            await session.FetchForWriting<ClearingState>(ClearingEvents.Stream(root), cancellation);
        IReadOnlyList<ClearingEvent> overdue = Clearing.FallOverdue(clearing.Aggregate, today);
        // What is unpaid may all be held back: then nobody is late.
        if (overdue.Count == 0)
            return;
        clearing.AppendMany(overdue);
        WritableStream<DebtorStanding> standing = await session.FetchForWriting<DebtorStanding>(
            CreditEvents.StandingStream(clearing.Aggregate.Debtor), cancellation);
        standing.AppendMany(DebtorStanding.Decide(standing.Aggregate, new StandingRecorded(
            StandingKind.VoucherOverdue, root, Cleared: false, store.Service, null)).EventsOrProblem());
        await session.SaveChangesAsync(cancellation);
    }

    private Session Open() => store.OpenSession(new EventContext(time, store.Service, store.Service));

    private async Task<List<string>> RootsAsync(string where, DateTimeOffset now, CancellationToken cancellation)
    {
        await using NpgsqlCommand query =
            store.DataSource.CreateCommand($"select root from clearings {where} order by root limit {RootsMax}");
        if (where.Contains("$1", StringComparison.Ordinal))
        {
            query.Parameters.Add(new() { Value = RuleBook.Day(now) });
            query.Parameters.Add(new() { Value = _filesFrom });
        }
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<string> roots = [];
        while (await reader.ReadAsync(cancellation))
            roots.Add(reader.GetString(0));
        return roots;
    }

    /// <summary>
    /// What a party is to the Regulations: large is who is neither small, medium, nor public (art. 3).
    /// </summary>
    internal static PartyClass ClassOf(PartyState party) => party switch
    {
        { Status: PartyStatus.Unknown } => PartyClass.Other,
        { Kind: PartyKind.Court } => PartyClass.Authority,
        { Sme: true } => PartyClass.Sme,
        { Kind: PartyKind.PublicInstitution } => PartyClass.Institution,
        _ => PartyClass.LargeEnterprise,
    };

    [LoggerMessage(EventId = 5101, Level = LogLevel.Warning,
        Message = "Vouchers wait for the calendar of {Years}: import the State Council's notice")]
    private static partial void LogCalendarMissing(ILogger logger, string years);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Warning, Message = "Payments wait for the database: {Cause}")]
    private static partial void LogWaiting(ILogger logger, string cause);
}
