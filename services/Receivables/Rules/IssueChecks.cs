namespace Receivables.Rules;

/// <summary>Checks on what is to be issued.</summary>
internal static class IssueChecks
{
    public static Checked? Check(Rule rule, Facts.Issue facts, DateOnly asOf) => rule.Check switch
    {
        "term-in-principle" => InPrinciple(rule, facts),
        "term-at-most" => AtMost(rule, facts, asOf),
        "good-standing" => facts.Standing == Standing.Good ? Checked.Allow : Checked.Refuse("cleared"),
        "public-payer-days" => PublicPayer(rule, facts),
        "large-payer-days" => LargePayer(rule, facts),
        "no-pay-when-paid" when IsCovered(facts) => facts.PayWhenPaid ? Checked.Refuse() : Checked.Allow,
        "voucher-agreed" when IsCovered(facts) =>
            facts.VoucherClauseSha256 is null ? Checked.Refuse("voucher-clause") : Checked.Allow,
        "not-forced" when IsCovered(facts) => facts.Forced ? Checked.Refuse() : Checked.Allow,
        "no-extension" when IsCovered(facts) => NoExtension(rule, facts),
        "no-pay-when-paid" or "voucher-agreed" or "not-forced" or "no-extension" => null,
        _ => throw new InvalidOperationException($"Rule {rule.Id} names no check on issue: {rule.Check}."),
    };

    private static bool IsPublic(PartyClass party) => party is PartyClass.Authority or PartyClass.Institution;

    private static bool IsCovered(Facts.Issue facts) =>
        facts.Creditor == PartyClass.Sme && (IsPublic(facts.Debtor) || facts.Debtor == PartyClass.LargeEnterprise);

    // Civil Code arts. 201, 202: the first day does not count; a month ends on the day of the same number.
    private static DateOnly EndOfMonths(Rule rule, Facts.Issue facts) =>
        RuleBook.Day(facts.IssuedAt).AddMonths(rule.Number("months"));

    private static Checked InPrinciple(Rule rule, Facts.Issue facts) =>
        facts.Due <= EndOfMonths(rule, facts) ? Checked.Allow : Checked.WithGrounds(rule, facts);

    private static Checked AtMost(Rule rule, Facts.Issue facts, DateOnly asOf)
    {
        if (facts.Due <= EndOfMonths(rule, facts))
            return Checked.Allow;
        return facts.OlderArrangement && rule.Transition is { } transition && asOf < transition.To
            ? Checked.WithGrounds(rule, facts)
            : Checked.Refuse();
    }

    private static Checked? PublicPayer(Rule rule, Facts.Issue facts)
    {
        if (!IsPublic(facts.Debtor) || facts.Creditor != PartyClass.Sme)
            return null;
        if (facts.RunsFrom is not { } from)
            return Checked.Refuse("delivery");
        if (facts.Due <= from.AddDays(rule.Number("days")))
            return Checked.Allow;
        return facts.Due > from.AddDays(rule.Number("daysMax"))
            ? Checked.Refuse()
            : Checked.With(("term-clause", facts.TermClauseSha256));
    }

    private static Checked? LargePayer(Rule rule, Facts.Issue facts)
    {
        if (facts.Debtor != PartyClass.LargeEnterprise || facts.Creditor != PartyClass.Sme)
            return null;
        if (facts.RunsFrom is not { } from)
            return Checked.Refuse("delivery");
        if (facts.Due <= from.AddDays(rule.Number("days")))
            return Checked.Allow;
        bool consents = facts.Consent is { Free: true } consent && consent.SignedAt < facts.IssuedAt;
        return Checked.With(
            ("term-clause", facts.TermClauseSha256), ("custom", facts.CustomSha256),
            ("consent", consents ? facts.Consent!.Sha256 : null));
    }

    /// <summary>A voucher extends the time when it ends later than payment in money would have been due.</summary>
    private static Checked NoExtension(Rule rule, Facts.Issue facts)
    {
        int days = rule.Number(IsPublic(facts.Debtor) ? "publicDays" : "largeDays");
        DateOnly? last = facts.AgreedDue ?? facts.RunsFrom?.AddDays(days);
        return last is null ? Checked.Refuse("delivery") : facts.Due <= last ? Checked.Allow : Checked.Refuse();
    }
}
