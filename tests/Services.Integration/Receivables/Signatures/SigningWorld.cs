using System.Text.Json.Nodes;
using static Services.Integration.Receivables.RunningReceivables;

namespace Services.Integration.Receivables.Signatures;

/// <summary>Organisations in the register, each with the keys of its people.</summary>
public sealed class SigningWorld : Xunit.IAsyncLifetime
{
    public const string NoKey = "none";

    private int _commands;

    public RunningReceivables Services { get; private set; } = null!;

    /// <summary>Administrator, maker, checker and second checker of each organisation.</summary>
    public Dictionary<string, (Signer Admin, Signer Maker, Signer Checker, Signer Second)> People { get; } = [];

    public async Task InitializeAsync() => await InitializeAsync(await StartAsync());

    /// <summary>Over a service that is there already.</summary>
    public async Task InitializeAsync(RunningReceivables services)
    {
        Services = services;
        HttpClient registrar = await Services.AsAsync("suite", "operator");
        foreach ((string id, string kind, string name) in new[]
        {
            ("carmaker", "core-enterprise", "甲汽车有限公司"), ("seats", "supplier", "乙座椅有限公司"),
            ("fabric", "supplier", "丙织物有限公司"), ("bank", "bank", "丁银行股份有限公司"),
            ("weaver", "supplier", "戊织造厂"), ("court", "court", "某市中级人民法院"),
        })
        {
            await PostAsync(registrar, "parties", new JsonObject
            {
                ["id"] = id,
                ["kind"] = kind,
                ["name"] = name,
                ["sme"] = id == "weaver",
            }, 201);
            var people = (new Signer($"{id}-admin", "admin"), new Signer($"{id}-mei", "maker"),
                new Signer($"{id}-chen", "checker"), new Signer($"{id}-su", "second-checker"));
            People[id] = people;
            await BindAsync(id, people.Item1, null);
            foreach (Signer signer in new[] { people.Item2, people.Item3, people.Item4 })
                await BindAsync(id, signer, people.Item1);
        }
        await Services.AllowUnlinedAsync("carmaker");
    }

    public async Task DisposeAsync() => await Services.DisposeAsync();

    public string NextId(string kind = "C") => $"{kind}-{Interlocked.Increment(ref _commands):D6}";

    /// <summary>A command that binds a key.</summary>
    public JsonObject Bind(string party, Signer signer, long limitFen = 100_000_000_000) => new()
    {
        ["kind"] = "bind-key",
        ["commandId"] = NextId(),
        ["party"] = party,
        ["keyId"] = signer.KeyId,
        ["x"] = signer.X,
        ["y"] = signer.Y,
        ["person"] = signer.Person,
        ["roles"] = new JsonArray([.. signer.Roles.Select(r => (JsonNode)r)]),
        ["limitFen"] = limitFen,
        ["validFrom"] = "2020-01-01",
        ["validUntil"] = "2099-12-31",
    };

    /// <summary>Binds a key, by an administrator's where the party has keys; each signs in as itself.</summary>
    public async Task BindAsync(
        string party, Signer signer, Signer? admin, long limitFen = 100_000_000_000)
    {
        HttpClient holder = await SignInAsync(party, signer);
        JsonObject command = Bind(party, signer, limitFen);
        if (admin is null)
        {
            await PostAsync(holder, "commands", Submit(command, await signer.ApproveAsync(holder, command, "holder")));
            return;
        }
        string draft = (string)(await PostAsync(holder, "drafts", new JsonObject { ["command"] = command }))["id"]!;
        await PostAsync(holder, $"drafts/{draft}/approvals", await signer.ApproveDraftAsync(holder, draft, "holder"));
        HttpClient other = await SignInAsync(party, admin);
        await PostAsync(other, $"drafts/{draft}/approvals", await admin.ApproveDraftAsync(other, draft, "admin"));
    }

    /// <summary>A session of the person who holds a key.</summary>
    public Task<HttpClient> SignInAsync(string party, Signer signer) =>
        Services.AsAsync(party, signer.Client[(party.Length + 1)..]);

    public static JsonObject Submit(JsonObject command, params JsonObject[] approvals) => new()
    {
        ["command"] = command.DeepClone(),
        ["approvals"] = new JsonArray([.. approvals.Select(a => a.DeepClone())]),
    };
}
