using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Cli.Demos.Trace;

/// <summary>The organisations of the stories. Each is registered by the operator and then acts for itself.</summary>
public sealed class Cast : IDisposable
{
    private static readonly (string Id, string Chinese, string English, string City, string CityEnglish, double Latitude, double Longitude)[] Members =
    [
        ("samples", "标准样例来源", "Source of Standard Examples", "布鲁塞尔", "Brussels", 50.85, 4.35),
        ("exporter", "绿河冷鲜肉出口公司", "Rio Verde Chilled Meat Export", "圣保罗", "São Paulo", -23.55, -46.63),
        ("importer", "沪港食品进出口有限公司", "Hugang Food Import & Export", "上海", "Shanghai", 31.23, 121.47),
        ("customs", "示范海关查验处", "Demonstration Customs Inspection", "上海", "Shanghai", 30.63, 122.06),
        ("coldstore", "临港冷库", "Lingang Cold Store", "上海", "Shanghai", 30.90, 121.93),
        ("haulier", "鲜达冷链配送", "Xianda Cold-Chain Distribution", "上海", "Shanghai", 31.11, 121.38),
        ("shop", "每日鲜超市", "Daily Fresh Supermarkets", "杭州", "Hangzhou", 30.27, 120.15),
        ("garden", "云栖茶园合作社", "Yunqi Tea Garden Cooperative", "杭州", "Hangzhou", 30.20, 120.09),
        ("mark", "示范龙井证明商标协会", "Demonstration Longjing Mark Association", "杭州", "Hangzhou", 30.25, 120.16),
        ("teashop", "翠微茶叶店", "Cuiwei Tea Shop", "杭州", "Hangzhou", 30.26, 120.17),
        ("winery", "贺兰东麓示范酒庄", "Helan East Demonstration Winery", "银川", "Yinchuan", 38.49, 106.23),
        ("zhejiang", "浙江甬江酒业", "Yongjiang Wines, Zhejiang", "宁波", "Ningbo", 29.87, 121.54),
        ("sichuan", "四川锦江酒业", "Jinjiang Wines, Sichuan", "成都", "Chengdu", 30.57, 104.07),
        ("guangdong", "广东珠江酒业", "Zhujiang Wines, Guangdong", "广州", "Guangzhou", 23.13, 113.26),
        ("beijing", "北京京华酒业", "Jinghua Wines, Beijing", "北京", "Beijing", 39.90, 116.40),
    ];

    private static readonly string[] WithPeople = ["importer", "garden", "winery", "sichuan", Wine.Waiting.Party];

    private readonly Dictionary<string, Party> _parties = [];

    private Cast()
    {
    }

    /// <summary>An organisation by its short name.</summary>
    public Party this[string id] => _parties[id];

    /// <summary>The authority that confirms whose a GLN is.</summary>
    public Party Authority => _parties["authority"];

    public int Count => _parties.Count;

    /// <summary>All of them but the authority.</summary>
    public IEnumerable<Party> Organisations => Members.Select(m => _parties[m.Id]);

    /// <summary>Who can sign in at the portal.</summary>
    public List<SignIn> SignIns { get; } = [];

    /// <summary>Registers organisations, clients and people; what is there already stays.</summary>
    public static async Task<Cast> AssembleAsync(Access access, Run run, string password, Action<Run> keep, TimeProvider time, CancellationToken cancel)
    {
        var cast = new Cast();
        using var operations = Api.AsOperator(access, time);
        await cast.JoinAsync(operations, access, run, 0, "authority", "示范溯源监管局", "Demonstration Traceability Authority", ["regulator", "reader"], keep, time, cancel);
        for (var i = 0; i < Members.Length; i++)
        {
            var m = Members[i];
            await cast.JoinAsync(operations, access, run, i + 1, m.Id, m.Chinese, m.English, ["member", "admin"], keep, time, cancel);
        }

        foreach (var id in WithPeople.Distinct()) await cast.PersonAsync(operations, run, id, password, ["member", "admin"], cancel);
        await cast.PersonAsync(operations, run, "authority", password, ["regulator", "reader"], cancel);
        foreach (var m in Members)
        {
            // Who a brand's dealers are stays between them.
            var shown = Wine.Dealers.All(d => d.Party != m.Id);
            await cast.DescribeAsync(cast[m.Id], m.City, m.CityEnglish, m.Latitude, m.Longitude, shown, cancel);
        }

        return cast;
    }

