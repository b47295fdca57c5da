namespace Receivables.Rules;

/// <summary>Checks on transfer and financing.</summary>
internal static class FinanceChecks
{
    public static Checked Check(Rule rule, Facts.Transfer facts) => rule.Check switch
    {
        "assignable" => facts.BarredByNature ? Checked.Refuse()
            : facts.BarredByContractSha256 is { } clause ? Checked.With(("bar-clause", clause)) : Checked.Allow,
        "debtor-notified" => facts.Notified ? Checked.Allow : Checked.Refuse("notice"),
        _ => throw new InvalidOperationException($"Rule {rule.Id} names no check on transfer: {rule.Check}."),
    };

    public static Checked Check(Rule rule, Facts.Finance facts) => rule.Check switch
    {
        "term-examined" => facts.Due <= facts.Issued.AddMonths(rule.Number("months"))
            ? Checked.Allow : Checked.WithGrounds(rule, facts),
        "registered-first" => facts.RegisteredAt is { } at && at <= facts.PaysAt
            ? Checked.Allow : Checked.Refuse("registration"),
        "not-fabricated" => facts.KnownFabricated ? Checked.Refuse()
            : facts.DebtorConfirmed ? Checked.Allow : Checked.WithGrounds(rule, facts),
        _ => throw new InvalidOperationException($"Rule {rule.Id} names no check on financing: {rule.Check}."),
    };

    public static Checked? Check(Rule rule, Facts.Surplus facts) => rule.Check switch
    {
        "surplus-returned" when facts.Recourse =>
            facts.Returned == facts.Amount ? Checked.Allow : Checked.Refuse("surplus"),
        "surplus-kept" when !facts.Recourse => Checked.Allow,
        "surplus-returned" or "surplus-kept" => null,
        _ => throw new InvalidOperationException($"Rule {rule.Id} names no check on a surplus: {rule.Check}."),
    };

    public static Checked Check(Rule rule, Facts.Priority facts) => rule.Check switch
    {
        "rank-by-register" => facts.ByReceipts ? Checked.Allow : Checked.Refuse("registration"),
        _ => throw new InvalidOperationException($"Rule {rule.Id} names no check on rank: {rule.Check}."),
    };
}
