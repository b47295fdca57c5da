using Receivables.Maturity;
using Receivables.Rules;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Maturity;

public sealed class LateInterestTests
{
    private const long Million = 100_000_000;
    private static readonly DateOnly Due = new(2026, 3, 2);

    private static (long? Fen, LateRate Rate) Of(
        PartyClass debtor, PartyClass creditor, int? agreed = null, int? lpr = 30_000)
    {
        LateRate rate = LateRate.Of(new LateTerms(debtor, creditor, agreed, lpr), Due);
        return (rate.On((Int128)Million * 30), rate);
    }

    [Theory]
    [InlineData(PartyClass.Authority)]
    [InlineData(PartyClass.Institution)]
    [InlineData(PartyClass.LargeEnterprise)]
    public void Regulations_article_17_gives_15000_for_a_million_30_days_late(PartyClass debtor)
    {
        (long? fen, LateRate rate) = Of(debtor, PartyClass.Sme);
        fen.ShouldBe(1_500_000);
        rate.Basis.ShouldBe(LateBasis.Statutory);
        rate.Finding!.Article.ShouldBe("第十七条");
    }

    [Fact]
    public void Article_17_says_nothing_of_other_debts()
    {
        (long? fen, LateRate rate) = Of(PartyClass.LargeEnterprise, PartyClass.LargeEnterprise);
        fen.ShouldBeNull();
        rate.Basis.ShouldBe(LateBasis.None);
        rate.Finding.ShouldBeNull();
        Of(PartyClass.Sme, PartyClass.Sme).Fen.ShouldBeNull();
        Of(PartyClass.Sme, PartyClass.Sme, agreed: 36_500).Fen.ShouldBe(300_000);
    }

    [Fact]
    public void An_agreed_rate_counts_unless_it_is_below_the_lpr_or_that_is_unknown()
    {
        Of(PartyClass.LargeEnterprise, PartyClass.Sme, agreed: 36_500).Fen.ShouldBe(300_000);
        (long? fen, LateRate rate) = Of(PartyClass.LargeEnterprise, PartyClass.Sme, agreed: 29_999);
        fen.ShouldBeNull();
        rate.Basis.ShouldBe(LateBasis.Unsettled);
        Of(PartyClass.LargeEnterprise, PartyClass.Sme, agreed: 36_500, lpr: null).Fen.ShouldBeNull();
    }
}
