using System.Diagnostics;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Services.Integration.Receivables.RunningReceivables;
using static Services.Integration.Receivables.Signatures.SigningWorld;

namespace Services.Integration.Receivables.Signatures;

/// <summary>Vouchers over HTTP, signed by keys that the service never has.</summary>
public class SignedVoucherTests(SigningWorld world, ITestOutputHelper output) : IClassFixture<SigningWorld>
{
    [Fact]
    public async Task A_voucher_is_issued_accepted_and_split_by_signatures_alone()
    {
        string root = Root();
        await DoAsync("carmaker", Issue(root, 100_000_000));
        HttpClient seats = await world.Services.AsAsync("seats");
        await DoAsync("seats", Command("accept", "seats", ("offer", $"I{root}"), ("in", new JsonArray(root))));
        JsonObject transfer = Command("transfer", "seats", ("parts", new JsonArray(
            new JsonObject { ["root"] = root, ["to"] = "fabric", ["fen"] = 30_000_000 },
            new JsonObject { ["root"] = root, ["to"] = "bank", ["fen"] = 1 })));
        await DoAsync("seats", transfer);
        await VerifiedAsync();
        (await GetAsync(seats, $"vouchers/{root}")).ToJsonString().ShouldContain(root);
    }

    [Fact]
    public async Task At_the_desk_a_voucher_waits_for_the_checker_and_above_the_limit_for_the_second_one()
    {
        string root = Root();
        HttpClient client = await world.Services.AsAsync("carmaker");
        var people = world.People["carmaker"];
        JsonObject command = Issue(root, 2_000_000_000);
        string id = (string)command["commandId"]!;
        await PostAsync(client, "drafts", new JsonObject { ["command"] = command.DeepClone() });
        (Signer, string)[] order = [(people.Maker, "maker"), (people.Checker, "checker"), (people.Second, "second-checker")];
        foreach ((Signer signer, string role) in order)
        {
            (await GetAsync(client, $"vouchers/{root}", 404))["code"].ShouldNotBeNull();
            JsonObject approval = await signer.ApproveDraftAsync(client, id, role);
            await PostAsync(client, $"drafts/{id}/approvals", approval);
        }
        ((string)(await GetAsync(client, $"drafts/{id}"))["status"]!).ShouldBe("executed");
        await GetAsync(client, $"vouchers/{root}");
        await VerifiedAsync();
    }

    [Fact]
    public async Task What_the_ledger_refuses_moves_no_chain_and_can_be_corrected()
    {
        var people = world.People["carmaker"];
        HttpClient client = await world.Services.AsAsync("carmaker");
        string before = (await GetAsync(client, $"signers/{people.Maker.KeyId}")).ToJsonString();
        JsonObject toSelf = Issue(Root(), 1_000);
        toSelf["holder"] = "carmaker";
        await SubmitAsync("carmaker", toSelf, 422);
        (await GetAsync(client, $"signers/{people.Maker.KeyId}")).ToJsonString().ShouldBe(before);
        toSelf["holder"] = "fabric";
        await DoAsync("carmaker", toSelf);
    }

    [Fact]
    public async Task Two_parties_number_their_commands_without_each_other()
    {
        await world.Services.AllowUnlinedAsync("seats");
        foreach (string party in new[] { "carmaker", "seats" })
        {
            JsonObject issue = Issue(Root(), 500);
            issue["commandId"] = "SAME-1";
            issue["party"] = party;
            issue["debtor"] = party;
            issue["holder"] = "bank";
            await DoAsync(party, issue);
        }
        await VerifiedAsync();
    }

    [Fact]
    public async Task The_page_of_an_answer_shows_what_it_answers_and_nothing_else_is_carried_out()
    {
        string root = Root();
        await DoAsync("carmaker", Issue(root, 123_456));
        HttpClient seats = await world.Services.AsAsync("seats");
        JsonObject accept = Command("accept", "seats", ("offer", $"I{root}"), ("in", new JsonArray(root)));
        JsonObject wanted = new()
        {
            ["command"] = accept.DeepClone(),
            ["role"] = "maker",
            ["keyId"] = world.People["seats"].Maker.KeyId,
            ["language"] = "en",
        };
        using HttpResponseMessage page = await seats.PostAsync("pages", RunningServices.Json(wanted.ToJsonString()));
        string text = await page.Content.ReadAsStringAsync();
        foreach (string line in new[]
        {
            "Amount: CNY 1,234.56", "Counterparty: 甲汽车有限公司 (carmaker)", $"Voucher 1: {root}",
            "Amount of it 1: CNY 1,234.56", $"Due date 1: {Day(120)}", "SHA-256 of the page answered: ",
        })
            text.ShouldContain("\n" + line);
        JsonObject less = (JsonObject)accept.DeepClone();
        less["shown"] = new JsonObject
        {
            ["fen"] = 1,
            ["counterparty"] = "carmaker",
            ["parts"] = new JsonArray(new JsonObject { ["root"] = root, ["fen"] = 1, ["dueDate"] = Day(120) }),
            ["withRecourse"] = null,
            ["offerSha256"] = null,
        };
        ((string)(await SubmitAsync("seats", less, 409))["code"]!).ShouldBe("answer-shown-differs");
        await DoAsync("seats", accept);
        await DoAsync("seats", accept);
        await VerifiedAsync();
    }

