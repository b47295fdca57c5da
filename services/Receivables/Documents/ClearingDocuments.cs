using EventStore;
using Receivables.Maturity;
using ServiceDefaults.Auth;
using ServiceDefaults.Paper;
using ServiceDefaults.Problems;

namespace Receivables.Documents;

/// <summary>The clearing list of a voucher, and a payee's claims pack.</summary>
internal static class ClearingDocuments
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/clearings/{root}/list.pdf", ListAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator, Role.Operator)
            .WithName("GetClearingList")
            .WithSummary("Whom to pay and what was paid, whole or the caller's own, as PDF/A-3 with proofs.");
        app.MapGet("/clearings/{root}/claims.pdf", ClaimsAsync).RequireRoles(Role.Member, Role.Admin)
            .WithName("GetClaimsDocument")
            .WithSummary("What a payee claims, with interest to today, as PDF/A-3 with its data and proofs.");
    }

    private static async Task<IResult> ListAsync(
        string root, HttpContext http, Caller caller, Store store, DocumentMaker maker, CancellationToken cancellation,
        string? language = null, int wait = 10)
    {
        (ClearingState state, IReadOnlyList<StoredEvent> events) =
            await GetClearing.ReadAsync(root, store, cancellation);
        bool all = caller.Is(Role.Regulator) || caller.Is(Role.Operator) || caller.Tenant == state.Debtor;
        List<ClearingLeafDetails> leaves = GetClearing.Leaves(state, all ? null : caller.Tenant);
        if (leaves.Count == 0)
            return Problem.Of(Clearing.Missing, ("root", root));
        Wording words = DocumentMaker.Words(http, language);
        Dictionary<string, string> names = [];
        foreach (string party in leaves.Select(l => l.Payee).Append(state.Debtor).Distinct())
            names[party] = await maker.NameAsync(party, words, cancellation);
        // The list names every payee: whoever sees its own line alone gets the digest.
        return await maker.AnswerAsync(http, words, List(words, state, events, leaves, all, p => names[p]) with
        {
            Proofs = [new Proven("clearing", events[0], Whole: all)],
        }, wait, cancellation);
    }

    private static async Task<IResult> ClaimsAsync(
        string root, HttpContext http, Caller caller, Store store, DocumentMaker maker, TimeProvider time,
        CancellationToken cancellation, string? language = null, int wait = 10)
    {
        if (await GetClearing.PackAsync(root, caller.Tenant, store, time, cancellation) is not
            { } found)
            return Problem.Of(Clearing.Missing, ("root", root));
        (ClaimsPack pack, IReadOnlyList<StoredEvent> family, IReadOnlyList<StoredEvent> events) = found;
        Wording words = DocumentMaker.Words(http, language);
        string debtor = await maker.NameAsync(pack.Debtor, words, cancellation);
        string claimant = await maker.NameAsync(caller.Tenant, words, cancellation);
        List<Proven> proofs = [new("clearing", events[0], Whole: false), new("issued", family[0])];
        if (family.FirstOrDefault(e => e.Data is Vouchers.VoucherEvent.Accepted) is { } accepted)
            proofs.Add(new("accepted", accepted));
        if (events.FirstOrDefault(e => e.Data is ClearingEvent.FellOverdue) is { } overdue)
            proofs.Add(new("overdue", overdue));
        return await maker.AnswerAsync(http, words, Claims(words, pack, debtor, claimant) with
        {
            Proofs = proofs,
            Files =
            [
                new PdfAttachment("claims.json", "application/json",
                    System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(pack, ClearingJson.Default.ClaimsPack)),
            ],
        }, wait, cancellation);
    }

    /// <summary>The clearing list, without its proofs.</summary>
    internal static Draft List(
        Wording w, ClearingState state, IReadOnlyList<StoredEvent> events, List<ClearingLeafDetails> leaves, bool all,
        Func<string, string> name)
    {
        Owed charged = leaves.Aggregate(default(Owed), (sum, l) => sum + l.Charged);
        Owed paid = leaves.Aggregate(default(Owed), (sum, l) => sum + l.Paid);
        Owed due = charged - paid;
        List<SheetPart> parts =
        [
            new SheetPart.Facts(w["清算", "Clearing"],
            [
                new(w["凭证编号", "Voucher"], state.Root, Code: true),
                new(w["付款债务人", "Debtor"], name(state.Debtor)),
                new(w["付款日", "Day of payment"], w.Day(state.PayDay)),
                new(w["应付合计", "Due in all"], w.InFull(charged.Total)),
                new(w["已付合计", "Paid in all"], w.Money(paid.Total)),
                new(w["尚欠合计", "Still due"], w.Money(due.Total)),
                new(w["状态", "State"], state.Overdue && due.Principal > 0 ? w["逾期", "overdue"]
                    : due.Total == 0 ? w["已付清", "paid in full"] : w["待付", "open"]),
                new(w["收款人清单根", "Root of the payee list"],
                    ((ClearingEvent.Opened)events[0].Data).PayeesRoot, Code: true),
            ]),
            new SheetPart.Table(
                all ? w["全部收款人", "All payees"] : w["本方份额", "Own parts"],
                [w["分位区间", "Fen"], w["收款人", "Payee"], w["本金", "Principal"], w["利息", "Interest"],
                    w["费用", "Costs"], w["已付", "Paid"], w["尚欠", "Still due"]],
                [.. leaves.Select(l => Row(w, l, name)), Sum(w, charged, paid, due)], 2),
        ];
        if (all)
            parts.Add(Receipts(w, state, events));
        return new Draft(
            $"clearing-{state.Root}", w["兑付清算单", "Clearing list"], state.Root,
            w["款项由债务人账户直接付至收款人账户，平台不经手资金。",
                "Money goes from the debtor's account straight to the payees'; the platform never holds any."],
            parts, []);
    }

    /// <summary>The claims pack, without its proofs.</summary>
    internal static Draft Claims(Wording w, ClaimsPack pack, string debtor, string claimant)
    {
        Owed due = pack.Leaves.Aggregate(default(Owed), (sum, l) => sum + l.Due);
        Owed charged = pack.Leaves.Aggregate(default(Owed), (sum, l) => sum + l.Charged);
        Owed paid = charged - due;
        return new Draft(
            $"claims-{pack.Root}", w["逾期债权主张书", "Claim for payment"], pack.Root,
            w[$"{claimant}请求{debtor}支付下列款项。", $"{claimant} claims the amounts below from {debtor}."],
            [
                new SheetPart.Facts(w["主张", "Claim"],
                [
                    new(w["债务人", "Debtor"], debtor),
                    new(w["主张人", "Claimant"], claimant),
                    new(w["本金", "Principal"], w.InFull(due.Principal)),
                    new(w["逾期利息", "Interest on lateness"], w.InFull(due.Interest)),
                    new(w["实现债权的费用", "Costs of enforcement"], w.InFull(due.Costs)),
                    new(w["合计", "In all"], w.InFull(due.Total)),
                    new(w["利息计至", "Interest to"], w.Day(pack.Through)),
                    new(w["利率依据", "Basis of the rate"], Basis(w, pack)),
                ]),
                new SheetPart.Table(w["份额", "Parts"],
                    [w["分位区间", "Fen"], w["收款人", "Payee"], w["本金", "Principal"], w["利息", "Interest"],
                        w["费用", "Costs"], w["已付", "Paid"], w["尚欠", "Still due"]],
                    [.. pack.Leaves.Select(l => Row(w, l, _ => claimant)), Sum(w, charged, paid, due)], 2),
                new SheetPart.Clauses(w["说明", "Notes"],
                [
                    w["付款先抵费用，再抵利息，最后抵本金（民法典第五百六十一条）。",
                        "Payments go to costs, then interest, then principal (Civil Code art. 561)."],
                    w["此后每日利息另计至清偿为止。", "Interest goes on by the day until all is paid."],
                    w["依据的全部事件列于所附claims.json，每个事件都有自己的证明。",
                        "All events it rests on are in the attached claims.json; each has a proof of its own."],
                ]),
            ], []);
    }

    private static string[] Row(Wording w, ClearingLeafDetails l, Func<string, string> name) =>
    [
        Wording.Fen(l.Start, l.End), name(l.Payee), w.Money(l.Charged.Principal), w.Money(l.Charged.Interest),
        w.Money(l.Charged.Costs), w.Money(l.Paid.Total), w.Money(l.Due.Total),
    ];

    private static string[] Sum(Wording w, Owed charged, Owed paid, Owed due) =>
    [
        w["合计", "Sum"], "", w.Money(charged.Principal), w.Money(charged.Interest), w.Money(charged.Costs),
        w.Money(paid.Total), w.Money(due.Total),
    ];

    private static SheetPart.Table Receipts(Wording w, ClearingState state, IReadOnlyList<StoredEvent> events) => new(
        w[$"银行回单与挂账（已收{w.Money(state.ReceivedFen)}）", $"Receipts and suspense ({w.Money(state.ReceivedFen)} received)"],
        [w["编号", "Number"], w["性质", "Kind"], w["日期", "Day"], w["金额", "Amount"]],
        [
            .. events.Select(e => e.Data).OfType<ClearingEvent.ReceiptAllocated>().Select(r => (IReadOnlyList<string>)
                [r.Receipt, w["回单", "receipt"], $"{r.ValueDate:yyyy-MM-dd}", w.Money(r.Fen)]),
            .. state.Suspense.Select(s => (IReadOnlyList<string>)
                [s.Key, w["挂账余额", "in suspense"], "", w.Money(s.Value.Fen)]),
        ], 3);

    private static string Basis(Wording w, ClaimsPack pack) => pack.Interest switch
    {
        LateBasis.Statutory => w[$"法定每日万分之五（{pack.Article}）", $"0.05 % a day by law ({pack.Article})"],
        LateBasis.Agreed => w["合同约定利率", "the agreed rate"],
        LateBasis.Unsettled => w["约定利率待核定，本单未计利息", "the agreed rate is not settled: no interest here"],
        _ => w["没有约定，条例也不适用，由法院确定", "nothing agreed and not covered by the Regulations: a court decides"],
    };
}
