using Receivables.Rules;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Rules;

public sealed class IssueRulesTests
{
    private const string Digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static readonly DateOnly Issued = new(2026, 1, 15);
    private static readonly DateTimeOffset IssuedAt = new(2026, 1, 15, 10, 0, 0, TimeSpan.FromHours(8));

    private static Facts.Issue Between(PartyClass debtor, PartyClass creditor, DateOnly due) =>
        new(debtor, creditor, IssuedAt, due, Standing.Good)
        {
            RunsFrom = Issued,
            AgreedDue = due,
            VoucherClauseSha256 = Digest,
        };

    private static Facts.Issue Free(DateOnly due) =>
        Between(PartyClass.LargeEnterprise, PartyClass.LargeEnterprise, due);

    private static Finding Judge(Facts.Issue facts, string rule, DateOnly? asOf = null) =>
        RuleBook.Judge(facts, asOf ?? Issued).Of(rule).ShouldNotBeNull();

    private static Facts.Issue With(Facts.Issue facts, string rule) => facts with
    {
        Grounds = new Dictionary<string, Grounds> { [rule] = new("long project", "credit committee", Digest) },
    };

    private static void ShouldRest(Finding finding, RuleOutcome outcome, string law, string article)
    {
        finding.Outcome.ShouldBe(outcome);
        finding.Rule.Law.ShouldContain(law);
        finding.Article.ShouldBe(article);
        finding.Words.Zh.ShouldNotBeEmpty();
        finding.Words.En.ShouldNotBeEmpty();
    }

    [Fact]
    public void Notice_77_article_11_allows_six_months_and_asks_for_grounds_beyond()
    {
        const string rule = "77-11-in-principle";
        ShouldRest(Judge(Free(new(2026, 7, 15)), rule), RuleOutcome.Allow, "77号", "第十一条");
        Finding bare = Judge(Free(new(2026, 7, 16)), rule);
        ShouldRest(bare, RuleOutcome.Refuse, "77号", "第十一条");
        bare.Needs.ShouldBe(["grounds"]);
        Finding grounded = Judge(With(Free(new(2026, 7, 16)), rule), rule);
        ShouldRest(grounded, RuleOutcome.AllowWithGrounds, "77号", "第十一条");
        grounded.Recorded.ShouldBe([$"grounds:{Digest}"]);
    }

