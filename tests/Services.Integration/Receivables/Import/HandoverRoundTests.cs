using System.Text;
using System.Text.Json.Nodes;
using Chain.Core;
using Receivables.Vouchers;
using ReceivablesAudit;
using Services.Integration.Receivables.Signatures;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;
using static Services.Integration.Receivables.Signatures.IssuingWorld;
using static Services.Integration.Receivables.Signatures.SigningWorld;

namespace Services.Integration.Receivables.Import;

/// <summary>Two instances with own databases, keys and people on one chain: one hands vouchers to the other.</summary>
[Collection(TwoInstances.Name)]
public sealed class HandoverRoundTests(IssuingWorld world)
{
    private const string North = IssuingWorld.NameOfA, South = "this-platform", Header = "Handover-Signature";
    private static readonly byte[] Supplier = PledgeBench.NewAccount();

    [Fact]
    public async Task A_voucher_moves_with_its_used_up_claim_and_lives_on_one_platform_alone_at_every_step()
    {
        await MeetAsync();
        string root = NewRoot(), other = NewRoot(), number = PledgeTests.Number();
        await IssueAsync(root, number);
        await IssueAsync(other, PledgeTests.Number());
        Code(await DoAsync(world.A, "carmaker", HandOver(root, "nowhere"), 422)).ShouldBe("import-platform-unknown");
        foreach (string voucher in new[] { root, other })
            await DoAsync(world.A, "carmaker", HandOver(voucher, South));
        Code(await DoAsync(world.A, "seats", Transfer(root), 409)).ShouldBe(Refusal.Leaving);

        HttpClient north = await world.A.Services.AsAsync("suite", "operator"), south = await world.B.Services.AsAsync("suite", "operator");
        JsonObject given = await PostAsync(north, $"handovers/{South}/H-7", new JsonObject());
        JsonNode.DeepEquals(await PostAsync(north, $"handovers/{South}/H-7", new JsonObject()), given).ShouldBeTrue("once");
        Code(await DoAsync(world.A, "carmaker", Withdraw(root), 409)).ShouldBe(Refusal.Leaving);
        (byte[] file, string signature) = await FetchAsync(north, $"handovers/{South}/H-7/file");
        await SendAsync(south, "imports", file, signature);

        JsonObject take = await CommandAsync(root);
        Code(await IssuingWorld.SendAsync(world.B, take, 409)).ShouldBe("take-over-claim-elsewhere");
        await MoveClaimAsync(root, number);
        await IssuingWorld.SendAsync(world.B, take);
        // It is there, not confirmed by its holder; here it waits for the answer.
        Code(await DoAsync(world.A, "seats", Transfer(root), 409)).ShouldBe(Refusal.Leaving);
        Code(await DoAsync(world.B, "seats", Transfer(root), 422)).ShouldBe(Refusal.Reserved);

        JsonObject late = await CommandAsync(other);
        await PostAsync(south, $"imports/{North}/H-7/receipt", new JsonObject());
        Code(await IssuingWorld.SendAsync(world.B, late, 409)).ShouldBe("take-over-answered");
        (byte[] receipt, string answer) = await FetchAsync(south, $"imports/{North}/H-7/receipt");
        string path = $"handovers/{South}/H-7/receipt";
        byte[] forged = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(receipt).Replace(root, other));
        Code(await SendAsync(north, path, forged, answer, 422)).ShouldBe("import-signature");
        Code(await SendAsync(north, path, file, signature, 422)).ShouldBe("import-signature");
        await SendAsync(north, path, receipt, answer);
        await SendAsync(north, path, receipt, answer);

