using Prepaid.Clauses;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>Clauses that 法释〔2025〕4号 art. 9 makes void, and fair ones that must not be named.</summary>
public sealed class ClauseTests
{
    [Theory]
    [InlineData("本卡一经售出，概不退款", "9(1)")]
    [InlineData("会员不得要求解除本合同", "9(1)")]
    [InlineData("本卡仅限本人使用，不得转让", "9(2)")]
    [InlineData("转让须缴纳手续费，为余额的百分之三十", "9(2)")]
    [InlineData("卡片遗失不予补办", "9(3)")]
    [InlineData("本店有权随时调整课程项目和价格", "9(4)")]
    [InlineData("在本店受伤，本店不承担任何责任", "9(5)")]
    [InlineData("因本合同产生的争议由公司总部所在地法院管辖", "9(6)")]
    [InlineData("有效期一年，过期作废", "9(7)")]
    [InlineData("本活动最终解释权归本店所有", "9(7)")]
    public void A_void_clause_is_named_with_its_item(string clause, string item) =>
        ClauseCheck.Find($"第一条 双方自愿订立本合同。{clause}。").ShouldHaveSingleItem().Item.ShouldBe(item);

    [Theory]
    [InlineData("消费者可以在付款后七日内要求退还全部预付款")]
    [InlineData("记名卡遗失的，凭身份证明免费挂失并补办")]
    [InlineData("消费者可以转让本卡，通知本店后生效")]
    [InlineData("过期的余额仍归消费者，可以申请激活")]
    [InlineData("因本合同产生的争议，可以向消费者住所地人民法院起诉")]
    [InlineData("商户停业的，应在三十日前通知，并退还未消费的金额")]
    public void A_fair_clause_is_not(string clause) => ClauseCheck.Find(clause).ShouldBeEmpty();
}
