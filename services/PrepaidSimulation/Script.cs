namespace PrepaidSimulation;

/// <summary>The story of a fate: what each day is like, and what is filed. Drawn once for a merchant.</summary>
internal sealed class Script
{
    private readonly List<(int From, int Until, Func<double, Mood, Mood> Change)> _chapters = [];

    public List<Filing> Filings { get; } = [];

    /// <summary>The day of flight, if it flees.</summary>
    public int? Flight { get; private set; }

    /// <summary>The first day after a failed feed's repair, for the days that failed.</summary>
    public int RepairOf(int day) => _repairs.First(r => r.From <= day && day < r.Until).Until;

    private readonly List<(int From, int Until)> _repairs = [];

    public static Script Of(Fate fate, Trait trait, Dice dice)
    {
        Script script = new();
        script.Ordinary(trait, dice.Of(1));
        script.Tell(fate, trait, dice.Of(2));
        if (script.Flight is { } end) script.Filings.RemoveAll(f => f.Day >= end);
        script.Filings.Sort((a, b) => a.Day.CompareTo(b.Day));
        return script;
    }

    public Mood On(int day)
    {
        Mood mood = new();
        foreach ((int from, int until, Func<double, Mood, Mood> change) in _chapters)
        {
            if (day >= from && day < until) mood = change((day - from) / (double)(until - from), mood);
        }

        return mood;
    }

    private void Chapter(int from, int days, Func<double, Mood, Mood> change) =>
        _chapters.Add((from, from + days, change));

    private void Silence(int from, int days)
    {
        _repairs.Add((from, from + days));
        Chapter(from, days, (_, m) => m with { Silent = true });
    }

    /// <summary>What happens to any merchant: promotions, leases, small failures, register entries.</summary>
    private void Ordinary(Trait trait, Dice dice)
    {
        for (int n = dice.Whole(3, 8); n > 0; n--)
        {
            double more = dice.Between(1.3, 3);
            double gift = dice.Between(0.15, 0.4);
            Chapter(dice.Whole(trait.Opened, Street.Days), dice.Whole(5, 14),
                (_, m) => m with { Sales = m.Sales * more, Gift = gift });
        }

        for (int day = trait.Opened; day < Street.Days; day++)
        {
            if (!dice.Happens(trait.Silence)) continue;
            int days = dice.Whole(1, 3);
            Silence(day, days);
            day += days;
        }

        // A lease ends some time; most are renewed, and the filing of the new end comes weeks before the old one.
        int end = dice.Whole(60, 1400);
        Filings.Add(new Filing(trait.Opened, FilingKind.LeaseEnds, end));
        if (dice.Happens(0.9)) Filings.Add(new Filing(end - dice.Whole(10, 120), FilingKind.LeaseEnds, end + 1095));
        foreach ((FilingKind kind, double aYear) in new[]
                 {
                     (FilingKind.LegalRepresentativeChanged, 0.05), (FilingKind.BranchClosed, 0.05),
                     (FilingKind.LawsuitOpened, 0.06), (FilingKind.TaxArrears, 0.03),
                 })
        {
            for (int n = dice.Count(aYear * 2); n > 0; n--)
                Filings.Add(new Filing(dice.Whole(0, Street.Days - 1), kind));
        }
    }

    private void Tell(Fate fate, Trait trait, Dice dice)
    {
        int day = dice.Whole(Math.Max(trait.Opened + 60, 365), Street.Days - 60);
        switch (fate)
        {
            case Fate.Season: Season(dice); break;
            case Fate.Renovation: Renovation(day, dice); break;
            case Fate.Move: Move(day, dice); break;
            case Fate.NewOwner: NewOwner(day, dice); break;
            case Fate.BigSale: BigSale(day, dice); break;
            case Fate.FeedFailure: Silence(day, dice.Whole(4, 21)); break;
            case Fate.SlowDrain: SlowDrain(dice); break;
            case Fate.PromotionThenFlight: PromotionThenFlight(dice); break;
            case Fate.Sudden: Flight = dice.Whole(400, Street.Days - 1); break;
            default: break;
        }
    }

    private void Season(Dice dice)
    {
        int peak = dice.Whole(0, 364);
        int days = dice.Whole(30, 60);
        double more = dice.Between(3, 6);
        double gift = dice.Between(0.2, 0.5);
        for (int year = -1; year < 2; year++)
        {
            Chapter(peak + (365 * year), days, (_, m) => m with { Sales = m.Sales * more, Gift = gift });
        }
    }

    private void Renovation(int day, Dice dice)
    {
        int days = dice.Whole(30, 60);
        double angry = dice.Between(1.5, 4);
        if (dice.Happens(0.8)) Filings.Add(new Filing(day - dice.Whole(0, 14), FilingKind.ClosureFiled, day + days));
        Chapter(day, days, (_, m) => m with
        {
            Sales = 0.1,
            Use = 0.03,
            Complaints = m.Complaints * angry,
            Refunds = m.Refunds * angry,
            Refusals = 0.3,
        });
    }

