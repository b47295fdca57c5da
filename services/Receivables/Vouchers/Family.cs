using ServiceDefaults;

namespace Receivables.Vouchers;

/// <summary>How long an offer waits for its answer; never beyond the cut-off.</summary>
/// <param name="Accept">Of an issue, transfer or return.</param>
/// <param name="Finance">Of a sale or pledge.</param>
public sealed record Patience(TimeSpan Accept, TimeSpan Finance)
{
    /// <summary>Seven days and three.</summary>
    public static readonly Patience Usual = new(TimeSpan.FromDays(7), TimeSpan.FromDays(3));
}

/// <summary>Decides what a command comes to in one family; pure. A command about several asks each.</summary>
public static partial class Family
{
    private const int NameLengthMax = 64;
    private const int TextLengthMax = 500;
    private const int PartsMax = 1_000;

    /// <summary>Decides; the events of an accepted command are stored together or not at all.</summary>
    /// <param name="state">The family; the initial state where there is none.</param>
    /// <param name="command">What is wanted; of its parts only those of this family are looked at.</param>
    /// <param name="root">The family's name.</param>
    /// <param name="at">Now.</param>
    /// <param name="patience">How long offers wait.</param>
    /// <param name="payDay">The due date, moved by the calendar; null where it is not known.</param>
    public static Decision<VoucherEvent> Decide(
        FamilyState state, VoucherCommand command, string root, DateTimeOffset at, Patience? patience = null,
        DateOnly? payDay = null)
    {
        if (FormFault(command) is { } fault)
            return Refuse(fault);
        if (state.Commands.Contains(command.CommandId))
            return Refuse(Refusal.Repeated);
        if (command is VoucherCommand.Issue issue)
            return state.Stage == Stage.None
                ? DecideIssue(issue, at, patience ?? Patience.Usual, payDay) : Refuse(Refusal.Exists);
        if (command is VoucherCommand.TakeOver stated)
            return state.Stage == Stage.None ? DecideTakeOver(stated, at, payDay) : Refuse(Refusal.Exists);
        if (state.Leaving is { } leaving)
            return DecideLeaving(state, leaving, command);
        if (StageFault(state, command, at) is { } stage)
            return Refuse(stage);
        // Whoever acts for a party learns by the rule against it; what was signed is compared where none stands.
        Decision<VoucherEvent> decision = DecideOpen(state, command, root, at, patience ?? Patience.Usual);
        return decision is Decision<VoucherEvent>.Accepted && command.Shown?.HoldsIn(state, command) == false
            ? Refuse(Refusal.ShownDiffers)
            : decision;
    }

    private static Decision<VoucherEvent> DecideOpen(
        FamilyState state, VoucherCommand command, string root, DateTimeOffset at, Patience patience) => command switch
        {
            VoucherCommand.Accept c => DecideAccept(state, c, at),
            VoucherCommand.HandOver c => DecideHandOver(state, c, at),
            VoucherCommand.Reject c => DecideReject(state, c),
            VoucherCommand.Withdraw c => DecideWithdraw(state, c),
            VoucherCommand.ConfirmPledge c => DecideConfirmPledge(state, c, at),
            VoucherCommand.ConfirmSale c => DecideConfirmSale(state, c, at),
            VoucherCommand.Repurchase c => DecideRepurchase(state, c),
            VoucherCommand.ClaimRecourse c => DecideClaim(state, c),
            VoucherCommand.ReleasePledge c => DecideRelease(state, c),
            VoucherCommand.Freeze c => DecideFreeze(state, c),
            VoucherCommand.Unfreeze c => DecideUnfreeze(state, c),
            VoucherCommand.Return c => DecideReturn(state, c, at, patience),
            VoucherCommand.Void c => DecideVoid(state, c),
            VoucherCommand.Merge c => DecideMerge(state, c),
            _ => DecideDisposal(state, command, root, at, patience),
        };