    [Fact]
    public async Task The_same_signed_command_sent_at_once_is_carried_out_once()
    {
        HttpClient client = await world.Services.AsAsync("carmaker");
        string root = Root();
        JsonObject request = await RequestAsync(client, "carmaker", Issue(root, 700));
        JsonObject[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync(client, "commands", request)));
        answers.Select(a => a.ToJsonString()).Distinct().Count().ShouldBe(1);
        JsonNode other = request.DeepClone();
        other["command"]!["faceFen"] = 701;
        ((string)(await PostAsync(client, "commands", other, 409))["code"]!).ShouldBe("command-id-used");
    }

    [Fact]
    public async Task A_command_signed_and_sent_again_is_answered_and_moves_no_chain()
    {
        HttpClient client = await world.Services.AsAsync("carmaker");
        JsonObject command = Issue(Root(), 800);
        JsonObject first = await PostAsync(client, "commands", await RequestAsync(client, "carmaker", command));
        string head = (await GetAsync(client, $"signers/{world.People["carmaker"].Maker.KeyId}")).ToJsonString();
        JsonObject again = await PostAsync(client, "commands", await RequestAsync(client, "carmaker", command));
        again.ToJsonString().ShouldBe(first.ToJsonString());
        (await GetAsync(client, $"signers/{world.People["carmaker"].Maker.KeyId}")).ToJsonString().ShouldBe(head);
        await DoAsync("carmaker", Issue(Root(), 801));
    }

    [Fact]
    public async Task One_pair_of_keys_signs_one_command_after_the_other_quickly()
    {
        HttpClient client = await world.Services.AsAsync("carmaker");
        const int Count = 50;
        long inside = 0;
        for (int i = 0; i < Count; i++)
        {
            JsonObject request = await RequestAsync(client, "carmaker", Issue(Root(), 1_000 + i));
            long begun = Stopwatch.GetTimestamp();
            await PostAsync(client, "commands", request);
            inside += Stopwatch.GetTimestamp() - begun;
        }
        double ms = inside * 1000.0 / Stopwatch.Frequency / Count;
        output.WriteLine($"{ms:F1} ms for a command with two signatures, verified, executed and durable");
        ms.ShouldBeLessThan(200);
    }

    private JsonObject Issue(string root, long fen) => Command(
        "issue", "carmaker", ("commandId", $"I{root}"), ("root", root), ("debtor", "carmaker"), ("holder", "seats"),
        ("faceFen", fen), ("issueDate", Day(0)), ("dueDate", Day(120)),
        ("trade", new JsonArray(new JsonObject { ["kind"] = "invoice", ["sha256"] = new string('a', 64) })),
        ("terms", new JsonObject { ["minPartFen"] = 1, ["maxDepth"] = 5, ["maxFragments"] = 100 }));

    private JsonObject Command(string kind, string party, params (string Name, JsonNode Value)[] members)
    {
        JsonObject command = new() { ["kind"] = kind, ["commandId"] = world.NextId(), ["party"] = party };
        foreach ((string name, JsonNode value) in members)
            command[name] = value;
        return command;
    }

    private string Root() => $"V-{world.NextId("R").Replace("-", "", StringComparison.Ordinal).PadLeft(26, '0')}";

    private static string Day(int later) =>
        TimeProvider.System.GetUtcNow().AddHours(8).AddDays(later).ToString("yyyy-MM-dd", null);

    private async Task DoAsync(string party, JsonObject command) => await SubmitAsync(party, command, 200);

    private async Task<JsonObject> SubmitAsync(string party, JsonObject command, int status)
    {
        HttpClient client = await world.Services.AsAsync(party);
        return await PostAsync(client, "commands", await RequestAsync(client, party, command), status);
    }

    private async Task<JsonObject> RequestAsync(HttpClient client, string party, JsonObject command) => Submit(
        command, await world.People[party].Maker.ApproveAsync(client, command, "maker"),
        await world.People[party].Checker.ApproveAsync(client, command, "checker", "en"));

    private async Task VerifiedAsync()
    {
        HttpClient regulator = await world.Services.AsAsync("authority", "regulator");
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, await regulator.GetStringAsync("signatures/export"));
        (string verdict, string text) = await IndependentChecker.RunAsync(
            file, world.People.Select(p => $"{p.Key}={p.Value.Admin.KeyId}"));
        File.Delete(file);
        verdict.ShouldBe("verified", text);
    }
}