        HttpClient here = await world.A.Services.AsAsync("seats"), there = await world.B.Services.AsAsync("seats");
        ((string)(await GetAsync(here, $"vouchers/{root}"))["stage"]!).ShouldBe("moved");
        Code(await DoAsync(world.A, "seats", Transfer(root), 422)).ShouldBe(Refusal.Closed);
        (await BalanceAsync(here, root), await BalanceAsync(here, other)).ShouldBe((0, 100));
        await DoAsync(world.B, "seats", new JsonObject
        {
            ["kind"] = "accept",
            ["commandId"] = world.B.NextId(),
            ["party"] = "seats",
            ["offer"] = (string)take["commandId"]!,
            ["in"] = new JsonArray(root),
        });
        await DoAsync(world.B, "seats", Transfer(root));
        // The other one was declined and goes on here.
        await DoAsync(world.A, "seats", Transfer(other));
        (await BalanceAsync(there, root)).ShouldBe(100);
        await CheckAsync(world.A);
        await CheckAsync(world.B);
    }

    /// <summary>What the reader holds of a voucher by the balances.</summary>
    private static async Task<long> BalanceAsync(HttpClient client, string root) =>
        (await GetAsync(client, "balances"))["vouchers"]!.AsArray()
            .Where(b => (string)b!["root"]! == root).Sum(b => (long)b!["fen"]!);

    /// <summary>Each platform registers the other's key.</summary>
    private async Task MeetAsync()
    {
        foreach ((SigningWorld of, SigningWorld with, string name) in new[]
            { (world.A, world.B, South), (world.B, world.A, North) })
        {
            JsonNode key = (await GetAsync(await with.Services.AsAsync("suite", "operator"), "webhooks/keys"))["keys"]![0]!;
            await PostAsync(await of.Services.AsAsync("suite", "operator"), "platforms", new JsonObject
            {
                ["platform"] = name,
                ["name"] = $"平台{name}",
                ["x"] = (string)key["x"]!,
                ["y"] = (string)key["y"]!,
            });
        }
        await PostAsync(await world.A.Services.AsAsync("seats", "admin"), "parties/seats/account",
            new JsonObject { ["account"] = Secp256k1.AddressOf(Supplier).ToString() });
    }

    /// <summary>A voucher of 100 fen on an invoice of 100 fen, held by the supplier.</summary>
    private async Task IssueAsync(string root, string number)
    {
        await IssuingWorld.SendAsync(world.A, Issue(root, 100, (await world.DepositAsync(world.A, number, 100)).Sha256));
        await DoAsync(world.A, "seats", new JsonObject
        {
            ["kind"] = "accept",
            ["commandId"] = world.A.NextId(),
            ["party"] = "seats",
            ["offer"] = $"I{root}",
            ["in"] = new JsonArray(root),
        });
    }

    private async Task MoveClaimAsync(string root, string number)
    {
        HttpClient a = await world.A.Services.AsAsync("carmaker"), b = await world.B.Services.AsAsync("carmaker");
        string claim = (string)(await GetAsync(a, $"pledges?voucher={root}"))["items"]![0]!["id"]!;
        string to = world.Platform(world.B).ToString();
        JsonObject rest = await PostAsync(a, $"pledges/{claim}/rest", new JsonObject { ["to"] = to });
        byte[] signature = Secp256k1.Sign(Hash32.Parse((string)rest["digest"]!), Supplier).ToArray();
        signature[64] += 27; // ecrecover's v
        await PostAsync(a, $"pledges/{claim}/transfer", new JsonObject
        {
            ["to"] = to,
            ["statement"] = (string)rest["statement"]!,
            ["signature"] = Hex.ToPrefixed(signature),
        });
        await PostAsync(b, "pledges/received", new JsonObject
        {
            ["kind"] = "invoice",
            ["number"] = number,
            ["statement"] = (string)rest["statement"]!,
        });
    }

    /// <summary>The bank's own program finds nothing wrong with either record.</summary>
    private static async Task CheckAsync(SigningWorld of)
    {
        string export = await (await of.Services.AsAsync("authority", "regulator")).GetStringAsync("export?proofs=false");
        Auditor.Run(export.Split('\n', StringSplitOptions.RemoveEmptyEntries), null, new Dictionary<string, string>())
            .Findings.ShouldBeEmpty();
    }

    private async Task<JsonObject> CommandAsync(string root)
    {
        JsonObject import = await GetAsync(await world.B.Services.AsAsync("carmaker"), $"imports/{North}/H-7");
        JsonObject command = (JsonObject)((JsonArray)import["vouchers"]!)
            .Single(v => (string)v!["root"]! == root)!["command"]!.DeepClone();
        command["commandId"] = $"T{root}";
        return command;
    }

    private JsonObject HandOver(string root, string platform) => new()
    {
        ["kind"] = "hand-over",
        ["commandId"] = $"{platform[..2]}{root}",
        ["party"] = "carmaker",
        ["root"] = root,
        ["platform"] = platform,
        ["faceFen"] = 100,
    };

    private JsonObject Withdraw(string root) => new()
    {
        ["kind"] = "withdraw",
        ["commandId"] = world.A.NextId(),
        ["party"] = "carmaker",
        ["offer"] = $"{South[..2]}{root}",
        ["in"] = new JsonArray(root),
    };

    private JsonObject Transfer(string root) => new()
    {
        ["kind"] = "transfer",
        ["commandId"] = world.A.NextId("TR"),
        ["party"] = "seats",
        ["parts"] = new JsonArray(new JsonObject { ["root"] = root, ["to"] = "fabric", ["fen"] = 10, ["start"] = 0 }),
    };

    private static async Task<JsonObject> DoAsync(SigningWorld of, string party, JsonObject command, int status = 200)
    {
        HttpClient client = await of.Services.AsAsync(party);
        return await PostAsync(client, "commands", Submit(
            command, await of.People[party].Maker.ApproveAsync(client, command, "maker"),
            await of.People[party].Checker.ApproveAsync(client, command, "checker")), status);
    }

    private static async Task<(byte[] Bytes, string Signature)> FetchAsync(HttpClient client, string path)
    {
        using HttpResponseMessage answer = await client.GetAsync(path);
        return (await answer.Content.ReadAsByteArrayAsync(), answer.Headers.GetValues(Header).Single());
    }

    private static async Task<JsonObject> SendAsync(
        HttpClient client, string path, byte[] bytes, string signature, int status = 200)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new ByteArrayContent(bytes) };
        request.Headers.Add(Header, signature);
        using HttpResponseMessage response = await client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        return (JsonObject)JsonNode.Parse(text)!;
    }

    private static string Code(JsonObject problem) => (string)problem["code"]!;
}
