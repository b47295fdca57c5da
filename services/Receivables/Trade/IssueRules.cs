using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EventStore;
using Receivables.Credit;
using Receivables.Ledger;
using Receivables.Maturity;
using Receivables.Parties;
using Receivables.Rules;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;

namespace Receivables.Trade;

/// <summary>Rules that allowed an issue for grounds, with the digests that they rest on.</summary>
/// <param name="AsOf">Day of the judgement.</param>
/// <param name="Rules">What was allowed.</param>
public sealed record IssueGrounds(DateOnly AsOf, IReadOnlyList<JudgedRule> Rules);

/// <summary>One rule of an <see cref="IssueGrounds"/>.</summary>
/// <param name="Rule">Its id.</param>
/// <param name="Article">Its article.</param>
/// <param name="Recorded">What it rests on: <c>name:sha256</c>.</param>
public sealed record JudgedRule(string Rule, string Article, IReadOnlyList<string> Recorded);

/// <summary>
/// Holds an issue against the dated rules: what the parties are comes from the register, everything else from the
/// deposited documents that the issue names. What was not deposited counts as not given.
/// </summary>
internal sealed class IssueRules(Store store, TradeFiles files, PartyDirectory parties, CreditLines lines) : ILedgerCompanion
{
    /// <summary>A rule stands against the issue; its article is told.</summary>
    public const string Ruled = "issue-rule";

    /// <summary>What counts though an issue leaves it out.</summary>
    private static readonly TradeKind[] Telling =
        [TradeKind.PayWhenPaidClause, TradeKind.ForcedComplaint, TradeKind.OlderArrangement];

    private const string Recorded = "receivables.issue-grounds.v1";

    /// <summary>Its event.</summary>
    public static EventModel Add(EventModel model) => TermConsents.Add(model).Event(Recorded, IssueRulesJson.Default.IssueGrounds);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AppendedWith>> FollowAsync(
        IReadOnlyList<FamilyChange> changes, HeldTurns turns, CancellationToken cancellation)
    {
        List<AppendedWith> record = [];
        foreach (FamilyChange change in changes)
        {
            // What was issued on another platform was judged there, with its documents; here it only goes on.
            if (change.Events.Any(e => e is VoucherEvent.TakenOver))
                continue;
            foreach (VoucherEvent.Issued issued in change.Events.OfType<VoucherEvent.Issued>())
            {
                Facts.Issue facts = await FactsAsync(issued, change.Context.Now, cancellation);
                Judgement judgement = RuleBook.Judge(facts, RuleBook.Day(change.Context.Now));
                if (!judgement.Allowed)
                    throw new ProblemException(Refused(judgement));
                JudgedRule[] grounds = [.. judgement.Findings.Where(f => f.Outcome == RuleOutcome.AllowWithGrounds)
                    .Select(f => new JudgedRule(f.Rule.Id, f.Article, f.Recorded))];
                if (grounds.Length > 0)
                {
                    record.Add(new AppendedWith($"issue-grounds/{issued.Root}", 0,
                        change.Context.Stamp(Recorded, new IssueGrounds(judgement.AsOf, grounds))));
                }
            }
        }
        return record;
    }

    /// <summary>What the rules would say of an issue today, before anybody signs it.</summary>
    public async Task<Judgement> JudgeAsync(
        VoucherCommand.Issue command, DateTimeOffset now, CancellationToken cancellation)
    {
        VoucherEvent.Issued issued = new(
            command.CommandId, command.Root, command.Party, command.Debtor, command.Holder, command.FaceFen,
            command.IssueDate, command.DueDate, command.Trade, command.Terms, now);
        return RuleBook.Judge(await FactsAsync(issued, now, cancellation), RuleBook.Day(now));
    }

