namespace PrepaidSimulation;

/// <summary>
/// A merchant that lives through its days: balances, custody, refunds and reports follow from each other.
/// </summary>
internal sealed class Merchant(string id, Fate fate, Dice dice)
{
    private readonly Trait _trait = Trait.Of(dice.Of(1));
    private readonly Queue<(int Day, int Count)> _refunds = new();
    private double _owed;
    private double _cards;
    private double _custody;
    private double _quarterEnd;
    private int _short;

    public MerchantHistory Live()
    {
        Script script = Script.Of(fate, _trait, dice.Of(2));
        Dice daily = dice.Of(3);
        List<ReportedDay> days = [];
        int end = script.Flight ?? Street.Days;
        // A merchant that was there before the beginning starts with the balance that its sales and use lead to.
        if (_trait.Opened == 0) Start();
        for (int day = _trait.Opened; day < end; day++) days.Add(Live(day, script, daily));
        return new MerchantHistory(id, fate, _trait.Opened, script.Flight, days, script.Filings);
    }

    private void Start()
    {
        _owed = _trait.Sales / _trait.Use;
        _cards = _owed / (_trait.Ticket * 0.6);
        _quarterEnd = _owed;
        _custody = (Required() ?? 0) * (1 + _trait.Buffer);
    }

    private ReportedDay Live(int day, Script script, Dice daily)
    {
        Mood mood = script.On(day);
        double year = 1 + (_trait.Swing * Math.Cos(2 * Math.PI * (day - _trait.Peak) / 365));
        double week = day % 7 is 5 or 6 ? 1.4 : 0.84;
        double sales = _trait.Sales * year * week * mood.Sales * daily.Factor(0.5);
        double gift = sales * (mood.Gift ?? _trait.Gift);
        int sold = daily.Count(sales / _trait.Ticket);
        double used = Math.Min(_owed, _owed * _trait.Use * week * mood.Use * daily.Factor(0.25));
        double shops = _cards / 10_000;
        int asked = daily.Count(_trait.Refunds * shops * mood.Refunds);
        if (asked > 0) _refunds.Enqueue((day, asked));
        int paid = Pay(day, mood, daily);
        _owed = Math.Max(0, _owed + sales - used - (paid * _trait.Ticket * 0.5));
        _cards = Math.Max(0, _cards + (sold * 0.7) - (used / _trait.Ticket * 0.7) - paid);
        long? required = Required() is { } r ? (long)r : null;
        Fund(required, mood);
        if (day % 91 == 90) _quarterEnd = _owed;
        return new ReportedDay(
            day, mood.Silent ? script.RepairOf(day) : day, (long)sales, (long)gift, sold, (long)used, (long)_owed,
            (int)_cards, (long)_custody, required, asked, paid,
            _refunds.Where(q => day - q.Day > 15).Sum(q => q.Count), daily.Count(mood.Refusals * shops),
            daily.Count(_trait.Complaints * shops * mood.Complaints), daily.Happens(_trait.Late * mood.Late));
    }

    private int Pay(int day, Mood mood, Dice daily)
    {
        int paid = 0;
        while (_refunds.TryPeek(out (int Day, int Count) first) && day - first.Day >= _trait.RefundDays)
        {
            if (!daily.Happens(mood.RefundsPaid)) break;
            paid += _refunds.Dequeue().Count;
        }

        return paid;
    }

    private double? Required() => _trait.Rule switch
    {
        CustodyRule.OfBalance => _owed * _trait.Share,
        CustodyRule.OfLastQuarter => _quarterEnd * _trait.Share,
        _ => null,
    };

    /// <summary>Tops up a shortfall after the merchant's usual days, releases what is too much.</summary>
    private void Fund(long? required, Mood mood)
    {
        if (required is not { } r)
        {
            _custody = 0;
            return;
        }

        double kept = r * mood.Custody;
        if (_custody > kept * (1 + _trait.Buffer)) _custody = kept * (1 + _trait.Buffer);
        _short = _custody < kept ? _short + 1 : 0;
        if (_short <= _trait.TopUpDays || mood.NoTopUp) return;
        _custody = kept * (1 + _trait.Buffer);
        _short = 0;
    }
}
