using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;
using static Services.Integration.Receivables.Signatures.SigningWorld;

namespace Services.Integration.Receivables.Signatures;

public class SigningTests(SigningWorld world) : IClassFixture<SigningWorld>
{
    [Fact]
    public async Task A_second_key_needs_an_administrator_and_a_key_is_bound_by_its_holder()
    {
        HttpClient wu = await world.Services.AsAsync("seats", "wu");
        using Signer late = new("seats-wu", "maker");
        JsonObject command = world.Bind("seats", late);
        string id = (string)command["commandId"]!;
        JsonObject holder = await late.ApproveAsync(wu, command, "holder");
        (await Code(wu, Submit(command, holder), 422)).ShouldBe("approvals-missing");
        await PostAsync(wu, "drafts", new JsonObject { ["command"] = command.DeepClone() });
        await PostAsync(wu, $"drafts/{id}/approvals", holder);
        HttpClient client = await world.Services.AsAsync("seats", "admin");
        JsonObject maker = await world.People["seats"].Maker.ApproveDraftAsync(client, id, "admin");
        (await ApprovalCode(client, id, maker)).ShouldBe("signer-role-missing");
        JsonObject admin = await world.People["seats"].Admin.ApproveDraftAsync(client, id, "admin");
        (await ApprovalCode(wu, id, admin)).ShouldBe("approval-of-another-person");
        await PostAsync(client, $"drafts/{id}/approvals", admin);
        JsonObject chain = await GetAsync(client, $"signers/{late.KeyId}");
        ((int)chain["count"]!).ShouldBe(1);
        ((string)chain["head"]!).ShouldBe((string)holder["pageSha256"]!);
    }

    [Fact]
    public async Task Drafts_beyond_a_page_are_on_the_next_one()
    {
        HttpClient client = await world.Services.AsAsync("court");
        for (int i = 0; i < 201; i++)
        {
            await PostAsync(client, "drafts", new JsonObject
            {
                ["command"] = new JsonObject
                {
                    ["kind"] = "set-account",
                    ["commandId"] = $"P{i}",
                    ["party"] = "court",
                    ["bank"] = "102",
                    ["number"] = $"{i}",
                },
            });
        }
        JsonObject first = await GetAsync(client, "drafts");
        JsonObject second = await GetAsync(client, $"drafts?cursor={first["next"]}");
        string[] ids = [.. new[] { first, second }.SelectMany(p => (JsonArray)p["items"]!).Select(d => (string)d!["id"]!)];
        ids.Order().ShouldBe(Enumerable.Range(0, 201).Select(i => $"P{i}").Order());
        second["next"].ShouldBeNull();
    }

    [Fact]
    public async Task One_administrator_can_not_bind_keys_under_two_names()
    {
        HttpClient client = await world.Services.AsAsync("bank", "admin");
        Signer admin = world.People["bank"].Admin;
        foreach (string name in new[] { "bank-mei", "bank-nobody" })
        {
            using Signer invented = new(name, "maker");
            JsonObject command = world.Bind("bank", invented);
            JsonObject[] both =
                [await invented.ApproveAsync(client, command, "holder"), await admin.ApproveAsync(client, command, "admin")];
            (await Code(client, Submit(command, both), 422)).ShouldBe("approval-of-another-person");
        }
        using Signer own = new("bank-admin", "maker", "checker");
        JsonObject mine = world.Bind("bank", own);
        JsonObject[] alone = [await own.ApproveAsync(client, mine, "holder"), await admin.ApproveAsync(client, mine, "admin")];
        (await Code(client, Submit(mine, alone), 422)).ShouldBe("key-holder-is-admin");
    }

    [Fact]
    public async Task The_same_command_again_is_answered_and_not_carried_out_twice()
    {
        HttpClient client = await world.Services.AsAsync("bank", "admin");
        JsonObject command = Policy("bank", 500_000_000);
        JsonObject request = Submit(command, await world.People["bank"].Admin.ApproveAsync(client, command, "admin"));
        JsonObject first = await PostAsync(client, "commands", request);
        JsonObject second = await PostAsync(client, "commands", request);
        ((string)second["at"]!).ShouldBe((string)first["at"]!);
        JsonObject other = (JsonObject)command.DeepClone();
        other["secondCheckerAboveFen"] = 1;
        JsonObject approval = await world.People["bank"].Admin.ApproveAsync(client, other, "admin");
        (await Code(client, Submit(other, approval), 409)).ShouldBe("command-id-used");
    }

