using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Cli.Demos.Trace;

namespace Cli.Demos.Prepaid;

/// <summary>
/// A city of card merchants: 300 of all classes in three jurisdictions with 50,000 cards, two years of sales and use, the
/// banks' statements, and a day at the counter.
/// </summary>
public static class PrepaidDemo
{
    private const int CardsAtOnce = 200;

    /// <summary>Loads the city, or tells of it again.</summary>
    public static async Task RunAsync(
        Instance instance, Access access, string password, int cards, TimeProvider time, CancellationToken cancel)
    {
        var set = PrepaidSet.Read(instance);
        if (set is { Report: { } report })
        {
            Console.WriteLine($"The merchants are here (set {set.Number}, loaded {set.Begun:yyyy-MM-dd HH:mm} UTC).\n\n{report}\n\n{Keys(instance)}");
            return;
        }

        set ??= PrepaidSet.Begin(time);
        set.Write(instance);
        var tell = new Narration(time);
        tell.Say($"set {set.Number} at {access.Origin}; simulated merchants, no evidence about real shops");
        tell.Chapter("1  Merchants, banks, authority");
        var shops = Shop.Street(cards);
        using var cast = await PrepaidCast.AssembleAsync(access, set, shops, password, () => set.Write(instance), time, cancel);
        await cast.FileAsync(set, cancel);
        tell.Say($"{shops.Count} merchants filed, {shops.Select(s => s.Class).Distinct().Count()} classes in {shops.Select(s => s.Place).Distinct().Count()} jurisdictions; 3 banks, 1 authority");

        using var operations = Api.AsOperator(access, time);
        var owed = await new Past(cast, set, operations, tell).PlayAsync(cards, cancel);
        var days = await new Closing(cast, set, operations, tell).RunAsync(owed, cancel);
        tell.Chapter("4  Custody");
        var banking = new Banking(cast, set, tell);
        await banking.RunAsync(days, cancel);
        await banking.ExpectAsync(days[^1], cancel);
        tell.Chapter("5  At the counter");
        var counter = new Counter(cast, set, time, tell);
        await counter.RunAsync(cancel);
        await counter.TakeOverAsync(cancel);
        tell.Chapter("6  The authority");
        await GradeAsync(cast, tell, cancel);
        await StopAsync(cast, set, tell, cancel);
        var printed = Print(cast, access, counter, tell);
        (set with { Report = printed }).Write(instance);
        Console.WriteLine($"\n{printed}\n\n{Keys(instance)}");
    }

