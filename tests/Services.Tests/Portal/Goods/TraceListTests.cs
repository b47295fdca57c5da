using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Components;
using Portal.Components.Pages.Goods;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal.Goods;

/// <summary>What a trace says of how much of it stands on the page.</summary>
public sealed class TraceListTests
{
    [Theory]
    [InlineData(60, "60 in all</p>", "Page 2 of 2")]
    [InlineData(100_000, "100,000 in all; the nearest 60 of 100,000 are listed</p>", "Page 2 of 2")]
    public async Task A_trace_says_where_its_list_ends(int count, string words, string pages)
    {
        JsonObject trace = new()
        {
            ["count"] = count + 1L,
            ["items"] = new JsonArray([.. Enumerable.Range(0, 61).Select(i => (JsonNode)new JsonObject
            {
                ["id"] = $"https://id.gs1.org/01/06901234567892/21/S{i}",
                ["relation"] = i == 0 ? "start" : "member",
            })]),
        };
        string page = await RenderAsync(new()
        {
            ["Trace"] = trace,
            ["Down"] = true,
            ["At"] = "2",
            ["Address"] = (Func<int, string>)(n => $"?page={n}"),
        });
        page.ShouldContain(words);
        page.ShouldContain(pages);
        page.ShouldContain("S60");
        page.ShouldNotContain("S50<", Case.Sensitive, "the first page ends with it");
    }

    private static async Task<string> RenderAsync(Dictionary<string, object?> parameters)
    {
        DefaultHttpContext http = new();
        http.Request.Headers.AcceptLanguage = "en";
        await using ServiceProvider services = new ServiceCollection()
            .AddSingleton<IHttpContextAccessor>(new HttpContextAccessor { HttpContext = http })
            .AddSingleton<Language>().BuildServiceProvider();
        await using HtmlRenderer renderer = new(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () => WebUtility.HtmlDecode(
            (await renderer.RenderComponentAsync<TraceList>(ParameterView.FromDictionary(parameters))).ToHtmlString()));
    }
}