    [Fact]
    public async Task An_approval_is_of_one_command_one_page_and_one_place_in_the_chain()
    {
        HttpClient client = await world.Services.AsAsync("fabric", "admin");
        Signer admin = world.People["fabric"].Admin;
        JsonObject command = Policy("fabric", 1_000);
        JsonObject approval = await admin.ApproveAsync(client, command, "admin");

        JsonObject altered = Policy("fabric", 2_000);
        altered["commandId"] = (string)command["commandId"]!;
        (await Code(client, Submit(altered, approval), 422)).ShouldBe("page-differs");
        (await Code(client, Submit(Policy("fabric", 1_000), approval), 422)).ShouldBe("page-differs");
        (await Code(client, Submit(command, With(approval, "language", "en")), 422)).ShouldBe("page-differs");
        (await Code(client, Submit(command, With(approval, "signature", admin.Sign([1]))), 422))
            .ShouldBe("signature-invalid");
        (await Code(client, Submit(command, With(approval, "at", "2020-01-01T00:00:00.000Z")), 422))
            .ShouldBe("approval-time-off");

        await PostAsync(client, "commands", Submit(command, approval));
        JsonObject next = Policy("fabric", 3_000);
        JsonObject stale = With(await admin.ApproveAsync(client, next, "admin"), "previous", (string)approval["previous"]!);
        (await Code(client, Submit(next, stale), 409)).ShouldBe("approval-head-stale");
    }

    [Fact]
    public async Task A_draft_is_carried_out_by_its_last_approval()
    {
        HttpClient client = await world.Services.AsAsync("carmaker", "admin");
        HttpClient wu = await world.Services.AsAsync("carmaker", "wu");
        using Signer lin = new("carmaker-wu", "maker");
        JsonObject command = world.Bind("carmaker", lin);
        string id = (string)command["commandId"]!;
        JsonObject request = new() { ["command"] = command.DeepClone() };
        JsonObject draft = await PostAsync(client, "drafts", request);
        ((string)draft["status"]!).ShouldBe("open");
        await PostAsync(client, "drafts", request);
        draft["missing"]!.AsArray().Select(m => (string)m!).ShouldBe(["holder", "admin"]);

        JsonObject held = await lin.ApproveDraftAsync(client, id, "holder");
        JsonObject one = await PostAsync(wu, $"drafts/{id}/approvals", held);
        one["missing"]!.AsArray().Select(m => (string)m!).ShouldBe(["admin"]);
        ((string)(await PostAsync(client, $"drafts/{id}/approvals", held))["status"]!).ShouldBe("open");
        JsonObject decided = await world.People["carmaker"].Admin.ApproveDraftAsync(client, id, "admin", "en");
        JsonObject done = await PostAsync(client, $"drafts/{id}/approvals", decided);
        ((string)done["status"]!).ShouldBe("executed");
        ((string)done["answer"]!["commandId"]!).ShouldBe(id);

        JsonObject party = await GetAsync(client, "parties/carmaker");
        party["keys"]!.AsArray().Select(k => (string)k!["key"]!["keyId"]!).ShouldContain(lin.KeyId);
        JsonObject again = await world.People["carmaker"].Second.ApproveDraftAsync(client, id, "second-checker");
        ((string)(await PostAsync(client, $"drafts/{id}/approvals", again, 409))["code"]!).ShouldBe("draft-closed");
    }

    [Fact]
    public async Task A_person_asks_for_its_own_key_which_only_an_administrator_binds()
    {
        HttpClient member = await world.Services.AsAsync("fabric", "member");
        using Signer own = new("fabric-member", "maker");
        using Signer foreign = new("fabric-yue", "maker");
        JsonObject command = world.Bind("fabric", own);
        string id = (string)command["commandId"]!;
        JsonObject draft = await PostAsync(member, "drafts", new JsonObject { ["command"] = command.DeepClone() });
        draft["missing"]!.AsArray().Select(m => (string)m!).ShouldBe(["holder", "admin"]);
        JsonObject held = await own.ApproveDraftAsync(member, id, "holder");
        await PostAsync(member, $"drafts/{id}/approvals", held);
        JsonObject admin = await world.People["fabric"].Admin.ApproveDraftAsync(member, id, "admin");
        ((string)(await PostAsync(member, $"drafts/{id}/approvals", admin, 403))["code"]!).ShouldBe("command-admin");
        (await Code(member, Submit(command, held, admin), 403)).ShouldBe("command-admin");
        JsonObject other = new() { ["command"] = world.Bind("fabric", foreign) };
        ((string)(await PostAsync(member, "drafts", other, 403))["code"]!).ShouldBe("command-admin");
        HttpClient administrator = await world.Services.AsAsync("fabric", "admin");
        JsonObject done = await PostAsync(administrator, $"drafts/{id}/approvals", admin);
        ((string)done["status"]!).ShouldBe("executed");
    }

    [Fact]
    public async Task The_first_key_of_a_party_is_bound_from_an_administrators_account_alone()
    {
        HttpClient registrar = await world.Services.AsAsync("suite", "operator");
        await PostAsync(registrar, "parties", new JsonObject { ["id"] = "stranger", ["kind"] = "supplier", ["name"] = "己纱线厂" }, 201);
        using Signer first = new("stranger-member", "admin");
        JsonObject command = world.Bind("stranger", first);
        HttpClient member = await world.Services.AsAsync("stranger", "member");
        string id = (string)command["commandId"]!;
        await PostAsync(member, "drafts", new JsonObject { ["command"] = command });
        JsonObject held = await first.ApproveDraftAsync(member, id, "holder");
        ((string)(await PostAsync(member, $"drafts/{id}/approvals", held, 403))["code"]!).ShouldBe("command-admin");
    }

