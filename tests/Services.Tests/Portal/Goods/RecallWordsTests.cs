using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Portal.Components;
using Portal.Components.Pages.Goods;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal.Goods;

public sealed class RecallWordsTests
{
    private static readonly JsonObject Read = [], Unread = new() { ["note"] = "not read" }, Unknown = new() { ["status"] = "unknown", ["note"] = "revised" };

    [Fact]
    public void Rules_are_called_in_force_only_where_all_of_them_were_read()
    {
        Language words = new(new HttpContextAccessor { HttpContext = new DefaultHttpContext { Request = { QueryString = new("?lang=en") } } });
        RecallWords.Caption(words, [Read]).ShouldStartWith("Rules in force");
        RecallWords.Caption(words, [Read, Unread]).ShouldNotStartWith("Rules in force");
        RecallWords.Caption(words, [Unknown]).ShouldNotStartWith("Rules in force");
        RecallWords.Status(words, Read).ShouldStartWith("in force");
        RecallWords.Status(words, Unread).ShouldContain("check it first");
        RecallWords.Status(words, Unknown).ShouldContain("ask counsel");
    }
}
