using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Traceability.Codes.Foreign;
using Traceability.Codes.Validation;
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

    [Fact]
    public async Task A_slow_upload_keeps_nobody_waiting_and_is_ended()
    {
        await using RunningTraceability running = await RunningTraceability.StartAsync(null, "--CodeLists:ReadSeconds=5");
        HttpClient maker = await running.AsAsync("maker"), dealer = await running.AsAsync("dealer");
        using TcpClient slow = new(running.Address.Host, running.Address.Port);
        NetworkStream stream = slow.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /codes/lists?name=slow&kind=plain HTTP/1.1\r\nHost: {running.Address.Authority}\r\nAccept-Language: en\r\n"
            + $"Authorization: {maker.DefaultRequestHeaders.Authorization}\r\nContent-Type: text/csv\r\n"
            + "Content-Length: 1000\r\n\r\nfirst\n"));
        using StreamReader answer = new(stream);
        Task<string?> status = answer.ReadLineAsync();
        await ImportAsync(dealer, "plain", "quick\n", 201);
        status.IsCompleted.ShouldBeFalse("the other list was stored while the slow one still came");
        (await status.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBe("HTTP/1.1 408 Request Timeout");
        (await answer.ReadToEndAsync()).ShouldContain("code-list-slow");
        (await AnswerAsync(running.Open, "first")).ShouldStartWith("not-ours");
    }

    [Fact]
    public async Task An_organisation_imports_no_more_codes_than_there_is_room_for()
    {
        HttpClient dealer = await Running.AsAsync("dealer");
        Running.App.Services.GetRequiredService<CodeValidator>().Foreign.Learn(
            new KnownList(Guid.NewGuid(), "dealer", "large", "plain", ImportCodes.TenantCodesMax - 1), []);
        await ImportAsync(dealer, "plain", $"{Events.NewSerial()}\n", 201);
        JsonObject problem = await ImportAsync(dealer, "plain", $"{Events.NewSerial()}\n", 422);
        ((string)problem["code"]!).ShouldBe("code-lists-full");
        await ImportAsync(await Running.AsAsync("farm"), "plain", $"{Events.NewSerial()}\n", 201);
    }

    private static async Task<JsonObject> ImportAsync(HttpClient http, string kind, string text, int status)
    {
        using HttpResponseMessage answer = await http.PostAsync(
            $"codes/lists?name=vendor&kind={kind}", new StringContent(text, Encoding.UTF8, "text/csv"));
        ((int)answer.StatusCode).ShouldBe(status, await answer.Content.ReadAsStringAsync());
        return await JsonAsync(answer);
    }
}
