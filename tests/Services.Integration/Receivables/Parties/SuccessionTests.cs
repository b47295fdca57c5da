using System.Text.Json.Nodes;
using Receivables.Parties;
using Services.Integration.Receivables.Signatures;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;
using static Services.Integration.Receivables.Signatures.SigningWorld;

namespace Services.Integration.Receivables.Parties;

/// <summary>Who acts for a party that went into another, lost its last key, or is bankrupt: over HTTP, as people do it.</summary>
public sealed class SuccessionTests(SigningWorld world) : IClassFixture<SigningWorld>
{
    private static readonly string Paper = new('a', 64);
    private static readonly string Root = $"V-{"FABR1C".PadLeft(26, '0')}";

    [Fact]
    public async Task After_a_merger_the_successors_people_dispose_of_what_the_party_held_and_its_own_no_longer()
    {
        DateOnly today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        await SendAsync("carmaker", "carmaker", new JsonObject
        {
            ["kind"] = "issue",
            ["root"] = Root,
            ["debtor"] = "carmaker",
            ["holder"] = "fabric",
            ["faceFen"] = 100,
            ["issueDate"] = $"{today:yyyy-MM-dd}",
            ["dueDate"] = $"{today.AddDays(50):yyyy-MM-dd}",
            ["trade"] = new JsonArray(new JsonObject { ["kind"] = "invoice", ["sha256"] = Paper }),
            ["terms"] = new JsonObject { ["minPartFen"] = 1, ["maxDepth"] = 20, ["maxFragments"] = 100 },
        }, id: "W-1");
        await SendAsync("fabric", "fabric", new JsonObject { ["kind"] = "accept", ["offer"] = "W-1", ["in"] = new JsonArray(Root) });
        await ChangeAsync("fabric", "merged", new JsonObject { ["into"] = "seats", ["from"] = "2026-11-22" });

        JsonObject pass = new()
        {
            ["kind"] = "transfer",
            ["parts"] = new JsonArray(new JsonObject { ["root"] = Root, ["to"] = "weaver", ["fen"] = 40 }),
        };
        Code(await SendAsync("fabric", "fabric", pass, 422)).ShouldBe("signer-key-unknown");
        Code(await SendAsync("carmaker", "fabric", pass, 403)).ShouldBe("command-party");
        await SendAsync("seats", "fabric", pass, id: "W-9");
        await SendAsync("weaver", "weaver", new JsonObject { ["kind"] = "accept", ["offer"] = "W-9", ["in"] = new JsonArray(Root) });
        ((long)(await GetAsync(await world.Services.AsAsync("weaver"), "balances"))["fen"]!).ShouldBe(40);
        // On the desk of people a party's commands are its own organisation's.
        JsonObject draft = (JsonObject)pass.DeepClone();
        (draft["commandId"], draft["party"]) = (world.NextId(), "fabric");
        Code(await PostAsync(await world.Services.AsAsync("seats"), "drafts", new JsonObject { ["command"] = draft }, 403))
            .ShouldBe("command-party");
    }

    [Fact]
    public async Task A_party_whose_last_administrators_key_is_lost_is_founded_anew_by_the_person_that_a_paper_names()
    {
        HttpClient admin = await world.Services.AsAsync("weaver", "admin");
        JsonObject founder = Founder("client-weaver-wu", "keys-lost");
        Code(await ChangeAsync("weaver", "founder", founder, 409)).ShouldBe(Party.HasAdministrator);
        await PostAsync(admin, $"parties/weaver/keys/{world.People["weaver"].Admin.KeyId}/lost", new JsonObject { ["reason"] = "lost" });
        using Signer wrong = new("weaver-admin", "admin"), right = new("weaver-wu", "admin"), maker = new("weaver-mei", "maker");
        // The old administrator's account alone founds nothing, before the paper and after it.
        Code(await FoundAsync(wrong, 422)).ShouldBe("approvals-missing");
        await ChangeAsync("weaver", "founder", founder);
        Code(await FoundAsync(wrong, 422)).ShouldBe("approvals-missing");
        await FoundAsync(right);
        await world.BindAsync("weaver", maker, right);
        // Once only, and for everybody to see.
        using Signer again = new("weaver-wu", "admin");
        Code(await FoundAsync(again, 422)).ShouldBe("approvals-missing");
        JsonNode seen = (await GetAsync(await world.Services.AsAsync("stranger"), "parties/weaver"))["foundings"]!.AsArray()[0]!;
        ((string)seen["person"]!, (string)seen["ground"]!).ShouldBe(("client-weaver-wu", "keys-lost"));
    }