    /// <summary>The facts as documents tell them; pure.</summary>
    internal static Facts.Issue Read(
        VoucherEvent.Issued issued, (PartyClass Debtor, PartyClass Creditor) parties, Standing standing,
        IReadOnlyList<TradeFile> documents, Rules.Consent? consent, DateTimeOffset now)
    {
        // What binds the creditor counts where the creditor deposited it: a debtor can't write its own clause.
        string creditor = issued.Holder;
        TradeFile? term = Of(TradeKind.TermClause, creditor);
        TradeFile? grounds = Of(TradeKind.Grounds, issued.Issuer) ?? Of(TradeKind.Grounds, issued.Debtor);
        DateOnly[] deliveries =
            [.. documents.Where(d => d.Body.Kind == TradeKind.Delivery && d.Owner == creditor)
                .Select(d => d.Body.IssuedOn).Order()];
        Dictionary<string, Grounds> examined = [];
        foreach (Rule rule in grounds is null ? [] : RuleBook.All.Where(r => r.Step == "issue"))
            examined[rule.Id] = new Grounds(grounds!.Body.Number, grounds.Owner, grounds.Sha256);
        return new Facts.Issue(parties.Debtor, parties.Creditor, now, issued.DueDate, standing)
        {
            // Of several deliveries the first: no part of the price waits longer than allowed.
            RunsFrom = deliveries.Length > 0 ? deliveries[0] : null,
            AgreedDue = term?.Body.PayBy,
            TermClauseSha256 = term?.Sha256,
            CustomSha256 = Of(TradeKind.Custom, creditor)?.Sha256,
            VoucherClauseSha256 = Of(TradeKind.VoucherClause, creditor)?.Sha256,
            Consent = consent,
            Grounds = examined,
            Forced = Of(TradeKind.ForcedComplaint, creditor) is not null,
            PayWhenPaid = Of(TradeKind.PayWhenPaidClause) is not null,
            OlderArrangement = Of(TradeKind.OlderArrangement, creditor) is { } older
                && older.Body.IssuedOn < RuleBook.Get("77-11-at-most").From,
        };

        TradeFile? Of(TradeKind kind, string? owner = null) =>
            documents.FirstOrDefault(d => d.Body.Kind == kind && (owner is null || d.Owner == owner));
    }

    private static Problem Refused(Judgement judgement)
    {
        Finding first = judgement.Refusals.First();
        JsonArray rules = [.. judgement.Refusals.Select(f => new JsonObject
        {
            ["rule"] = f.Rule.Id,
            ["law"] = f.Rule.Law,
            ["article"] = f.Article,
            ["needs"] = new JsonArray([.. f.Needs.Select(n => JsonValue.Create(n))]),
        })];
        return Problem.Of(Ruled, ("law", first.Rule.Law), ("article", first.Article), ("zh", first.Words.Zh),
            ("en", first.Words.En)).With("rules", rules);
    }

    private async Task<Facts.Issue> FactsAsync(
        VoucherEvent.Issued issued, DateTimeOffset now, CancellationToken cancellation)
    {
        PartyState debtor = await parties.FindAsync(issued.Debtor, cancellation);
        PartyState creditor = await parties.FindAsync(issued.Holder, cancellation);
        Standing standing = (await lines.StandingAsync(issued.Debtor, cancellation)).Now;
        TermConsents consents = await store.AggregateStreamAsync<TermConsents>(
            TermConsents.Stream(issued.Holder, issued.Debtor), cancellation);
        List<TradeFile> telling = await files.BetweenAsync(
            Telling, issued.Holder, [issued.Issuer, issued.Debtor], cancellation);
        List<TradeFile> documents = await files.OfDigestsAsync(issued.Trade.Select(t => t.Sha256), cancellation);
        return Read(issued, (ClearingWorker.ClassOf(debtor), ClearingWorker.ClassOf(creditor)), standing,
            [.. telling, .. documents.FindAll(d => d.Body.Seller == issued.Holder
                && (d.Body.Buyer == issued.Issuer || d.Body.Buyer == issued.Debtor))], consents.For(issued.FaceFen, issued.DueDate),
            now);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IssueGrounds))]
internal sealed partial class IssueRulesJson : JsonSerializerContext;
