using Prepaid.Custody;
using Prepaid.Merchants;
using PrepaidRisk;

namespace Prepaid.Risk;

/// <summary>A closed day of a merchant: principal owed at its end, in fen, and cards in its tree.</summary>
internal readonly record struct ClosedBalance(DateOnly Day, long OwedFen, int Cards);

/// <summary>A merchant's movements of a day, in fen, and what was asked and said of it.</summary>
/// <param name="SalesFen">Paid for cards and top-ups; cards taken over are no sales.</param>
/// <param name="GiftFen">Given on top.</param>
/// <param name="OtherFen">Principal that came otherwise: cards taken over, less what refunds ended.</param>
/// <param name="Movements">Movements that the merchant recorded.</param>
/// <param name="RefundsAsked">Refunds asked for.</param>
/// <param name="RefundsOverdue">Refunds open past their term at the day's end.</param>
/// <param name="Refusals">Redemptions that holders say were refused.</param>
/// <param name="Complaints">Complaints.</param>
internal sealed record TradeDay(
    long SalesFen = 0, long GiftFen = 0, long OtherFen = 0, int Movements = 0, int RefundsAsked = 0,
    int RefundsOverdue = 0, int Refusals = 0, int Complaints = 0);

/// <summary>Something that was recorded, with the day in China on which it was.</summary>
internal readonly record struct Recorded<T>(DateOnly On, T What);

/// <summary>All that the service holds of a merchant now.</summary>
/// <param name="Days">Closed days in order.</param>
/// <param name="Trade">Movements by day.</param>
/// <param name="Custody">The custody's events in order.</param>
/// <param name="Merchant">The merchant's events in order.</param>
internal sealed record RiskRecords(
    IReadOnlyList<ClosedBalance> Days, IReadOnlyDictionary<DateOnly, TradeDay> Trade,
    IReadOnlyList<Recorded<CustodyEvent>> Custody, IReadOnlyList<Recorded<MerchantEvent>> Merchant);

/// <summary>
/// Puts what the service holds into the detector's form; pure. Nothing that came in later than it was held is moved back:
/// a statement that is missing leaves the last balance known, and a merchant that records nothing has not reported.
/// </summary>
internal static class RiskFile
{
    /// <summary>The detector's file of a merchant.</summary>
    public static MerchantFile Of(RiskRecords records)
    {
        MerchantFile file = new();
        List<RegisterEntry> entries = [.. Entries(records.Merchant)];
        foreach (RegisterEntry entry in entries)
            file.Record(entry);
        Statements custody = new(records.Custody);
        Dictionary<DateOnly, long> owed = records.Days.ToDictionary(d => d.Day, d => d.OwedFen);
        DateOnly last = LastReport(records, entries);
        for (int i = 0; i < records.Days.Count && records.Days[i].Day <= last; i++)
            file.Receive(Observed(records, i, custody, owed));
        return file;
    }

    /// <summary>Whether it stands on a list of those who may not sell.</summary>
    public static bool IsBanned(RiskRecords records) =>
        !records.Merchant.Aggregate(Merchant.Initial, (m, e) => Merchant.Evolve(m, e.What)).Bans.IsEmpty;

    private static ObservedDay Observed(
        RiskRecords records, int at, Statements custody, Dictionary<DateOnly, long> owed)
    {
        ClosedBalance day = records.Days[at];
        TradeDay trade = records.Trade.GetValueOrDefault(day.Day) ?? new TradeDay();
        return new ObservedDay(
            day.Day, trade.SalesFen, trade.GiftFen, Redeemed(records, at), day.OwedFen, day.Cards,
            custody.BalanceOn(day.Day), custody.OffsetOn(day.Day), Required(records.Merchant, day, owed),
            trade.RefundsAsked, trade.RefundsOverdue, trade.Refusals, trade.Complaints,
            custody.IsLate(day.Day, records.Days[^1].Day));
    }

    /// <summary>
    /// What was used: owed before, and what came, less what is owed now. Days that lots of a term use up are in it.
    /// </summary>
    private static long Redeemed(RiskRecords records, int at)
    {
        if (at == 0)
            return 0;
        (ClosedBalance before, ClosedBalance day) = (records.Days[at - 1], records.Days[at]);
        long came = 0;
        for (DateOnly on = before.Day.AddDays(1); on <= day.Day; on = on.AddDays(1))
            came += records.Trade.GetValueOrDefault(on) is { } trade ? trade.SalesFen + trade.OtherFen : 0;
        return Math.Max(0, before.OwedFen + came - day.OwedFen);
    }

