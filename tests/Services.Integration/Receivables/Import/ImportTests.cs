using System.Text;
using System.Text.Json.Nodes;
using Receivables.Import;
using Receivables.Vouchers;
using Services.Integration.Receivables.Signatures;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;
using static Services.Integration.Receivables.Signatures.SigningWorld;

namespace Services.Integration.Receivables.Import;

/// <summary>Vouchers of another platform go on here; then both compare their books.</summary>
public sealed class ImportTests(SigningWorld world) : IClassFixture<SigningWorld>
{
    [Fact]
    public async Task A_handover_is_taken_once_signed_by_the_debtor_confirmed_by_holders_and_reconciles_to_the_fen()
    {
        using HandoverFile north = new();
        await north.RegisterAsync(world.Services);
        string root = Root(1);
        Handover file = HandoverFile.File("H-1", HandoverFile.Voucher(root, "25112000000000000001", ("seats", 60), ("fabric", 40)));
        (await north.SendAsync(world.Services, file, 422, t => t.Replace("\"fen\":60", "\"fen\":61"))).ShouldBe("import-signature");
        (await north.SendAsync(world.Services, file with { To = "south" }, 422)).ShouldBe("import-for-another");
        (await north.SendAsync(world.Services, file with { TotalFen = 99 }, 422)).ShouldBe("import-total-differs");
        (await north.SendAsync(world.Services, file)).ShouldBeNull();
        (await north.SendAsync(world.Services, file)).ShouldBeNull("the same file is one outcome");
        (await north.SendAsync(world.Services, file with { At = "2026-02-02T00:00:00Z" }, 409)).ShouldBe("import-number-used");
        (await north.SendAsync(world.Services, file with { Number = "H-2" }, 409)).ShouldBe("import-voucher-exists");

        HttpClient seats = await world.Services.AsAsync("seats"), fabric = await world.Services.AsAsync("fabric");
        (await StateAsync(fabric, root)).ShouldBe(("stated", "fabric stated"));
        await GetAsync(await world.Services.AsAsync("stranger"), "imports/north/H-1", 404);
        JsonNode balance = (await GetAsync(fabric, "imports/north/H-1"))["balance"]!;
        SumTree.RootOf(new HandoverBalance("fabric", 40), ((JsonArray)balance["path"]!).Select(s => new SumStep(
            (string)s!["side"]!, (long)s["fen"]!, (string)s["sha256"]!))).ShouldBe((100, file.SumRoot));

        JsonObject take = await HandoverFile.CommandAsync(world.Services, "H-1", root, "TAKE-1");
        JsonObject other = (JsonObject)take.DeepClone();
        (other["commandId"], other["stated"]![0]!["to"]) = ("TAKE-0", "weaver");
        (await DoAsync("carmaker", other, 422)).ShouldBe("take-over-differs");
        await DoAsync("carmaker", take);
        (await StateAsync(fabric, root)).ShouldBe(("taken-over", "fabric stated"));

        await DoAsync("seats", Answer("accept", "seats", root));
        await DoAsync("fabric", Answer("reject", "fabric", root));
        (await StateAsync(fabric, root)).ShouldBe(("taken-over", "fabric disputed"));
        (await DoAsync("fabric", Transfer("fabric", root, 40), 422)).ShouldBe(Refusal.Reserved);
        await DoAsync("seats", Transfer("seats", root, 60));
        await DoAsync("fabric", Answer("accept", "fabric", root));
        (await StateAsync(fabric, root)).ShouldBe(("taken-over", "fabric confirmed"));
        await DoAsync("fabric", Transfer("fabric", root, 40));
        ((long)(await GetAsync(seats, "balances"))["fen"]!).ShouldBe(60);
    }

