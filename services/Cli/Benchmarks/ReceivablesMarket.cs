using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Cli.Vouchers;

namespace Cli.Benchmarks;

/// <summary>
/// Three organisations made for one run: an issuer and two holders between whom fen go to and fro. Every client of the
/// load has its own maker and checker in each of them, because the pages of one key follow each other.
/// </summary>
internal sealed class ReceivablesMarket : IDisposable
{
    private const long LimitFen = 1_000_000_000;
    private const long LineFen = 9_000_000_000_000_000;

    private readonly DateOnly _today;

    private ReceivablesMarket(string address, string run, TimeProvider time)
    {
        (Address, Run) = (address, run);
        _today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime.AddHours(8));
        (IssueDate, DueDate) = (Write(_today), Write(Day(150)));
    }

    /// <summary>Where the service is called: the portal's path, or its own port.</summary>
    public string Address { get; }

    /// <summary>In all ids of this run.</summary>
    public string Run { get; }

    public string IssueDate { get; }

    public string DueDate { get; }

    /// <summary>The credit line that the issuer takes of.</summary>
    public string Line { get; private set; } = "";

    public Member Issuer { get; private set; } = null!;

    public Member Left { get; private set; } = null!;

    public Member Right { get; private set; } = null!;

    public IReadOnlyList<ReceivablesDealer> Dealers { get; private set; } = [];

    /// <summary>Registers the organisations and binds the clients' keys.</summary>
    public static async Task<ReceivablesMarket> OpenAsync(Access access, string address, int clients, TimeProvider time, CancellationToken cancel)
    {
        var run = RandomNumberGenerator.GetHexString(8, lowercase: true);
        var market = new ReceivablesMarket(address, run, time);
        using var operations = Api.AsOperator(access, time);
        market.Issuer = await JoinAsync(operations, access, $"bench-issuer-{run}", "core-enterprise", clients, time, cancel);
        market.Left = await JoinAsync(operations, access, $"bench-left-{run}", "supplier", clients, time, cancel);
        market.Right = await JoinAsync(operations, access, $"bench-right-{run}", "supplier", clients, time, cancel);
        await market.GrantLineAsync(operations, access, time, cancel);
        market.Dealers = [.. Enumerable.Range(0, clients).Select(i => new ReceivablesDealer(market, i, time))];
        await Task.WhenAll([
            .. new[] { market.Issuer, market.Left, market.Right }.Select(m => market.BindAsync(m, cancel)),
            .. market.Dealers.Select(d => market.DepositAsync(d, cancel))]);
        return market;
    }

    /// <summary>A day in Beijing, so many days from now.</summary>
    public DateOnly Day(int later) => _today.AddDays(later);

    /// <summary>A day as commands write it.</summary>
    public static string Write(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The n-th voucher of the run.</summary>
    public string Root(string kind, int number) => string.Create(
        CultureInfo.InvariantCulture, $"V-{Run.ToUpperInvariant()}{kind}{number.ToString("D17", CultureInfo.InvariantCulture)}");

    public void Dispose()
    {
        foreach (var member in new[] { Issuer, Left, Right }) member?.Dispose();
    }

    private static async Task<Member> JoinAsync(
        Api operations, Access access, string id, string kind, int clients, TimeProvider time, CancellationToken cancel)
    {
        await operations.PostAsync("/api/identity/organisations", new JsonObject
        {
            ["id"] = id,
            ["name"] = id,
            ["creditCode"] = CreditCode(),
        }, cancel);
        var client = await operations.PostAsync("/api/identity/clients", new JsonObject
        {
            ["id"] = id,
            ["name"] = id,
            ["tenant"] = id,
            ["roles"] = new JsonArray("member", "admin"),
        }, cancel);
        await operations.PostAsync("/api/receivables/parties", new JsonObject { ["id"] = id, ["kind"] = kind, ["name"] = id }, cancel);
        var people = new Dictionary<string, Api>();
        foreach (var capacity in new[] { "maker", "checker" })
        {
            var person = await operations.PostAsync("/api/identity/clients", new JsonObject
            {
                ["id"] = $"{id}-{capacity}",
                ["name"] = capacity,
                ["tenant"] = id,
                ["roles"] = new JsonArray("member"),
            }, cancel);
            people[capacity] = new Api(access.Origin, $"{id}-{capacity}", person["secret"]!.GetValue<string>(), time);
        }

        return new Member(id, new Api(access.Origin, id, client["secret"]!.GetValue<string>(), time, Math.Max(clients, 8)), people);
    }

    private async Task GrantLineAsync(Api operations, Access access, TimeProvider time, CancellationToken cancel)
    {
        const string Lines = "/api/receivables/credit/lines";
        using var bank = await JoinAsync(operations, access, $"bench-bank-{Run}", "bank", 1, time, cancel);
        var granted = await bank.Api.PostAsync(Lines, new JsonObject { ["group"] = Issuer.Id, ["limitFen"] = LineFen }, cancel);
        Line = granted["line"]!.GetValue<string>();
        await Issuer.Api.PostAsync($"{Lines}/{Line}/changes", new JsonObject { ["kind"] = "accept" }, cancel);
        await Issuer.Api.PostAsync(
            $"{Lines}/{Line}/changes", new JsonObject { ["kind"] = "member", ["member"] = Issuer.Id, ["limitFen"] = LineFen }, cancel);
    }

    private async Task BindAsync(Member member, CancellationToken cancel)
    {
        // Not disposed of: it would take the connections of the load with it.
        var client = new VoucherClient(member.Api, member.Id);
        using var admin = SigningKey.Create();
        await client.BindAsync("K-admin", admin, $"client-{member.Id}", LimitFen, ["admin"], null, cancel);
        var (makers, checkers) = (new VoucherClient(member.People["maker"], member.Id), new VoucherClient(member.People["checker"], member.Id));
        for (var i = 0; i < Dealers.Count; i++)
        {
            var (maker, checker) = (SigningKey.Create(), SigningKey.Create());
            await makers.BindAsync($"K-maker-{i}", maker, $"client-{member.Id}-maker", LimitFen, ["maker"], (admin, client), cancel);
            await checkers.BindAsync($"K-checker-{i}", checker, $"client-{member.Id}-checker", LimitFen, ["checker"], (admin, client), cancel);
            var keys = (new OwnPage(maker, "maker"), new OwnPage(checker, "checker"));
            // Each key's chain began with the page that bound it.
            foreach (var page in new[] { keys.Item1, keys.Item2 })
                page.Head = (await client.GetAsync($"signers/{page.Key.Id}", cancel))["head"]!.GetValue<string>();
            Dealers[i].Keys[member.Id] = keys;
        }
    }

    /// <summary>Each client issues on one large invoice of its own, so that only one claim is made on the chain for it.</summary>
    private async Task DepositAsync(ReceivablesDealer dealer, CancellationToken cancel)
    {
        dealer.Invoice = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await Left.Api.PostAsync("/api/receivables/trade/documents", new JsonObject
        {
            ["kind"] = "invoice",
            ["sha256"] = dealer.Invoice,
            ["number"] = $"2631{RandomNumberGenerator.GetInt32(100_000_000):D8}{RandomNumberGenerator.GetInt32(100_000_000):D8}",
            ["seller"] = Left.Id,
            ["buyer"] = Issuer.Id,
            ["grossFen"] = 1_000_000_000,
            ["netFen"] = 884_955_752,
            ["issuedOn"] = IssueDate,
        }, cancel);
    }

    /// <summary>A unified social credit code with its check character (GB 32100-2015).</summary>
    private static string CreditCode()
    {
        const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        var code = string.Create(CultureInfo.InvariantCulture, $"91310115M{RandomNumberGenerator.GetInt32(100_000_000):D8}");
        var (sum, weight) = (0, 1);
        foreach (var c in code)
        {
            sum += Alphabet.IndexOf(c, StringComparison.Ordinal) * weight;
            weight = weight * 3 % Alphabet.Length;
        }

        return code + Alphabet[(Alphabet.Length - sum % Alphabet.Length) % Alphabet.Length];
    }

    /// <summary>An organisation of the run.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Api">Its client, which is its administrator's too.</param>
    /// <param name="People">Sessions of maker and checker.</param>
    public sealed record Member(string Id, Api Api, IReadOnlyDictionary<string, Api> People) : IDisposable
    {
        /// <summary>As pages write it.</summary>
        public string Shown => $"{Id} ({Id})";

        public void Dispose()
        {
            Api.Dispose();
            foreach (var api in People.Values) api.Dispose();
        }
    }
}
