using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Cli.Demos.Trace;

namespace Cli.Demos.Prepaid;

/// <summary>
/// Custody of the street: accounts, top-up orders and the banks' statements of the closed days, most of them honest. A few
/// banks are late, a few orders come back, and dishonest merchants' accounts lose money that nobody ordered away.
/// </summary>
public sealed class Banking(PrepaidCast cast, PrepaidSet set, Narration tell)
{
    private int _statements;
    private int _late;
    private int _returned;
    private int _taken;

    /// <summary>Opens the accounts and sends statements of the days, which are in order.</summary>
    public async Task RunAsync(IReadOnlyList<DateOnly> days, CancellationToken cancel)
    {
        await Parallel.ForEachAsync(cast.Shops, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel }, async (shop, token) =>
        {
            var merchant = cast[shop.Id];
            await Api.ReadAsync(await merchant.SendAsync(HttpMethod.Put, "/api/prepaid/custody/own/account", Api.Json(new JsonObject
            {
                ["account"] = Account(shop),
                ["bank"] = shop.Bank,
            }), token), token);
            long held = 0;
            foreach (var day in days) held = await StateAsync(shop, day, held, day == days[^1], token);
        });
        tell.Say($"{_statements:N0} statements of {days.Count} days taken, each once; {_late} banks are late, {_returned} top-ups came back, "
            + $"from {_taken} accounts money went that nobody had ordered");
    }

    /// <summary>What the regulator sees of the last day must be what was planted.</summary>
    public async Task ExpectAsync(DateOnly day, CancellationToken cancel)
    {
        Dictionary<string, int> breaks = [];
        await Parallel.ForEachAsync(cast.Shops, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel }, async (shop, token) =>
        {
            var seen = await cast.Authority.GetAsync($"/api/prepaid/custody/{shop.Id}/reconciliations/{PrepaidSet.Write(day)}", token);
            lock (breaks)
            {
                foreach (var name in seen["breaks"]!.AsArray().Select(b => b!.GetValue<string>()))
                    breaks[name] = breaks.GetValueOrDefault(name) + 1;
            }
        });
        Narration.Expect(breaks.GetValueOrDefault("payment-without-order") == _taken, $"{_taken} accounts with payments without order", breaks.GetValueOrDefault("payment-without-order"));
        Narration.Expect(breaks.GetValueOrDefault("order-returned") == _returned, $"{_returned} returned orders", breaks.GetValueOrDefault("order-returned"));
        Narration.Expect(breaks.GetValueOrDefault("no-statement") == _late, $"{_late} missing statements", breaks.GetValueOrDefault("no-statement"));
        Narration.Expect(breaks.GetValueOrDefault("chain-differs") == 0, "cards and chain agree everywhere", breaks.GetValueOrDefault("chain-differs"));
        tell.Say($"reconciled as expected: {string.Join(", ", breaks.OrderBy(b => b.Key, StringComparer.Ordinal).Select(b => $"{b.Key} {b.Value}"))}");
    }

    private static string Account(Shop shop) => $"6222-{shop.Number:D6}";

    /// <summary>A bank's statement of a day; what it leaves on the account.</summary>
    private async Task<long> StateAsync(Shop shop, DateOnly day, long held, bool isLast, CancellationToken cancel)
    {
        var figures = await cast.Authority.SendAsync(HttpMethod.Get, $"/api/prepaid/custody/{shop.Id}/reconciliations/{PrepaidSet.Write(day)}", null, cancel);
        // It had no cards yet.
        if (figures.StatusCode == HttpStatusCode.NotFound) return held;
        var seen = await Api.ReadAsync(figures, cancel);
        if (isLast && shop is { IsDishonest: false } && shop.Number % 37 == 0)
        {
            Interlocked.Increment(ref _late);
            return held;
        }

        var name = $"t-{day:yyyyMMdd}";
        var entries = new List<(string Kind, long Fen, string Order)>();
        var target = Target(shop, day, seen);
        if (shop.IsDishonest && isLast && held > 0)
        {
            entries.Add(("debit", held * 2 / 3, ""));
            Interlocked.Increment(ref _taken);
        }
        else if (target > held)
        {
            await OrderAsync(shop, name, target - held, cancel);
            entries.Add(("credit", target - held, name));
            if (isLast && shop.Number % 41 == 0)
            {
                entries.Add(("debit", target - held, name));
                Interlocked.Increment(ref _returned);
            }
        }

        var closing = held + entries.Sum(e => e.Kind == "credit" ? e.Fen : -e.Fen);
        var list = Statement(shop, day, held, closing, entries);
        // A statement that is sent twice is one.
        for (var time = 0; time < (shop.Number % 50 == 0 ? 2 : 1); time++) await SendAsync(shop, list, cancel);
        Interlocked.Increment(ref _statements);
        return closing;
    }

    /// <summary>What the merchant keeps there: what is required, as exactly as the simulated one kept to it.</summary>
    private long Target(Shop shop, DateOnly day, JsonObject seen)
    {
        if (seen["requiredFen"] is not { } required) return seen["cardsFen"]!.GetValue<long>() / 10;
        var index = PrepaidSimulation.Street.Days - 1 - (set.Yesterday.DayNumber - day.DayNumber);
        var lived = shop.Life.Days.LastOrDefault(d => d.Day <= index);
        var kept = lived is { RequiredFen: > 0 } ? Math.Min(1.2, (double)lived.CustodyFen / lived.RequiredFen.Value) : 1.05;
        return (long)(required.GetValue<long>() * kept);
    }

    private static string Statement(Shop shop, DateOnly day, long opening, long closing, List<(string Kind, long Fen, string Order)> entries)
    {
        var text = new StringBuilder("statement,account,day,kind,yuan,reference,order\n");
        void Line(string kind, long fen, string reference, string order) => text.Append(
            CultureInfo.InvariantCulture, $"S{day:yyyyMMdd},{Account(shop)},{day:yyyy-MM-dd},{kind},{fen / 100m:0.00},{reference},{order}\n");
        Line("opening", opening, "", "");
        for (var i = 0; i < entries.Count; i++) Line(entries[i].Kind, entries[i].Fen, $"{day:yyyyMMdd}-{i + 1}", entries[i].Order);
        Line("closing", closing, "", "");
        return text.ToString();
    }

    private async Task OrderAsync(Shop shop, string name, long fen, CancellationToken cancel) =>
        await cast[shop.Id].PostAsync("/api/prepaid/custody/own/orders", new JsonObject
        {
            ["id"] = name,
            ["kind"] = "top-up",
            ["fen"] = fen,
            ["because"] = "required custody",
        }, cancel, set.Once($"{shop.Id}-{name}"));

    private async Task SendAsync(Shop shop, string list, CancellationToken cancel)
    {
        using var content = new StringContent(list, Encoding.UTF8, "text/csv");
        await Api.ReadAsync(await cast.Banks[shop.Bank].SendAsync(
            HttpMethod.Post, $"/api/prepaid/custody/{shop.Id}/statements", content, cancel), cancel);
    }
}