    [Fact]
    public void Notice_77_article_11_refuses_more_than_a_year()
    {
        const string rule = "77-11-at-most";
        ShouldRest(Judge(Free(new(2027, 1, 15)), rule), RuleOutcome.Allow, "77号", "第十一条");
        ShouldRest(Judge(Free(new(2027, 1, 16)), rule), RuleOutcome.Refuse, "77号", "第十一条");
        // Grounds help an arrangement from before the notice alone, and only until its transition ends.
        ShouldRest(Judge(With(Free(new(2027, 1, 16)), rule), rule), RuleOutcome.Refuse, "77号", "第十一条");
        Facts.Issue older = With(Free(new(2027, 1, 16)) with { OlderArrangement = true }, rule);
        ShouldRest(Judge(older, rule), RuleOutcome.AllowWithGrounds, "77号", "第十一条");
        Judge(older, rule, new DateOnly(2027, 6, 14)).Outcome.ShouldBe(RuleOutcome.AllowWithGrounds);
        Judge(older, rule, new DateOnly(2027, 6, 15)).Outcome.ShouldBe(RuleOutcome.Refuse);
        RuleBook.Get(rule).Transition.ShouldNotBeNull().Meaning.En.ShouldContain("strict reading");
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public void Notice_77_article_15_stops_a_core_enterprise_that_is_overdue(bool voucher, bool bond, bool listed)
    {
        Facts.Issue facts = Free(new(2026, 3, 1));
        ShouldRest(Judge(facts, "77-15-standing"), RuleOutcome.Allow, "77号", "第十五条");
        Finding stopped = Judge(facts with { Standing = new Standing(voucher, bond, listed) }, "77-15-standing");
        ShouldRest(stopped, RuleOutcome.Refuse, "77号", "第十五条");
        stopped.Needs.ShouldBe(["cleared"]);
    }

    [Theory]
    [InlineData(PartyClass.Authority)]
    [InlineData(PartyClass.Institution)]
    public void Regulations_article_9_paragraph_1_refuses_a_public_payer_beyond_60_days(PartyClass debtor)
    {
        const string rule = "802-9-public";
        ShouldRest(Judge(Between(debtor, PartyClass.Sme, Issued.AddDays(30)), rule), RuleOutcome.Allow, "802号",
            "第九条第一款");
        Facts.Issue agreed = Between(debtor, PartyClass.Sme, Issued.AddDays(60)) with { TermClauseSha256 = Digest };
        ShouldRest(Judge(agreed, rule), RuleOutcome.AllowWithGrounds, "802号", "第九条第一款");
        Judge(agreed with { TermClauseSha256 = null }, rule).Needs.ShouldBe(["term-clause"]);
        Facts.Issue late = agreed with { Due = Issued.AddDays(61) };
        ShouldRest(Judge(late, rule), RuleOutcome.Refuse, "802号", "第九条第一款");
        Judge(late, rule).Needs.ShouldBeEmpty();
        Judge(late with { RunsFrom = null }, rule).Needs.ShouldBe(["delivery"]);
    }

    [Fact]
    public void Regulations_article_9_paragraph_2_wants_clause_custom_and_free_consent_beyond_60_days()
    {
        const string rule = "802-9-large";
        Facts.Issue facts = Between(PartyClass.LargeEnterprise, PartyClass.Sme, Issued.AddDays(60));
        ShouldRest(Judge(facts, rule), RuleOutcome.Allow, "802号", "第九条第二款");
        Facts.Issue bare = facts with { Due = Issued.AddDays(61), AgreedDue = Issued.AddDays(61) };
        ShouldRest(Judge(bare, rule), RuleOutcome.Refuse, "802号", "第九条第二款");
        Judge(bare, rule).Needs.ShouldBe(["term-clause", "custom", "consent"]);

        Facts.Issue full = bare with
        {
            TermClauseSha256 = Digest,
            CustomSha256 = Digest,
            Consent = new Consent(IssuedAt.AddMinutes(-1), Free: true, Digest),
        };
        ShouldRest(Judge(full, rule), RuleOutcome.AllowWithGrounds, "802号", "第九条第二款");
        Judge(full, rule).Recorded.Count.ShouldBe(3);
        RuleBook.Judge(full, Issued).Allowed.ShouldBeTrue();
        Judge(full with { CustomSha256 = null }, rule).Needs.ShouldBe(["custom"]);
        Judge(full with { Consent = full.Consent! with { SignedAt = IssuedAt } }, rule).Needs.ShouldBe(["consent"]);
        Judge(full with { Consent = full.Consent! with { Free = false } }, rule).Needs.ShouldBe(["consent"]);
    }

    [Fact]
    public void The_60_days_count_from_delivery_and_include_the_vouchers_life()
    {
        // Delivered 50 days before issue: a voucher of 20 days makes 70.
        Facts.Issue facts = Between(PartyClass.LargeEnterprise, PartyClass.Sme, Issued.AddDays(20)) with
        {
            RunsFrom = Issued.AddDays(-50),
        };
        Judge(facts, "802-9-large").Outcome.ShouldBe(RuleOutcome.Refuse);
        Judge(facts with { Due = Issued.AddDays(10) }, "802-9-large").Outcome.ShouldBe(RuleOutcome.Allow);
    }

    [Fact]
    public void The_60_days_do_not_bind_between_large_enterprises() =>
        RuleBook.Judge(Free(new(2026, 7, 15)), Issued).Findings.Select(f => f.Rule.Id)
            .ShouldBe(["77-11-in-principle", "77-11-at-most", "77-15-standing"]);

    [Fact]
    public void Regulations_article_9_paragraph_2_refuses_pay_when_paid()
    {
        Facts.Issue facts = Between(PartyClass.LargeEnterprise, PartyClass.Sme, Issued.AddDays(60));
        ShouldRest(Judge(facts, "802-9-pay-when-paid"), RuleOutcome.Allow, "802号", "第九条第二款");
        ShouldRest(Judge(facts with { PayWhenPaid = true }, "802-9-pay-when-paid"), RuleOutcome.Refuse, "802号",
            "第九条第二款");
    }

    [Fact]
    public void Regulations_article_11_refuses_force_and_a_voucher_that_the_contract_does_not_name()
    {
        Facts.Issue facts = Between(PartyClass.Institution, PartyClass.Sme, Issued.AddDays(30));
        ShouldRest(Judge(facts, "802-11-not-forced"), RuleOutcome.Allow, "802号", "第十一条");
        ShouldRest(Judge(facts with { Forced = true }, "802-11-not-forced"), RuleOutcome.Refuse, "802号", "第十一条");
        ShouldRest(Judge(facts, "802-11-agreed"), RuleOutcome.Allow, "802号", "第十一条");
        Judge(facts with { VoucherClauseSha256 = null }, "802-11-agreed").Needs.ShouldBe(["voucher-clause"]);
    }

    [Fact]
    public void Regulations_article_11_refuses_a_disguised_extension()
    {
        Facts.Issue facts = Between(PartyClass.LargeEnterprise, PartyClass.Sme, Issued.AddDays(50));
        ShouldRest(Judge(facts, "802-11-no-extension"), RuleOutcome.Allow, "802号", "第十一条");
        // The contract would have paid in money after 45 days.
        ShouldRest(Judge(facts with { AgreedDue = Issued.AddDays(45) }, "802-11-no-extension"), RuleOutcome.Refuse,
            "802号", "第十一条");
        // No day in the contract: the statutory 60 days are the measure.
        Facts.Issue silent = facts with { AgreedDue = null };
        Judge(silent with { Due = Issued.AddDays(60) }, "802-11-no-extension").Outcome.ShouldBe(RuleOutcome.Allow);
        Judge(silent with { Due = Issued.AddDays(61) }, "802-11-no-extension").Outcome.ShouldBe(RuleOutcome.Refuse);
    }

    [Theory]
    [InlineData("77-11-in-principle", "2025-06-15")]
    [InlineData("77-11-at-most", "2025-06-15")]
    [InlineData("77-15-standing", "2025-06-15")]
    [InlineData("802-9-large", "2025-06-01")]
    [InlineData("802-9-pay-when-paid", "2025-06-01")]
    [InlineData("802-11-agreed", "2025-06-01")]
    [InlineData("802-11-not-forced", "2025-06-01")]
    [InlineData("802-11-no-extension", "2025-06-01")]
    public void A_rule_speaks_from_its_first_day(string rule, string first)
    {
        DateOnly day = DateOnly.Parse(first, null);
        Facts.Issue facts = Between(PartyClass.LargeEnterprise, PartyClass.Sme, Issued.AddDays(400)) with
        {
            Forced = true,
        };
        RuleBook.Judge(facts, day.AddDays(-1)).Of(rule).ShouldBeNull();
        RuleBook.Judge(facts, day).Of(rule).ShouldNotBeNull();
    }

    [Fact]
    public void A_month_without_the_day_ends_on_its_last()
    {
        // Issued 31 August: six months end on 28 February (Civil Code art. 202).
        Facts.Issue facts = Free(new(2026, 2, 28)) with
        {
            IssuedAt = new DateTimeOffset(2025, 8, 31, 0, 0, 0, TimeSpan.FromHours(8)),
        };
        Judge(facts, "77-11-in-principle").Outcome.ShouldBe(RuleOutcome.Allow);
        Judge(facts with { Due = new(2026, 3, 1) }, "77-11-in-principle").Outcome.ShouldBe(RuleOutcome.Refuse);
    }
}
