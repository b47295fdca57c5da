namespace Receivables.Financing;

/// <summary>How many days a year has for a rate.</summary>
public enum DayCount
{
    /// <summary>Actual days over 360, which banks here use.</summary>
    Act360,

    /// <summary>Actual days over 365.</summary>
    Act365,
}

/// <summary>A fee of a financing.</summary>
/// <param name="Payee">Who gets it.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Fen">How much.</param>
public sealed record Fee(string Payee, string Name, long Fen);

/// <summary>What a financier asks.</summary>
/// <param name="RatePpm">Yearly rate in millionths: 3.85 % is 38500.</param>
/// <param name="Basis">The days of its year.</param>
/// <param name="DebtorPpm">Share of the interest that the debtor bears, in millionths; 0 where the seller bears
/// all.</param>
/// <param name="Fees">Every fee that the seller pays, to whomever.</param>
public sealed record Price(int RatePpm, DayCount Basis, int DebtorPpm, IReadOnlyList<Fee> Fees);

/// <summary>What a price comes to for an amount and a time; all in fen.</summary>
/// <param name="Amount">What is financed.</param>
/// <param name="Days">From paying out to the due day.</param>
/// <param name="Interest">A·r·d/360 or /365, rounded half up once.</param>
/// <param name="SellerInterest">The part of it that the seller bears.</param>
/// <param name="Fees">Fees by payee.</param>
/// <param name="Proceeds">What the seller gets.</param>
/// <param name="SimplePpm">(A−P)/P·365/d in millionths.</param>
/// <param name="EffectivePpm">(1+(A−P)/P)^(365/d)−1 in millionths.</param>
public sealed record TrueCost(
    long Amount, int Days, long Interest, long SellerInterest, IReadOnlyDictionary<string, long> Fees, long Proceeds,
    long SimplePpm, long EffectivePpm)
{
    /// <summary>The interest that the debtor bears.</summary>
    public long DebtorInterest => Interest - SellerInterest;

    /// <summary>What the seller gives up.</summary>
    public long Cost => Amount - Proceeds;
}

/// <summary>The arithmetic of financing: exact, rounded half up to the fen once at the end.</summary>
public static class Discount
{
    private const int Million = 1_000_000;
    private const int YearDays = 365;

    /// <summary>Amount · rate · days / (360 or 365), half up.</summary>
    /// <param name="fen">The amount; not negative.</param>
    /// <param name="ratePpm">Yearly rate in millionths; not negative.</param>
    /// <param name="days">Days; not negative.</param>
    /// <param name="basis">The days of the year.</param>
    /// <exception cref="OverflowException">The result is no amount in fen.</exception>
    public static long Interest(long fen, int ratePpm, int days, DayCount basis) =>
        HalfUp((Int128)fen * ratePpm * days, (Int128)(basis == DayCount.Act360 ? 360 : YearDays) * Million);

    /// <summary>A quotient of whole numbers that are not negative, half up.</summary>
    public static long HalfUp(Int128 dividend, Int128 divisor) =>
        checked((long)((2 * dividend + divisor) / (2 * divisor)));

    /// <summary>What a price comes to; null where nothing would be left for the seller, or no day to finance.</summary>
    public static TrueCost? Cost(long fen, int days, Price price)
    {
        if (fen <= 0 || days <= 0)
            return null;
        long interest = Interest(fen, price.RatePpm, days, price.Basis);
        long seller = HalfUp((Int128)interest * (Million - price.DebtorPpm), Million);
        SortedDictionary<string, long> fees = new(StringComparer.Ordinal);
        foreach (Fee fee in price.Fees)
            fees[fee.Payee] = checked(fees.GetValueOrDefault(fee.Payee) + fee.Fen);
        long proceeds = checked(fen - seller - fees.Values.Sum());
        return proceeds <= 0 ? null : Over(new TrueCost(fen, 0, interest, seller, fees, proceeds, 0, 0), days);
    }

    /// <summary>The same amounts over another number of days, with the yearly cost that they then come to.</summary>
    /// <param name="cost">The amounts.</param>
    /// <param name="days">At least one.</param>
    public static TrueCost Over(TrueCost cost, int days) => cost with
    {
        Days = days,
        SimplePpm = HalfUp((Int128)cost.Cost * YearDays * Million, (Int128)cost.Proceeds * days),
        EffectivePpm = (long)decimal.Round(
            Effective(cost.Amount, cost.Proceeds, days) * Million, 0, MidpointRounding.AwayFromZero),
    };

    /// <summary>Effective yearly cost as a fraction; the same on every machine, unlike floating point.</summary>
    internal static decimal Effective(long fen, long proceeds, int days)
    {
        decimal logarithm = LogOnePlus((decimal)(fen - proceeds) / proceeds);
        return Exp(logarithm * YearDays / days) - 1;
    }

    /// <summary>ln(1+x) = 2·artanh(x/(2+x)).</summary>
    private static decimal LogOnePlus(decimal x)
    {
        decimal z = x / (2 + x);
        decimal power = z;
        decimal sum = 0;
        for (int k = 1; power != 0; k += 2)
        {
            decimal before = sum;
            sum += power / k;
            if (sum == before)
                break;
            power *= z * z;
        }
        return 2 * sum;
    }

    /// <summary>
    /// e^x by halving x until it is small, its series, and squaring back; capped where no cost is meant.
    /// </summary>
    private static decimal Exp(decimal x)
    {
        if (x > ExponentMax)
            return CostMax;
        int halved = 0;
        for (; x > 0.5m; halved++)
            x /= 2;
        decimal term = 1;
        decimal sum = 1;
        for (int k = 1; term != 0; k++)
        {
            term *= x / k;
            sum += term;
        }
        for (; halved > 0; halved--)
            sum *= sum;
        return sum;
    }

    // e^20 is a yearly cost of 48 thousand million percent: shown as that, and sorted last.
    private const decimal ExponentMax = 20m;
    private const decimal CostMax = 485_165_195m;
}
