using Receivables.Rules;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Rules;

public sealed class OtherRulesTests
{
    private const string Digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static readonly DateOnly Today = new(2026, 3, 2);
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.FromHours(8));

    [Fact]
    public void A_rule_that_nothing_is_held_against_says_so() =>
        RuleBook.All.Where(r => r.Informational is null).Select(r => r.Step).Distinct()
            .ShouldBe(["issue", "finance", "lateness"], ignoreOrder: true);

    private static void ShouldBe(Facts facts, string rule, RuleOutcome outcome, string article, params string[] needs)
    {
        Finding finding = RuleBook.Judge(facts, Today).Of(rule).ShouldNotBeNull();
        finding.Outcome.ShouldBe(outcome);
        finding.Article.ShouldBe(article);
        finding.Needs.ShouldBe(needs);
    }

    private static Facts.Finance Financing(DateOnly due) =>
        new(Today, due, Noon.AddHours(-1), Noon, DebtorConfirmed: true, KnownFabricated: false);

    [Fact]
    public void Civil_code_545_bars_by_nature_and_records_a_clause_between_the_parties()
    {
        ShouldBe(new Facts.Transfer(false, null, true), "545-assignable", RuleOutcome.Allow, "第五百四十五条");
        ShouldBe(new Facts.Transfer(true, null, true), "545-assignable", RuleOutcome.Refuse, "第五百四十五条");
        ShouldBe(new Facts.Transfer(false, Digest, true), "545-assignable", RuleOutcome.AllowWithGrounds, "第五百四十五条");
    }

    [Fact]
    public void Civil_code_546_wants_the_debtor_to_be_told()
    {
        ShouldBe(new Facts.Transfer(false, null, true), "546-notice", RuleOutcome.Allow, "第五百四十六条");
        ShouldBe(new Facts.Transfer(false, null, false), "546-notice", RuleOutcome.Refuse, "第五百四十六条", "notice");
    }

    [Fact]
    public void Notice_77_article_11_has_long_terms_examined_before_financing()
    {
        ShouldBe(Financing(new(2026, 9, 2)), "77-11-examined", RuleOutcome.Allow, "第十一条");
        ShouldBe(Financing(new(2026, 9, 3)), "77-11-examined", RuleOutcome.Refuse, "第十一条", "grounds");
        Facts.Finance examined = Financing(new(2026, 9, 3)) with
        {
            Grounds = new Dictionary<string, Grounds>
            {
                ["77-11-examined"] = new("custom of ship building", "desk", Digest),
            },
        };
        ShouldBe(examined, "77-11-examined", RuleOutcome.AllowWithGrounds, "第十一条");
    }

    [Fact]
    public void Notice_77_article_13_wants_registration_before_paying_out()
    {
        Facts.Finance facts = Financing(new(2026, 6, 2));
        ShouldBe(facts, "77-13-registration", RuleOutcome.Allow, "第十三条");
        ShouldBe(facts with { RegisteredAt = null }, "77-13-registration", RuleOutcome.Refuse, "第十三条", "registration");
        ShouldBe(facts with { RegisteredAt = Noon.AddSeconds(1) }, "77-13-registration", RuleOutcome.Refuse, "第十三条",
            "registration");
    }

    [Fact]
    public void Civil_code_763_does_not_protect_a_financier_that_knows_the_trade_is_made_up()
    {
        Facts.Finance facts = Financing(new(2026, 6, 2));
        ShouldBe(facts, "763-fabricated", RuleOutcome.Allow, "第七百六十三条");
        ShouldBe(facts with { KnownFabricated = true }, "763-fabricated", RuleOutcome.Refuse, "第七百六十三条");
        Facts.Finance unconfirmed = facts with { DebtorConfirmed = false };
        ShouldBe(unconfirmed, "763-fabricated", RuleOutcome.Refuse, "第七百六十三条", "grounds");
        ShouldBe(unconfirmed with
        {
            Grounds = new Dictionary<string, Grounds> { ["763-fabricated"] = new("invoice checked", "desk", Digest) },
        }, "763-fabricated", RuleOutcome.AllowWithGrounds, "第七百六十三条");
    }

    [Fact]
    public void Civil_code_766_returns_the_surplus_and_767_keeps_it()
    {
        ShouldBe(new Facts.Surplus(true, 100, 100), "766-recourse", RuleOutcome.Allow, "第七百六十六条");
        ShouldBe(new Facts.Surplus(true, 100, 99), "766-recourse", RuleOutcome.Refuse, "第七百六十六条", "surplus");
        ShouldBe(new Facts.Surplus(false, 100, 0), "767-no-recourse", RuleOutcome.Allow, "第七百六十七条");
        RuleBook.Judge(new Facts.Surplus(false, 100, 0), Today).Of("766-recourse").ShouldBeNull();
    }

    [Fact]
    public void Civil_code_768_ranks_by_imported_receipts_alone()
    {
        ShouldBe(new Facts.Priority(true), "768-rank", RuleOutcome.Allow, "第七百六十八条");
        ShouldBe(new Facts.Priority(false), "768-rank", RuleOutcome.Refuse, "第七百六十八条", "registration");
    }

    [Fact]
    public void Notice_77_articles_4_and_14_keep_money_off_platform_and_pooled_accounts()
    {
        ShouldBe(new Facts.Path(false, false, true), "77-4-platform", RuleOutcome.Allow, "第四条");
        ShouldBe(new Facts.Path(true, false, true), "77-4-platform", RuleOutcome.Refuse, "第四条");
        ShouldBe(new Facts.Path(false, true, true), "77-4-platform", RuleOutcome.Refuse, "第四条");
        ShouldBe(new Facts.Path(false, false, true), "77-14-bank", RuleOutcome.Allow, "第十四条");
        ShouldBe(new Facts.Path(false, false, false), "77-14-bank", RuleOutcome.Refuse, "第十四条", "bank");
    }

    [Fact]
    public void Regulations_article_16_gives_the_debtor_30_days_to_confirm()
    {
        Facts.Confirmation facts = new(PartyClass.LargeEnterprise, PartyClass.Sme, Today.AddDays(-30), null);
        ShouldBe(facts, "802-16-confirm", RuleOutcome.Allow, "第十六条");
        ShouldBe(facts with { Requested = Today.AddDays(-31) }, "802-16-confirm", RuleOutcome.Refuse, "第十六条",
            "confirmation");
        ShouldBe(facts with { Requested = Today.AddDays(-31), Confirmed = Today.AddDays(-1) }, "802-16-confirm",
            RuleOutcome.Allow, "第十六条");
        RuleBook.Judge(facts with { Debtor = PartyClass.Sme }, Today).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void Regulations_article_17_refuses_an_agreed_rate_below_the_lpr()
    {
        Facts.Lateness facts = new(PartyClass.Authority, PartyClass.Sme, 30_000, 30_000);
        ShouldBe(facts, "802-17-interest", RuleOutcome.Allow, "第十七条");
        ShouldBe(facts with { AgreedPpm = null }, "802-17-interest", RuleOutcome.Allow, "第十七条");
        ShouldBe(facts with { AgreedPpm = 29_999 }, "802-17-interest", RuleOutcome.Refuse, "第十七条", "agreed-rate");
        ShouldBe(facts with { LprPpm = null }, "802-17-interest", RuleOutcome.Refuse, "第十七条", "lpr");
        RuleBook.Judge(facts with { Creditor = PartyClass.LargeEnterprise }, Today).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void Civil_code_560_and_561_give_way_to_a_recorded_agreement()
    {
        ShouldBe(new Facts.Appropriation(true, null), "560-debts", RuleOutcome.Allow, "第五百六十条");
        ShouldBe(new Facts.Appropriation(false, Digest), "560-debts", RuleOutcome.AllowWithGrounds, "第五百六十条");
        ShouldBe(new Facts.Appropriation(false, null), "561-within", RuleOutcome.Allow, "第五百六十一条");
        ShouldBe(new Facts.Appropriation(true, Digest), "561-within", RuleOutcome.AllowWithGrounds, "第五百六十一条");
    }

    [Fact]
    public void Every_rule_names_its_law_source_and_words_in_both_languages()
    {
        RuleBook.All.Select(r => r.Id).ShouldBeUnique();
        foreach (Rule rule in RuleBook.All)
        {
            rule.Article.ShouldStartWith("第");
            rule.Source.ShouldBeOneOf("text", "secondary");
            rule.Status.ShouldBeOneOf("in-force", "transition");
            foreach (Words words in new[] { rule.Says, rule.Refuse, rule.Grounds ?? rule.Says })
            {
                words.Zh.ShouldNotBeNullOrWhiteSpace();
                words.En.ShouldNotBeNullOrWhiteSpace();
                foreach (string word in (string[])["背书", "承兑", "贴现"])
                    words.Zh.ShouldNotContain(word);
            }
        }
    }
}