    /// <summary>
    /// The last day of which there is a report. A merchant that is owed for and records nothing is silent, unless it has
    /// filed that it is shut.
    /// </summary>
    private static DateOnly LastReport(RiskRecords records, List<RegisterEntry> entries)
    {
        for (int i = records.Days.Count - 1; i >= 0; i--)
        {
            ClosedBalance day = records.Days[i];
            bool shut = entries.Exists(
                e => e.Kind == EntryKind.ClosureFiled && e.Day <= day.Day && day.Day <= e.Until);
            if (shut || day.OwedFen == 0 || records.Trade.GetValueOrDefault(day.Day) is { Movements: > 0 })
                return day.Day;
        }
        return records.Days.Count == 0 ? default : records.Days[0].Day;
    }

    private static long? Required(
        IReadOnlyList<Recorded<MerchantEvent>> merchant, ClosedBalance day, Dictionary<DateOnly, long> owed)
    {
        IEnumerable<Recorded<MerchantEvent>> filings = merchant.Where(e => e.What is MerchantEvent.Filed);
        if ((filings.LastOrDefault(e => e.On <= day.Day).What ?? filings.FirstOrDefault().What)
            is not MerchantEvent.Filed { Filing: { } filing })
            return null;
        DateOnly quarterEnd = new DateOnly(day.Day.Year, (day.Day.Month - 1) / 3 * 3 + 1, 1).AddDays(-1);
        return CustodyRequirement.Of(new IssuerFacts(
            filing.Jurisdiction, filing.Industry, filing.Class, day.OwedFen,
            owed.TryGetValue(quarterEnd, out long then) ? then : null, filing.LastYearRevenueFen, filing.StartedOn),
            day.Day).HighFen;
    }

    /// <summary>What registers and filings say; each became known on the day it was recorded.</summary>
    private static IEnumerable<RegisterEntry> Entries(IReadOnlyList<Recorded<MerchantEvent>> merchant)
    {
        DateOnly? lease = null;
        foreach ((DateOnly on, MerchantEvent what) in merchant.Select(e => (e.On, e.What)))
        {
            if (what is MerchantEvent.EntryRecorded entry)
                yield return new RegisterEntry(on, entry.Kind, entry.Until);
            if (what is MerchantEvent.BranchChanged)
                yield return new RegisterEntry(on, EntryKind.BranchClosed);
            if (what is MerchantEvent.Filed { Filing.LeaseEndsOn: { } ends } && ends != lease)
            {
                lease = ends;
                yield return new RegisterEntry(on, EntryKind.LeaseEnds, ends);
            }
        }
    }

    /// <summary>The bank's statements and what stands for custody, by day.</summary>
    private sealed class Statements
    {
        private readonly SortedList<DateOnly, (long Fen, DateOnly Came)> _days = [];
        private readonly List<Offset> _offsets = [];
        private readonly DateOnly? _opened;

        public Statements(IReadOnlyList<Recorded<CustodyEvent>> events)
        {
            foreach ((DateOnly on, CustodyEvent what) in events.Select(e => (e.On, e.What)))
            {
                if (what is CustodyEvent.AccountOpened)
                    _opened ??= on;
                if (what is CustodyEvent.StatementImported { Statement: var s })
                    _days[s.Day] = (s.ClosingFen, on);
                if (what is CustodyEvent.OffsetGiven { Offset: var offset })
                    _offsets.Add(offset);
            }
        }

        public long BalanceOn(DateOnly day)
        {
            int at = AscendingDays.LastUpTo(_days.Keys, day);
            return at < 0 ? 0 : _days.GetValueAtIndex(at).Fen;
        }

        public long OffsetOn(DateOnly day) => _offsets.Where(o => o.From <= day && day <= o.To).Sum(o => o.Fen);

        /// <summary>Due on the next day (D+1); one that is still missing is late from the day after.</summary>
        public bool IsLate(DateOnly day, DateOnly known) => _opened <= day
            && (_days.TryGetValue(day, out (long Fen, DateOnly Came) found) ? found.Came : known) > day.AddDays(1);
    }
}

/// <summary>Search in days that ascend.</summary>
internal static class AscendingDays
{
    /// <summary>The place of the last day up to one; -1 where all are later.</summary>
    public static int LastUpTo(IList<DateOnly> days, DateOnly day)
    {
        (int low, int high) = (0, days.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (days[middle] <= day)
                low = middle + 1;
            else
                high = middle;
        }
        return low - 1;
    }
}
