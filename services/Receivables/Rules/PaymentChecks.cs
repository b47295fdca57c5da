namespace Receivables.Rules;

/// <summary>Checks on payment, its lateness and what it is set against.</summary>
internal static class PaymentChecks
{
    public static Checked Check(Rule rule, Facts.Path facts) => rule.Check switch
    {
        "no-platform-account" => facts.PlatformAccount || facts.PooledAccount ? Checked.Refuse() : Checked.Allow,
        "cleared-by-bank" => facts.ByBank ? Checked.Allow : Checked.Refuse("bank"),
        _ => throw new InvalidOperationException($"Rule {rule.Id} names no check on a path: {rule.Check}."),
    };

    public static Checked? Check(Rule rule, Facts.Confirmation facts, DateOnly asOf)
    {
        if (!IsCovered(facts.Debtor, facts.Creditor))
            return null;
        DateOnly last = facts.Requested.AddDays(rule.Number("days"));
        return (facts.Confirmed ?? asOf) <= last ? Checked.Allow : Checked.Refuse("confirmation");
    }

    public static Checked? Check(Rule rule, Facts.Lateness facts)
    {
        if (!IsCovered(facts.Debtor, facts.Creditor))
            return null;
        if (facts.AgreedPpm is not { } agreed)
            return Checked.Allow;
        return facts.LprPpm is not { } floor ? Checked.Refuse("lpr")
            : agreed >= floor ? Checked.Allow : Checked.Refuse("agreed-rate");
    }

    public static Checked Check(Rule rule, Facts.Appropriation facts) => rule.Check switch
    {
        "between-debts" => facts.Named ? Checked.Allow
            : facts.AgreedOrderSha256 is { } other ? Checked.With(("agreed-order", other)) : Checked.Allow,
        "within-debt" =>
            facts.AgreedOrderSha256 is { } agreed ? Checked.With(("agreed-order", agreed)) : Checked.Allow,
        _ => throw new InvalidOperationException($"Rule {rule.Id} names no check on payments: {rule.Check}."),
    };

    /// <summary>Whether the Regulations cover the debt (art. 2).</summary>
    public static bool IsCovered(PartyClass debtor, PartyClass creditor) => creditor == PartyClass.Sme
        && debtor is (PartyClass.Authority or PartyClass.Institution or PartyClass.LargeEnterprise);
}