    /// <summary>Everybody gets a grade, by a model whose weights were found on other simulated merchants.</summary>
    private static async Task GradeAsync(PrepaidCast cast, Narration tell, CancellationToken cancel)
    {
        await cast.Authority.PostAsync("/api/prepaid/risk/grades", new JsonObject(), cancel);
        Dictionary<string, int> letters = [];
        var (ours, cursor) = (cast.Shops.Select(s => s.Id).ToHashSet(), "");
        do
        {
            var page = await cast.Authority.GetAsync($"/api/prepaid/risk/merchants?sort=grade&limit=200{cursor}", cancel);
            foreach (var line in page["merchants"]!.AsArray().Where(m => ours.Contains(m!["merchant"]!.GetValue<string>())))
            {
                var letter = line!["letter"]?.GetValue<string>() ?? "none";
                letters[letter] = letters.GetValueOrDefault(letter) + 1;
            }

            cursor = page["next"]?.GetValue<string>() is { } next ? $"&cursor={Uri.EscapeDataString(next)}" : "";
        }
        while (cursor.Length > 0);
        Narration.Expect(letters.Values.Sum() == ours.Count && !letters.ContainsKey("none"), $"{ours.Count} merchants graded", string.Join(", ", letters));
        tell.Say($"graded by simulated weights: {string.Join(", ", letters.OrderByDescending(l => l.Key.Length).ThenBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key} {l.Value}"))}");
    }

    /// <summary>The authority stops a merchant whose account lost money that nobody ordered away.</summary>
    private static async Task StopAsync(PrepaidCast cast, PrepaidSet set, Narration tell, CancellationToken cancel)
    {
        var shop = cast.Shops.First(s => s.IsDishonest);
        await cast.Authority.PostAsync($"/api/prepaid/merchants/{shop.Id}/sale-orders", new JsonObject
        {
            ["stop"] = true,
            ["power"] = "单用途商业预付卡管理办法（试行）第三十七条",
            ["caseNumber"] = $"示范停售〔{set.Yesterday.Year}〕1号",
        }, cancel);
        var refused = await cast[shop.Id].SendAsync(HttpMethod.Post, "/api/prepaid/cards", Api.Json(new JsonObject
        {
            ["branch"] = "main",
            ["lot"] = new JsonObject { ["id"] = "1", ["kind"] = "value", ["paidFen"] = 100_00, ["contract"] = new string('d', 64) },
        }), cancel);
        await Narration.RefusedAsync(refused, System.Net.HttpStatusCode.Conflict, "sale-stopped", cancel);
        tell.Say($"{shop.Name} may not sell any more and is refused; its cards can still be redeemed");
    }

    private static string Print(PrepaidCast cast, Access access, Counter counter, Narration tell)
    {
        var text = new StringBuilder();
        text.AppendLine("Look at");
        text.AppendLine($"  {counter.Link}  a card, as its holder");
        text.AppendLine($"  {access.Origin}/watch/prepaid  the authority's merchants by coverage").AppendLine($"  {access.Origin}/bank/prepaid?merchant=shop-003  a custody account, as its bank");
        text.AppendLine($"  {access.Origin}/prepaid  a merchant's pages").AppendLine($"  {access.Origin}/refund  what goes back of a card");
        text.AppendLine().AppendLine($"Sign in at {access.Origin} with the demo's password ({cast.SignIns[0].Password})");
        foreach (var person in cast.SignIns) text.AppendLine($"  {person.User,-14} {person.Who}");
        text.AppendLine().Append(CultureInfo.InvariantCulture, $"loaded in {tell.Elapsed.TotalSeconds:0} s");
        return text.ToString();
    }

    private static string Keys(Instance instance) => $"Secrets of the clients are in {PrepaidSet.FileOf(instance)}";

    /// <summary>Two years of sales and use, played into the ledger part by part.</summary>
    private sealed class Past(PrepaidCast cast, PrepaidSet set, Api operations, Narration tell)
    {
        private int _cards;
        private int _events;
        private int _said;

        /// <summary>Plays all cards; what is then owed by each merchant at the end of the last day.</summary>
        public async Task<Dictionary<string, (long Principal, long Gift)>> PlayAsync(int cards, CancellationToken cancel)
        {
            tell.Chapter($"2  {cards:N0} cards, two years to {PrepaidSet.Write(set.Yesterday)}");
            Dictionary<string, (long Principal, long Gift)> owed = [];
            (long paid, long uses) = (0, 0);
            await Parallel.ForEachAsync(cast.Shops, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel }, async (shop, token) =>
            {
                var past = new PastCards(shop, set.Yesterday);
                (long principal, long gift) = (0, 0);
                foreach (var (part, some) in past.All().Chunk(CardsAtOnce).Index())
                {
                    var answer = await operations.PostAsync("/api/prepaid/rehearsals/cards", new JsonObject
                    {
                        ["merchant"] = shop.Id,
                        ["cards"] = new JsonArray([.. some]),
                        ["asOf"] = PrepaidSet.Write(set.Yesterday),
                    }, token, set.Once($"{shop.Id}-cards-{part}"));
                    principal += answer["owed"]!["principalFen"]!.GetValue<long>();
                    gift += answer["owed"]!["giftFen"]!.GetValue<long>();
                    Count(some.Length, answer["events"]!.GetValue<int>());
                }

                lock (owed)
                {
                    owed[shop.Id] = (principal, gift);
                    paid += past.PaidFen;
                    uses += past.Uses;
                }
            });
            tell.Say($"{_cards:N0} cards sold for CNY {paid / 100m:N2} and used {uses:N0} times: {_events:N0} events, CNY {owed.Values.Sum(o => o.Principal) / 100m:N2} of it owed");
            return owed;
        }

        private void Count(int cards, int events)
        {
            var all = Interlocked.Add(ref _cards, cards);
            Interlocked.Add(ref _events, events);
            var step = all / 10_000;
            if (step > Interlocked.Exchange(ref _said, step)) tell.Say($"  {all:N0} cards, {Volatile.Read(ref _events):N0} events");
        }
    }

    /// <summary>Closes the last day and the ends of quarters, and holds the roots against what was played.</summary>
    private sealed class Closing(PrepaidCast cast, PrepaidSet set, Api operations, Narration tell)
    {
        private const int Quarters = 4;

        /// <summary>The closed days, in order.</summary>
        public async Task<IReadOnlyList<DateOnly>> RunAsync(Dictionary<string, (long Principal, long Gift)> owed, CancellationToken cancel)
        {
            tell.Chapter("3  Days are closed, and the chain takes a root for each merchant");
            // The last day first: the service closes by itself whatever follows the last that was closed.
            var last = await CloseAsync(set.Yesterday, cancel);
            var ours = cast.Shops.Select(s => s.Id).ToHashSet();
            var roots = last.Where(m => ours.Contains(m["merchant"]!.GetValue<string>())).ToList();
            Narration.Expect(roots.Count == ours.Count, $"{ours.Count} merchants closed", roots.Count);
            foreach (var root in roots)
            {
                var (principal, gift) = owed[root["merchant"]!.GetValue<string>()];
                Narration.Expect(root["principal"]!.GetValue<long>() == principal && root["gift"]!.GetValue<long>() == gift,
                    $"{root["merchant"]} owes {principal} and {gift}", root.ToJsonString());
            }

            tell.Say($"{roots.Count} roots of {PrepaidSet.Write(set.Yesterday)}, {roots.Count(r => r["state"]?.GetValue<string>() == "recorded")} on the chain, to the fen what was played");
            List<DateOnly> days = [set.Yesterday];
            var end = new DateOnly(set.Yesterday.Year, (set.Yesterday.Month - 1) / 3 * 3 + 1, 1).AddDays(-1);
            for (var i = 0; i < Quarters; i++, end = new DateOnly(end.Year, end.Month, 1).AddMonths(-2).AddDays(-1))
            {
                await CloseAsync(end, cancel);
                days.Insert(0, end);
            }

            tell.Say($"ends of quarters closed: {string.Join(", ", days.SkipLast(1).Select(PrepaidSet.Write))}");
            return days;
        }

        private async Task<IReadOnlyList<JsonNode>> CloseAsync(DateOnly day, CancellationToken cancel) =>
            [.. (await operations.PostAsync($"/api/prepaid/days/{PrepaidSet.Write(day)}/close", new JsonObject(), cancel))["merchants"]!.AsArray().Select(m => m!)];
    }
}
