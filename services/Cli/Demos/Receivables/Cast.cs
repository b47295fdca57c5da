using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Cli.Vouchers;

namespace Cli.Demos.Receivables;

/// <summary>The organisations of the story. The operator registers each, which then binds its people's keys itself.</summary>
public sealed class Cast : IDisposable
{
    private const long LimitFen = 100_000_000_000;

    private static readonly (string Id, string Kind, bool Sme, string? Group, string Chinese, string English)[] Members =
    [
        ("carmaker", "core-enterprise", false, null, "东岭汽车集团有限公司", "Dongling Motor Group"),
        ("carparts", "group-member", false, "carmaker", "东岭零部件采购有限公司", "Dongling Parts Purchasing"),
        ("truckmaker", "core-enterprise", false, null, "西原重卡有限公司", "Xiyuan Heavy Trucks"),
        ("seats", "supplier", false, null, "安泰汽车座椅有限公司", "Antai Car Seats"),
        ("engines", "supplier", false, null, "恒力发动机有限公司", "Hengli Engines"),
        ("electrics", "supplier", false, null, "光河汽车电子有限公司", "Guanghe Car Electronics"),
        ("wheels", "supplier", false, null, "三环车轮有限公司", "Sanhuan Wheels"),
        ("bodies", "supplier", false, null, "铸城车身有限公司", "Zhucheng Bodies"),
        ("fabrics", "supplier", false, null, "锦纶织物有限公司", "Jinlun Fabrics"),
        ("springs", "supplier", false, null, "弹簧一厂有限公司", "First Spring Works"),
        ("castings", "supplier", false, null, "北铸铸件有限公司", "Beizhu Castings"),
        ("boards", "supplier", false, null, "芯路电路板有限公司", "Xinlu Circuit Boards"),
        ("rubber", "supplier", false, null, "南海橡胶有限公司", "Nanhai Rubber"),
        ("yarn", "supplier", false, null, "云山纱线有限公司", "Yunshan Yarn"),
        ("steel", "supplier", false, null, "江岸钢材有限公司", "Jiang'an Steel"),
        ("copper", "supplier", false, null, "赣江铜业有限公司", "Ganjiang Copper"),
        ("dyes", "supplier", true, null, "小满染料厂", "Xiaoman Dyes"),
        ("bank-a", "bank", false, null, "第一商业银行示范支行", "First Commercial Bank"),
        ("bank-b", "bank", false, null, "江海银行示范支行", "Jianghai Bank"),
        ("bank-c", "bank", false, null, "城乡银行示范支行", "Chengxiang Bank"),
        ("bank-d", "bank", false, null, "远洋银行示范支行", "Yuanyang Bank"),
        ("court", "court", false, null, "示范市中级人民法院", "Demonstration Intermediate Court"),
    ];

    /// <summary>Whose people can sign in; the others' keys are held by people without accounts.</summary>
    private static readonly string[] WithPeople = ["carmaker", "seats", "fabrics", "bank-a", "bank-b", "court"];

    private static readonly (string Id, string Chinese)[] Capacities =
        [("admin", "管理员"), ("maker", "经办"), ("checker", "复核"), ("second-checker", "二次复核")];

    private readonly Dictionary<string, Company> _companies = [];
    private readonly Lock _keeping = new();
    private PersonSignIn _people = null!;

    private Cast()
    {
    }

    public Company this[string id] => _companies[id];

    public int Count => _companies.Count;

    /// <summary>All of them, in the order of the story.</summary>
    public IEnumerable<Company> Companies => Members.Select(m => this[m.Id]);

    /// <summary>Suppliers that the car maker buys from.</summary>
    public IReadOnlyList<Company> FirstTier => [this["seats"], this["engines"], this["electrics"], this["wheels"], this["bodies"]];

    /// <summary>Suppliers of those.</summary>
    public IReadOnlyList<Company> SecondTier => [this["fabrics"], this["springs"], this["castings"], this["boards"], this["rubber"]];

    /// <summary>Suppliers of those again.</summary>
    public IReadOnlyList<Company> ThirdTier => [this["yarn"], this["steel"], this["copper"]];

    public IReadOnlyList<Company> Banks => [this["bank-a"], this["bank-b"], this["bank-c"], this["bank-d"]];

