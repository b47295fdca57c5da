using System.Globalization;
using System.Text.Json.Nodes;
using Narration = Cli.Demos.Trace.Narration;

namespace Cli.Demos.Receivables;

/// <summary>A supplier asks four banks for money on a voucher and takes the one that truly costs least.</summary>
public sealed class Funding(StorySet set, Cast cast, Issuing issuing, Narration tell, TimeProvider time)
{
    /// <summary>The voucher that is sold without recourse.</summary>
    public const int Sold = 31;

    /// <summary>The one that is pledged.</summary>
    public const int Pledged = 32;

    // The lowest rate has the highest fee: it is not the cheapest.
    private static readonly (int RatePpm, long FeeFen)[] Asked = [(29_000, 2_000_000), (38_500, 0), (36_000, 30_000), (45_000, 10_000)];

    public async Task RunAsync(CancellationToken cancel)
    {
        tell.Chapter("4  Financing");
        var v = issuing.Of(Sold);
        var application = await v.Holder.Client.PostAsync("financings", new JsonObject
        {
            ["root"] = v.Root,
            ["start"] = 0,
            ["fen"] = v.Fen,
            ["invited"] = new JsonArray([.. cast.Banks.Select(b => (JsonNode)b.Id)]),
        }, cancel, set.Once("financing"));
        var id = application["id"]!.GetValue<string>();
        for (var i = 0; i < cast.Banks.Count; i++) await OfferAsync(id, i, cancel);
        var details = await v.Holder.Client.GetAsync($"financings/{id}", cancel);
        var best = details["offers"]!.AsArray()[0]!;
        var financier = best["offer"]!["financier"]!.GetValue<string>();
        Narration.Expect(financier != cast.Banks[0].Id, "the lowest rate, with its fee, not to cost least", financier);
        var cost = best["cost"]!;
        var proceeds = cost["proceeds"]!.GetValue<long>();
        tell.Say(string.Create(CultureInfo.InvariantCulture,
            $"four offers on {Issuing.Yuan(v.Fen)} by true cost: {cast[financier].English} first with {cost["effectivePpm"]!.GetValue<long>() / 10_000m:0.00} % a year, pays out {Issuing.Yuan(proceeds)}; the lowest rate is dearer for its fee"));
        await CloseAsync(v, id, cast[financier], best["offer"]!["id"]!.GetValue<string>(), proceeds, cancel);
        await PledgeAsync(cancel);
    }

    private Task<JsonObject> OfferAsync(string id, int bank, CancellationToken cancel) => cast.Banks[bank].Client.PostAsync($"financings/{id}/offers", new JsonObject
    {
        ["paysOut"] = set.Day(0),
        ["validUntil"] = set.Day(3),
        ["recourse"] = false,
        ["price"] = new JsonObject
        {
            ["ratePpm"] = Asked[bank].RatePpm,
            ["basis"] = "act360",
            ["debtorPpm"] = 0,
            ["fees"] = Asked[bank].FeeFen == 0 ? [] : new JsonArray(new JsonObject
            {
                ["payee"] = cast.Banks[bank].Id,
                ["name"] = "手续费",
                ["fen"] = Asked[bank].FeeFen,
            }),
        },
    }, cancel, set.Once($"offer-{bank}"));

    /// <summary>Choice, sale, papers and payment.</summary>
    private async Task CloseAsync(Voucher v, string id, Company bank, string offer, long proceeds, CancellationToken cancel)
    {
        await ChooseAsync(v, id, offer, "choose", cancel);
        await SellAsync(v, bank, id, "X-0001", v.Fen, recourse: false, cancel);
        await StepAsync(bank, id, "disbursement", cancel, ("number", $"HD{set.Number}0001"), ("fen", proceeds));
        var after = await bank.Client.GetAsync($"financings/{id}", cancel);
        Narration.Expect(after["disbursed"]!.GetValue<bool>(), "the money paid out", after.ToJsonString());
        tell.Say("sold without recourse, searched and registered at 中登网 by imported receipts, paid out exactly as shown");
    }

