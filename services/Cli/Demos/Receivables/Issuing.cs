using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Narration = Cli.Demos.Trace.Narration;

namespace Cli.Demos.Receivables;

/// <summary>A voucher of the story.</summary>
/// <param name="Number">Its number in the story.</param>
/// <param name="Root">Its name.</param>
/// <param name="Issuer">Who issued it, and owes it.</param>
/// <param name="Holder">Its first holder.</param>
/// <param name="Fen">Its face.</param>
/// <param name="DueIn">Days from the beginning to the day of payment.</param>
public sealed record Voucher(int Number, string Root, Company Issuer, Company Holder, long Fen, int DueIn)
{
    /// <summary>The command that issues it, which names the offer.</summary>
    public string Offer => $"I-{Number:D4}";
}

/// <summary>Invoices are deposited, and two hundred vouchers are issued on them and accepted.</summary>
public sealed class Issuing(StorySet set, Cast cast, Narration tell)
{
    /// <summary>Vouchers of the story.</summary>
    public const int Count = 200;

    /// <summary>The last so many are the truck maker's, which will not pay.</summary>
    public const int OfTrucks = 4;

    private const long LineFen = 30_000_000_000;

    private readonly Dictionary<string, string> _lines = [];

    private const int ClaimsAtOnce = 40;

    // Left for people who sign in: offers to accept.
    private const int NotAccepted = 6;
    private const int DueFirst = 60;
    private const int DueSpread = 100;

