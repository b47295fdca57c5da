using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Receivables.Ledger;
using Receivables.Signatures;
using Receivables.Vouchers;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;

namespace Services.Integration.Receivables;

public sealed class VoucherReadTests : IAsyncLifetime
{
    private static readonly string Sha256 = new('a', 64);
    private static readonly string Voucher = LedgerHost.Root(1);
    private RunningReceivables _running = null!;
    private int _commands;

    public async Task InitializeAsync()
    {
        _running = await StartAsync();
        await _running.AllowUnlinedAsync("carmaker");
        DateOnly today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(8));
        await RunAsync(new VoucherCommand.Issue("i", "carmaker", Voucher, "carmaker", "seats", 1_000, today,
            today.AddDays(90), [new TradeReference("invoice", Sha256)], new Terms()));
        await RunAsync(new VoucherCommand.Accept(Id(), "seats", "i", [Voucher]));
        await RunAsync(new VoucherCommand.Transfer("t", "seats", [new Part(Voucher, "fabric", 300)]));
        await RunAsync(new VoucherCommand.Accept(Id(), "fabric", "t", [Voucher]));
        await RunAsync(new VoucherCommand.Sell("s", "fabric", "bank", [new Source(Voucher, 100)], true, Sha256)
        {
            Financing = await _running.FinancedAsync(Voucher, "fabric", "bank", new Interval(0, 100), recourse: true),
        });
    }

    public async Task DisposeAsync() => await _running.DisposeAsync();

    [Fact]
    public async Task A_party_sees_what_it_holds_and_of_others_only_amounts()
    {
        HttpClient seats = await _running.AsAsync("seats", "reader");
        JsonObject details = await GetAsync(seats, $"vouchers/{Voucher}");
        ((long)details["held"]!["fen"]!).ShouldBe(700);
        ((string)details["stage"]!).ShouldBe("active");
        Pieces(await GetAsync(seats, $"vouchers/{Voucher}/fragments"))
            .ShouldBe(["0-100 ", "100-300 ", "300-1000 seats held"]);
        HttpClient bank = await _running.AsAsync("bank");
        Pieces(await GetAsync(bank, $"vouchers/{Voucher}/fragments"))
            .ShouldBe(["0-100 fabric sale-pending", "100-300 ", "300-1000 "]);
        HttpClient regulator = await _running.AsAsync("authority", "regulator");
        Pieces(await GetAsync(regulator, $"vouchers/{Voucher}/fragments"))
            .ShouldBe(["0-100 fabric sale-pending", "100-300 fabric held", "300-1000 seats held"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/fragments")]
    [InlineData("/tree")]
    [InlineData("/movements")]
    public async Task To_a_stranger_the_voucher_is_not_there(string path)
    {
        HttpClient stranger = await _running.AsAsync("stranger", "admin");
        ((string)(await GetAsync(stranger, $"vouchers/{Voucher}{path}", 404))["code"]!).ShouldBe(Refusal.NotFound);
        (await GetAsync(stranger, "vouchers"))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task The_tree_names_a_party_and_those_it_dealt_with()
    {
        HttpClient bank = await _running.AsAsync("bank");
        Shapes(await GetAsync(bank, $"vouchers/{Voucher}/tree")).ShouldBe(["0 0-1000 ", "1 0-300 "]);
        HttpClient fabric = await _running.AsAsync("fabric");
        Shapes(await GetAsync(fabric, $"vouchers/{Voucher}/tree?from=250&to=400")).ShouldBe(["0 250-400 ",
            "1 250-300 fabric"]);
    }

    [Fact]
    public async Task Movements_balances_and_offers_are_the_partys_own()
    {
        HttpClient fabric = await _running.AsAsync("fabric");
        JsonArray movements = (await GetAsync(fabric, $"vouchers/{Voucher}/movements"))["items"]!.AsArray();
        movements.Select(m =>
            $"{m!["kind"]} {m["sender"]} {m["receiver"]} {m["fen"]}").ShouldBe(["transferred seats fabric 300"]);
        ((long)(await GetAsync(fabric, "balances"))["fen"]!).ShouldBe(300);
        ((long)(await GetAsync(fabric, "balances?at=2020-01-01T00:00:00Z"))["fen"]!).ShouldBe(0);
        ((string)(await GetAsync(fabric, "balances?at=soon", 400))["code"]!).ShouldBe("instant-form");
        (await GetAsync(fabric, "offers"))["items"]!.AsArray().ShouldBeEmpty();
        (await GetAsync(fabric,
            "offers?sent=true"))["items"]!.AsArray().Single()!["kind"]!.GetValue<string>().ShouldBe("sale");
        HttpClient bank = await _running.AsAsync("bank");
        (await GetAsync(bank, "offers"))["items"]!.AsArray().Single()!["fen"]!.GetValue<long>().ShouldBe(100);
    }

    [Fact]
    public async Task Pages_of_one_row_skip_nothing_though_one_event_moves_many_parts()
    {
        await RunAsync(new VoucherCommand.Transfer(
            "many", "seats", [new Part(Voucher, "fabric", 10, 400), new Part(Voucher, "fabric", 10, 500)]));
        await RunAsync(new VoucherCommand.Accept(Id(), "fabric", "many", [Voucher]));
        foreach (int i in new[] { 1, 2 })
            await RunAsync(new VoucherCommand.Transfer($"o{i}", "seats", [new Part(Voucher, "fabric", i, 600 + 10 * i)]));
        HttpClient fabric = await _running.AsAsync("fabric");
        (await PagesAsync(fabric, $"vouchers/{Voucher}/movements?limit=1", "after", "after"))
            .Select(m => (long)m["fen"]!).ShouldBe([300, 10, 10]);
        (await PagesAsync(fabric, "offers?limit=1", "next", "cursor")).Select(o => (string)o["offer"]!)
            .ShouldBe(["o1", "o2"]);
        (await GetAsync(fabric, $"vouchers/{Voucher}/movements?after=x", 400))["code"]!.ToString().ShouldBe("cursor-form");
    }

    private static async Task<List<JsonNode>> PagesAsync(HttpClient client, string path, string next, string cursor)
    {
        List<JsonNode> items = [];
        string at = "";
        for (int i = 0; i < 20; i++)
        {
            JsonObject page = await GetAsync(client, path + at);
            items.AddRange(page["items"]!.AsArray().Select(n => n!));
            if (page[next] is not { } place)
                break;
            at = $"&{cursor}={Uri.EscapeDataString(place.ToString())}";
        }
        return items;
    }

    [Fact]
    public async Task Nobody_reads_without_signing_in()
    {
        using HttpClient open = new() { BaseAddress = _running.Address };
        foreach (string path in new[] { "vouchers", $"vouchers/{Voucher}/tree", "balances", "offers" })
            (await open.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Projections_are_the_same_when_they_are_built_anew()
    {
        const string Sql = "select party || ' ' || root || ' ' || fen from voucher_balances order by 1";
        IReadOnlyList<string> before = await _running.RowsAsync(Sql, r => r.GetString(0));
        before.ShouldNotBeEmpty();
        await _running.App.Services.GetRequiredService<global::EventStore.Store>().Projections.RebuildAsync("vouchers", default);
        (await _running.RowsAsync(Sql, r => r.GetString(0))).ShouldBe(before);
    }

    private static IEnumerable<string> Pieces(JsonObject page) => page["items"]!.AsArray().Select(f =>
        $"{f!["start"]}-{f["end"]} {f["holder"]} {f["state"]}".TrimEnd(' ') + (f["holder"] is null ? " " : ""));

    private static IEnumerable<string> Shapes(JsonObject tree) => tree["shapes"]!.AsArray().Select(s =>
        $"{s!["level"]} {s["start"]}-{s["end"]} {s["holder"]}");

    private Task<LedgerAnswer> RunAsync(VoucherCommand command) => _running.App.Services.GetRequiredService<ILedger>()
        .ExecuteAsync(command, new Approved(Sha256, []), null, CancellationToken.None);

    private string Id() => $"c{++_commands}";
}
