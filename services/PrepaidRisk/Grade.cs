using System.Collections.Immutable;

namespace PrepaidRisk;

/// <summary>The letters, by points of a hundred: AAA from 90, AA from 80, A from 70, B from 60, C below.</summary>
public enum Letter
{
    C,
    B,
    A,
    AA,
    AAA,
}

/// <summary>A part of a grade.</summary>
/// <param name="Name">coverage, liquidity, conduct, reporting, governance or history.</param>
/// <param name="Points">Points given.</param>
/// <param name="Of">Points that could be given; 0 where the part does not apply.</param>
public sealed record GradePart(string Name, double Points, double Of);

/// <summary>Why a grade is C whatever its points.</summary>
public enum Cap
{
    BanListed,

    /// <summary>Ten days in a row with less than half of what is required.</summary>
    HalfCovered,

    /// <summary>Fifteen days without a report.</summary>
    Silent,
}

/// <summary>
/// A merchant's grade of a day, for the regulator: a model of the suite, no national standard. A merchant may appeal
/// against it, so every part is shown.
/// </summary>
/// <param name="Letter">The letter.</param>
/// <param name="Points">Points of a hundred, of the parts that apply.</param>
/// <param name="Parts">What it is made of.</param>
/// <param name="Caps">What makes it C at once.</param>
public sealed record Grade(Letter Letter, double Points, ImmutableArray<GradePart> Parts, ImmutableArray<Cap> Caps)
{
    private const double HealthyBurnMonths = 6;
    private const double HopelessBurnMonths = 24;

    /// <summary>The grade of a day.</summary>
    /// <param name="file">What has arrived until that day.</param>
    /// <param name="today">The day.</param>
    /// <param name="banListed">It stands on a list of those who may not sell.</param>
    /// <returns>The grade; null before the first report.</returns>
    public static Grade? Of(MerchantFile file, DateOnly today, bool banListed)
    {
        if (file.Latest is not { } latest || file.First is not { } first) return null;
        double[] s = Signals.Of(file, today);
        List<ObservedDay> month = [.. file.Between(latest.Day.AddDays(-27), latest.Day)];
        bool ruled = month.Any(d => d.RequiredFen is not null);
        ImmutableArray<GradePart> parts =
        [
            Part("coverage", ruled ? 35 : 0,
                Math.Max(month.Average(d => d.Shortfall), At(s, Signal.ShortfallDays) / 2)),
            Part("liquidity", 20, 1 - Liquidity(month)),
            Part("conduct", 15,
                (At(s, Signal.Complaints) + At(s, Signal.RefundBacklog) + At(s, Signal.Refusals)) / 6),
            Part("reporting", 10, At(s, Signal.Silence) + (At(s, Signal.LateReconciliation) / 6)),
            Part("governance", 10, Governance(s) / 3),
            Part("history", 10, 1 - ((latest.Day.DayNumber - first.Day.DayNumber) / 730.0)),
        ];
        double points = Math.Round(100 * parts.Sum(p => p.Points) / parts.Sum(p => p.Of), 1);
        ImmutableArray<Cap> caps = [.. CapsOf(file, latest, today, banListed)];
        return new Grade(caps.IsEmpty ? LetterOf(points) : Letter.C, points, parts, caps);
    }

    /// <summary>The letter of points of a hundred.</summary>
    public static Letter LetterOf(double points) => points switch
    {
        >= 90 => Letter.AAA,
        >= 80 => Letter.AA,
        >= 70 => Letter.A,
        >= 60 => Letter.B,
        _ => Letter.C,
    };

    /// <summary>A part from which a share between 0 and 1 is taken.</summary>
    private static GradePart Part(string name, double of, double taken) => new(name, of * (1 - Math.Clamp(taken, 0, 1)), of);

    private static IEnumerable<Cap> CapsOf(MerchantFile file, ObservedDay latest, DateOnly today, bool banListed)
    {
        if (banListed) yield return Cap.BanListed;
        List<ObservedDay> ten = [.. file.Between(latest.Day.AddDays(-9), latest.Day)];
        if (ten.Count == 10 && ten.All(d => d.Shortfall > 0.5)) yield return Cap.HalfCovered;
        if (today.DayNumber - latest.Day.DayNumber >= 15) yield return Cap.Silent;
    }

    private static double At(double[] s, Signal signal) => s[(int)signal];

    private static double Governance(double[] s) =>
        At(s, Signal.NewRepresentative) + At(s, Signal.LeaseEnds) + At(s, Signal.Lawsuit) + At(s, Signal.TaxArrears)
        + At(s, Signal.BranchClosed);

    /// <summary>1 where what is owed is used up within half a year, 0 where it takes two years.</summary>
    private static double Liquidity(List<ObservedDay> month)
    {
        double used = month.Average(d => d.RedeemedFen) * 30;
        double months = used > 0 ? month[^1].OwedFen / used : month[^1].OwedFen > 0 ? HopelessBurnMonths : 0;
        return Math.Clamp((HopelessBurnMonths - months) / (HopelessBurnMonths - HealthyBurnMonths), 0, 1);
    }
}
