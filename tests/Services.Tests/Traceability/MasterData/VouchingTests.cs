using Shouldly;
using Traceability.MasterData;
using Xunit;

namespace Services.Tests.Traceability.MasterData;

/// <summary>What the consumer page must never say, also not in an owner's words.</summary>
public sealed class VouchingTests
{
    [Theory]
    [InlineData("正品保证", true)]
    [InlineData("官方正 品", true)]
    [InlineData("100% Genuine", true)]
    [InlineData("ＧＥＮＵＩＮＥ leather", true)]
    [InlineData("guaranteed authenticity", true)]
    [InlineData("gen\u200buine", true)]
    [InlineData("正品质保", true)]
    [InlineData("假一赔十", true)]
    [InlineData("纯正品味", false)]
    [InlineData("真正品质", false)]
    [InlineData("ingenuine engineering", false)]
    [InlineData("有机认证", false)]
    [InlineData("Two-factor authentication", false)]
    public void Words_that_vouch_are_known_however_they_are_spelt(string text, bool vouches)
    {
        Vouching.Says(new Wording(text, null)).ShouldBe(vouches);
        Vouching.Says(new Wording(null, text)).ShouldBe(vouches);
    }
}
