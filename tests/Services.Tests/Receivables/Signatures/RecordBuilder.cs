using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Receivables.Parties;
using Receivables.Signatures;

namespace Services.Tests.Receivables.Signatures;

/// <summary>An honest record as the service would export it, for a malicious operator to alter.</summary>
internal sealed class RecordBuilder
{
    private static readonly Dictionary<string, string> Names = new() { ["jia"] = "甲汽车有限公司", ["yi"] = "乙座椅有限公司" };

    private readonly Dictionary<string, long> _versions = [];
    private readonly Dictionary<string, string> _heads = [];
    private DateTimeOffset _now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);
    private int _events;

    public List<JsonObject> Lines { get; } = [];

    public Dictionary<string, TestKey> Keys { get; } = new()
    {
        ["admin"] = new("an", SignerRole.Admin),
        ["maker"] = new("mei", SignerRole.Maker),
        ["checker"] = new("chen", SignerRole.Checker),
        ["second"] = new("su", SignerRole.SecondChecker),
    };

    public static RecordBuilder Honest()
    {
        RecordBuilder r = new();
        foreach ((string id, string name) in Names)
        {
            r.Add($"party/{id}", "receivables.party-registered.v1", JsonSerializer.SerializeToNode(
                new PartyEvent.Registered(id, PartyKind.CoreEnterprise, false, name, null, null, null),
                PartyJson.Default.Registered)!);
        }
        r.Bind("admin", null);
        foreach (string other in new[] { "maker", "checker", "second" })
            r.Bind(other, "admin");
        JsonObject policy = r.Command("set-policy", ("secondCheckerAboveFen", 50_000_000));
        r.Submit(policy, ("admin", SignerRole.Admin, "zh"));
        r.Add("party/jia", "receivables.policy-set.v1", JsonSerializer.SerializeToNode(
            new PartyEvent.PolicySet(new ApprovalPolicy(50_000_000), (string)policy["commandId"]!),
            PartyJson.Default.PolicySet)!);
        r.Issue("V-1", 100_000_000, ("maker", SignerRole.Maker, "zh"), ("checker", SignerRole.Checker, "en"),
            ("second", SignerRole.SecondChecker, "zh"));
        r.Issue("V-2", 30_000_000, ("maker", SignerRole.Maker, "zh"), ("checker", SignerRole.Checker, "zh"));
        r.Issue("V-3", 30_000_000, ("maker", SignerRole.Maker, "en"), ("checker", SignerRole.Checker, "zh"));
        return r;
    }

    /// <summary>Events of a type, in order.</summary>
    public JsonObject[] Of(string type) => [.. Lines.Where(l => ((string)l["type"]!).Contains(type, StringComparison.Ordinal))];

    /// <summary>Approvals of a key, in order of its chain.</summary>
    public JsonObject[] Chain(string key) =>
        [.. Of("page-approved").Where(l => (string)l["data"]!["keyId"]! == Keys[key].Bound.KeyId)];

    public string Head(string key) => _heads[Keys[key].Bound.KeyId];

    /// <summary>What the independent checker says.</summary>
    public (string Verdict, string[] Codes, string Text) Check(params string[] heads)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, Lines.Select(l => l.ToJsonString()));
            return RecordChecker.Run(file, [$"jia={Keys["admin"].Bound.KeyId}", .. heads]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public JsonObject Command(string kind, params (string Name, JsonNode Value)[] members)
    {
        JsonObject command = new() { ["kind"] = kind, ["commandId"] = $"C-{++_events}", ["party"] = "jia" };
        foreach ((string name, JsonNode value) in members)
            command[name] = value;
        return command;
    }

    public IReadOnlyList<SigningEvent.PageApproved> Submit(
        JsonObject command, params (string Key, SignerRole Role, string Language)[] signers)
    {
        List<SigningEvent.PageApproved> approvals = [.. signers.Select(s => Approve(command, Keys[s.Key], s.Role, s.Language))];
        Add($"command/jia/{(string)command["commandId"]!}", "receivables.command-submitted.v1", new JsonObject
        {
            ["command"] = command.DeepClone(),
            ["names"] = new JsonObject([.. Names.Select(n => KeyValuePair.Create(n.Key, (JsonNode?)n.Value))]),
        });
        return approvals;
    }

    public SigningEvent.PageApproved Approve(JsonObject command, TestKey key, SignerRole role, string language)
    {
        _now = _now.AddSeconds(1);
        string id = key.Bound.KeyId;
        Signing signing = new(role, id, _heads.GetValueOrDefault(id), SignedPage.WriteTime(_now));
        byte[] page = SignedPage.Render(JsonSerializer.SerializeToElement(command), Names, language, signing);
        SigningEvent.PageApproved approved = new((string)command["commandId"]!, "jia", id, role, language,
            SignedPage.Hash(page), signing.Previous, signing.At, key.Sign(page));
        _heads[id] = approved.PageSha256;
        Add(SignerChain.Stream(id), "receivables.page-approved.v1",
            JsonSerializer.SerializeToNode(approved, SigningJson.Default.PageApproved)!);
        return approved;
    }

    public void Add(string stream, string type, JsonNode data)
    {
        _versions[stream] = _versions.GetValueOrDefault(stream) + 1;
        Lines.Add(new JsonObject
        {
            ["actor"] = "user-1",
            ["data"] = data,
            ["id"] = $"event-{Lines.Count}",
            ["occurredAt"] = SignedPage.WriteTime(_now),
            ["salt"] = "00",
            ["service"] = "receivables",
            ["stream"] = stream,
            ["type"] = type,
            ["version"] = _versions[stream],
        });
    }

    public void Bind(string name, string? admin)
    {
        TestKey key = Keys[name];
        JsonObject command = Command("bind-key", ("keyId", key.Bound.KeyId), ("x", key.Bound.X), ("y", key.Bound.Y),
            ("person", key.Bound.Person),
            ("roles", new JsonArray([.. key.Bound.Roles.Select(r => (JsonNode)SignedPage.KebabName(r))])),
            ("limitFen", key.Bound.LimitFen), ("validFrom", "2026-01-01"), ("validUntil", "2027-12-31"));
        (string, SignerRole, string)[] signers = admin is null
            ? [(name, SignerRole.Holder, "zh")]
            : [(name, SignerRole.Holder, "zh"), (admin, SignerRole.Admin, "en")];
        Submit(command, signers);
        Add("party/jia", "receivables.key-bound.v1", JsonSerializer.SerializeToNode(
            new PartyEvent.KeyBound(key.Bound, (string)command["commandId"]!), PartyJson.Default.KeyBound)!);
    }

    private void Issue(string root, long fen, params (string Key, SignerRole Role, string Language)[] signers)
    {
        JsonObject command = Command("issue", ("root", root), ("debtor", "jia"), ("holder", "yi"), ("faceFen", fen),
            ("issueDate", "2026-11-22"), ("dueDate", "2027-05-20"),
            ("trade", new JsonArray(new JsonObject { ["kind"] = "invoice", ["sha256"] = new string('a', 64) })),
            ("terms", new JsonObject { ["minPartFen"] = 1, ["maxDepth"] = 20, ["maxFragments"] = 100 }));
        IReadOnlyList<SigningEvent.PageApproved> approvals = Submit(command, signers);
        Add($"voucher/{root}", "receivables.voucher-issued.v1", new JsonObject
        {
            ["command"] = (string)command["commandId"]!,
            ["root"] = root,
            ["issuer"] = "jia",
            ["debtor"] = "jia",
            ["holder"] = "yi",
            ["faceFen"] = fen,
            ["dueDate"] = "2027-05-20",
            ["approved"] = new JsonObject
            {
                ["pageSha256"] = approvals[0].PageSha256,
                ["signatures"] = new JsonArray([.. approvals.Select(a => new JsonObject
                {
                    ["role"] = SignedPage.KebabName(a.Role), ["keyId"] = a.KeyId, ["signedSha256"] = a.PageSha256,
                    ["previousSha256"] = a.Previous, ["signature"] = a.Signature,
                })]),
            },
        });
    }
}

