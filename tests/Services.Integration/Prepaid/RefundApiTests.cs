using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Prepaid.Cards;
using Prepaid.Refunds;
using Shouldly;
using Xunit;

namespace Services.Integration.Prepaid;

/// <summary>A refund over HTTP out of custody, and the regulator's desk when a merchant fails.</summary>
public sealed class RefundApiTests : IAsyncLifetime
{
    private static readonly DateOnly Today = CardRun.Day(DateTimeOffset.UtcNow);
    private RunningPrepaid _prepaid = null!;
    private HttpClient _till = null!;
    private HttpClient _authority = null!;
    private string _card = null!;
    private string _secret = null!;

    public async Task InitializeAsync()
    {
        _prepaid = await RunningPrepaid.StartAsync();
        _authority = await _prepaid.AsAsync("authority", "regulator");
        _till = await _prepaid.AsAsync("gym");
        HttpClient gym = await _prepaid.AsAsync("gym", "admin");
        await SendAsync(gym, HttpMethod.Put, "merchants/own",
            """{"name":"gym","jurisdiction":"330000","industry":"fitness","startedOn":"2015-01-01"}""");
        await SendAsync(gym, HttpMethod.Put, "custody/own/account", """{"account":"622","bank":"barber"}""");
        await StateAsync("s1", Today.AddDays(-1), ("opening", 0, ""), ("credit", 900, ""), ("closing", 900, ""));
        JsonObject card = await SendAsync(_till, HttpMethod.Post, "cards", $$$"""
            {"branch":"north","named":true,"lot":{"id":"1","kind":"value","paidFen":50000,"giftFen":10000,"contract":"{{{new string('a', 64)}}}"}}
            """, 201);
        (_card, _secret) = ((string)card["card"]!, (string)card["secret"]!);
    }

    public async Task DisposeAsync() => await _prepaid.DisposeAsync();

