using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;
using static Services.Integration.Receivables.Signatures.SigningWorld;

namespace Services.Integration.Receivables.Signatures;

/// <summary>Rules that hold across slices: who orders freezes, what answers move, what an issue must rest on.</summary>
public class JoinedRulesTests(SigningWorld world) : IClassFixture<SigningWorld>
{
    private static int _documents;

    [Fact]
    public async Task Only_a_court_signed_in_as_regulator_freezes_and_lifts()
    {
        string root = await HeldAsync("seats", 1_000);
        foreach (string party in new[] { "carmaker", "bank" })
        {
            JsonObject refused = await SendAsync(party, Freeze(party, root), 403);
            ((string)refused["code"]!).ShouldBe("freeze-not-by-court");
        }
        await SendAsync("court", Freeze("court", root), 403, "member");
        JsonObject order = Freeze("court", root);
        await SendAsync("court", order, 200, "regulator");
        JsonObject held = await GetAsync(await world.Services.AsAsync("seats"), $"vouchers/{root}");
        ((long)held["held"]!["frozenFen"]!).ShouldBe(400);
        await SendAsync("court", Command("unfreeze", "court", ("root", root), ("order", (string)order["commandId"]!),
            ("legalBasis", "民事诉讼法 253"), ("caseNumber", "(2026)沪01执1号")), 200, "regulator");
        await SendAsync("court", Command("void", "court", ("root", root), ("reason", "x")), 403, "regulator");
    }

    [Fact]
    public async Task Who_accepts_above_a_keys_limit_needs_another_key_and_above_the_partys_a_second_checker()
    {
        string root = await IssuedAsync("seats", 2_000_000_000);
        JsonObject accept = Accept("seats", root);
        ((string)(await SendAsync("seats", accept, 422))["code"]!).ShouldBe("approvals-missing");
        var people = world.People["seats"];
        HttpClient client = await world.Services.AsAsync("seats");
        Signer junior = new("seats-wu", "maker");
        await world.BindAsync("seats", junior, people.Admin, 1_999_999_999);
        JsonObject low = Submit(accept, await junior.ApproveAsync(client, accept, "maker"),
            await people.Checker.ApproveAsync(client, accept, "checker"),
            await people.Second.ApproveAsync(client, accept, "second-checker"));
        ((string)(await PostAsync(client, "commands", low, 422))["code"]!).ShouldBe("signer-limit-exceeded");
        await PostAsync(client, "commands", Submit(accept, await people.Maker.ApproveAsync(client, accept, "maker"),
            await people.Checker.ApproveAsync(client, accept, "checker"),
            await people.Second.ApproveAsync(client, accept, "second-checker")));
    }

    [Theory]
    [InlineData("reject")]
    [InlineData("withdraw")]
    public async Task What_was_never_accepted_frees_its_invoice_for_another_voucher(string answer)
    {
        string invoice = await DepositAsync("seats", "invoice", 1_000);
        string root = await IssuedAsync("seats", 1_000, 90, invoice);
        ((string)(await SendAsync("carmaker", Issue(Root(), "seats", 1, 90, invoice), 422))["code"]!)
            .ShouldBe("invoice-exhausted");
        string party = answer == "reject" ? "seats" : "carmaker";
        await SendAsync(party, Command(answer, party, ("offer", $"I{root}"), ("in", new JsonArray(root))), 200);
        await IssuedAsync("seats", 1_000, 90, invoice);
    }

    [Fact]
    public async Task A_returned_voucher_frees_its_invoice()
    {
        string invoice = await DepositAsync("seats", "invoice", 1_000);
        string root = await IssuedAsync("seats", 1_000, 90, invoice);
        await SendAsync("seats", Accept("seats", root), 200);
        JsonObject back = Command("return", "seats", ("root", root));
        await SendAsync("seats", back, 200);
        await SendAsync("carmaker", Command("accept", "carmaker", ("offer", (string)back["commandId"]!),
            ("in", new JsonArray(root))), 200);
        await IssuedAsync("seats", 1_000, 90, invoice);
    }

