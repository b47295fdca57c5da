using EventStore;
using Receivables.Financing;
using ServiceDefaults.Auth;
using ServiceDefaults.Paper;
using ServiceDefaults.Problems;

namespace Receivables.Documents;

/// <summary>The agreement that follows from a chosen offer, with every figure shown before.</summary>
internal static class FinancingAgreement
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/financings/{id:guid}/agreement.pdf", HandleAsync)
        .RequireRoles(Role.Member, Role.Reader, Role.Admin)
        .WithName("GetFinancingAgreement")
        .WithSummary("The chosen offer as an agreement, for its two parties, as PDF/A-3 with proofs.");

    private static async Task<IResult> HandleAsync(
        Guid id, HttpContext http, Caller caller, Store store, DocumentMaker maker, CancellationToken cancellation,
        string? language = null, int wait = 10)
    {
        IReadOnlyList<StoredEvent> events =
            await store.FetchStreamAsync(FinancingEvents.Stream(id), cancellation);
        FinancingState state = events.Aggregate(FinancingState.Initial, FinancingEvents.Evolve);
        if (state is not { Application: { } asked, ChosenOffer: { } offer, Chosen: { } chosen }
            || (asked.Seller != caller.Tenant && offer.Financier != caller.Tenant))
            return Problem.Of(FinancingDecider.Missing, ("id", id));
        Wording words = DocumentMaker.Words(http, language);
        Dictionary<string, string> names = [];
        foreach (string party in chosen.Shown.Fees.Keys.Append(asked.Seller).Append(offer.Financier).Distinct())
            names[party] = await maker.NameAsync(party, words, cancellation);
        StoredEvent offered = events.First(e => e.Data is FinancingEvent.Offered o && o.Offer.Id == offer.Id);
        return await maker.AnswerAsync(
            http, words, Draft(words, id, state, p => names[p]) with
            {
                Proofs =
                [
                    new Proven("chosen", events.First(e => e.Data is FinancingEvent.Chosen)),
                    new Proven("offered", offered),
                ],
            }, wait, cancellation);
    }

    /// <summary>What it says, without its proofs.</summary>
    internal static Draft Draft(Wording w, Guid id, FinancingState state, Func<string, string> name)
    {
        FinancingEvent.Applied asked = state.Application!;
        Offer offer = state.ChosenOffer!;
        TrueCost cost = state.Chosen!.Shown;
        return new Draft(
            $"financing-{id}", w["应收账款融资协议", "Receivable financing agreement"], id.ToString(),
            w["融资申请人在看到下列全部费用后选定了这份报价。",
                "The applicant chose this offer after all of the costs below were shown to it."],
            [
                new SheetPart.Facts(w["双方与标的", "Parties and object"], Parties(w, asked, offer, name)),
                Cost(w, offer, cost, name),
                new SheetPart.Clauses(w["条款", "Terms"], Terms(w, offer)),
                new SheetPart.Facts(w["登记与放款", "Registration and payment"], Papers(w, state)),
            ], []);
    }

    private static SheetFact[] Parties(
        Wording w, FinancingEvent.Applied asked, Offer offer, Func<string, string> name) =>
    [
        new(w["融资申请人", "Applicant"], name(asked.Seller)),
        new(w["资金方", "Financier"], name(offer.Financier)),
        new(w["凭证编号", "Voucher"], asked.Root, Code: true),
        new(w["分位区间", "Fen"], Wording.Fen(asked.Start, asked.Start + asked.Fen)),
        new(w["融资金额", "Amount"], w.InFull(asked.Fen)),
        new(w["放款日", "Paid out on"], w.Day(offer.PaysOut)),
        new(w["凭证付款日", "Voucher paid on"], w.Day(asked.Due)),
    ];

    private static SheetPart.Facts Cost(Wording w, Offer offer, TrueCost cost, Func<string, string> name)
    {
        List<SheetFact> lines =
        [
            new(w["年利率", "Yearly rate"], Wording.Percent(offer.Price.RatePpm)
                + (offer.Price.Basis == DayCount.Act360 ? " ACT/360" : " ACT/365")),
            new(w["天数", "Days"], $"{cost.Days}"),
            new(w["利息", "Interest"], w.Money(cost.Interest)),
            new(w["其中申请人承担", "Of it the applicant's"], w.Money(cost.SellerInterest)),
            new(w["其中债务人承担", "Of it the debtor's"], w.Money(cost.DebtorInterest)),
        ];
        foreach ((string payee, long fen) in cost.Fees)
            lines.Add(new(w[$"费用，付给{name(payee)}", $"Fees to {name(payee)}"], w.Money(fen)));
        lines.Add(new(w["到手金额", "Proceeds"], w.InFull(cost.Proceeds)));
        lines.Add(new(w["单利年化成本", "Simple yearly cost"], Wording.Percent(cost.SimplePpm)));
        lines.Add(new(w["实际年化成本", "Effective yearly cost"], Wording.Percent(cost.EffectivePpm)));
        return new SheetPart.Facts(w["真实成本", "True cost"], lines);
    }

    private static string[] Terms(Wording w, Offer offer) =>
    [
        offer.Recourse
            ? w["有追索权：债务人到期不付的，资金方可以请求申请人返还本息或者回购，也可以请求债务人付款；向债务人主张的，"
                + "扣除融资本息和费用后有剩余的返还申请人（民法典第七百六十六条）。",
                "With recourse: if the debtor does not pay, the financier may turn to the applicant for repayment or "
                + "repurchase, or to the debtor; what the debtor pays above financing, interest and costs goes back to "
                + "the applicant (Civil Code art. 766)."]
            : w["无追索权：资金方只向债务人主张；超过融资本息和费用的部分无须返还（民法典第七百六十七条）。",
                "Without recourse: the financier turns to the debtor alone and need not give back what exceeds "
                + "financing, interest and costs (Civil Code art. 767)."],
        w["放款金额必须与上列到手金额一致；除上列费用外不得收取其他费用。",
            "What is paid out must equal the proceeds above; no other fee may be charged."],
        w["放款前资金方应在动产融资统一登记公示系统查询并登记（银发〔2025〕77号第十三条）。",
            "Before paying out the financier searches the register of movables and registers (Yinfa [2025] No. 77, "
            + "art. 13)."],
    ];

    private static SheetFact[] Papers(Wording w, FinancingState state) =>
    [
        new(w["查询报告", "Search report"], state.SearchedAt is { } searched ? w.Time(searched) : w["尚未导入", "not yet"]),
        new(w["登记证明", "Registration"], state.Receipt is { } receipt
            ? $"{receipt.Number} · {w.Time(receipt.RegisteredAt)}"
            : w["尚未导入", "not yet"]),
        new(w["放款", "Payment"], state.Disbursed ? w["已按银行回单放款", "made, by the bank's receipt"] : w["尚未放款", "not yet"]),
    ];
}
