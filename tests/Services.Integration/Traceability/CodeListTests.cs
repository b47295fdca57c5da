using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Services.Integration.Evidence.RunningServices;
using static Services.Integration.Traceability.CodeTests;

namespace Services.Integration.Traceability;

/// <summary>Codes of other systems, taken over whole or not at all.</summary>
public sealed class CodeListTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private RunningTraceability Running => fixture.Services;

    [Fact]
    public async Task Codes_made_elsewhere_are_imported_and_answer()
    {
        HttpClient maker = await Running.AsAsync("maker");
        string gtin = NewGtin();
        JsonObject list = await ImportAsync(maker, "items", $"gtin,serial\r\n{gtin},ABC-1\r\n{gtin},ABC/2\r\n", 201);
        ((int)list["count"]!).ShouldBe(2);
        (await AnswerAsync(maker, $"(01){gtin}(21)ABC/2")).ShouldBe("in-use ");
        string drug = "8" + gtin + "54321";
        await ImportAsync(maker, "drug", drug + "\n", 201);
        (await AnswerAsync(Running.Open, drug)).ShouldBe("in-use ");
    }

    [Theory]
    [InlineData("items", "gtin,serial\n6901234567893,A\n")]
    [InlineData("items", "=cmd|' /C calc'!A0,1\n")]
    [InlineData("items", "06901234567892,AAAAAAAAAAAAAAAAAAAAA\n")]
    [InlineData("items", "06901234567892,\"A\"\n")]
    [InlineData("items", "06901234567892,A B\n")]
    [InlineData("drug", "1234567890123456789\n")]
    [InlineData("drug", "12345678901234567890\n12345678901234567890\n")]
    [InlineData("plain", "a,b\n")]
    [InlineData("plain", "\u0001\n")]
    [InlineData("plain", "中文\n")]
    [InlineData("plain", "")]
    public async Task A_hostile_list_is_refused_whole(string kind, string text)
    {
        HttpClient maker = await Running.AsAsync("maker");
        object? before = await Running.ScalarAsync("select count(*) from code_list_chunks");
        string good = kind == "items" || text.Length == 0 ? "" : kind == "drug" ? "99999999999999999999\n" : "good\n";
        JsonObject problem = await ImportAsync(maker, kind, good + text, 422);
        ((string)problem["code"]!).ShouldStartWith("code-list-");
        (await Running.ScalarAsync("select count(*) from code_list_chunks")).ShouldBe(before);
    }

    [Fact]
    public async Task A_line_without_end_is_refused_before_it_is_held()
    {
        HttpClient maker = await Running.AsAsync("maker");
        JsonObject problem = await ImportAsync(maker, "plain", new string('x', 5_000_000), 422);
        ((string)problem["detail"]!).ShouldContain("line-too-long");
    }

    private static async Task<JsonObject> ImportAsync(HttpClient http, string kind, string text, int status)
    {
        using HttpResponseMessage answer = await http.PostAsync(
            $"codes/lists?name=vendor&kind={kind}", new StringContent(text, Encoding.UTF8, "text/csv"));
        ((int)answer.StatusCode).ShouldBe(status, await answer.Content.ReadAsStringAsync());
        return await JsonAsync(answer);
    }
}
