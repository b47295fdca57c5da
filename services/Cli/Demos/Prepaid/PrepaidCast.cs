using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Cli.Demos.Prepaid;

/// <summary>Merchants, banks and the authority, each an organisation with a client of its own; a few people can sign in.</summary>
public sealed class PrepaidCast : IDisposable
{
    private static readonly (string Id, string Chinese, string English)[] BankNames =
    [
        ("card-bank-1", "京城银行示范支行", "Jingcheng Bank"), ("card-bank-2", "申江银行示范支行", "Shenjiang Bank"),
        ("card-bank-3", "钱塘银行示范支行", "Qiantang Bank"),
    ];

    private static readonly string[] s_business = ["member", "admin"];

    private readonly Dictionary<string, Api> _clients = [];
    private readonly Lock _keeping = new();

    private PrepaidCast(IReadOnlyList<Shop> shops) => Shops = shops;

    public IReadOnlyList<Shop> Shops { get; }

    /// <summary>The client of an organisation.</summary>
    public Api this[string id] => _clients[id];

    public IReadOnlyDictionary<string, Api> Banks => _clients;

    /// <summary>The authority that watches.</summary>
    public Api Authority => _clients["card-watch"];

    public List<SignIn> SignIns { get; } = [];

    /// <summary>Registers everybody; what is there already stays.</summary>
    public static async Task<PrepaidCast> AssembleAsync(
        Access access, PrepaidSet set, IReadOnlyList<Shop> shops, string password, Action keep, TimeProvider time, CancellationToken cancel)
    {
        var cast = new PrepaidCast(shops);
        using var operations = Api.AsOperator(access, time);
        (string Id, string Name, string[] Roles)[] all =
        [
            ("card-watch", "示范市场监督管理局", ["regulator", "reader"]),
            .. BankNames.Select(b => (b.Id, b.Chinese, s_business)),
            .. shops.Select(s => (s.Id, s.Name, s_business)),
        ];
        await Parallel.ForAsync(0, all.Length, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel }, async (i, token) =>
        {
            var (id, name, roles) = all[i];
            using var organisation = await operations.SendAsync(HttpMethod.Post, "/api/identity/organisations", Api.Json(new JsonObject
            {
                ["id"] = id,
                ["name"] = name,
                ["creditCode"] = CreditCodeOf(set, i),
            }), token, set.Once("organisation-" + id));
            if (organisation.StatusCode != HttpStatusCode.Conflict && !organisation.IsSuccessStatusCode) throw await Api.ProblemAsync(organisation, token);
            var secret = await cast.SecretAsync(operations, set, id, name, roles, keep, token);
            var client = new Api(access.Origin, id, secret, time, connections: 4);
            lock (cast._keeping) cast._clients.Add(id, client);
        });
        await cast.PersonAsync(operations, set, "card-watch", "示范市场监督管理局 (Demonstration Market Regulator)", "赵督", password, ["regulator", "reader"], cancel);
        await cast.PersonAsync(operations, set, BankNames[0].Id, $"{BankNames[0].Chinese} ({BankNames[0].English})", "钱管", password, s_business, cancel);
        foreach (var shop in shops.Take(3))
            await cast.PersonAsync(operations, set, shop.Id, $"{shop.Name}", "孙店长", password, s_business, cancel);
        return cast;
    }

    /// <summary>Files every merchant.</summary>
    public Task FileAsync(PrepaidSet set, CancellationToken cancel) =>
        Parallel.ForEachAsync(Shops, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel }, async (shop, token) =>
        {
            var opened = set.Yesterday.AddDays(shop.Life.Opened - (PrepaidSimulation.Street.Days - 1));
            // One that was there before the two years has a history of its own.
            var started = shop.Life.Opened == 0 ? opened.AddYears(-1 - shop.Number % 9) : opened;
            var year = shop.Life.Days.TakeLast(365).Sum(d => d.SalesFen);
            await Api.ReadAsync(await this[shop.Id].SendAsync(HttpMethod.Put, "/api/prepaid/merchants/own", Api.Json(new JsonObject
            {
                ["name"] = shop.Name,
                ["jurisdiction"] = shop.Place,
                ["industry"] = shop.Industry,
                ["class"] = shop.Class,
                ["startedOn"] = PrepaidSet.Write(started),
                ["lastYearRevenueFen"] = year,
                ["leaseEndsOn"] = PrepaidSet.Write(Lease(shop, set)),
            }), token), token);
        });

    public void Dispose()
    {
        foreach (var client in _clients.Values) client.Dispose();
    }

    private static DateOnly Lease(Shop shop, PrepaidSet set)
    {
        var ends = shop.Life.Filings.LastOrDefault(f => f.Kind == PrepaidSimulation.FilingKind.LeaseEnds)?.Until ?? 2000;
        return set.Yesterday.AddDays(ends - (PrepaidSimulation.Street.Days - 1));
    }

    private async Task<string> SecretAsync(
        Api operations, PrepaidSet set, string id, string name, string[] roles, Action keep, CancellationToken cancel)
    {
        lock (_keeping)
        {
            if (set.Secrets.TryGetValue(id, out var known)) return known;
        }

        using var client = await operations.SendAsync(HttpMethod.Post, "/api/identity/clients", Api.Json(new JsonObject
        {
            ["id"] = id,
            ["name"] = name,
            ["tenant"] = id,
            ["roles"] = Strings(roles),
        }), cancel);
        var answer = client.StatusCode == HttpStatusCode.Conflict
            ? await operations.PostAsync($"/api/identity/clients/{id}/secret", new JsonObject(), cancel)
            : await Api.ReadAsync(client, cancel);
        lock (_keeping)
        {
            set.Secrets[id] = answer["secret"]!.GetValue<string>();
            keep();
            return set.Secrets[id];
        }
    }

    private async Task PersonAsync(
        Api operations, PrepaidSet set, string tenant, string who, string name, string password, string[] roles, CancellationToken cancel)
    {
        using var user = await operations.SendAsync(HttpMethod.Post, "/api/identity/users", Api.Json(new JsonObject
        {
            ["signInName"] = tenant,
            ["name"] = name,
            ["password"] = password,
            ["tenant"] = tenant,
            ["roles"] = Strings(roles),
        }), cancel, set.Once("user-" + tenant));
        if (user.StatusCode != HttpStatusCode.Conflict && !user.IsSuccessStatusCode) throw await Api.ProblemAsync(user, cancel);
        SignIns.Add(new SignIn(who, tenant, password));
    }

    private static JsonArray Strings(IEnumerable<string> items) => new([.. items.Select(i => (JsonNode)i)]);

    private static string CreditCodeOf(PrepaidSet set, int number) =>
        CreditCode.WithCheck(string.Create(CultureInfo.InvariantCulture, $"91310101P{set.Number}{number:D3}"));
}
