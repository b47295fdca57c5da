using System.Text.Json.Nodes;
using Services.Integration.Receivables.Signatures;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;

namespace Services.Integration.Receivables.Parties;

public class PartyRegisterTests(SigningWorld world) : IClassFixture<SigningWorld>
{
    private static readonly string Paper = new('a', 64);

    [Fact]
    public async Task The_register_lists_parties_and_shows_keys_only_to_the_party_and_the_regulator()
    {
        HttpClient seats = await world.Services.AsAsync("seats");
        JsonArray items = (await GetAsync(seats, "parties"))["items"]!.AsArray();
        items.Select(i => (string)i!["id"]!).Take(5).ShouldBe(["bank", "carmaker", "court", "fabric", "seats"]);
        ((bool)items.Single(i => (string)i!["id"]! == "weaver")!["sme"]!).ShouldBeTrue();
        (await GetAsync(seats, "parties/seats"))["keys"]!.AsArray().Count.ShouldBe(4);
        (await GetAsync(seats, "parties/bank"))["keys"].ShouldBeNull();
        (await GetAsync(await world.Services.AsAsync("authority", "regulator"), "parties/bank"))["keys"].ShouldNotBeNull();
        ((string)(await GetAsync(seats, "parties/nobody", 404))["code"]!).ShouldBe("party-not-found");
    }

    [Fact]
    public async Task A_change_of_name_shows_on_the_next_page_and_is_provable()
    {
        HttpClient registrar = await world.Services.AsAsync("suite", "operator");
        await PostAsync(registrar, "parties/fabric/changes", new JsonObject
        {
            ["renamed"] = new JsonObject { ["name"] = "丙新织物有限公司", ["from"] = "2026-11-22", ["evidenceSha256"] = Paper },
        });
        HttpClient fabric = await world.Services.AsAsync("fabric", "admin");
        JsonObject party = await GetAsync(fabric, "parties/fabric");
        ((string)party["name"]!).ShouldBe("丙新织物有限公司");
        party["names"]!.AsArray().Count.ShouldBe(2);
        IReadOnlyList<string> tenants = await world.Services.RowsAsync(
            "select tenant from store.events where stream = 'party/fabric'", r => r.GetString(0));
        tenants.ShouldAllBe(t => t == "fabric");
    }

    [Fact]
    public async Task A_merger_stops_the_keys_of_the_party()
    {
        HttpClient registrar = await world.Services.AsAsync("suite", "operator");
        await PostAsync(registrar, "parties", new JsonObject
        {
            ["id"] = "stranger",
            ["kind"] = "supplier",
            ["name"] = "戊有限公司",
            ["sme"] = true,
        }, 201);
        using Signer admin = new("stranger-admin", "admin");
        await world.BindAsync("stranger", admin, null);
        await PostAsync(registrar, "parties/stranger/changes", new JsonObject
        {
            ["merged"] = new JsonObject { ["into"] = "seats", ["from"] = "2026-11-22", ["evidenceSha256"] = Paper },
        });
        HttpClient client = await world.Services.AsAsync("stranger", "admin");
        JsonObject command = new()
        {
            ["kind"] = "set-policy",
            ["commandId"] = world.NextId(),
            ["party"] = "stranger",
            ["secondCheckerAboveFen"] = 1,
        };
        JsonObject approval = await admin.ApproveAsync(client, command, "admin");
        JsonObject refused = await PostAsync(client, "commands", SigningWorld.Submit(command, approval), 422);
        ((string)refused["code"]!).ShouldBe("signer-key-unknown");
    }

    [Theory]
    [InlineData("""{}""", 400)]
    [InlineData("""{"renamed":{"name":"","from":"2026-11-22","evidenceSha256":"x"}}""", 400)]
    [InlineData("""{"merged":{"into":"carmaker","from":"2026-11-22","evidenceSha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}}""", 422)]
    public async Task Bad_changes_are_refused(string change, int status) =>
        await PostAsync(await world.Services.AsAsync("suite", "operator"), "parties/carmaker/changes",
            JsonNode.Parse(change)!, status);

    [Fact]
    public async Task An_agent_hands_over_by_the_party_itself()
    {
        HttpClient admin = await world.Services.AsAsync("seats", "admin");
        JsonObject first = new() { ["toPerson"] = "li", ["from"] = "2026-11-01", ["authoritySha256"] = Paper };
        await PostAsync(admin, "parties/seats/agents", first);
        first["fromPerson"] = "li";
        first["toPerson"] = "zhao";
        JsonObject party = await PostAsync(admin, "parties/seats/agents", first);
        party["agents"]!.AsArray().Select(a => (string)a!).ShouldBe(["zhao"]);
        await PostAsync(await world.Services.AsAsync("bank", "admin"), "parties/seats/agents", first, 403);
    }
}