    private static string? FormFault(VoucherCommand command)
    {
        // A colon stands only in the names that workers give their runs.
        bool formed = IsName(command.CommandId) && !command.CommandId.Contains(':') && IsName(command.Party)
            && command.Roots is { Count: >= 1 and <= PartsMax } && command.Roots.All(IsName) && command switch
            {
                VoucherCommand.Issue c => IsIssueFormed(c),
                VoucherCommand.TakeOver c => IsTakeOverFormed(c),
                VoucherCommand.HandOver c => IsName(c.Platform),
                VoucherCommand.Accept c => IsName(c.Offer),
                VoucherCommand.Reject c => IsName(c.Offer),
                VoucherCommand.Withdraw c => IsName(c.Offer),
                VoucherCommand.Transfer c => c.Parts.Count <= PartsMax && c.Parts.All(p => IsName(p.To)),
                VoucherCommand.PayFromMany c => c.From.Count <= PartsMax && IsName(c.To),
                VoucherCommand.OfferPledge c =>
                    c.From.Count <= PartsMax && IsName(c.Pledgee) && IsDigest(c.AgreementSha256),
                VoucherCommand.ConfirmPledge c => IsName(c.Pledge),
                VoucherCommand.ReleasePledge c => IsName(c.Pledge),
                VoucherCommand.Sell c => c.From.Count <= PartsMax && IsName(c.Buyer) && IsDigest(c.AgreementSha256),
                VoucherCommand.ConfirmSale c => IsName(c.Sale),
                VoucherCommand.ClaimRecourse c => IsName(c.Sale),
                VoucherCommand.Repurchase c => IsName(c.Sale),
                VoucherCommand.Freeze c =>
                    IsName(c.Holder) && IsText(c.LegalBasis) && IsText(c.CaseNumber) && IsText(c.Account),
                VoucherCommand.Unfreeze c => IsName(c.Order) && IsText(c.LegalBasis) && IsText(c.CaseNumber),
                VoucherCommand.Void c => IsText(c.Reason),
                _ => true,
            };
        if (!formed)
            return Refusal.Form;
        return Amounts(command).All(fen => fen > 0) ? null : Refusal.AmountNotPositive;
    }

    private static IEnumerable<long> Amounts(VoucherCommand command) => command switch
    {
        VoucherCommand.Issue c => [c.FaceFen],
        VoucherCommand.TakeOver c => c.Stated.Select(p => p.Fen).Append(c.FaceFen),
        VoucherCommand.HandOver c => [c.FaceFen],
        VoucherCommand.Transfer c => c.Parts.Select(p => p.Fen),
        VoucherCommand.PayFromMany c => c.From.Select(s => s.Fen).Append(c.Fen),
        VoucherCommand.OfferPledge c => c.From.Select(s => s.Fen),
        VoucherCommand.Sell c => c.From.Select(s => s.Fen),
        VoucherCommand.Freeze c => [c.Fen],
        _ => [],
    };

    private static string? StageFault(FamilyState state, VoucherCommand command, DateTimeOffset at)
    {
        if (state.Stage == Stage.None)
            return Refusal.NotFound;
        if (state.IsClosed)
            return Refusal.Closed;
        bool answersIssue = command is VoucherCommand.Accept or VoucherCommand.Reject or VoucherCommand.Withdraw;
        if (state.Stage == Stage.Offered && !answersIssue)
            return Refusal.NotAccepted;
        switch (command)
        {
            case VoucherCommand.Freeze or VoucherCommand.Unfreeze or VoucherCommand.ReleasePledge
                or VoucherCommand.Reject or VoucherCommand.Withdraw:
                return null;
            case VoucherCommand.ClaimRecourse or VoucherCommand.Repurchase:
                return state.Stage == Stage.Overdue ? null : Refusal.NotOverdue;
            // What was disputed is decided after the cut-off too: it is paid then, and to nobody before.
            case VoucherCommand.Accept accept when state.IsPresented
                && state.Offers.TryGetValue(accept.Offer, out Offer? open) && open.Kind == OfferKind.Statement:
                return null;
            default:
                bool past = state.Stage is Stage.Presented or Stage.Overdue || at >= state.CutOff;
                return past ? Refusal.PastCutOff : null;
        }
    }

    private static bool IsName(string? name) =>
        name is { Length: >= 1 and <= NameLengthMax } && name.All(c => c is > ' ' and <= '~');

    private static bool IsText(string? text) =>
        text is { Length: >= 1 and <= TextLengthMax } && !string.IsNullOrWhiteSpace(text) && !text.Any(char.IsControl);

    private static bool IsDigest(string? digest) =>
        digest is { Length: 64 } && digest.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    private static Decision<VoucherEvent> Accept(params VoucherEvent[] events) => events;

    private static Decision<VoucherEvent> Refuse(string rule) => new Decision<VoucherEvent>.Refused(rule);

    private static DateTimeOffset Until(FamilyState state, DateTimeOffset at, TimeSpan patience) =>
        at + patience < state.CutOff ? at + patience : state.CutOff;
}
