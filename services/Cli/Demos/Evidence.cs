using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Cli.Demos;

/// <summary>A software company deposits a contract, its annexes and a nightly batch; a regulator looks on.</summary>
public static class Evidence
{
    /// <summary>The organisation that the command line of a demo instance acts for.</summary>
    public const string Tenant = "lanting";

    public const string TenantName = "兰亭软件有限公司";
    public const string TenantCode = "91310115MADEM00016";
    private const string Regulator = "jianguan";

    public static IReadOnlyList<SignIn> SignIns(string password) =>
    [
        new(TenantName, "lanting", password),
        new("示范监管局", "jianguan", password),
    ];

    /// <summary>Loads the story; a repeated load changes nothing, because every request has its idempotency key.</summary>
    public static async Task LoadAsync(Access access, string password, CancellationToken cancel)
    {
        using var operations = Api.AsOperator(access, TimeProvider.System);
        await EnsureAsync(operations, "organisations", new JsonObject { ["id"] = Regulator, ["name"] = "示范监管局", ["creditCode"] = "12310000MADEM0002H" }, cancel);
        await EnsureAsync(operations, "users", User("lanting", "王小兰", Tenant, "member", "admin"), cancel);
        await EnsureAsync(operations, "users", User("jianguan", "李建", Regulator, "regulator", "reader"), cancel);

        using var company = new Api(access.Origin, access.ClientId, access.ClientSecret, TimeProvider.System);
        var contract = await DepositAsync(company, "采购合同2026-118.pdf", "2026-118", cancel);
        await DepositAsync(company, "采购合同2026-118 附件一.pdf", "2026-118-1", cancel);
        await company.PostAsync($"/api/evidence/deposits/{contract}/custody", new JsonObject
        {
            ["kind"] = "handed-over",
            ["to"] = "法务部档案室",
            ["note"] = "原件移交",
        }, cancel, "demo-custody-1");
        await company.PostAsync("/api/evidence/deposits/batch", new JsonObject
        {
            ["items"] = new JsonArray([.. Enumerable.Range(1, 20).Select(i => (JsonNode?)new JsonObject
            {
                ["sha256"] = Digest($"日志归档 {i}"), ["name"] = $"运行日志归档{i:00}.tar.zst", ["businessId"] = $"LOG-20261121-{i:00}",
            })]),
        }, cancel, "demo-batch-1");

        JsonObject User(string signIn, string name, string tenant, params string[] roles) => new()
        {
            ["signInName"] = signIn,
            ["name"] = name,
            ["password"] = password,
            ["tenant"] = tenant,
            ["roles"] = new JsonArray([.. roles.Select(r => (JsonNode?)r)]),
        };
    }

    private static async Task<string> DepositAsync(Api api, string name, string businessId, CancellationToken cancel)
    {
        var answer = await api.PostAsync("/api/evidence/deposits", new JsonObject
        {
            ["sha256"] = Digest(name),
            ["size"] = 248_153,
            ["name"] = name,
            ["mime"] = "application/pdf",
            ["businessId"] = businessId,
            ["provenance"] = new JsonObject
            {
                ["system"] = new JsonObject { ["id"] = "合同管理系统", ["version"] = "4.2.1" },
                ["method"] = "api-push",
                ["collectedAt"] = "2026-11-20T09:30:00.000Z",
                ["environment"] = new JsonObject { ["clockOffsetMs"] = 3, ["errorsSinceStart"] = 0 },
                ["corroborators"] = new JsonArray(new JsonObject { ["kind"] = "counter-party-signature", ["reference"] = "乙方电子签名 SN-77120" }),
            },
        }, cancel, "demo-" + businessId);
        return answer["id"]!.GetValue<string>();
    }

    private static async Task EnsureAsync(Api api, string collection, JsonObject body, CancellationToken cancel)
    {
        using var response = await api.SendAsync(HttpMethod.Post, $"/api/identity/{collection}", Api.Json(body), cancel, $"demo-{collection}-{body["id"] ?? body["signInName"]}");
        // Taken: an earlier load put it there.
        if (response.StatusCode != System.Net.HttpStatusCode.Conflict && !response.IsSuccessStatusCode) throw await Api.ProblemAsync(response, cancel);
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
