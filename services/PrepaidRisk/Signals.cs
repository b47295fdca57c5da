namespace PrepaidRisk;

/// <summary>Measures the signals of a day from a merchant's file alone.</summary>
public static class Signals
{
    private const int Month = 28;
    private const int TwoMonths = 56;
    private const int Past = 182;

    /// <summary>How many signals there are.</summary>
    public static int Count { get; } = Enum.GetValues<Signal>().Length;

    /// <summary>Each signal's strength on a day, 0 where it is silent; its bound is a few units.</summary>
    /// <param name="file">What has arrived until that day.</param>
    /// <param name="today">The day.</param>
    /// <returns>Strengths by <see cref="Signal"/>.</returns>
    public static double[] Of(MerchantFile file, DateOnly today)
    {
        double[] s = new double[Count];
        if (file.Latest is not { } latest) return s;
        Span month = new(file.Between(latest.Day.AddDays(1 - Month), latest.Day));
        Span past = new(file.Between(latest.Day.AddDays(-Month - Past), latest.Day.AddDays(-Month)));
        Span yearAgo = new(file.Between(latest.Day.AddDays(1 - Month - 365), latest.Day.AddDays(-365)));
        Set(s, Signal.Shortfall, month.Shortfall, 0.5);
        Set(s, Signal.ShortfallDays, new Span(file.Between(latest.Day.AddDays(-55), latest.Day)).ShortDays, 1);
        Set(s, Signal.Silence, (today.DayNumber - latest.Day.DayNumber) / 14.0, 1);
        if (past.Days >= Month)
        {
            Trade(s, file, today, month, past, yearAgo);
            Conduct(s, latest, new Span(file.Between(latest.Day.AddDays(1 - TwoMonths), latest.Day)), past);
        }

        Registers(s, file.Entries, today);
        double deep = s[(int)Signal.DeepSpike];
        double leaving = Math.Max(s[(int)Signal.LeaseEnds], s[(int)Signal.NewRepresentative]);
        Set(s, Signal.SpikeBeforeLeaving, deep * leaving, 1);
        Set(s, Signal.SpikeUncovered, deep * s[(int)Signal.Shortfall] * 4, 1);
        return s;
    }

    private static void Trade(
        double[] s, MerchantFile file, DateOnly today, Span month, Span past, Span yearAgo)
    {
        bool closed = file.Entries.Any(e => e.Kind == EntryKind.ClosureFiled && e.Day <= today
            && e.Until >= today.AddDays(-Month));
        double usual = past.Sales;
        // A season that came last year too is no surprise; it may be stronger by a quarter.
        double season = yearAgo.Days >= Month / 2 ? yearAgo.Sales : 0;
        double expected = Math.Max(usual, season * 0.8);
        Span week = new(file.Between(month.Last.AddDays(-6), month.Last));
        // A sale that is over speaks of nothing any more: it counts while it goes on.
        double spike = Math.Max(0, Math.Min(Log(month.Sales, expected), Log(week.Sales, expected)));
        double depth = Math.Max(0, month.Gift - 0.25);
        Set(s, Signal.SalesSpike, spike, 2);
        Set(s, Signal.GiftDepth, depth, 0.5);
        Set(s, Signal.DeepSpike, spike * depth * 4, 1);
        double lasting = Math.Max(0, Log(LeastWeek(file, month.Last), expected));
        Set(s, Signal.LastingSpike, lasting * depth * 4, 2);
        if (!closed)
        {
            // A shop that stands still altogether is shut for works more often than it is drained.
            Set(s, Signal.UseDrop, Log(past.Use, month.Use) - 0.1, 0.5);
            Set(s, Signal.SalesDrop, Log(season > 0 ? Math.Min(usual, season) : usual, month.Sales), 1);
        }
    }

    private static void Conduct(double[] s, ObservedDay latest, Span now, Span past)
    {
        Set(s, Signal.RefundBacklog, Surprise(latest.RefundsOverdue, past.Overdue), 6);
        Set(s, Signal.RefundsAsked, Surprise(now.Refunds, past.RefundsPerCard * now.Cards), 6);
        Set(s, Signal.Complaints, Surprise(now.Complaints, past.ComplaintsPerCard * now.Cards), 6);
        Set(s, Signal.Refusals, Surprise(now.Refusals, past.RefusalsPerCard * now.Cards), 6);
        Set(s, Signal.LateReconciliation, Surprise(now.Late, past.LatePerDay * now.Days), 6);
    }