    [Fact]
    public async Task Books_of_two_institutions_are_compared_for_a_day_and_nothing_is_corrected()
    {
        HttpClient bank = await world.Services.AsAsync("bank"), regulator = await world.Services.AsAsync("authority", "regulator");
        string day = DateTime.UtcNow.AddHours(8).AddDays(-1).ToString("yyyy-MM-dd", null);
        string path = $"reconciliations/institutions/bank/{day}";
        JsonObject none = await CompareAsync(bank, path, "voucher,holder,fen\n", 200);
        ((int)none["breakCount"]!, (long)none["ourFen"]!).ShouldBe((0, 0));
        JsonObject one = await CompareAsync(bank, path, $"voucher,holder,fen\n{Root(9)},bank,5\n", 200);
        ((string)one["breaks"]![0]!["kind"]!).ShouldBe("theirs-only");
        ((int)(await GetAsync(regulator, path))["breakCount"]!).ShouldBe(1);
        ((JsonArray)(await GetAsync(regulator, "reconciliations/institutions"))["items"]!).Count.ShouldBe(1);
        ((JsonArray)(await GetAsync(await world.Services.AsAsync("fabric"), "reconciliations/institutions"))["items"]!).ShouldBeEmpty();
        await GetAsync(await world.Services.AsAsync("fabric"), path, 404);
        await CompareAsync(bank, path.Replace("/bank/", "/seats/"), "voucher,holder,fen\n", 403);
        await CompareAsync(bank, path, "voucher,holder,fen\nV1,bank,1.5\n", 400);
        await CompareAsync(bank, path.Replace(day, "2099-01-01"), "voucher,holder,fen\n", 422);
    }

    [Fact]
    public async Task Payables_of_an_erp_come_once_and_the_report_has_its_schema()
    {
        HttpClient maker = await world.Services.AsAsync("carmaker");
        const string Head = "number,supplier,invoice,fen,delivered,due\n", Row = "P1,seats,123,500,2026-01-05,2026-03-05\n";
        ((int)(await CompareAsync(maker, "payables", Head + Row, 200))["new"]!).ShouldBe(1);
        ((int)(await CompareAsync(maker, "payables", Head + Row, 200))["new"]!).ShouldBe(0);
        (await CompareAsync(maker, "payables", Head + Row.Replace("500", "501"), 409))["code"]!.ToString().ShouldBe("payables-differs");
        (await CompareAsync(maker, "payables", Head + Row.Replace("P1,seats", "P2,nobody"), 422))["code"]!.ToString()
            .ShouldBe("payables-supplier");
        ((JsonArray)(await GetAsync(maker, "payables"))["items"]!).Count.ShouldBe(1);
        HttpClient operations = await world.Services.AsAsync("suite", "operator");
        string day = DateTime.UtcNow.AddHours(8).AddDays(-1).ToString("yyyy-MM-dd", null);
        (await operations.GetStringAsync($"reports/vouchers/{day}")).ShouldContain("urn:voucher-report:1");
        (await operations.GetStringAsync($"reports/vouchers/{day}?format=csv")).ShouldStartWith("voucher,debtor,");
        (await operations.GetStringAsync("reports/schemas/voucher-report-1.xsd")).ShouldContain("voucher-report:1");
    }

    private static string Root(int number) => $"V-{$"NORTH{number}".PadLeft(26, '0')}";

    /// <summary>State of a voucher, and what a holder sees of the holdings.</summary>
    private static async Task<(string, string)> StateAsync(HttpClient client, string root)
    {
        JsonObject import = await GetAsync(client, "imports/north/H-1");
        JsonNode voucher = ((JsonArray)import["vouchers"]!).Single(v => (string)v!["root"]! == root)!;
        return ((string)voucher["state"]!, string.Join(", ", ((JsonArray)voucher["holdings"]!)
            .Select(h => $"{h!["holder"]} {h["state"]}")));
    }

    private JsonObject Answer(string kind, string party, string root) => new()
    {
        ["kind"] = kind,
        ["commandId"] = world.NextId(),
        ["party"] = party,
        ["offer"] = "TAKE-1",
        ["in"] = new JsonArray(root),
    };

    private JsonObject Transfer(string party, string root, long fen) => new()
    {
        ["kind"] = "transfer",
        ["commandId"] = world.NextId(),
        ["party"] = party,
        ["parts"] = new JsonArray(new JsonObject { ["root"] = root, ["to"] = "bank", ["fen"] = fen, ["start"] = party == "seats" ? 0 : 60 }),
    };

    private async Task<string?> DoAsync(string party, JsonObject command, int status = 200)
    {
        HttpClient client = await world.Services.AsAsync(party);
        return (string?)(await PostAsync(client, "commands", Submit(
            command, await world.People[party].Maker.ApproveAsync(client, command, "maker"),
            await world.People[party].Checker.ApproveAsync(client, command, "checker", "en")), status))["code"];
    }

    private static async Task<JsonObject> CompareAsync(HttpClient client, string path, string file, int status)
    {
        using HttpResponseMessage response =
            await client.PostAsync(path, new ByteArrayContent(Encoding.UTF8.GetBytes(file)));
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        return (JsonObject)JsonNode.Parse(text)!;
    }
}
