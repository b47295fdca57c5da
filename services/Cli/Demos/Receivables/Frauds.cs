using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Cli.Vouchers;
using Narration = Cli.Demos.Trace.Narration;

namespace Cli.Demos.Receivables;

/// <summary>One attempt of each kind of fraud; each must be refused with its own code, and nothing may have changed.</summary>
public sealed class Frauds(StorySet set, Cast cast, Issuing issuing, Narration tell, TimeProvider time)
{
    // A voucher of its own for every attempt to issue.
    private const int FirstAttempt = 900;
    private const int Target = 100;

    private int _refused;

    public async Task RunAsync(CancellationToken cancel)
    {
        tell.Chapter("5  Fraud attempts");
        var before = await BalancesAsync(cancel);
        await DoubleFinancingAsync(cancel);
        await OverLimitsAsync(cancel);
        await SignaturesAsync(cancel);
        await TimeAndReplayAsync(cancel);
        await WrongHolderAsync(cancel);
        var after = await BalancesAsync(cancel);
        Narration.Expect(before == after, "balances as before the attempts", after);
        tell.Say($"{_refused} attempts refused, not a fen moved");
    }

    private async Task DoubleFinancingAsync(CancellationToken cancel)
    {
        var v = issuing.Of(Target);
        var number = set.Invoice(Target);
        var wide = string.Concat(number.Select((c, i) => (char)(c - '0' + '０') + (i % 4 == 3 ? " " : "")));
        await RefuseAsync("the same invoice deposited again, in full-width digits and with spaces", HttpStatusCode.Conflict, "trade-document-exists",
            () => v.Holder.Client.TryAsync("trade/documents", new JsonObject
            {
                ["kind"] = "invoice",
                ["sha256"] = Issuing.Digest("another file"),
                ["number"] = wide,
                ["seller"] = v.Holder.Id,
                ["buyer"] = v.Issuer.Id,
                ["grossFen"] = v.Fen,
                ["netFen"] = v.Fen,
                ["issuedOn"] = set.Day(-20),
            }, cancel), cancel);
        await RefuseIssueAsync("a second voucher on an invoice that is used up", Attempt(1, v) with { Fen = 100 }, number, "invoice-exhausted", cancel);
    }

    private async Task OverLimitsAsync(CancellationToken cancel)
    {
        var v = issuing.Of(Target);
        await issuing.DepositAsync(v.Holder, v.Issuer, set.Invoice(FirstAttempt), 1_000_000, cancel);
        await RefuseIssueAsync("a voucher above its invoice", Attempt(2, v) with { Fen = 1_000_001 }, set.Invoice(FirstAttempt), "invoice-exhausted", cancel);
        var issuer = cast["carparts"];
        const long Above = 90_000_000_000;
        await issuing.DepositAsync(v.Holder, issuer, set.Invoice(FirstAttempt + 1), Above, cancel);
        await RefuseIssueAsync("a voucher above the credit line", Attempt(3, v) with { Issuer = issuer, Fen = Above },
            set.Invoice(FirstAttempt + 1), "credit-not-free", cancel, issuer.Maker, issuer.Checker, issuer.Second);
    }

    private async Task SignaturesAsync(CancellationToken cancel)
    {
        var holder = issuing.Of(Target).Holder;
        var shown = Transfer(holder, "F-0001", 100_000);
        List<JsonObject> approvals = [await holder.Client.ApproveAsync(shown, holder.Maker, cancel), await holder.Client.ApproveAsync(shown, holder.Checker, cancel)];
        await RefuseAsync("an amount altered after it was signed", HttpStatusCode.UnprocessableEntity, "page-differs",
            () => holder.Client.TryAsync("commands", VoucherClient.Request(Transfer(holder, "F-0001", 900_000), approvals), cancel), cancel);
        using var forger = SigningKey.Create();
        var forged = (JsonObject)approvals[0].DeepClone();
        forged["signature"] = forger.Sign("what the maker never saw"u8);
        await RefuseAsync("a signature forged with another key", HttpStatusCode.UnprocessableEntity, "signature-invalid",
            () => holder.Client.TryAsync("commands", VoucherClient.Request(shown, forged, approvals[1]), cancel), cancel);
        using var both = SigningKey.Create();
        await InventedPeopleAsync(holder, cancel);
        var (person, session) = await cast.HireAsync(set, holder.Id, "both", time, cancel);
        await session.BindAsync(
            $"K-both-{both.Id[..8]}", both, person, 100_000_000, ["maker", "checker"], (holder.Keys["admin"], holder.Administrator), cancel);
        session.Dispose();
        await RefuseAsync("one person as maker and checker", HttpStatusCode.UnprocessableEntity, "maker-is-checker",
            () => holder.TryAsync(shown, cancel, new Hand(both, "maker"), new Hand(both, "checker")), cancel);
    }