    [Fact]
    public async Task A_bankrupt_partys_keys_end_and_its_administrator_binds_a_first_key_on_the_courts_word()
    {
        Code(await ChangeAsync("bank", "founder", Founder("client-bank-wu", "administrator"), 409)).ShouldBe(Party.NotBankrupt);
        await ChangeAsync("bank", "bankrupt", new JsonObject { ["court"] = "某市中级人民法院", ["caseNumber"] = "(2026)破1号", ["from"] = "2026-11-22" });
        using Signer administrator = new("bank-wu", "admin"), maker = new("bank-mei", "maker");
        await ChangeAsync("bank", "founder", Founder("client-bank-wu", "administrator"));
        HttpClient wu = await world.SignInAsync("bank", administrator);
        JsonObject bind = world.Bind("bank", administrator);
        await PostAsync(wu, "drafts", new JsonObject { ["command"] = bind.DeepClone() });
        string id = (string)bind["commandId"]!;
        await PostAsync(wu, $"drafts/{id}/approvals", await administrator.ApproveDraftAsync(wu, id, "holder"));
        await world.BindAsync("bank", maker, administrator);
        JsonArray keys = (await GetAsync(wu, "parties/bank"))["keys"]!.AsArray();
        keys.Count(k => k!["revoked"] is null).ShouldBe(2);
    }

    private static JsonObject Founder(string person, string ground) => new()
    {
        ["person"] = person,
        ["ground"] = ground,
        ["authority"] = "某市市场监督管理局",
        ["reference"] = "沪市监〔2026〕1号",
        ["from"] = "2026-11-22",
    };

    private async Task<JsonObject> ChangeAsync(string party, string what, JsonObject change, int status = 200)
    {
        JsonObject with = (JsonObject)change.DeepClone();
        with["evidenceSha256"] = Paper;
        return await PostAsync(await world.Services.AsAsync("suite", "operator"), $"parties/{party}/changes",
            new JsonObject { [what] = with }, status);
    }

    /// <summary>Binds a key by its holder's signature alone.</summary>
    private async Task<JsonObject> FoundAsync(Signer key, int status = 200)
    {
        HttpClient client = await world.SignInAsync("weaver", key);
        JsonObject command = world.Bind("weaver", key);
        return await PostAsync(client, "commands", Submit(command, await key.ApproveAsync(client, command, "holder")), status);
    }

    /// <summary>A command of one party, signed and sent by the people of another or its own.</summary>
    private async Task<JsonObject> SendAsync(
        string signers, string party, JsonObject members, int status = 200, string? id = null)
    {
        HttpClient client = await world.Services.AsAsync(signers);
        JsonObject command = (JsonObject)members.DeepClone();
        (command["commandId"], command["party"]) = (id ?? world.NextId(), party);
        if (status == 403)
            return await PostAsync(client, "commands", Submit(command), status);
        return await PostAsync(client, "commands", Submit(
            command, await world.People[signers].Maker.ApproveAsync(client, command, "maker"),
            await world.People[signers].Checker.ApproveAsync(client, command, "checker")), status);
    }

    private static string Code(JsonObject problem) => (string)problem["code"]!;
}
