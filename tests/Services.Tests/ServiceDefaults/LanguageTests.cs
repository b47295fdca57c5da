using Microsoft.AspNetCore.Http;
using ServiceDefaults.Problems;
using Shouldly;
using Xunit;

namespace Services.Tests.ServiceDefaults;

public class LanguageTests
{
    [Theory]
    [InlineData(null, Language.Chinese)]
    [InlineData("fr", Language.Chinese)]
    [InlineData("en", Language.English)]
    [InlineData("en-GB, zh;q=0.9", Language.English)]
    [InlineData("zh-TW, en;q=0.9", Language.Chinese)]
    [InlineData("en;q=0.5, zh-CN;q=0.8", Language.Chinese)]
    [InlineData("en, zh", Language.Chinese)]
    public void The_heavier_language_wins_and_Chinese_wins_a_tie(string? header, string expected)
    {
        DefaultHttpContext context = new();
        context.Request.Headers.AcceptLanguage = header;
        Language.Of(context.Request).ShouldBe(expected);
    }
}
