using Proofs.Liabilities;

namespace Prepaid.Custody;

/// <summary>
/// Three figures of a merchant's day side by side: what the cards say, what the chain says, and what the bank says; and
/// whether what lies there is what the rules ask. Amounts in fen; pure.
/// </summary>
/// <param name="Day">The day.</param>
/// <param name="CardsFen">Principal by the cards.</param>
/// <param name="ChainFen">Principal by the root on the chain; null where there is none.</param>
/// <param name="BankFen">The bank's closing balance; null without a statement of the day.</param>
/// <param name="OffsetFen">Insurances and guarantees in force.</param>
/// <param name="RequiredFen">What has to be there at most by the rules; null where no rule is known.</param>
/// <param name="Breaks">Differences by their stable names; none where all agree.</param>
public sealed record Reconciliation(
    DateOnly Day, long CardsFen, long? ChainFen, long? BankFen, long OffsetFen, long? RequiredFen,
    IReadOnlyList<string> Breaks)
{
    /// <summary>The cards and the chain say different amounts.</summary>
    public const string ChainDiffers = "chain-differs";

    /// <summary>The chain has no root of the day.</summary>
    public const string NoRoot = "no-root";

    /// <summary>The bank has sent no statement of the day; due on the next (D+1).</summary>
    public const string NoStatement = "no-statement";

    /// <summary>Money left the account without an order.</summary>
    public const string Unordered = "payment-without-order";

    /// <summary>An order came back.</summary>
    public const string Returned = "order-returned";

    /// <summary>The bank signed another balance than its statement closes with.</summary>
    public const string FigureDiffers = "figure-differs";

    /// <summary>Less than required.</summary>
    public const string Shortfall = "shortfall";

    /// <summary>No rule is known: ask counsel.</summary>
    public const string NoRule = "no-rule-known";

    /// <summary>Custody and offsets; null without a statement.</summary>
    public long? ResourceFen => BankFen + OffsetFen;

    /// <summary>What is missing; null where that is not known.</summary>
    public long? ShortfallFen => RequiredFen - ResourceFen is { } gap ? Math.Max(0, gap) : null;

    /// <summary>Compares the figures of a day.</summary>
    public static Reconciliation Of(
        DateOnly day, long cardsFen, LiabilityRoot? chain, CustodyAccount account, long? requiredFen)
    {
        BankStatement? statement = account.Last?.Day == day ? account.Last : null;
        Reconciliation figures = new(day, cardsFen, chain?.Total.PrincipalFen, statement?.ClosingFen,
            account.OffsetOn(day), requiredFen, []);
        List<string> breaks = [];
        if (chain is null)
            breaks.Add(NoRoot);
        else if (chain.Total.PrincipalFen != cardsFen)
            breaks.Add(ChainDiffers);
        if (statement is null)
            breaks.Add(NoStatement);
        if (statement is not null && account.Figures.TryGetValue(day, out CustodyEvent.FigureSigned? signed)
            && signed.Fen != statement.ClosingFen)
            breaks.Add(FigureDiffers);
        if (statement?.Entries.Any(e => e.Fen < 0 && (e.Order is null || !account.Orders.ContainsKey(e.Order))) == true)
            breaks.Add(Unordered);
        if (statement?.Entries.Any(e => e.Order is { } id
            && account.Orders.GetValueOrDefault(id)?.State == OrderState.Returned) == true)
            breaks.Add(Returned);
        if (requiredFen is null)
            breaks.Add(NoRule);
        if (figures.ShortfallFen > 0)
            breaks.Add(Shortfall);
        return figures with { Breaks = breaks };
    }
}
