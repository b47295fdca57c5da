namespace Prepaid.Refunds;

/// <summary>Part of a principal on which interest runs at a rate of its own.</summary>
/// <param name="Fen">The part.</param>
/// <param name="RatePpm">Yearly rate in millionths: 3.00 % is 30000.</param>
/// <param name="Rule">Why this rate.</param>
public sealed record InterestPart(long Fen, int RatePpm, string Rule);

/// <summary>
/// Interest on a refund from the end of the contract (法释〔2025〕4号 art. 16 and 17). Actual days over 365, each part
/// rounded half up once.
/// </summary>
public static class RefundInterest
{
    private const int Million = 1_000_000;
    private const int YearDays = 365;

    /// <summary>The parts of a refund with their rates.</summary>
    /// <param name="fen">What is paid back.</param>
    /// <param name="custodyFen">What of it lies in custody, and earns the custody's own rate.</param>
    /// <param name="custodyPpm">That rate.</param>
    /// <param name="cause">Whose cause it is: the consumer's earns the deposit rate, any other the LPR.</param>
    /// <param name="lprPpm">One-year LPR when the contract was made.</param>
    /// <param name="depositPpm">The central bank's one-year deposit rate.</param>
    /// <param name="agreedPpm">The contract's rate; counts where it is better for the consumer.</param>
    public static IReadOnlyList<InterestPart> Parts(
        long fen, long custodyFen, int custodyPpm, RefundCause cause, int lprPpm, int depositPpm, int? agreedPpm)
    {
        (int rate, string rule) = cause == RefundCause.Consumer
            ? (depositPpm, "法释〔2025〕4号 art. 16: 1Y deposit rate") : (lprPpm, "法释〔2025〕4号 art. 16: 1Y LPR");
        if (agreedPpm is { } agreed && agreed > rate)
            (rate, rule) = (agreed, "法释〔2025〕4号 art. 16: agreed");
        long held = Math.Min(fen, custodyFen);
        InterestPart rest = new(fen - held, rate, rule);
        return held == 0 ? [rest] : [new InterestPart(held, custodyPpm, "法释〔2025〕4号 art. 16: custody"), rest];
    }

    /// <summary>Interest of the parts over some days, in fen.</summary>
    public static long Fen(IEnumerable<InterestPart> parts, int days) => parts.Sum(p =>
        (long)((2 * (Int128)p.Fen * p.RatePpm * days + YearDays * (Int128)Million) / (2 * YearDays * (Int128)Million)));
}