    /// <summary>Sales of a day in the least of the last three weeks: a sale of two weeks does not move it.</summary>
    private static double LeastWeek(MerchantFile file, DateOnly last) => Enumerable.Range(0, 3)
        .Min(w => new Span(file.Between(last.AddDays(-6 - (7 * w)), last.AddDays(-7 * w))).Sales);

    private static void Registers(double[] s, IReadOnlyList<RegisterEntry> entries, DateOnly today)
    {
        bool Since(RegisterEntry e, EntryKind kind, int days) =>
            e.Kind == kind && e.Day <= today && e.Day >= today.AddDays(-days);
        if (entries.LastOrDefault(e => e.Kind == EntryKind.LeaseEnds && e.Day <= today)?.Until is { } end
            && end <= today.AddDays(90) && end >= today.AddDays(-60))
        {
            s[(int)Signal.LeaseEnds] = 1;
        }

        if (entries.LastOrDefault(e => Since(e, EntryKind.LegalRepresentativeChanged, 120)) is { } change
            && !entries.Any(e => Since(e, EntryKind.TakeoverFiled, 150) && e.Day >= change.Day.AddDays(-30)))
        {
            s[(int)Signal.NewRepresentative] = 1;
        }

        Set(s, Signal.Lawsuit, entries.Count(e => Since(e, EntryKind.LawsuitOpened, 270)), 2);
        Set(s, Signal.TaxArrears, entries.Count(e => Since(e, EntryKind.TaxArrears, 270)), 2);
        Set(s, Signal.BranchClosed, entries.Count(e => Since(e, EntryKind.BranchClosed, 270)), 2);
    }

    private static void Set(double[] s, Signal signal, double value, double most) =>
        s[(int)signal] = Math.Clamp(value, 0, most);

    private static double Log(double now, double then) =>
        now <= 0 || then <= 0 ? (now > then ? 3 : then > now ? -3 : 0) : Math.Log(now / then);

    /// <summary>Deviations of a count above what was to be expected, as counts vary (Anscombe 1948).</summary>
    private static double Surprise(int count, double expected) =>
        Math.Max(0, 2 * (Math.Sqrt(count + 0.375) - Math.Sqrt(expected + 0.375)));

    /// <summary>The sums of a span of days.</summary>
    private readonly struct Span
    {
        public Span(IEnumerable<ObservedDay> days)
        {
            long sales = 0, gift = 0, cards = 0, overdue = 0;
            double use = 0, shortfall = 0;
            int shortDays = 0;
            foreach (ObservedDay d in days)
            {
                Days++;
                Last = d.Day;
                sales += d.SalesFen;
                gift += d.GiftFen;
                cards += d.Cards;
                use += d.OwedFen > 0 ? d.RedeemedFen / (double)d.OwedFen : 0;
                shortfall += d.Shortfall;
                shortDays += d.Shortfall > 0.02 ? 1 : 0;
                Refunds += d.RefundsAsked;
                Complaints += d.Complaints;
                Refusals += d.Refusals;
                Late += d.ReconciledLate ? 1 : 0;
                overdue += d.RefundsOverdue;
            }

            double n = Math.Max(1, Days);
            (Sales, Gift, Use) = (sales / n, sales > 0 ? gift / (double)sales : 0, use / n);
            (Shortfall, ShortDays, Cards, Overdue) = (shortfall / n, shortDays / n, cards, overdue / n);
        }

        public int Days { get; }
        public DateOnly Last { get; }
        public double Sales { get; }
        public double Gift { get; }
        public double Use { get; }
        public double Shortfall { get; }
        public double ShortDays { get; }
        public int Refunds { get; }
        public int Complaints { get; }
        public int Refusals { get; }
        public int Late { get; }

        /// <summary>Refunds past their term on a day.</summary>
        public double Overdue { get; }

        /// <summary>Card-days of the span.</summary>
        public double Cards { get; }

        public double RefundsPerCard => Refunds / Math.Max(1, Cards);
        public double ComplaintsPerCard => Complaints / Math.Max(1, Cards);
        public double RefusalsPerCard => Refusals / Math.Max(1, Cards);
        public double LatePerDay => Late / (double)Math.Max(1, Days);
    }
}
