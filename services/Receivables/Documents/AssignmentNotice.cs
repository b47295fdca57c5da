using EventStore;
using Receivables.Ledger;
using Receivables.Vouchers;
using ServiceDefaults.Auth;
using ServiceDefaults.Paper;
using ServiceDefaults.Problems;

namespace Receivables.Documents;

/// <summary>The notice to the debtor that a part of its debt has a new creditor (Civil Code arts. 545, 546).</summary>
internal static class AssignmentNotice
{
    /// <summary>No such assignment, or not of the caller.</summary>
    public const string Missing = "assignment-not-found";

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/vouchers/{root}/assignments/{offer}/notice.pdf", HandleAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetAssignmentNotice")
            .WithSummary("Notice to the debtor of a transfer or sale, as PDF/A-3 with its proof.");

    private static async Task<IResult> HandleAsync(
        string root, string offer, HttpContext http, Caller caller, VoucherLookup lookup, Store store,
        DocumentMaker maker, CancellationToken cancellation, string? to = null, string? language = null, int wait = 10)
    {
        await lookup.RequireAsync(caller, root, cancellation);
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(root, cancellation);
        VoucherEvent.Issued issued = (VoucherEvent.Issued)events[0].Data;
        bool all = caller.Is(Role.Regulator) || caller.Tenant == issued.Debtor;
        (StoredEvent Event, Assigned Assigned)? found = null;
        foreach (StoredEvent e in events)
        {
            if (Read(e) is { } assigned && assigned.Offer == offer && (to is null || assigned.To == to)
                && (all || assigned.From == caller.Tenant || assigned.To == caller.Tenant))
            {
                found = (e, assigned);
                break;
            }
        }
        if (found is not { } notice)
            return Problem.Of(Missing, ("root", root), ("offer", offer));
        Wording words = DocumentMaker.Words(http, language);
        string[] parties = [notice.Assigned.From, notice.Assigned.To, issued.Debtor];
        Dictionary<string, string> names = [];
        foreach (string party in parties.Distinct())
            names[party] = await maker.NameAsync(party, words, cancellation);
        return await maker.AnswerAsync(
            http, words, Draft(words, issued, notice.Event, notice.Assigned, p => names[p]), wait, cancellation);
    }

    /// <summary>What it says.</summary>
    internal static Draft Draft(
        Wording w, VoucherEvent.Issued issued, StoredEvent e, Assigned assigned, Func<string, string> name)
    {
        long fen = assigned.Intervals.Sum(i => i.Fen);
        SheetFact[] facts =
        [
            new(w["债务人", "To the debtor"], name(issued.Debtor)),
            new(w["出让人", "Assignor"], name(assigned.From)),
            new(w["受让人", "Assignee"], name(assigned.To)),
            new(w["凭证编号", "Voucher"], issued.Root, Code: true),
            new(w["转让金额", "Amount assigned"], w.InFull(fen)),
            new(w["转让性质", "Kind"], assigned.Recourse switch
            {
                true => w["转让融资，有追索权（民法典第七百六十六条）", "sale for financing, with recourse (Civil Code art. 766)"],
                false => w["转让融资，无追索权（民法典第七百六十七条）", "sale for financing, without recourse (Civil Code art. 767)"],
                null => w["债权转让", "assignment"],
            }),
            new(w["转让时间", "Assigned at"], w.Time(e.OccurredAt)),
            new(w["到期日", "Due on"], w.Day(issued.DueDate)),
            new(w["转让编号", "Assignment"], assigned.Offer, Code: true),
        ];
        return new Draft(
            $"notice-{issued.Root}", w["应收账款转让通知书", "Notice of assignment"], issued.Root,
            w[$"{name(assigned.From)}已将下列债权转让给{name(assigned.To)}，特此通知债务人。",
                $"{name(assigned.From)} has assigned the claim below to {name(assigned.To)}. The debtor is told so."],
            [
                new SheetPart.Facts(w["转让", "Assignment"], facts),
                new SheetPart.Table(
                    w["转让的分位区间", "Fen assigned"], [w["区间", "Fen"], w["金额", "Amount"]],
                    [.. assigned.Intervals.Select(i =>
                        (IReadOnlyList<string>)[Wording.Fen(i.Start, i.End), w.Money(i.Fen)])], 1),
                new SheetPart.Clauses(w["请债务人注意", "What the debtor should note"],
                [
                    w["债权转让自通知到达债务人时对债务人发生效力（民法典第五百四十六条）。",
                        "The assignment takes effect against the debtor when this notice reaches it (art. 546)."],
                    w["到期应向截止日登记的收款人付款；付给出让人不能免除对受让人的债务。",
                        "At maturity, pay the payees recorded at the cut-off; paying the assignor doesn't discharge "
                        + "the debt to the assignee."],
                    w["债务人对出让人的抗辩，可以向受让人主张（民法典第五百四十八条）。",
                        "Defences against the assignor may be raised against the assignee (art. 548)."],
                ]),
            ],
            [new Proven("assignment", e)]);
    }

    /// <summary>The assignment that an event tells of; none in others.</summary>
    internal static Assigned? Read(StoredEvent e) => e.Data switch
    {
        VoucherEvent.Transferred x => new Assigned(x.Offer, x.From, x.To, x.Intervals, null),
        VoucherEvent.Sold x => new Assigned(x.Sale, x.Seller, x.Buyer, x.Intervals, x.WithRecourse),
        _ => null,
    };

    /// <summary>A change of creditor.</summary>
    /// <param name="Offer">The command that offered it.</param>
    /// <param name="From">Who had the claim.</param>
    /// <param name="To">Who has it.</param>
    /// <param name="Intervals">What of it.</param>
    /// <param name="Recourse">Of a sale; null of a transfer.</param>
    internal sealed record Assigned(
        string Offer, string From, string To, IReadOnlyList<Interval> Intervals, bool? Recourse);
}
