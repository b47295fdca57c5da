using EventStore;
using Receivables.Ledger;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Auth;
using ServiceDefaults.Paper;

namespace Receivables.Documents;

/// <summary>The certificate of a voucher, with the debtor's confirmation that it will pay.</summary>
internal static class VoucherCertificate
{
    private const int IntervalsMax = 40;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/vouchers/{root}/certificate.pdf", HandleAsync)
        .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
        .WithName("GetVoucherCertificate")
        .WithSummary("The voucher and its debtor's confirmation, as PDF/A-3 with proofs, or 202 until there are any.");

    private static async Task<IResult> HandleAsync(
        string root, HttpContext http, Caller caller, VoucherLookup lookup, VoucherLedger ledger, Store store,
        DocumentMaker maker, CancellationToken cancellation, string? language = null, int wait = 10)
    {
        await lookup.RequireAsync(caller, root, cancellation);
        (FamilyState state, _) = await GetVoucher.ReadAsync(ledger, root, cancellation);
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(root, cancellation);
        Wording words = DocumentMaker.Words(http, language);
        StoredEvent issued = events[0];
        StoredEvent? accepted = events.FirstOrDefault(e => e.Data is VoucherEvent.Accepted);
        Dictionary<string, string> names = [];
        foreach (string party in new[] { state.Issuer, state.Debtor, state.FirstHolder, caller.Tenant }.Distinct())
            names[party] = await maker.NameAsync(party, words, cancellation);
        string? holder = caller.Is(Role.Regulator) ? null : caller.Tenant;
        return await maker.AnswerAsync(
            http, words, Draft(words, state, issued, accepted, holder, p => names[p]), wait, cancellation);
    }

    /// <summary>What it says.</summary>
    internal static Draft Draft(
        Wording w, FamilyState state, StoredEvent issued, StoredEvent? accepted, string? holder,
        Func<string, string> name)
    {
        List<SheetFact> facts =
        [
            new(w["凭证编号", "Voucher"], state.Root, Code: true),
            new(w["金额", "Amount"], w.InFull(state.FaceFen)),
            new(w["付款债务人", "Debtor"], name(state.Debtor)),
            new(w["开立方", "Issuer"], name(state.Issuer)),
            new(w["首个持有人", "First holder"], name(state.FirstHolder)),
            new(w["开立日", "Issued on"], w.Day(state.IssueDate)),
            new(w["到期日", "Due on"], w.Day(state.DueDate)),
            new(w["状态", "State"], StageWords(w, state.Stage)),
            new(w["已兑付", "Paid"], w.Money(state.Fragments.PaidFen)),
        ];
        if (state.PayDay is { } payDay && payDay != state.DueDate)
            facts.Insert(7, new(w["付款日（民法典第二百零三条）", "Day of payment (Civil Code art. 203)"], w.Day(payDay)));
        List<SheetPart> parts = [new SheetPart.Facts(w["凭证", "Voucher"], facts), Confirmation(w, issued, accepted)];
        if (holder is not null)
            parts.Add(Held(w, state, holder, name));
        VoucherEvent.Issued told = (VoucherEvent.Issued)issued.Data;
        parts.Add(new SheetPart.Table(
            w["底层贸易单据（仅摘要）", "Underlying trade documents (digests only)"],
            [w["种类", "Kind"], "SHA-256"],
            [.. told.Trade.Select(t => (IReadOnlyList<string>)[KindWords(w, t.Kind), t.Sha256])], int.MaxValue));
        List<Proven> proofs = [new("issued", issued)];
        if (accepted is not null)
            proofs.Add(new("accepted", accepted));
        return new Draft(
            $"voucher-{state.Root}", w["应收账款电子凭证证书", "Certificate of a receivable voucher"], state.Root,
            w["本证书说明一份应收账款电子凭证的开立、债务人的付款确认和持有情况。",
                "This certifies the issue of a receivable voucher, its debtor's confirmation, and what is held of it."],
            parts, proofs);
    }

