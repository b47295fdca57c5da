using Receivables.Rules;
using Receivables.Trade;
using Receivables.Vouchers;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Trade;

/// <summary>What documents tell the rules of an issue, and whose word counts.</summary>
public class IssueFactsTests
{
    private const string Debtor = "carmaker", Creditor = "weaver";
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 2, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly Day = new(2026, 3, 1);

    [Theory]
    [InlineData(TradeKind.ForcedComplaint, "802-11-not-forced", "第十一条")]
    [InlineData(TradeKind.PayWhenPaidClause, "802-9-pay-when-paid", "第九条第二款")]
    public void What_the_creditor_deposited_against_it_refuses_the_issue(TradeKind kind, string rule, string article)
    {
        Judge(rule, Given()).Outcome.ShouldBe(RuleOutcome.Allow);
        Finding refused = Judge(rule, Given(File(kind, Creditor)));
        refused.Outcome.ShouldBe(RuleOutcome.Refuse);
        refused.Article.ShouldBe(article);
    }

    [Fact]
    public void A_debtors_word_makes_no_delivery_clause_custom_or_older_arrangement()
    {
        TradeKind[] kinds =
        [
            TradeKind.Delivery, TradeKind.TermClause, TradeKind.VoucherClause, TradeKind.Custom,
            TradeKind.OlderArrangement, TradeKind.ForcedComplaint,
        ];
        Facts.Issue own = Given([.. kinds.Select(k => File(k, Debtor, new DateOnly(2025, 6, 1)))]);
        (own.RunsFrom, own.TermClauseSha256, own.VoucherClauseSha256, own.CustomSha256, own.OlderArrangement, own.Forced)
            .ShouldBe((null, null, null, null, false, false));
        Facts.Issue given = Given([.. kinds.Select(k => File(k, Creditor, new DateOnly(2025, 6, 1)))]);
        given.RunsFrom.ShouldBe(new DateOnly(2025, 6, 1));
        given.OlderArrangement.ShouldBeTrue();
        // Notice 77 came into force on 15 June 2025: what is dated then is no older arrangement.
        Given(File(TradeKind.OlderArrangement, Creditor, new DateOnly(2025, 6, 15))).OlderArrangement.ShouldBeFalse();
    }

    [Fact]
    public void Consent_is_what_the_creditor_signed_and_as_free_as_it_said()
    {
        TermConsents signed = new([(new TermConsented("c", Debtor, 100, Day.AddDays(90), false, "aa"), Now)]);
        signed.For(101, Day.AddDays(90)).ShouldBeNull();
        signed.For(100, Day.AddDays(91)).ShouldBeNull();
        signed.For(100, Day.AddDays(90)).ShouldBe(new global::Receivables.Rules.Consent(Now, false, "aa"));
    }

    private static Finding Judge(string rule, Facts.Issue facts) =>
        RuleBook.Judge(facts, Day).Of(rule).ShouldNotBeNull();

    private static Facts.Issue Given(params TradeFile[] documents) => IssueRules.Read(
        new VoucherEvent.Issued("c", "V", Debtor, Debtor, Creditor, 100, Day, Day.AddDays(50), [], new Terms(), Now),
        (PartyClass.LargeEnterprise, PartyClass.Sme), Standing.Good, documents, null, Now);

    private static TradeFile File(TradeKind kind, string owner, DateOnly? on = null) => new(
        Guid.NewGuid(), owner, new string('a', 64),
        new TradeBody(kind, "1", null, Creditor, Debtor, null, null, on ?? Day, null, null), [], 0);
}
