using Microsoft.AspNetCore.Http;
using Portal.Components;
using Portal.Components.Pages.Goods;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal;

public sealed class CodeFaultTests
{
    private static readonly Language English = new(new HttpContextAccessor { HttpContext = Asking() });

    [Theory]
    [InlineData("hello", "is no code")]
    [InlineData("(01)06901234567893(10)L1", "it should be 2")]
    [InlineData("(00)106901234000000018", "it should be 5")]
    [InlineData("https://id.gs1.org/01/0690123/21/A", "number of digits")]
    [InlineData("https://id.gs1.org/01/06901234567893/21/A", "it should be 2")]
    public void What_is_wrong_with_a_code_is_said(string typed, string said) =>
        CodeFault.Of(English, GoodsId.OfTyped(typed)).ShouldNotBeNull().ShouldContain(said);

    [Theory]
    [InlineData("(01)06901234567892(10)L1")]
    [InlineData("(00)106901234000000015")]
    [InlineData("urn:epc:id:sgtin:6901234.056789.A")]
    [InlineData("https://brand.example/01/06901234567892/21/A")]
    public void What_may_be_a_code_is_asked_for(string typed) =>
        CodeFault.Of(English, GoodsId.OfTyped(typed)).ShouldBeNull();

    [Fact]
    public void An_unknown_lot_is_named() => CodeFault.Unknown(English, GoodsId.OfTyped("(01)06901234567892(10)NOLOT"))
        .ShouldNotBeNull().ShouldContain("lot NOLOT");

    private static DefaultHttpContext Asking()
    {
        DefaultHttpContext context = new();
        context.Request.QueryString = new QueryString("?lang=en");
        return context;
    }
}
