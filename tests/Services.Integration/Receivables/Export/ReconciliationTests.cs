using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;

namespace Services.Integration.Receivables.Export;

/// <summary>Three ways each day, and statements of account.</summary>
public sealed class ReconciliationTests(ExportWorld world) : IClassFixture<ExportWorld>
{
    private const string Bank = ExportWorld.Bank;
    private const string Header = "bank,receipt,voucher,fen,valueDate\n";

    [Fact]
    public async Task A_day_on_which_all_three_agree_has_no_breaks_in_CSV_and_in_XML()
    {
        string day = Day(60);
        JsonObject csv = await RunAsync(day, $"{Header}{Bank},B-1,{world.Main},333333,{day}\n");
        csv["breaks"]!.AsArray().ShouldBeEmpty();
        ((int)csv["anchored"]!).ShouldBe(1);
        JsonObject xml = await RunAsync(day,
            $"""
             <bankDay><receipt bank="{Bank}" number="B-1" voucher="{world.Main}" fen="333333" valueDate="{day}"/></bankDay>
             """);
        ((int)xml["breakCount"]!).ShouldBe(0);
        JsonObject read = await GetAsync(
            await world.World.Services.AsAsync("authority", "regulator"), $"reconciliations/{day}");
        ((string)read["fileSha256"]!).ShouldBe((string)xml["fileSha256"]!);
    }

    [Fact]
    public async Task Every_break_is_listed_and_nothing_is_corrected()
    {
        string day = Day(72);
        IReadOnlyList<string> before = await BalancesAsync();
        JsonObject result = await RunAsync(
            day, $"{Header}{Bank},B-2,{world.Main},249999,{day}\n{Bank},B-8,,5,{day}\n{Bank},B-8,,5,{day}\n");
        result["breaks"]!.AsArray().Select(b => $"{b!["receipt"]} {b["kind"]} {b["bank"]} {b["ledger"]}")
            .ShouldBe([
                $"{Bank}/B-2 amount 249999 250000", $"{Bank}/B-8 bank-only 5 ", $"{Bank}/B-8 twice-in-file 2 lines ",
            ]);
        ((JsonArray)(await RunAsync(day, Header))["breaks"]!).ShouldHaveSingleItem()!["kind"]!.GetValue<string>()
            .ShouldBe("ledger-only");
        (await BalancesAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Files_of_two_institutions_for_one_day_stand_beside_each_other()
    {
        string day = Day(60);
        await RunAsync($"{day}?institution=icbc", $"{Header}{Bank},B-1,{world.Main},333333,{day}\n");
        ((int)(await RunAsync($"{day}?institution=abc", Header))["breakCount"]!).ShouldBe(0, "the other has it");
        HttpClient authority = await world.World.Services.AsAsync("authority", "regulator");
        foreach ((string institution, int lines) in new[] { ("icbc", 1), ("abc", 0) })
        {
            ((int)(await GetAsync(authority, $"reconciliations/{day}?institution={institution}"))["bankLines"]!)
                .ShouldBe(lines);
        }
        await GetAsync(authority, $"reconciliations/{day}?institution=none", 404);
    }

    [Theory]
    [InlineData("receipt;voucher\n", 1)]
    [InlineData(Header + "1,B-1,V,1.5,2026-01-01\n", 2)]
    [InlineData(Header + "1,B-1,V,0,2026-01-01\n", 2)]
    [InlineData(Header + "1,B-1,V,1,01.01.2026\n", 2)]
    [InlineData("<bankDay><receipt number=\"1\"/></bankDay>", 1)]
    [InlineData("<!DOCTYPE x [<!ENTITY a 'b'>]><bankDay/>", 1)]
    public async Task A_file_with_one_line_that_is_none_is_refused_whole(string file, int line)
    {
        using HttpResponseMessage response = await SendAsync(Day(1), file);
        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        JsonObject problem = (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        ((string)problem["code"]!).ShouldBe("bank-file-form");
        ((string)problem["detail"]!).ShouldContain($"Line {line} ");
    }

    [Theory]
    [InlineData("seats")]
    [InlineData("fabric")]
    [InlineData("bank")]
    [InlineData("weaver")]
    public async Task A_statement_leads_from_the_opening_to_the_balance_that_is_held(string party)
    {
        HttpClient client = await world.World.Services.AsAsync(party);
        JsonObject statement = await GetAsync(client, $"statement?from={Day(-1)}&through={Day(1)}");
        JsonArray lines = (JsonArray)statement["lines"]!;
        long sum = lines.Sum(l => (long)l!["creditFen"]! - (long)l["debitFen"]!);
        ((long)statement["openingFen"]! + sum).ShouldBe((long)statement["closingFen"]!);
        ((long)statement["closingFen"]!).ShouldBe((long)(await GetAsync(client, "balances"))["fen"]!);
        string csv = await client.GetStringAsync($"statement?from={Day(-1)}&through={Day(1)}&format=csv");
        csv.Split("\r\n").Length.ShouldBe(lines.Count + 2);
        ((string)(await GetAsync(client, $"statement?from={Day(1)}&through={Day(0)}", 422))["code"]!)
            .ShouldBe("statement-period");
    }

    [Fact]
    public async Task An_organisations_export_shows_its_own_and_digests_of_the_rest_and_passes()
    {
        ExportText export = ExportText.Read(await world.TextAsync("bank", "member"));
        ((string)export.Head["party"]!).ShouldBe("bank");
        var result = export.Audit(world.FirstKeys, TestAnchor.Trust);
        result.Findings.Select(f => f.ToString()).ShouldBeEmpty();
        result.Withheld.ShouldBeGreaterThan(0);
        result.Proven.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task An_export_that_was_cut_off_is_gone_on_with_by_position()
    {
        string[] whole = (await world.TextAsync("authority", "regulator")).Split('\n');
        string rest = await world.TextAsync("authority", "regulator", "?after=30");
        ExportText joined = ExportText.Read(string.Join('\n', whole.Take(31)) + "\n" + rest);
        joined.Audit(world.FirstKeys, TestAnchor.Trust).Findings.Select(f => f.ToString())
            .Where(f => !f.StartsWith("log-missing", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private async Task<JsonObject> RunAsync(string day, string file)
    {
        using HttpResponseMessage response = await SendAsync(day, file);
        string text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return (JsonObject)JsonNode.Parse(text)!;
    }

    private async Task<HttpResponseMessage> SendAsync(string day, string file) =>
        await (await world.World.Services.AsAsync("suite", "operator")).PostAsync(
            $"reconciliations/{day}", new StringContent(file, Encoding.UTF8, "text/csv"));

    private Task<IReadOnlyList<string>> BalancesAsync() => world.World.Services.RowsAsync(
        "select party || root || fen from voucher_balances order by 1", r => r.GetString(0));

    private static string Day(int later) =>
        TimeProvider.System.GetUtcNow().AddHours(8).AddDays(later).ToString("yyyy-MM-dd", null);
}