    [Fact]
    public async Task A_large_enterprise_issues_to_an_SME_only_with_delivery_and_clause_within_sixty_days()
    {
        string invoice = await DepositAsync("weaver", "invoice", 1_000_000);
        JsonObject refused = await SendAsync("carmaker", Issue(Root(), "weaver", 1, 50, invoice), 422);
        ((string)refused["code"]!).ShouldBe("issue-rule");
        refused["rules"]!.AsArray().Select(r => (string)r!["rule"]!)
            .ShouldBe(["802-9-large", "802-11-agreed", "802-11-no-extension"], ignoreOrder: true);
        // The debtor's own word for the creditor's delivery and clause counts for nothing.
        string[] own =
        [
            await DepositAsync("weaver", "delivery", by: "carmaker"),
            await DepositAsync("weaver", "voucher-clause", by: "carmaker"),
        ];
        (await SendAsync("carmaker", Issue(Root(), "weaver", 1, 50, [invoice, .. own]), 422))["rules"]!.AsArray().Count
            .ShouldBe(3);
        string delivery = await DepositAsync("weaver", "delivery");
        string clause = await DepositAsync("weaver", "voucher-clause");
        await IssuedAsync("weaver", 1, 50, invoice, delivery, clause);
        JsonObject late = await SendAsync("carmaker", Issue(Root(), "weaver", 1, 90, invoice, delivery, clause), 422);
        ((string)late["detail"]!).ShouldContain("第九条第二款");
        late["rules"]!.AsArray().Single(r => (string)r!["rule"]! == "802-9-large")!["needs"]!.AsArray()
            .Select(n => (string)n!).ShouldBe(["term-clause", "custom", "consent"], ignoreOrder: true);
    }

    [Fact]
    public async Task Beyond_sixty_days_clause_custom_and_the_SMEs_own_consent_are_demanded_and_recorded()
    {
        string[] papers =
        [
            await DepositAsync("weaver", "invoice", 1_000_000), await DepositAsync("weaver", "delivery"),
            await DepositAsync("weaver", "voucher-clause"), await DepositAsync("weaver", "term-clause"),
            await DepositAsync("weaver", "custom"),
        ];
        string forged = await DepositAsync("weaver", "consent", by: "carmaker");
        await SendAsync("carmaker", Issue(Root(), "weaver", 1, 90, [.. papers, forged]), 422);
        // Neither a paper about it nor a consent that is not free, too short or too small.
        string paper = await DepositAsync("weaver", "consent");
        await ConsentAsync(90, 1, free: false);
        await SendAsync("carmaker", Issue(Root(), "weaver", 1, 90, [.. papers, paper]), 422);
        string page = await ConsentAsync(91, 2, free: true);
        await SendAsync("carmaker", Issue(Root(), "weaver", 3, 91, papers), 422);
        await SendAsync("carmaker", Issue(Root(), "weaver", 2, 92, papers), 422);
        string root = await IssuedAsync("weaver", 2, 91, papers);
        IReadOnlyList<string> grounds = await world.Services.RowsAsync(
            $"select convert_from(body, 'utf8') from store.events where stream = 'issue-grounds/{root}'",
            r => r.GetString(0));
        grounds.ShouldHaveSingleItem().ShouldContain($"consent:{page}");
    }

    /// <summary>The weaver's people sign that the car maker may pay later; gives the digest of the maker's page.</summary>
    private async Task<string> ConsentAsync(int days, long fen, bool free)
    {
        HttpClient client = await world.Services.AsAsync("weaver");
        JsonObject command = Command("consent-to-term", "weaver", ("debtor", "carmaker"), ("faceFen", fen),
            ("dueDate", Day(days)), ("free", free));
        JsonObject maker = await world.People["weaver"].Maker.ApproveAsync(client, command, "maker");
        await PostAsync(client, "commands", Submit(
            command, maker, await world.People["weaver"].Checker.ApproveAsync(client, command, "checker")));
        return (string)maker["pageSha256"]!;
    }

    [Fact]
    public async Task Beyond_six_months_examined_grounds_of_the_issuer_are_demanded()
    {
        JsonObject refused = await SendAsync("carmaker", Issue(Root(), "seats", 1, 300), 422);
        refused["rules"]!.AsArray().ShouldHaveSingleItem()!["article"]!.GetValue<string>().ShouldBe("第十一条");
        string grounds = await DepositAsync("seats", "grounds", by: "carmaker");
        await IssuedAsync("seats", 1, 300, grounds);
    }

