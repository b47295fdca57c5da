using System.Net;
using System.Text.Json.Nodes;
using Narration = Cli.Demos.Trace.Narration;

namespace Cli.Demos.Receivables;

/// <summary>
/// Three vouchers come to their day, which is rehearsed: one is paid in full, one in part, one not at all, and the bank
/// that bought it with recourse turns to the seller.
/// </summary>
public sealed class Maturing(StorySet set, Cast cast, Issuing issuing, Splitting splitting, Funding funding, Api operations, Narration tell)
{
    private const int Paid = Splitting.First;
    private const int PaidInPart = Issuing.Count - Issuing.OfTrucks + 1;
    private const int Defaulted = PaidInPart + 1;
    private const int AfterDefault = 990;
    private const string Bank = "102100099996";

    public async Task RunAsync(CancellationToken cancel)
    {
        tell.Chapter("6  The day of payment (rehearsed)");
        await AccountsAsync(cancel);
        await PaidInFullAsync(cancel);
        await PaidInPartAsync(cancel);
        await DefaultAsync(cancel);
    }

    private async Task PaidInFullAsync(CancellationToken cancel)
    {
        var v = issuing.Of(Paid);
        await RehearseAsync(v, 0, "presented", cancel);
        var leaves = (await InstructAsync(v, cancel)).Count;
        await ReceiveAsync(v, "R-0001", v.Fen, 0, cancel);
        var payees = splitting.Way(Paid).Select(c => c.Id).Distinct().Count();
        Narration.Expect(leaves == Splitting.Levels + 1, $"{Splitting.Levels + 1} instructions", leaves);
        await ExpectStageAsync(v, "paid", cancel);
        tell.Say($"{Issuing.Yuan(v.Fen)} paid in full to {payees} payees by {leaves} instructions, each from the debtor's own account to the payee's own");
    }

    private async Task PaidInPartAsync(CancellationToken cancel)
    {
        var v = issuing.Of(PaidInPart);
        var third = v.Fen / 3;
        string[] to = ["fabrics", "springs"];
        await v.Holder.DoAsync(v.Holder.Command("transfer", "T-0197", ("parts", new JsonArray([.. to.Select(t =>
            (JsonNode)new JsonObject { ["root"] = v.Root, ["to"] = t, ["fen"] = third })]))), cancel);
        foreach (var t in to) await cast[t].AcceptAsync("T-0197", cancel, v.Root);
        await RehearseAsync(v, 0, "presented", cancel);
        await InstructAsync(v, cancel);
        var came = v.Fen / 10 * 7;
        await ReceiveAsync(v, "R-0002", came, 0, cancel);
        await RehearseAsync(v, 3, "overdue", cancel);
        var state = await operations.GetAsync($"/api/receivables/clearings/{v.Root}", cancel);
        var shares = state["leaves"]!.AsArray().Select(l => l!["paid"]!["principal"]!.GetValue<long>()).ToList();
        Narration.Expect(shares.Sum() == came, $"{came} fen allocated exactly", string.Join(" + ", shares));
        tell.Say($"part payment: {Issuing.Yuan(came)} of {Issuing.Yuan(v.Fen)} went to {shares.Count} holders by the largest remainder ({string.Join(", ", shares.Select(Issuing.Yuan))}); {Issuing.Yuan(v.Fen - came)} is overdue");
    }

    private async Task DefaultAsync(CancellationToken cancel)
    {
        var v = issuing.Of(Defaulted);
        var bank = cast["bank-a"];
        await funding.SellToAsync(v, bank, "X-0198", cancel);
        await RehearseAsync(v, 3, "overdue", cancel);
        await bank.DoAsync(bank.Command("claim-recourse", "RC-0198", ("root", v.Root), ("sale", "X-0198")), cancel);
        await v.Holder.DoAsync(v.Holder.Command("repurchase", "RP-0198", ("root", v.Root), ("sale", "X-0198")), cancel);
        var held = (await v.Holder.Client.GetAsync($"vouchers/{v.Root}", cancel))["held"]!["fen"]!.GetValue<long>();
        Narration.Expect(held == v.Fen, "the seller to hold it again", held);
        tell.Say($"default: {v.Issuer.English} paid nothing of {Issuing.Yuan(v.Fen)}; {bank.English} claimed, {v.Holder.English} repurchased and holds the claim again");

        var next = issuing.Of(Defaulted + 1) with { Number = AfterDefault, Root = set.Root(AfterDefault) };
        await issuing.DepositAsync(next.Holder, next.Issuer, set.Invoice(AfterDefault), next.Fen, cancel);
        var words = await Narration.RefusedAsync(
            await next.Issuer.TryAsync(issuing.Command(next, set.Invoice(AfterDefault)), cancel, next.Issuer.Maker, next.Issuer.Checker),
            HttpStatusCode.UnprocessableEntity, "credit-debtor-stopped", cancel);
        tell.Say($"and issues nothing new: {words}");
    }

    /// <summary>Each payee sets its own account by a signed command, and its bank's confirmation is recorded.</summary>
    private async Task AccountsAsync(CancellationToken cancel)
    {
        var number = 0;
        foreach (var company in cast.Companies)
        {
            var account = $"6222{set.Number}{++number:D4}";
            await company.DoAsync(company.Command("set-account", "AC-0001", ("bank", Bank), ("number", account)), cancel);
            await operations.PostAsync("/api/receivables/accounts/confirmations", new JsonObject
            {
                ["party"] = company.Id,
                ["bank"] = Bank,
                ["number"] = account,
                ["sha256"] = Issuing.Digest($"account of {company.Id}"),
            }, cancel, set.Once("account-" + company.Id));
        }
    }

    /// <summary>Plays the evening so many days after the due day.</summary>
    private async Task RehearseAsync(Voucher v, int later, string stage, CancellationToken cancel)
    {
        // Rest days move the day of payment (Civil Code art. 203): the eve of a later day is past it for certain.
        const int RestDaysMax = 10;
        var day = set.Day(v.DueIn + (later == 0 ? 0 : later + RestDaysMax));
        var answer = await operations.PostAsync($"/api/receivables/rehearsals/{v.Root}", new JsonObject { ["day"] = day }, cancel);
        // What an earlier load brought further stays there.
        var now = answer["stage"]!.GetValue<string>().ToLowerInvariant();
        Narration.Expect(now == stage || now is "overdue" or "paid", $"the voucher {stage}", now);
    }

    private async Task<JsonArray> InstructAsync(Voucher v, CancellationToken cancel) => (await operations.PostAsync(
        $"/api/receivables/clearings/{v.Root}/instructions", new JsonObject(), cancel, set.Once($"instruct-{v.Number}")))["instructions"]!.AsArray();

    private Task<JsonObject> ReceiveAsync(Voucher v, string receipt, long fen, int later, CancellationToken cancel) => operations.PostAsync(
        $"/api/receivables/clearings/{v.Root}/receipts", new JsonObject
        {
            ["bank"] = Bank,
            ["receipt"] = $"{set.Number}-{receipt}",
            ["fen"] = fen,
            ["valueDate"] = set.Day(v.DueIn + later),
            ["sha256"] = Issuing.Digest($"receipt {receipt}"),
        }, cancel, set.Once($"receipt-{receipt}"));

    private static async Task ExpectStageAsync(Voucher v, string stage, CancellationToken cancel)
    {
        var found = (await v.Holder.Client.GetAsync($"vouchers/{v.Root}", cancel))["stage"]!.ToString();
        Narration.Expect(string.Equals(found, stage, StringComparison.OrdinalIgnoreCase), stage, found);
    }
}
