using Shouldly;
using Xunit;
namespace Services.Tests.Receivables.Signatures;

public class ChineseAmountTests
{
    /// <summary>Examples of 《支付结算办法》 annex 1, in the form that it lets be written without the optional zero or 整.</summary>
    [Theory]
    [InlineData(140_950, "壹仟肆佰零玖元伍角")]
    [InlineData(600_714, "陆仟零柒元壹角肆分")]
    [InlineData(168_032, "壹仟陆佰捌拾元叁角贰分")]
    [InlineData(10_700_053, "壹拾万柒仟元伍角叁分")]
    [InlineData(1_640_902, "壹万陆仟肆佰零玖元零贰分")]
    [InlineData(32_504, "叁佰贰拾伍元零肆分")]
    [InlineData(123_456_789, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分")]
    [InlineData(100_000_000, "壹佰万元整")]
    [InlineData(0, "零元整")]
    [InlineData(5, "伍分")]
    [InlineData(50, "伍角")]
    [InlineData(100, "壹元整")]
    [InlineData(10_000_000_500, "壹亿零伍元整")]
    [InlineData(10_000_500_000, "壹亿零伍仟元整")]
    [InlineData(1_000_010_000, "壹仟万零壹佰元整")]
    [InlineData(9_007_199_254_740_991, "玖拾万零柒佰壹拾玖亿玖仟贰佰伍拾肆万柒仟肆佰零玖元玖角壹分")]
    public void Capitals_are_those_of_the_settlement_rules(long fen, string capitals) =>
        ChineseAmount.Capitals(fen).ShouldBe(capitals);

    [Theory]
    [InlineData(0, "0.00")]
    [InlineData(123_456_789, "1,234,567.89")]
    [InlineData(9_007_199_254_740_991, "90,071,992,547,409.91")]
    public void Figures_have_two_decimals(long fen, string figures) => ChineseAmount.Figures(fen).ShouldBe(figures);
}
