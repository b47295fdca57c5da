using Portal.Components.Pages.Goods;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal;

public sealed class CheckedNumberTests
{
    [Theory]
    [InlineData("6901234567892", "06901234567892")]
    [InlineData(" 0690-1234 567892 ", "06901234567892")]
    [InlineData("96385074", "00000096385074")]
    [InlineData("036000291452", "00036000291452")]
    public void A_gtin_of_any_length_is_read_in_its_14_digits(string typed, string gtin)
    {
        CheckedNumber.TryGtin(typed, out var read, out var fault).ShouldBeTrue();
        read.ShouldBe(gtin);
        fault.ShouldBeNull();
    }

    [Theory]
    [InlineData("6901234567893", 13, '2')]
    [InlineData("96385070", 8, '4')]
    [InlineData("123", 3, '\0')]
    [InlineData("69012345678９2", 0, '\0')]
    [InlineData("", 0, '\0')]
    [InlineData(null, 0, '\0')]
    public void What_is_no_gtin_is_told_with_the_digit_that_would_be_right(string? typed, int digits, char right)
    {
        CheckedNumber.TryGtin(typed, out _, out var fault).ShouldBeFalse();
        fault!.Digits.ShouldBe(digits);
        fault.Right.ShouldBe(right);
    }

    [Fact]
    public void A_gln_has_13_digits()
    {
        CheckedNumber.TryGln("6901234000009", out var gln, out _).ShouldBeTrue();
        gln.ShouldBe("6901234000009");
        CheckedNumber.TryGln("96385074", out _, out var fault).ShouldBeFalse();
        fault!.Digits.ShouldBe(8);
    }

    [Theory]
    [InlineData("(01)06901234567892(10)L26/3", "https://id.gs1.org/01/06901234567892/10/L26%2F3")]
    [InlineData("(01)6901234567892(21)A", "https://id.gs1.org/01/06901234567892/21/A")]
    [InlineData("https://id.gs1.org/00/123", "https://id.gs1.org/00/123")]
    [InlineData("(01)1(10)", "(01)1(10)")]
    public void What_a_person_types_becomes_an_identifier(string typed, string id) =>
        GoodsId.OfTyped(typed).ShouldBe(id);

    [Fact]
    public void A_lot_is_written_as_on_its_label_and_has_its_page()
    {
        var lot = GoodsId.OfLot("06901234567892", "L26/3");
        GoodsId.Words(lot).ShouldBe("(01)06901234567892(10)L26/3");
        GoodsId.Page(lot).ShouldBe("/goods/lots/06901234567892/L26%2F3");
        GoodsId.Page("https://id.gs1.org/00/106141411234567897").ShouldStartWith("/goods/trace?id=");
        GoodsId.Words("urn:example:1").ShouldBe("urn:example:1");
        GoodsId.Gln("https://id.gs1.org/414/6901234000009").ShouldBe("6901234000009");
    }
}