    [Fact]
    public async Task A_draft_can_be_given_up_and_belongs_to_its_organisation()
    {
        HttpClient client = await world.Services.AsAsync("carmaker", "admin");
        JsonObject command = Policy("carmaker", 9);
        string id = (string)command["commandId"]!;
        await PostAsync(client, "drafts", new JsonObject { ["command"] = command });
        HttpClient stranger = await world.Services.AsAsync("seats", "admin");
        ((string)(await GetAsync(stranger, $"drafts/{id}", 404))["code"]!).ShouldBe("draft-not-found");
        (await GetAsync(client, "drafts"))["items"]!.AsArray().Select(d => (string)d!["id"]!).ShouldContain(id);
        await PostAsync(client, $"drafts/{id}/withdrawal", new JsonObject { ["reason"] = "wrong amount" });
        (await GetAsync(client, "drafts"))["items"]!.AsArray().Select(d => (string)d!["id"]!).ShouldNotContain(id);
        JsonObject approval = await world.People["carmaker"].Admin.ApproveDraftAsync(client, id, "admin");
        ((string)(await PostAsync(client, $"drafts/{id}/approvals", approval, 409))["code"]!).ShouldBe("draft-closed");
    }

    [Fact]
    public async Task A_lost_key_is_stopped_at_once_and_stays_stopped_after_a_restart()
    {
        HttpClient client = await world.Services.AsAsync("bank", "admin");
        using Signer lost = new("bank-wu", "admin");
        await world.BindAsync("bank", lost, world.People["bank"].Admin);
        await PostAsync(client, $"parties/bank/keys/{lost.KeyId}/lost", new JsonObject { ["reason"] = "lost phone" });
        JsonObject command = Policy("bank", 77);
        (await Code(client, Submit(command, await lost.ApproveAsync(client, command, "admin")), 422))
            .ShouldBe("signer-key-revoked");
    }

    [Fact]
    public async Task What_is_exported_is_verified_by_a_program_that_shares_no_code()
    {
        HttpClient regulator = await world.Services.AsAsync("authority", "regulator");
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, await regulator.GetStringAsync("signatures/export"));
        try
        {
            (string verdict, string text) = await IndependentChecker.RunAsync(
                file, world.People.Select(p => $"{p.Key}={p.Value.Admin.KeyId}"));
            verdict.ShouldBe("verified", text);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("""{"kind":"nothing","commandId":"C","party":"seats"}""", 400, "command-malformed")]
    [InlineData("""{"commandId":"C","party":"seats"}""", 400, "command-malformed")]
    [InlineData("""[]""", 400, "command-malformed")]
    [InlineData("""{"kind":"set-policy","commandId":"C","party":"seats","secondCheckerAboveFen":-1}""", 400, "amount-form")]
    [InlineData("""{"kind":"set-policy","commandId":"C","party":"seats","secondCheckerAboveFen":1.5}""", 400, "command-malformed")]
    [InlineData("""{"kind":"set-policy","commandId":"C","party":"seats","secondCheckerAboveFen":1,"x":1}""", 400, "command-malformed")]
    [InlineData("""{"kind":"set-policy","commandId":"C","party":"bank","secondCheckerAboveFen":1}""", 403, "command-party")]
    [InlineData("""{"kind":"return","commandId":"C","party":"seats","root":""}""", 400, "command-malformed")]
    [InlineData("""{"kind":"pay-from-many","commandId":"C","party":"seats","to":"nobody","fen":1,"from":[{"root":"V","fen":1}]}""", 404, "party-not-found")]
    [InlineData("""{"kind":"return","commandId":"C","party":"seats","root":"V"}""", 422, "approvals-missing")]
    public async Task Bad_commands_are_refused(string command, int status, string code) =>
        (await Code(await world.Services.AsAsync("seats", "admin"),
            new JsonObject { ["command"] = JsonNode.Parse(command), ["approvals"] = new JsonArray() }, status)).ShouldBe(code);

    private JsonObject Policy(string party, long above) => new()
    {
        ["kind"] = "set-policy",
        ["commandId"] = world.NextId(),
        ["party"] = party,
        ["secondCheckerAboveFen"] = above,
    };

    private static async Task<string> ApprovalCode(HttpClient client, string draft, JsonObject approval) =>
        (string)(await PostAsync(client, $"drafts/{draft}/approvals", approval, 422))["code"]!;

    private static JsonObject With(JsonObject approval, string member, string value)
    {
        JsonObject changed = (JsonObject)approval.DeepClone();
        changed[member] = value;
        return changed;
    }

    private static async Task<string> Code(HttpClient client, JsonObject request, int status) =>
        (string)(await PostAsync(client, "commands", request, status))["code"]!;
}