    [Fact]
    public async Task A_refund_is_agreed_paid_by_the_bank_and_ends_what_is_owed()
    {
        JsonObject asked = await HolderAsync("refunds", """{"cause":"merchant","words":"it moved"}""", 201);
        string refund = (string)asked["refund"]!;
        ((long)asked["askedAnswer"]!["lowFen"]!).ShouldBe(500_00, "within seven days, unused: all of the principal");
        ((string)(await HolderAsync("refunds", """{"cause":"merchant","words":"twice"}""", 409))["code"]!).ShouldBe("refund-open");
        ((string)(await HolderAsync($"refunds/{refund}/escalation", null, 409))["code"]!).ShouldBe("refund-too-early");

        JsonObject less = await SendAsync(_till, HttpMethod.Post, $"refunds/{refund}/answers",
            """{"cause":"consumer","offerFen":50000,"words":"agreed"}""");
        ((string)less["stage"]!, (string)less["ordered"]!["custody"]!).ShouldBe(("ordered", $"refund-{refund}"));
        ((string)(await SendAsync(_till, HttpMethod.Post, $"cards/{_card}/redemptions",
            """{"id":"r1","branch":"north","wanted":[{"kind":"value","item":"x","times":1,"listFen":100,"priceFen":100}]}""", 409))["code"]!)
            .ShouldBe("card-frozen");

        await StateAsync("s2", Today, ("opening", 900, ""), ("debit", 500, $"refund-{refund}"), ("closing", 400, ""));
        await RefundWorker.RunAsync(_prepaid.Store, TimeProvider.System, default);
        JsonObject done = await RunningPrepaid.SendAsync(
            _prepaid.Open, HttpMethod.Get, $"open/cards/{_card}/refunds/{refund}", null, 200, _secret);
        ((string)done["stage"]!).ShouldBe("paid");
        JsonObject card = await RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Get, $"open/cards/{_card}", null, 200, _secret);
        ((long)card["balance"]!["principalFen"]!, (bool)card["frozen"]!).ShouldBe((0L, false));
        await SendAsync(await _prepaid.AsAsync("barber"), HttpMethod.Get, $"refunds/{refund}", null, 404);
    }

    [Fact]
    public async Task A_failed_merchants_claims_are_listed_from_the_ledger_of_the_same_day()
    {
        await SendAsync(_authority, HttpMethod.Post, "disposals/gym/custody-orders",
            $$"""{"power":"条例第1条","caseNumber":"2026-1","until":"{{Today.AddDays(90):yyyy-MM-dd}}"}""");
        ((string)(await SendAsync(await _prepaid.AsAsync("gym", "admin"), HttpMethod.Post, "custody/own/orders",
            """{"id":"o1","kind":"release","fen":1,"because":"x"}""", 409))["code"]!).ShouldBe("custody-frozen");
        JsonObject listed = await SendAsync(_authority, HttpMethod.Post, "disposals/gym/claims", null, 201);
        JsonNode list = listed["lists"]!.AsArray().ShouldHaveSingleItem()!;
        ((long)list["principalFen"]!, (long)list["openFen"]!, (int)list["claims"]!).ShouldBe((500_00L, 0L, 1));
        JsonObject csv = await SendAsync(_authority, HttpMethod.Get, $"disposals/gym/claims/{(string)list["list"]!}");
        ((string)csv["text"]!).ShouldContain($"{_card},50000,10000,1,50000,0,0,0");
        string confirmation = $"disposals/gym/claims/{(string)list["list"]!}/confirmation";
        listed["confirmed"].ShouldBeNull("a proposal");
        await SendAsync(_authority, HttpMethod.Post, confirmation, """{"by":"court","caseNumber":"7","words":"as listed"}""");
        ((string)(await SendAsync(_authority, HttpMethod.Post, confirmation,
            """{"by":"other","caseNumber":"8","words":"no"}""", 409))["code"]!).ShouldBe("claim-list-confirmed");

        await RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Post, $"open/cards/{_card}/complaints",
            """{"kind":"shop-closed","words":"门关了, =1+1"}""", 201, _secret);
        using HttpResponseMessage pack = await _authority.PostAsync("disposals/gym/packs?drill=true", null);
        ((int)pack.StatusCode).ShouldBe(200);
        using ZipArchive zip = new(await pack.Content.ReadAsStreamAsync());
        zip.Entries.Select(e => e.FullName).ShouldBe(["cover.txt", "claims.csv", "complaints.csv", "manifest.txt"]);
        JsonObject known = await SendAsync(_authority, HttpMethod.Get, "disposals/gym");
        ((bool)known["packs"]![0]!["drill"]!).ShouldBeTrue();
        JsonObject export = await SendAsync(_authority, HttpMethod.Get, "complaints/export?merchant=gym");
        ((string)export["text"]!).ShouldContain("停业,\"门关了, =1+1\"");
    }

    private Task<JsonObject> HolderAsync(string path, string? json, int status) => RunningPrepaid.SendAsync(
        _prepaid.Open, HttpMethod.Post, $"open/cards/{_card}/{path}", json, status, _secret);

    private async Task StateAsync(string id, DateOnly day, params (string Kind, int Yuan, string Order)[] lines)
    {
        StringBuilder csv = new("statement,account,day,kind,yuan,reference,order\n");
        foreach ((string kind, int yuan, string order) in lines)
            csv.Append($"{id},622,{day:yyyy-MM-dd},{kind},{yuan},ref-{kind},{order}\n");
        using HttpResponseMessage response = await (await _prepaid.AsAsync("barber")).PostAsync(
            "custody/gym/statements", new StringContent(csv.ToString(), Encoding.UTF8, "text/csv"));
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
    }

    private static Task<JsonObject> SendAsync(
        HttpClient client, HttpMethod method, string path, string? json = null, int status = 200) =>
        RunningPrepaid.SendAsync(client, method, path, json, status);
}