    /// <summary>The n-th voucher, the same at every load; the first is 1.</summary>
    public Voucher Of(int number)
    {
        var trucks = number > Count - OfTrucks;
        var head = cast[trucks ? "truckmaker" : "carmaker"];
        // Every fifth is issued by the member of the group that does the buying.
        var issuer = !trucks && number % 5 == 0 ? cast["carparts"] : head;
        var holder = cast.FirstTier[number * 7 % cast.FirstTier.Count];
        // 120,000.00 to 3,120,000.00 yuan, with odd fen.
        var fen = 12_000_000L + number * 7_919L * 101 % 300_000_000;
        return new Voucher(number, set.Root(number), issuer, holder, fen, DueFirst + number * 13 % DueSpread);
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        tell.Chapter("2  Two hundred vouchers");
        await GrantLinesAsync(cancel);
        var all = Enumerable.Range(1, Count).Select(Of).ToList();
        // The chain takes seconds for a claim, so all are sent at once; the issue then finds its own.
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = ClaimsAtOnce, CancellationToken = cancel }, async (v, token) =>
        {
            await DepositAsync(v.Holder, v.Issuer, set.Invoice(v.Number), v.Fen, token);
            await ClaimAsync(v, token);
        });
        tell.Say($"{Count} invoices claimed on the chain, so that no other platform takes them; nobody saw their numbers");
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel }, async (v, token) =>
        {
            await v.Issuer.DoAsync(Command(v, set.Invoice(v.Number)), token);
            if (!IsLeft(v)) await v.Holder.AcceptAsync(v.Offer, token, v.Root);
        });
        var sum = all.Sum(v => v.Fen);
        tell.Say($"{Count} vouchers over {Yuan(sum)} issued on {Count} invoices, each signed by maker and checker; {Count - all.Count(IsLeft)} accepted");
        await LeaveDraftAsync(cancel);
    }

    /// <summary>The command that issues a voucher on an invoice.</summary>
    public JsonObject Command(Voucher v, string invoice, string? id = null) => v.Issuer.Command(
        "issue", id ?? v.Offer, ("root", v.Root), ("debtor", v.Issuer.Id), ("holder", v.Holder.Id), ("faceFen", v.Fen),
        ("issueDate", set.Day(0)), ("dueDate", set.Day(v.DueIn)), ("line", _lines[v.Issuer.Id == "truckmaker" ? v.Issuer.Id : "carmaker"]),
        ("trade", new JsonArray(new JsonObject { ["kind"] = "invoice", ["sha256"] = Digest($"invoice {invoice}") })),
        ("terms", new JsonObject { ["minPartFen"] = 100, ["maxDepth"] = 20, ["maxFragments"] = 10_000 }));

    /// <summary>The supplier deposits its invoice; one that is there stays.</summary>
    public async Task DepositAsync(Company seller, Company buyer, string number, long grossFen, CancellationToken cancel)
    {
        using var answer = await seller.Client.TryAsync("trade/documents", new JsonObject
        {
            ["kind"] = "invoice",
            ["sha256"] = Digest($"invoice {number}"),
            ["number"] = number,
            ["seller"] = seller.Id,
            ["buyer"] = buyer.Id,
            ["grossFen"] = grossFen,
            ["netFen"] = grossFen * 100 / 113,
            ["issuedOn"] = set.Day(-20),
        }, cancel, set.Once("invoice-" + number));
        if (!answer.IsSuccessStatusCode) throw await Api.ProblemAsync(answer, cancel);
    }

    /// <summary>SHA-256 of a text that stands for a file.</summary>
    public static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Fen as yuan.</summary>
    public static string Yuan(long fen) => string.Create(CultureInfo.InvariantCulture, $"CNY {fen / 100m:N2}");

    private static bool IsLeft(Voucher v) => v.Number is > Count - OfTrucks - NotAccepted and <= Count - OfTrucks;

    private async Task ClaimAsync(Voucher v, CancellationToken cancel)
    {
        using var answer = await v.Issuer.Client.TryAsync("pledges", new JsonObject
        {
            ["kind"] = "invoice",
            ["number"] = set.Invoice(v.Number),
            ["voucher"] = v.Root,
            ["fen"] = v.Fen,
            ["grossFen"] = v.Fen,
        }, cancel);
        if (!answer.IsSuccessStatusCode) throw await Api.ProblemAsync(answer, cancel);
    }

    /// <summary>A bank grants each group a line; its head accepts it and splits it to the member that buys, which accepts too.</summary>
    private async Task GrantLinesAsync(CancellationToken cancel)
    {
        var bank = cast["bank-b"].Client;
        foreach (var (head, members) in new[] { ("carmaker", new[] { ("carmaker", 4), ("carparts", 1) }), ("truckmaker", [("truckmaker", 5)]) })
        {
            var granted = await bank.PostAsync("credit/lines", new JsonObject { ["group"] = head, ["limitFen"] = LineFen }, cancel, set.Once("line-" + head));
            var line = _lines[head] = granted["line"]!.GetValue<string>();
            await ChangeAsync(cast[head], line, new JsonObject { ["kind"] = "accept" }, "accept-line");
            foreach (var (member, part) in members)
            {
                await ChangeAsync(cast[head], line, new JsonObject { ["kind"] = "member", ["member"] = member, ["limitFen"] = LineFen / 5 * part }, "split-" + member);
                if (member != head) await ChangeAsync(cast[member], line, new JsonObject { ["kind"] = "accept" }, "accept-part");
            }
        }

        tell.Say($"{cast["bank-b"].English} granted {cast["carmaker"].English} a line of {Yuan(LineFen)}, split to the head and the member that buys");

        Task<JsonObject> ChangeAsync(Company by, string line, JsonObject change, string name) =>
            by.Administrator.PostAsync($"credit/lines/{line}/changes", change, cancel, set.Once($"{name}-{by.Id}"));
    }

    /// <summary>A transfer that waits for a checker who signs in.</summary>
    private async Task LeaveDraftAsync(CancellationToken cancel)
    {
        var v = Of(7);
        var draft = v.Holder.Command("transfer", "D-0007", ("parts", new JsonArray(new JsonObject
        {
            ["root"] = v.Root,
            ["to"] = "fabrics",
            ["fen"] = 5_000_000,
        })));
        await v.Holder.Client.DraftAsync(draft, cancel);
        var state = await v.Holder.Client.GetAsync("drafts/D-0007", cancel);
        if (state["approvals"]!.AsArray().Count == 0) await v.Holder.Client.ApproveDraftAsync("D-0007", v.Holder.Maker, cancel);
        tell.Say($"{NotAccepted} offers and one draft wait for people who sign in");
    }
}