    /// <summary>A voucher sold with recourse to one bank, which is asked alone.</summary>
    public async Task SellToAsync(Voucher v, Company bank, string sale, CancellationToken cancel)
    {
        var application = await v.Holder.Client.PostAsync("financings", new JsonObject
        {
            ["root"] = v.Root,
            ["start"] = 0,
            ["fen"] = v.Fen,
            ["invited"] = new JsonArray(bank.Id),
        }, cancel, set.Once("financing-" + sale));
        var id = application["id"]!.GetValue<string>();
        var offered = await bank.Client.PostAsync($"financings/{id}/offers", new JsonObject
        {
            ["paysOut"] = set.Day(0),
            ["validUntil"] = set.Day(3),
            ["recourse"] = true,
            ["price"] = new JsonObject { ["ratePpm"] = 33_000, ["basis"] = "act360", ["debtorPpm"] = 0, ["fees"] = new JsonArray() },
        }, cancel, set.Once("offer-" + sale));
        await ChooseAsync(v, id, offered["offer"]!.GetValue<string>(), "choose-" + sale, cancel);
        await SellAsync(v, bank, id, sale, v.Fen, recourse: true, cancel);
    }

    private Task<JsonObject> ChooseAsync(Voucher v, string id, string offer, string once, CancellationToken cancel) =>
        v.Holder.Client.PostAsync($"financings/{id}/steps", new JsonObject { ["kind"] = "choose", ["offer"] = offer }, cancel, set.Once(once));

    private async Task StepAsync(
        Company bank, string id, string kind, CancellationToken cancel, params (string Name, JsonNode? Value)[] members)
    {
        // A step that an earlier load made carries another time: what is there stays.
        var state = await bank.Client.GetAsync($"financings/{id}", cancel);
        if (kind == "search" ? state["searchedAt"] is not null
            : kind == "registration" ? state["receipt"] is not null : state["disbursed"]!.GetValue<bool>())
            return;
        var step = new JsonObject
        {
            ["kind"] = kind,
            ["at"] = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["sha256"] = Issuing.Digest($"{kind} {id}"),
        };
        foreach (var (name, value) in members) step[name] = value;
        await bank.Client.PostAsync($"financings/{id}/steps", step, cancel);
    }

    /// <summary>Sells the lowest fen of a voucher as was chosen; the buyer searches, registers and confirms.</summary>
    private async Task SellAsync(
        Voucher v, Company buyer, string financing, string id, long fen, bool recourse, CancellationToken cancel)
    {
        await v.Holder.DoAsync(v.Holder.Command(
            "sell", id, ("buyer", buyer.Id), ("from", new JsonArray(new JsonObject { ["root"] = v.Root, ["fen"] = fen })),
            ("withRecourse", recourse), ("financing", financing), ("agreementSha256", Issuing.Digest($"agreement {id}"))), cancel);
        await StepAsync(buyer, financing, "search", cancel);
        await StepAsync(buyer, financing, "registration", cancel, ("number", $"01{set.Number}{id[^4..]}"));
        await buyer.DoAsync(buyer.Command("confirm-sale", "C" + id, ("sale", id), ("in", new JsonArray(v.Root))), cancel);
    }

    private async Task PledgeAsync(CancellationToken cancel)
    {
        var v = issuing.Of(Pledged);
        var bank = cast["bank-c"];
        await v.Holder.DoAsync(v.Holder.Command(
            "offer-pledge", "L-0001", ("pledgee", bank.Id), ("from", new JsonArray(new JsonObject { ["root"] = v.Root, ["fen"] = v.Fen / 3 })),
            ("agreementSha256", Issuing.Digest("pledge agreement"))), cancel);
        await bank.DoAsync(bank.Command("confirm-pledge", "CL-0001", ("pledge", "L-0001"), ("in", new JsonArray(v.Root))), cancel);
        tell.Say($"{Issuing.Yuan(v.Fen / 3)} pledged: the supplier stays the holder, {bank.English} is paid at maturity");
    }
}
