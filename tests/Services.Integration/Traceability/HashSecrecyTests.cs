using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <summary>
/// The CBV hash of an event lets anybody try values of what is hidden, so who does not see the whole event must not get it.
/// </summary>
public sealed class HashSecrecyTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private const string Gtin = "06901234567892";
    private readonly RunningTraceability _services = fixture.Services;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_public_finds_the_hash_in_no_answer_and_no_bundle(bool named)
    {
        (string item, string hash, Guid record) = await HiddenAsync(named);
        _services.AnchorState = "anchored";
        List<string> seen = [];
        try
        {
            foreach (string path in new[]
                     {
                         $"open/events/{record}/proof", $"open/events/{record}/statements?key={Uri.EscapeDataString(item)}",
                         $"01/{Gtin}/21/{item.Split('/')[^1]}?lang=en", $"01/{Gtin}/21/{item.Split('/')[^1]}?linkType=linkset",
                     })
            {
                using HttpRequestMessage request = new(HttpMethod.Get, path);
                request.Headers.TryAddWithoutValidation("Accept", "*/*");
                using HttpResponseMessage answer = await _services.Open.SendAsync(request);
                seen.Add(await answer.Content.ReadAsStringAsync() + answer.Headers);
            }
        }
        finally
        {
            _services.AnchorState = "accepted";
        }
        JsonNode bundle = JsonNode.Parse(seen[0][..(seen[0].LastIndexOf('}') + 1)])!;
        string content = Encoding.UTF8.GetString(Convert.FromBase64String((string)bundle["event"]!));
        content.ShouldContain("\"statements\":{\"count\":16,");
        seen.Add(content);
        seen[1].ShouldContain("\"pointer\":\"/epcList/-\"");
        foreach (string text in seen)
        {
            text.ShouldNotContain(Hex(hash));
            text.ShouldNotContain("ni:///");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_partner_who_sees_a_part_gets_the_records_id_and_no_guess_confirmed(bool named)
    {
        (string item, string hash, Guid record) = await HiddenAsync(named);
        HttpClient maker = await _services.AsAsync("maker");
        JsonObject seen = (await QueryAsync(maker, $"events?MATCH_epc={Uri.EscapeDataString(item)}")).Single();
        seen["eventID"]!.GetValue<string>().ShouldBe($"urn:uuid:{record}");
        seen.ToJsonString().ShouldNotContain(Hex(hash));
        (await QueryAsync(maker, $"events?EQ_eventID={Uri.EscapeDataString(hash)}")).ShouldBeEmpty();
        (await QueryAsync(maker, $"events?EQ_eventID=urn:uuid:{record}")).Count.ShouldBe(1);
        string byHash = $"epcis/v2/events/{Uri.EscapeDataString(hash)}";
        foreach (string path in new[] { byHash, byHash + "/statements", byHash + "/proof" })
            (await maker.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        string statements = await maker.GetStringAsync($"epcis/v2/events/urn:uuid:{record}/statements");
        statements.ShouldNotContain(Hex(hash));
        statements.ShouldNotContain("#hash");

        HttpClient farm = await _services.AsAsync("farm");
        (await QueryAsync(farm, $"events?EQ_eventID={Uri.EscapeDataString(hash)}")).Single()["eventID"]!
            .GetValue<string>().ShouldBe(hash);
        (await farm.GetStringAsync(byHash + "/statements")).ShouldContain("#hash");
    }

    [Fact]
    public async Task Ids_of_correcting_events_that_tell_content_stay_with_who_sees_everything()
    {
        string guess = $"ni:///sha-256;{new string('a', 64)}?ver=CBV2.0";
        JsonObject e = Events.Object([Events.Item(Events.NewSerial())]);
        e["eventID"] = $"urn:uuid:{Guid.NewGuid()}";
        e["errorDeclaration"] = new JsonObject
        {
            ["declarationTime"] = "2026-11-02T08:00:00.000+08:00",
            ["correctiveEventIDs"] = new JsonArray(guess, "urn:example:known"),
        };
        await ShareAsync();
        HttpClient farm = await _services.AsAsync("farm"), maker = await _services.AsAsync("maker");
        (await CaptureAsync(farm, [e]))["success"]!.GetValue<bool>().ShouldBeTrue();
        string one = $"events?EQ_eventID={e["eventID"]!.GetValue<string>()}";
        JsonObject seen = (await QueryAsync(maker, one)).Single();
        seen["errorDeclaration"]!["correctiveEventIDs"]!.AsArray().Select(i => (string)i!).ShouldBe(["urn:example:known"]);
        string ask = $"{one}&EQ_correctiveEventID={Uri.EscapeDataString(guess)}";
        (await QueryAsync(maker, ask)).ShouldBeEmpty();
        (await QueryAsync(farm, ask)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_withheld_is_neither_matched_nor_listed()
    {
        await ShareAsync();
        HttpClient farm = await _services.AsAsync("farm"), maker = await _services.AsAsync("maker");
        string child = Events.Item(Events.NewSerial()), parent = Events.Pallet(7001);
        JsonObject pack = Events.Pack(parent, [child]);
        pack["childQuantityList"] = new JsonArray(new JsonObject
        {
            ["epcClass"] = $"https://id.gs1.org/01/{Gtin}/10/LOT9",
            ["quantity"] = 7,
        });
        await CaptureAsync(farm, [pack]);
        string byChild = $"events?MATCH_anyEPC={Uri.EscapeDataString(child)}";
        string byClass = $"events?MATCH_anyEPCClass={Uri.EscapeDataString($"https://id.gs1.org/01/{Gtin}/10/LOT9")}";
        (await QueryAsync(maker, byChild)).Count.ShouldBe(1);
        (await QueryAsync(maker, byClass)).Count.ShouldBe(1);
        (await QueryAsync(maker, byClass + "&EQ_quantity=7")).Count.ShouldBe(1);
        await PutAsync("disclosure", """{"withheld":["/childEPCs","/childQuantityList"]}""");
        try
        {
            (await QueryAsync(maker, byChild)).ShouldBeEmpty();
            (await QueryAsync(maker, byClass)).ShouldBeEmpty();
            (await QueryAsync(maker, $"events?MATCH_parentID={Uri.EscapeDataString(parent)}&EQ_quantity=7")).ShouldBeEmpty();
            (await QueryAsync(maker, $"events?MATCH_anyEPC={Uri.EscapeDataString(parent)}")).Count.ShouldBe(1);
            string listed = await maker.GetStringAsync("epcis/v2/epcs?perPage=1000");
            listed.ShouldContain(parent);
            listed.ShouldNotContain(child);
            (await QueryAsync(farm, byChild)).Count.ShouldBe(1);
        }
        finally
        {
            await PutAsync("disclosure", "{}");
        }
    }

    /// <summary>An event with a hidden member, by a farm whose partner is the maker.</summary>
    private async Task<(string Item, string Hash, Guid Record)> HiddenAsync(bool named)
    {
        await ShareAsync();
        HttpClient farm = await _services.AsAsync("farm");
        string item = Events.Item(Events.NewSerial());
        JsonObject e = Events.Object([item], "ADD", "commissioning");
        e["bizTransactionList"] = new JsonArray(new JsonObject { ["bizTransaction"] = "urn:example:price:7" });
        if (named)
        {
            // The client computed the hash itself, and writes its scheme as it may.
            JsonObject same = await CaptureAndReadAsync(await _services.AsAsync("dealer"), e, item);
            e["eventID"] = same["eventID"]!.GetValue<string>().Replace("ni:", "NI:", StringComparison.Ordinal);
        }
        JsonObject stored = await CaptureAndReadAsync(farm, e, item);
        object? record = await _services.ScalarAsync(string.Create(CultureInfo.InvariantCulture,
            $"select e.id from epcis_events e join epcis_epcs x using (seq) where x.uri = '{item}' and e.tenant = 'farm'"));
        return (item, stored["eventID"]!.GetValue<string>(), (Guid)record!);
    }

    private static async Task<JsonObject> CaptureAndReadAsync(HttpClient client, JsonObject e, string item)
    {
        (await CaptureAsync(client, [e]))["success"]!.GetValue<bool>().ShouldBeTrue();
        return (await QueryAsync(client, $"events?MATCH_epc={Uri.EscapeDataString(item)}"))[^1];
    }

    private async Task ShareAsync() => await PutAsync("partners", """{"partners":["maker"]}""");

    private async Task PutAsync(string path, string json)
    {
        using HttpResponseMessage response =
            await (await _services.AsAsync("farm", "admin")).PutAsync(path, RunningServices.Json(json));
        response.StatusCode.ShouldBe(HttpStatusCode.NoContent, await response.Content.ReadAsStringAsync());
    }

    private static string Hex(string hash) => hash[(hash.IndexOf(';', StringComparison.Ordinal) + 1)..][..64];
}