    public void Dispose()
    {
        foreach (var party in _parties.Values) party.Dispose();
    }

    private async Task JoinAsync(
        Api operations, Access access, Run run, int number, string id, string chinese, string english, string[] roles, Action<Run> keep,
        TimeProvider time, CancellationToken cancel)
    {
        var tenant = $"{id}-{run.Number}";
        await TakenIsFineAsync(await operations.SendAsync(HttpMethod.Post, "/api/identity/organisations", Api.Json(new JsonObject
        {
            ["id"] = tenant,
            ["name"] = chinese,
            ["creditCode"] = CreditCode(run, number),
        }), cancel, run.Key("organisation-" + id)), cancel);
        if (!run.Secrets.TryGetValue(tenant, out var secret))
        {
            run.Secrets[tenant] = secret = await ClientAsync(operations, tenant, english, roles, cancel);
            keep(run);
        }

        _parties[id] = new Party(run, id, chinese, english, number, new Api(access.Origin, tenant, secret, time));
    }

    /// <summary>A new client's secret; a client whose secret was lost gets another.</summary>
    private static async Task<string> ClientAsync(Api operations, string tenant, string name, string[] roles, CancellationToken cancel)
    {
        using var registered = await operations.SendAsync(HttpMethod.Post, "/api/identity/clients", Api.Json(new JsonObject
        {
            ["id"] = tenant,
            ["name"] = name,
            ["tenant"] = tenant,
            ["roles"] = Happening.List(roles),
        }), cancel);
        var answer = registered.StatusCode == HttpStatusCode.Conflict
            ? await operations.PostAsync($"/api/identity/clients/{tenant}/secret", new JsonObject(), cancel)
            : await Api.ReadAsync(registered, cancel);
        return answer["secret"]!.GetValue<string>();
    }

    private async Task PersonAsync(Api operations, Run run, string id, string password, string[] roles, CancellationToken cancel)
    {
        var party = _parties[id];
        await TakenIsFineAsync(await operations.SendAsync(HttpMethod.Post, "/api/identity/users", Api.Json(new JsonObject
        {
            ["signInName"] = party.Tenant,
            ["name"] = party.Chinese + "经办人",
            ["password"] = password,
            ["tenant"] = party.Tenant,
            ["roles"] = Happening.List(roles),
        }), cancel, run.Key("user-" + id)), cancel);
        SignIns.Add(new SignIn($"{party.Chinese} ({party.English})", party.Tenant, password));
    }

    /// <summary>Its name, and its seat, whose GLN the authority confirms.</summary>
    private async Task DescribeAsync(
        Party party, string city, string cityEnglish, double latitude, double longitude, bool shown, CancellationToken cancel)
    {
        await party.PutAsync("organisation", new JsonObject { ["name"] = Party.Words(party.Chinese, party.English) }, cancel);
        await party.PutAsync($"places/{party.Gln}", new JsonObject
        {
            ["name"] = Party.Words(party.Chinese, party.English),
            ["city"] = Party.Words(city, cityEnglish),
            ["latitude"] = latitude,
            ["longitude"] = longitude,
            ["public"] = shown,
        }, cancel);
        await Authority.PutAsync($"glns/{party.Gln}/owner", new JsonObject { ["tenant"] = party.Tenant }, cancel);
    }

    private static async Task TakenIsFineAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        using (response)
        {
            if (response.StatusCode != HttpStatusCode.Conflict && !response.IsSuccessStatusCode) throw await Api.ProblemAsync(response, cancel);
        }
    }

    /// <summary>A unified social credit code with its check character (GB 32100-2015).</summary>
    private static string CreditCode(Run run, int number)
    {
        const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        var code = string.Create(CultureInfo.InvariantCulture, $"91310115MA{run.Number}{number:D2}");
        var (sum, weight) = (0, 1);
        foreach (var c in code)
        {
            sum += Alphabet.IndexOf(c, StringComparison.Ordinal) * weight;
            weight = weight * 3 % Alphabet.Length;
        }

        return code + Alphabet[(Alphabet.Length - sum % Alphabet.Length) % Alphabet.Length];
    }
}