    /// <summary>One administrator would be maker and checker alone, with two keys under two names.</summary>
    private async Task InventedPeopleAsync(Company holder, CancellationToken cancel)
    {
        using var invented = SigningKey.Create();
        var command = holder.Command(
            "bind-key", $"K-no-{invented.Id[..8]}", ("keyId", invented.Id), ("x", invented.X), ("y", invented.Y), ("person", "client-nobody"),
            ("roles", new JsonArray("maker")), ("limitFen", 100_000_000), ("validFrom", "2026-01-01"), ("validUntil", "2036-12-31"));
        await RefuseAsync("a key bound by one administrator in another person's name", HttpStatusCode.UnprocessableEntity, "approval-of-another-person",
            () => holder.Administrator.TryAsync(command, cancel, new Hand(invented, "holder"), new Hand(holder.Keys["admin"], "admin")), cancel);
    }

    private async Task TimeAndReplayAsync(CancellationToken cancel)
    {
        var holder = issuing.Of(Target).Holder;
        var dated = Transfer(holder, "F-0002", 100_000);
        var hourAgo = time.GetUtcNow().AddHours(-1).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        List<JsonObject> late =
        [
            await holder.Client.ApproveAsync(dated, holder.Maker, cancel, hourAgo),
            await holder.Client.ApproveAsync(dated, holder.Checker, cancel, hourAgo),
        ];
        await RefuseAsync("approvals dated back by an hour", HttpStatusCode.UnprocessableEntity, "approval-time-off",
            () => holder.Client.TryAsync("commands", VoucherClient.Request(dated, late), cancel), cancel);

        // A command that is carried out, offered to nobody for good; its approvals are then sent with another.
        var done = Transfer(holder, "F-0003", 100_000);
        List<JsonObject> given = [await holder.Client.ApproveAsync(done, holder.Maker, cancel), await holder.Client.ApproveAsync(done, holder.Checker, cancel)];
        using (var first = await holder.Client.TryAsync("commands", VoucherClient.Request(done, given), cancel))
        {
            if (!first.IsSuccessStatusCode) throw await Api.ProblemAsync(first, cancel);
        }

        await RefuseAsync("approvals of one command sent with another", HttpStatusCode.Conflict, "approval-head-stale",
            () => holder.Client.TryAsync("commands", VoucherClient.Request(Transfer(holder, "F-0004", 100_000), given), cancel), cancel);
        await holder.DoAsync(holder.Command("withdraw", "F-0005", ("offer", "F-0003"), ("in", new JsonArray(issuing.Of(Target).Root))), cancel);
    }

    private async Task WrongHolderAsync(CancellationToken cancel)
    {
        var v = issuing.Of(Target);
        await RefuseAsync("the issuer passing on what it promised to others", HttpStatusCode.UnprocessableEntity, "not-holder",
            () => v.Issuer.TryAsync(Transfer(v.Issuer, "F-0006", 100), cancel, v.Issuer.Maker, v.Issuer.Checker), cancel);
        await RefuseAsync("a stranger passing on a voucher", HttpStatusCode.NotFound, "voucher-not-found",
            () => cast["dyes"].TryAsync(Transfer(cast["dyes"], "F-0007", 100), cancel, cast["dyes"].Maker, cast["dyes"].Checker), cancel);
    }

    private JsonObject Transfer(Company from, string id, long fen) => from.Command("transfer", id, ("parts", new JsonArray(new JsonObject
    {
        ["root"] = issuing.Of(Target).Root,
        ["to"] = "yarn",
        ["fen"] = fen,
    })));

    private Voucher Attempt(int number, Voucher like) => like with { Number = FirstAttempt + number, Root = set.Root(FirstAttempt + number) };

    private Task RefuseIssueAsync(
        string what, Voucher v, string invoice, string code, CancellationToken cancel, params IReadOnlyList<Hand> hands) => RefuseAsync(
        what, HttpStatusCode.UnprocessableEntity, code,
        () => v.Issuer.TryAsync(issuing.Command(v, invoice), cancel, hands.Count > 0 ? hands : [v.Issuer.Maker, v.Issuer.Checker]), cancel);

    private async Task RefuseAsync(
        string what, HttpStatusCode status, string code, Func<Task<HttpResponseMessage>> attempt, CancellationToken cancel)
    {
        await Narration.RefusedAsync(await attempt(), status, code, cancel);
        _refused++;
        tell.Say($"refused ({code}): {what}");
    }

    /// <summary>What the two that the attempts were about hold, now.</summary>
    private async Task<string> BalancesAsync(CancellationToken cancel) =>
        (await issuing.Of(Target).Holder.Client.GetAsync("balances", cancel)).ToJsonString()
        + (await cast["yarn"].Client.GetAsync("balances", cancel)).ToJsonString();
}