    /// <summary>The authority that watches.</summary>
    public Api Authority { get; private set; } = null!;

    /// <summary>Who can sign in at the portal.</summary>
    public List<SignIn> SignIns { get; } = [];

    /// <summary>Registers organisations, clients, people and keys; what is there already stays.</summary>
    public static async Task<Cast> AssembleAsync(
        Access access, StorySet set, string password, Action keep, TimeProvider time, CancellationToken cancel)
    {
        var cast = new Cast();
        using var operations = Api.AsOperator(access, time);
        await cast.OrganisationAsync(operations, set, Members.Length, "voucher-watch", "示范金融监管局", ["regulator", "reader"], keep, cancel);
        var people = await cast.SecretAsync(operations, set, "voucher-people", "示范人员登录", null, [], keep, cancel);
        cast._people = new PersonSignIn(access.Origin, "voucher-people", people, time);
        cast.Authority = new Api(access.Origin, "voucher-watch", set.Secrets["voucher-watch"], time);
        await PersonAsync(operations, set, "voucher-watch", "voucher-watch", "李督", password, ["regulator", "reader"], cancel);
        cast.SignIns.Add(new SignIn("示范金融监管局 (Demonstration Financial Authority)", "voucher-watch", password));
        await Parallel.ForAsync(0, Members.Length, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel }, async (i, token) =>
        {
            var company = await cast.JoinAsync(operations, access, set, i, password, keep, time, token);
            lock (cast._keeping) cast._companies.Add(company.Id, company);
        });
        foreach (var m in Members.Where(m => WithPeople.Contains(m.Id)))
        {
            foreach (var (capacity, _) in Capacities)
                cast.SignIns.Add(new SignIn($"{m.Chinese} ({m.English})", $"{m.Id}-{capacity}", password));
        }