    private static SheetPart.Facts Confirmation(Wording w, StoredEvent issued, StoredEvent? accepted)
    {
        List<SheetFact> lines =
        [
            new(w["承诺", "Promise"], w["债务人承诺在到期日向届时的持有人付款。",
                "The debtor promises to pay whoever holds it on the due date."]),
            new(w["确认时间", "Confirmed at"], w.Time(issued.OccurredAt)),
        ];
        if (((VoucherEvent.Issued)issued.Data).Approved is { } approved)
        {
            lines.Add(new(w["所签页面SHA-256", "SHA-256 of the signed page"], approved.PageSha256, Code: true));
            foreach (ApprovalSignature signature in approved.Signatures)
                lines.Add(new(RoleWords(w, signature.Role), signature.KeyId, Code: true));
        }
        else
        {
            lines.Add(new(w["签署", "Signatures"], w["这笔开立没有签署记录。", "This issue has no signatures on record."]));
        }
        lines.Add(new(w["签收", "Accepted"], accepted is null
            ? w["首个持有人尚未签收", "not yet by its first holder"]
            : w.Time(accepted.OccurredAt)));
        return new SheetPart.Facts(w["债务人的付款确认", "The debtor's confirmation"], lines);
    }

    private static SheetPart.Table Held(Wording w, FamilyState state, string holder, Func<string, string> name)
    {
        Fragment[] held = [.. state.Fragments.Where(f => f.Claim.Holder == holder)];
        long fen = held.Sum(f => f.Fen);
        string heading = w[$"{name(holder)}持有{w.Money(fen)}", $"{name(holder)} holds {w.Money(fen)}"];
        List<IReadOnlyList<string>> rows =
        [
            .. held.Take(IntervalsMax).Select(f => (IReadOnlyList<string>)
                [Wording.Fen(f.Start, f.End), Encumbrance(w, f.Claim), w.Money(f.Claim.PaidFen), w.Money(f.Fen)]),
        ];
        if (held.Length > IntervalsMax)
        {
            Fragment[] rest = held[IntervalsMax..];
            rows.Add([w[$"其余{rest.Length}份", $"{rest.Length} more"], "", w.Money(rest.Sum(f => f.Claim.PaidFen)),
                w.Money(rest.Sum(f => f.Fen))]);
        }
        return new SheetPart.Table(
            heading, [w["分位区间", "Fen"], w["负担", "Encumbrance"], w["已兑付", "Paid"], w["金额", "Amount"]], rows, 2);
    }

    private static string Encumbrance(Wording w, Vouchers.Claim claim) =>
        claim.Freeze is not null ? w["司法冻结", "frozen by a court"]
        : claim.Pledge is not null ? w["已出质", "pledged"]
        : claim.Reserved is not null ? w["处理中", "on offer"]
        : w["无", "none"];

    private static string StageWords(Wording w, Stage stage) => stage switch
    {
        Stage.Offered => w["待签收", "waits for acceptance"],
        Stage.Active => w["持有中", "held"],
        Stage.Leaving => w["移交外部平台中", "being handed to another platform"],
        Stage.Moved => w["已移交外部平台", "handed to another platform"],
        Stage.Presented => w["待兑付", "waits for payment"],
        Stage.Overdue => w["逾期", "overdue"],
        Stage.Paid => w["已兑付", "paid"],
        Stage.Void => w["已作废", "void"],
        Stage.Returned => w["已退回", "returned"],
        _ => stage.ToString(),
    };

    private static string RoleWords(Wording w, string role) => role switch
    {
        "maker" => w["经办密钥", "Maker's key"],
        "checker" => w["复核密钥", "Checker's key"],
        "second-checker" => w["二次复核密钥", "Second checker's key"],
        _ => role,
    };

    private static string KindWords(Wording w, string kind) => kind switch
    {
        "contract" => w["合同", "contract"],
        "invoice" => w["发票", "invoice"],
        "delivery" => w["签收单", "delivery note"],
        _ => kind,
    };
}