    private async Task<string> HeldAsync(string holder, long fen)
    {
        string root = await IssuedAsync(holder, fen);
        await SendAsync(holder, Accept(holder, root), 200);
        return root;
    }

    private async Task<string> IssuedAsync(string holder, long fen, int days = 90, params string[] documents)
    {
        JsonObject issue = Issue(Root(), holder, fen, days, documents);
        HttpClient client = await world.Services.AsAsync("carmaker");
        var people = world.People["carmaker"];
        List<JsonObject> approvals =
        [
            await people.Maker.ApproveAsync(client, issue, "maker"),
            await people.Checker.ApproveAsync(client, issue, "checker"),
        ];
        if (fen > 1_000_000_000)
            approvals.Add(await people.Second.ApproveAsync(client, issue, "second-checker"));
        await PostAsync(client, "commands", Submit(issue, [.. approvals]));
        return (string)issue["root"]!;
    }

    private async Task<JsonObject> SendAsync(string party, JsonObject command, int status, string role = "member")
    {
        HttpClient reader = await world.Services.AsAsync(party, party == "court" ? "regulator" : "member");
        if (status == 403)
            return await PostAsync(await world.Services.AsAsync(party, role), "commands", Submit(command));
        return await PostAsync(reader, "commands", Submit(
            command, await world.People[party].Maker.ApproveAsync(reader, command, "maker"),
            await world.People[party].Checker.ApproveAsync(reader, command, "checker")), status);

        async Task<JsonObject> PostAsync(HttpClient client, string path, JsonNode body, int? expected = null) =>
            await RunningReceivables.PostAsync(client, path, body, expected ?? status);
    }

    private async Task<string> DepositAsync(string seller, string kind, long? fen = null, string? by = null)
    {
        string number = $"2431200009{Interlocked.Increment(ref _documents):D10}";
        JsonObject document = new()
        {
            ["kind"] = kind,
            ["sha256"] = RunningServices.Digest($"joined {number}"),
            ["number"] = number,
            ["seller"] = seller,
            ["buyer"] = "carmaker",
            ["issuedOn"] = Day(0),
        };
        if (fen is not null)
            document["grossFen"] = fen;
        if (kind == "term-clause")
            document["payBy"] = Day(120);
        await PostAsync(await world.Services.AsAsync(by ?? seller), "trade/documents", document, 201);
        return (string)document["sha256"]!;
    }

    private JsonObject Freeze(string party, string root) => Command("freeze", party, ("root", root),
        ("holder", "seats"), ("fen", 400), ("legalBasis", "民事诉讼法 253"), ("caseNumber", "(2026)沪01执1号"),
        ("account", "court-1"));

    private JsonObject Accept(string party, string root) =>
        Command("accept", party, ("offer", $"I{root}"), ("in", new JsonArray(root)));

    private JsonObject Issue(string root, string holder, long fen, int days, params string[] documents) => Command(
        "issue", "carmaker", ("commandId", $"I{root}"), ("root", root), ("debtor", "carmaker"), ("holder", holder),
        ("faceFen", fen), ("issueDate", Day(0)), ("dueDate", Day(days)),
        ("trade", new JsonArray([.. documents.DefaultIfEmpty(new string('a', 64)).Select(d =>
            (JsonNode)new JsonObject { ["kind"] = "invoice", ["sha256"] = d })])),
        ("terms", new JsonObject { ["minPartFen"] = 1, ["maxDepth"] = 5, ["maxFragments"] = 100 }));

    private JsonObject Command(string kind, string party, params (string Name, JsonNode Value)[] members)
    {
        JsonObject command = new() { ["kind"] = kind, ["commandId"] = world.NextId("J"), ["party"] = party };
        foreach ((string name, JsonNode value) in members)
            command[name] = value;
        return command;
    }

    private string Root() => $"V-{world.NextId("J").Replace("-", "", StringComparison.Ordinal).PadLeft(26, '0')}";

    private static string Day(int later) =>
        TimeProvider.System.GetUtcNow().AddHours(8).AddDays(later).ToString("yyyy-MM-dd", null);
}