/// <summary>A person's key.</summary>
internal sealed class TestKey
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestKey(string person, params SignerRole[] roles)
    {
        ECPoint q = _key.ExportParameters(false).Q;
        (string x, string y) = (Base64Url.EncodeToString(q.X), Base64Url.EncodeToString(q.Y));
        Bound = new BoundKey(P256Key.Thumbprint(x, y), x, y, person, roles, 1_000_000_000,
            new DateOnly(2026, 1, 1), new DateOnly(2027, 12, 31));
    }

    public BoundKey Bound { get; }

    public string Sign(byte[] page) => Base64Url.EncodeToString(_key.SignData(
        page, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
}

/// <summary>Runs services/Verifier.Js/signed-record.mjs.</summary>
internal static class RecordChecker
{
    public static (string Verdict, string[] Codes, string Text) Run(string file, params string[] arguments)
    {
        ProcessStartInfo start = new("node") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(Root(), "services", "Verifier.Js", "signed-record.mjs"));
        start.ArgumentList.Add(file);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (output.Length == 0)
            throw new InvalidOperationException(errors.Result);
        JsonNode answer = JsonNode.Parse(output)!;
        return ((string)answer["verdict"]!, [.. answer["problems"]!.AsArray().Select(p => (string)p!["code"]!).Distinct()], output);
    }

    public static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Apps.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The repository is not above the tests.");
    }
}