    private void Move(int day, Dice dice)
    {
        Filings.RemoveAll(f => f.Kind == FilingKind.LeaseEnds && f.Day > 0);
        Filings.Add(new Filing(day - dice.Whole(90, 200), FilingKind.LeaseEnds, day));
        Filings.Add(new Filing(day - dice.Whole(0, 40), FilingKind.AddressChanged));
        Filings.Add(new Filing(day + dice.Whole(0, 20), FilingKind.LeaseEnds, day + 1095));
        double angry = dice.Between(1.5, 3);
        Chapter(day, dice.Whole(5, 20), (_, m) => m with { Sales = 0.1, Use = 0.05, Refunds = 2 });
        Chapter(day, 60, (_, m) => m with { Complaints = m.Complaints * angry, Use = m.Use * 0.8 });
    }

    private void NewOwner(int day, Dice dice)
    {
        Filings.Add(new Filing(day, FilingKind.LegalRepresentativeChanged));
        if (dice.Happens(0.7)) Filings.Add(new Filing(day + dice.Whole(-10, 20), FilingKind.TakeoverFiled));
        double more = dice.Between(1.5, 4);
        double gift = dice.Between(0.2, 0.5);
        double angry = dice.Between(1, 2.5);
        if (dice.Happens(0.6))
        {
            Chapter(day + dice.Whole(5, 30), dice.Whole(10, 30),
                (_, m) => m with { Sales = m.Sales * more, Gift = gift });
        }

        Chapter(day, 60, (_, m) => m with { Complaints = m.Complaints * angry });
    }

    private void BigSale(int day, Dice dice)
    {
        double more = dice.Between(5, 12);
        double gift = dice.Between(0.3, 0.6);
        Chapter(day, dice.Whole(5, 15), (_, m) => m with { Sales = m.Sales * more, Gift = gift });
    }

    private void SlowDrain(Dice dice)
    {
        int flight = dice.Whole(430, Street.Days - 1);
        int days = dice.Whole(120, 240);
        Flight = flight;
        double custody = dice.Happens(0.25) ? 1 : dice.Between(0.2, 0.8);
        double sales = dice.Between(0.4, 1);
        double use = dice.Between(0.4, 0.9);
        double angry = dice.Between(2, 8);
        double refusals = dice.Between(0.5, 5);
        double paid = dice.Between(0, 0.7);
        bool quiet = dice.Happens(0.3);
        Chapter(flight - days, days, (at, m) => m with
        {
            Sales = m.Sales * Fade(1, sales, at),
            Use = m.Use * Fade(1, use, at),
            Custody = Fade(1, custody, at),
            Complaints = m.Complaints * Fade(1, angry, at),
            Refusals = Fade(0.05, refusals, at * at),
            Refunds = m.Refunds * Fade(1, 2.5, at),
            RefundsPaid = Fade(1, paid, at),
            Late = quiet ? 1 : Fade(1, 6, at),
        });
        foreach ((FilingKind kind, double chance) in new[]
                 {
                     (FilingKind.BranchClosed, 0.3), (FilingKind.LawsuitOpened, 0.3), (FilingKind.TaxArrears, 0.25),
                     (FilingKind.LegalRepresentativeChanged, 0.15),
                 })
        {
            if (dice.Happens(chance)) Filings.Add(new Filing(flight - dice.Whole(5, days * 2 / 3), kind));
        }
    }

    private void PromotionThenFlight(Dice dice)
    {
        int flight = dice.Whole(430, Street.Days - 1);
        int days = dice.Whole(25, 75);
        Flight = flight;
        double more = dice.Between(2, 7);
        double gift = dice.Between(0.35, 0.8);
        double custody = dice.Happens(0.25) ? 1 : dice.Between(0.3, 0.9);
        Chapter(flight - days, days, (at, m) => m with
        {
            Sales = m.Sales * more,
            Gift = gift,
            Custody = Fade(1, custody, Math.Min(1, at * 2)),
            NoTopUp = custody < 1,
            Use = m.Use * Fade(1, 0.8, at),
        });
        double angry = dice.Between(1.5, 5);
        double paid = dice.Between(0, 0.8);
        int end = dice.Whole(10, 30);
        Chapter(flight - end, end, (at, m) => m with
        {
            Complaints = m.Complaints * Fade(1, angry, at),
            RefundsPaid = paid,
            Refusals = Fade(0.05, 2, at),
        });
        if (dice.Happens(0.6))
        {
            Filings.Add(new Filing(flight - days - dice.Whole(-15, 60), FilingKind.LegalRepresentativeChanged));
        }

        if (!dice.Happens(0.6)) return;
        Filings.RemoveAll(f => f.Kind == FilingKind.LeaseEnds);
        Filings.Add(new Filing(0, FilingKind.LeaseEnds, flight + dice.Whole(-5, 45)));
    }

    private static double Fade(double from, double to, double at) => from + ((to - from) * at);
}
