using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Chain.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Receivables.Pledges;
using ServiceDefaults;
using Services.Integration.Evidence;
using static Services.Integration.Receivables.RunningReceivables;
using static Services.Integration.Receivables.Signatures.SigningWorld;

namespace Services.Integration.Receivables.Signatures;

/// <summary>Shares one pair of instances between the classes that hand something from one to the other.</summary>
[Xunit.CollectionDefinition(Name)]
public sealed class TwoInstances : Xunit.ICollectionFixture<IssuingWorld>
{
    public const string Name = "two instances on one chain";
}

/// <summary>Two whole instances of the service with their own people, databases and accounts, on one chain.</summary>
public sealed class IssuingWorld : Xunit.IAsyncLifetime
{
    /// <summary>What the first of them is called among platforms; the other keeps the usual name.</summary>
    public const string NameOfA = "north-suite";

    private readonly Func<Task<PledgeBench>> _chain;
    private readonly byte[][] _accounts = [PledgeBench.NewAccount(), PledgeBench.NewAccount()];
    private int _documents;

    public IssuingWorld() : this(PledgeBench.StartOnOwnChainAsync)
    {
    }

    internal IssuingWorld(Func<Task<PledgeBench>> chain) => _chain = chain;

    public PledgeBench Bench { get; private set; } = null!;

    public SigningWorld A { get; } = new();

    public SigningWorld B { get; } = new();

    public async Task InitializeAsync()
    {
        Bench = await _chain();
        foreach (byte[] account in _accounts)
            await Bench.AdmitAsync(account);
        foreach ((SigningWorld world, byte[] account) in new[] { A, B }.Zip(_accounts))
        {
            RunningReceivables service = await StartAsync();
            string data = service.App.Services.GetRequiredService<IOptions<ServiceOptions>>().Value.Data;
            Directory.CreateDirectory(data);
            await File.WriteAllBytesAsync(Path.Combine(data, PledgeSlice.AccountFile), account);
            await service.RestartAsync([.. Settings(), .. world == A ? [$"--Platform:Name={NameOfA}"] : Array.Empty<string>()]);
            await world.InitializeAsync(service);
        }
    }

    public async Task DisposeAsync()
    {
        await A.DisposeAsync();
        await B.DisposeAsync();
        await Bench.DisposeAsync();
    }

    public Address Platform(SigningWorld world) => Secp256k1.AddressOf(_accounts[world == A ? 0 : 1]);

    /// <summary>Settings of an instance that demands claims.</summary>
    /// <param name="node">Another way to the chain than the usual one.</param>
    public IEnumerable<string> Settings(Uri? node = null)
    {
        yield return "--Pledges:Required=true";
        yield return $"--Pledges:Rpc:0={node ?? Bench.Rpc}";
        yield return $"--Pledges:Registry={Bench.Registry}";
        yield return $"--Pledges:ChainId={PledgeBench.ChainId}";
        foreach (HolderAddress holder in Bench.Holders)
        {
            yield return $"--Pledges:Holders:{holder.Index - 1}:Name={holder.Name}";
            yield return $"--Pledges:Holders:{holder.Index - 1}:Url={holder.Url}";
        }
    }

    /// <summary>Deposits an invoice of seats to the car maker and gives its digest.</summary>
    public async Task<(string Sha256, string Id)> DepositAsync(
        SigningWorld world, string number, long fen, string? code = null, string kind = "invoice")
    {
        string sha256 = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"claimed-{Interlocked.Increment(ref _documents)}")));
        JsonObject body = new()
        {
            ["kind"] = kind,
            ["sha256"] = sha256,
            ["number"] = number,
            ["seller"] = "seats",
            ["buyer"] = "carmaker",
            ["grossFen"] = fen,
            ["issuedOn"] = "2026-11-01",
        };
        if (code is not null)
            body["code"] = code;
        JsonObject deposited = await PostAsync(await world.Services.AsAsync("seats"), "trade/documents", body, 201);
        return (sha256, (string)deposited["id"]!);
    }

    public static string NewRoot() => $"V-{Guid.NewGuid():N}"[..28].ToUpperInvariant();

    public static JsonObject Issue(string root, long fen, params string[] invoices)
    {
        DateOnly today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        return new()
        {
            ["kind"] = "issue",
            ["commandId"] = $"I{root}",
            ["party"] = "carmaker",
            ["root"] = root,
            ["debtor"] = "carmaker",
            ["holder"] = "seats",
            ["faceFen"] = fen,
            ["issueDate"] = $"{today:yyyy-MM-dd}",
            ["dueDate"] = $"{today.AddDays(90):yyyy-MM-dd}",
            ["trade"] = new JsonArray([.. invoices.Select(i =>
                (JsonNode)new JsonObject { ["kind"] = "invoice", ["sha256"] = i })]),
            ["terms"] = new JsonObject { ["minPartFen"] = 1, ["maxDepth"] = 20, ["maxFragments"] = 10000 },
        };
    }

    /// <summary>Has the party's maker and checker sign a command and sends it.</summary>
    public static async Task<JsonObject> SendAsync(
        SigningWorld world, JsonObject command, int status = 200, string party = "carmaker") =>
        await PostAsync(await world.Services.AsAsync(party), "commands", await SignAsync(world, command, party), status);

    /// <summary>The same whatever comes of it.</summary>
    public static async Task<JsonObject> TryAsync(
        SigningWorld world, JsonObject command, CancellationToken cancellation = default)
    {
        HttpClient client = await world.Services.AsAsync("carmaker");
        JsonObject signed = await SignAsync(world, command, "carmaker");
        using HttpResponseMessage answer = await client.PostAsync(
            "commands", RunningServices.Json(signed.ToJsonString()), cancellation);
        return (JsonObject)JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellation))!;
    }

    private static async Task<JsonObject> SignAsync(SigningWorld world, JsonObject command, string party)
    {
        HttpClient client = await world.Services.AsAsync(party);
        var people = world.People[party];
        return Submit(command, await people.Maker.ApproveAsync(client, command, "maker"),
            await people.Checker.ApproveAsync(client, command, "checker"));
    }
}