        return cast;
    }

    public void Dispose()
    {
        foreach (var company in _companies.Values) company.Dispose();
        Authority.Dispose();
    }

    private async Task<Company> JoinAsync(
        Api operations, Access access, StorySet set, int number, string password, Action keep, TimeProvider time, CancellationToken cancel)
    {
        var m = Members[number];
        string[] roles = m.Kind == "court" ? ["member", "admin", "regulator"] : ["member", "admin"];
        await OrganisationAsync(operations, set, number, m.Id, m.Chinese, roles, keep, cancel);
        using var registered = await operations.SendAsync(HttpMethod.Post, "/api/receivables/parties", Api.Json(new JsonObject
        {
            ["id"] = m.Id,
            ["kind"] = m.Kind,
            ["sme"] = m.Sme,
            ["name"] = m.Chinese,
            ["creditCode"] = CreditCodeOf(set, number),
            ["group"] = m.Group,
        }), cancel, set.Once("party-" + m.Id));
        await TakenIsFineAsync(registered, cancel);
        var client = new VoucherClient(new Api(access.Origin, m.Id, set.Secrets[m.Id], time), m.Id);
        var keys = new Dictionary<string, SigningKey>();
        VoucherClient? administrator = null;
        foreach (var (capacity, word) in Capacities)
        {
            string[] own = capacity == "admin" ? roles : [.. roles.Except(["admin"])];
            keys[capacity] = Key(set, $"{m.Id}/{capacity}", keep);
            var bound = await client.IsBoundAsync(keys[capacity], cancel);
            if (bound && administrator is not null) continue;
            var (person, session) = await SessionAsync(operations, access, set, m.Id, capacity, m.Chinese[..2] + word, password, own, keep, time, cancel);
            if (!bound)
            {
                await session.BindAsync(
                    $"K-{capacity}", keys[capacity], person, LimitFen, [capacity],
                    administrator is null ? null : (keys["admin"], administrator), cancel);
            }

            if (capacity == "admin") administrator = session;
            else session.Dispose();
        }

        return new Company(m.Id, m.Chinese, m.English, client, administrator!, keys);
    }

    /// <summary>A person's own session: of an account where there is one, of a client of its own where not.</summary>
    private async Task<(string Person, VoucherClient Session)> SessionAsync(
        Api operations, Access access, StorySet set, string id, string capacity, string name, string password, string[] roles,
        Action keep, TimeProvider time, CancellationToken cancel)
    {
        var own = $"{id}-{capacity}";
        if (WithPeople.Contains(id))
        {
            var person = await PersonAsync(operations, set, id, own, name, password, roles, cancel);
            var token = await _people.TokenAsync(own, password, cancel);
            return (person, new VoucherClient(Api.AsPerson(access.Origin, token, time), id));
        }

        var secret = await SecretAsync(operations, set, own, name, id, roles, keep, cancel);
        return ("client-" + own, new VoucherClient(new Api(access.Origin, own, secret, time), id));
    }

    /// <summary>The session of one more person of an organisation, whom its administrator lets in.</summary>
    public async Task<(string Person, VoucherClient Session)> HireAsync(
        StorySet set, string id, string capacity, TimeProvider time, CancellationToken cancel)
    {
        var (own, by) = ($"{id}-{capacity}", this[id].Administrator.Api);
        var secret = await SecretAsync(by, set, own, own, id, ["member"], () => { }, cancel);
        return ("client-" + own, new VoucherClient(new Api(by.Origin, own, secret, time), id));
    }

    private SigningKey Key(StorySet set, string name, Action keep)
    {
        lock (_keeping)
        {
            if (set.Keys.TryGetValue(name, out var jwk)) return SigningKey.OfJwk(jwk);
            var key = SigningKey.Create();
            set.Keys[name] = key.ToJwk();
            keep();
            return key;
        }
    }

    private async Task OrganisationAsync(
        Api operations, StorySet set, int number, string id, string name, string[] roles, Action keep, CancellationToken cancel)
    {
        using var organisation = await operations.SendAsync(HttpMethod.Post, "/api/identity/organisations", Api.Json(new JsonObject
        {
            ["id"] = id,
            ["name"] = name,
            ["creditCode"] = CreditCodeOf(set, number),
        }), cancel, set.Once("organisation-" + id));
        await TakenIsFineAsync(organisation, cancel);
        await SecretAsync(operations, set, id, name, id, roles, keep, cancel);
    }

    /// <summary>The secret of a client of an organisation; without one, a client that acts for people alone.</summary>
    private async Task<string> SecretAsync(
        Api operations, StorySet set, string id, string name, string? tenant, string[] roles, Action keep, CancellationToken cancel)
    {
        lock (_keeping)
        {
            if (set.Secrets.TryGetValue(id, out var known)) return known;
        }

        using var client = await operations.SendAsync(HttpMethod.Post, "/api/identity/clients", Api.Json(new JsonObject
        {
            ["id"] = id,
            ["name"] = name,
            ["tenant"] = tenant,
            ["roles"] = Strings(roles),
            ["redirectUris"] = tenant is null ? Strings([PersonSignIn.Redirect]) : null,
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

    /// <summary>The pseudonymous id of a person; one that is there already is found by its sign-in name.</summary>
    private static async Task<string> PersonAsync(
        Api operations, StorySet set, string tenant, string signIn, string name, string password, string[] roles, CancellationToken cancel)
    {
        using var response = await operations.SendAsync(HttpMethod.Post, "/api/identity/users", Api.Json(new JsonObject
        {
            ["signInName"] = signIn,
            ["name"] = name,
            ["password"] = password,
            ["tenant"] = tenant,
            ["roles"] = Strings(roles),
        }), cancel, set.Once("user-" + signIn));
        if (response.StatusCode != HttpStatusCode.Conflict) return (await Api.ReadAsync(response, cancel))["id"]!.GetValue<string>();
        var users = await operations.GetAsync($"/api/identity/users?tenant={tenant}", cancel);
        return users["items"]!.AsArray().First(u => u!["signInName"]?.GetValue<string>() == signIn)!["id"]!.GetValue<string>();
    }

    private static async Task TakenIsFineAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        if (response.StatusCode != HttpStatusCode.Conflict && !response.IsSuccessStatusCode) throw await Api.ProblemAsync(response, cancel);
    }

    private static JsonArray Strings(IEnumerable<string> items) => new([.. items.Select(i => (JsonNode)i)]);

    private static string CreditCodeOf(StorySet set, int number) =>
        CreditCode.WithCheck(string.Create(CultureInfo.InvariantCulture, $"91310115MB{set.Number}{number:D2}"));
}
