using System.Text.Json.Nodes;
using Narration = Cli.Demos.Trace.Narration;

namespace Cli.Demos.Receivables;

/// <summary>Vouchers go down three tiers of suppliers, five times split; one command pays from three of them.</summary>
public sealed class Splitting(Cast cast, Issuing issuing, Narration tell)
{
    /// <summary>Vouchers that are split, from this number on.</summary>
    public const int First = 10;

    /// <summary>How many.</summary>
    public const int Count = 20;

    /// <summary>How often the deepest fen change their holder.</summary>
    public const int Levels = 5;

    /// <summary>Everybody that a split voucher goes through, in order.</summary>
    public IReadOnlyList<Company> Way(int number)
    {
        var (second, third) = (cast.SecondTier, cast.ThirdTier);
        return
        [
            issuing.Of(number).Holder, second[number % second.Count], third[number % third.Count],
            third[(number + 1) % third.Count], third[(number + 2) % third.Count], cast["dyes"],
        ];
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        tell.Chapter("3  Down the supply chain");
        await Parallel.ForEachAsync(
            Enumerable.Range(First, Count), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel },
            async (number, token) => await SplitAsync(number, token));
        var deepest = issuing.Of(First);
        var tree = await cast.Authority.GetAsync($"/api/receivables/vouchers/{deepest.Root}/tree", cancel);
        var level = tree["shapes"]!.AsArray().Max(s => s!["level"]!.GetValue<int>());
        Narration.Expect(level == Levels, $"{Levels} levels in the family tree", level);
        var dyes = await cast["dyes"].Client.GetAsync("balances", cancel);
        tell.Say($"{Count} vouchers split {Levels} levels deep; the dye works, a small enterprise, holds {Issuing.Yuan(dyes["fen"]!.GetValue<long>())} of the car maker's promises");
        await PayFromManyAsync(cancel);
    }

    /// <summary>Every holder passes on half of what it got, odd fen included.</summary>
    private async Task SplitAsync(int number, CancellationToken cancel)
    {
        var v = issuing.Of(number);
        var way = Way(number);
        var fen = v.Fen;
        for (var level = 1; level <= Levels; level++)
        {
            fen /= 2;
            var offer = $"S-{number:D4}-{level}";
            await way[level - 1].DoAsync(way[level - 1].Command("transfer", offer, ("parts", new JsonArray(new JsonObject
            {
                ["root"] = v.Root,
                ["to"] = way[level].Id,
                ["fen"] = fen,
            }))), cancel);
            await way[level].AcceptAsync(offer, cancel, v.Root);
        }
    }

    private async Task PayFromManyAsync(CancellationToken cancel)
    {
        // The seat maker's three next ones that nobody split.
        var seats = cast["seats"];
        var roots = Enumerable.Range(First + Count + 10, 60).Select(issuing.Of).Where(v => v.Holder == seats).Take(3)
            .Select(v => v.Root).Order(StringComparer.Ordinal).ToList();
        const long Each = 3_333_333;
        var pay = seats.Command(
            "pay-from-many", "P-0001", ("to", "springs"), ("fen", Each * roots.Count),
            ("from", new JsonArray([.. roots.Select(r => (JsonNode)new JsonObject { ["root"] = r, ["fen"] = Each })])));
        await seats.DoAsync(pay, cancel);
        var answer = await cast["springs"].AcceptAsync("P-0001", cancel, [.. roots]);
        Narration.Expect(answer["families"]!.AsArray().Count == roots.Count, "three vouchers moved at once", answer.ToJsonString());
        tell.Say($"one command paid {Issuing.Yuan(Each * roots.Count)} from three vouchers, all of it or nothing");
    }
}
