using Receivables.Financing;
using Receivables.Maturity;
using Receivables.Rules;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Maturity;

public sealed class LateInterestTests
{
    private const long Million = 100_000_000;
    private static readonly DateOnly Due = new(2026, 3, 2);
    private static readonly DateOnly Paid = Due.AddDays(30);

    private static LateInterest Of(PartyClass debtor, PartyClass creditor, int? agreed = null, int? lpr = 30_000) =>
        LateInterest.Of(Million, Due, Paid, debtor, creditor, agreed, lpr);

    [Theory]
    [InlineData(PartyClass.Authority)]
    [InlineData(PartyClass.Institution)]
    [InlineData(PartyClass.LargeEnterprise)]
    public void Regulations_article_17_gives_15000_for_a_million_30_days_late(PartyClass debtor)
    {
        LateInterest late = Of(debtor, PartyClass.Sme);
        late.Fen.ShouldBe(1_500_000);
        late.Basis.ShouldBe(LateBasis.Statutory);
        late.Finding!.Article.ShouldBe("第十七条");
    }

    [Fact]
    public void Article_17_says_nothing_of_other_debts()
    {
        Of(PartyClass.LargeEnterprise, PartyClass.LargeEnterprise).ShouldBe(new LateInterest(null, LateBasis.None, null));
        Of(PartyClass.Sme, PartyClass.Sme).Fen.ShouldBeNull();
        Of(PartyClass.Sme, PartyClass.Sme, agreed: 36_500).Fen.ShouldBe(300_000);
    }

    [Fact]
    public void An_agreed_rate_counts_unless_it_is_below_the_lpr_or_that_is_unknown()
    {
        LateInterest agreed = Of(PartyClass.LargeEnterprise, PartyClass.Sme, agreed: 36_500);
        agreed.Fen.ShouldBe(300_000);
        agreed.Basis.ShouldBe(LateBasis.Agreed);
        Of(PartyClass.LargeEnterprise, PartyClass.Sme, agreed: 29_999).Basis.ShouldBe(LateBasis.Unsettled);
        Of(PartyClass.LargeEnterprise, PartyClass.Sme, agreed: 36_500, lpr: null).Fen.ShouldBeNull();
    }

    [Fact]
    public void Interest_runs_from_the_day_after_it_was_due()
    {
        LateInterest.Of(Million, Due, Due, PartyClass.Authority, PartyClass.Sme, null, null).Fen.ShouldBe(0);
        LateInterest.Of(Million, Due, Due.AddDays(1), PartyClass.Authority, PartyClass.Sme, null, null).Fen
            .ShouldBe(50_000);
        Discount.HalfUp(3, 2).ShouldBe(2);
    }
}
