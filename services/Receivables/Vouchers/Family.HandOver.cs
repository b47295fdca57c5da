using ServiceDefaults;

namespace Receivables.Vouchers;

/// <content>
/// Vouchers that go to another platform. From the debtor's word on nothing of them moves here, and only the other
/// platform's signed answer ends that once it has the file: no fen can be disposed of on both.
/// </content>
public static partial class Family
{
    /// <summary>So long before the cut-off at the latest: people there have to sign, and the answer to come back.</summary>
    private static readonly TimeSpan HandOverBefore = TimeSpan.FromDays(7);

    /// <summary>A signed file states the voucher to the other platform.</summary>
    /// <param name="state">The voucher.</param>
    /// <param name="agreed">The handover as the file was made by it.</param>
    /// <param name="number">The file's number.</param>
    public static Decision<VoucherEvent> FileHandover(FamilyState state, Leaving agreed, string number) =>
        state.Leaving == agreed && agreed.Number is null
            ? Accept(new VoucherEvent.HandoverFiled($"handover:{agreed.Platform}/{number}", agreed.Platform, number))
            : Refuse(Refusal.NotLeaving);

    /// <summary>The other platform answered: it has taken the voucher over, or never will.</summary>
    /// <param name="state">The voucher.</param>
    /// <param name="platform">The other platform.</param>
    /// <param name="number">The file's number.</param>
    /// <param name="receiptSha256">Digest of its receipt.</param>
    /// <param name="taken">Whether it has it.</param>
    public static Decision<VoucherEvent> SettleHandover(
        FamilyState state, string platform, string number, string receiptSha256, bool taken) =>
        state.Leaving is not { } leaving || (leaving.Platform, leaving.Number) != (platform, number)
            ? Refuse(Refusal.NotLeaving)
            : taken
            ? Accept(new VoucherEvent.Moved(
                $"moved:{platform}/{number}", platform, number, receiptSha256, StatedOf(state)))
            : Accept(new VoucherEvent.HandoverEnded($"declined:{platform}/{number}", leaving.Command, "declined"));

    /// <summary>Who holds which fen, as one platform states it to another.</summary>
    public static IReadOnlyList<StatedPart> StatedOf(FamilyState state) =>
        [.. state.Fragments.Select(f => new StatedPart(f.Claim.Holder, f.Fen, f.Start, f.Claim.Depth))];

    private static Decision<VoucherEvent> DecideHandOver(
        FamilyState state, VoucherCommand.HandOver c, DateTimeOffset at)
    {
        List<Fragment> all = [.. state.Fragments];
        string? fault = c.Party != state.Debtor ? Refusal.NotDebtor
            : c.FaceFen != state.FaceFen ? Refusal.FaceDiffers
            : at > state.CutOff - HandOverBefore ? Refusal.HandOverLate
            : all.Count > PartsMax ? Refusal.TooMany
            : all.Any(f => f.Claim.Holder == state.Debtor) ? Refusal.ToSelf
            // Whom a buyer may turn to stands in no file: it would be lost.
            : all.Any(f => f.Claim.Recourse is not null) ? Refusal.HandOverRecourse
            : EncumbranceFault(all);
        return fault is null
            ? Accept(new VoucherEvent.HandoverAgreed(c.CommandId, c.Party, c.Platform, c.FaceFen))
            : Refuse(fault);
    }

    /// <summary>
    /// Before the file is given the debtor may withdraw, and a court's freeze ends the handover; after it nothing here does.
    /// </summary>
    private static Decision<VoucherEvent> DecideLeaving(FamilyState state, Leaving leaving, VoucherCommand command)
    {
        if (leaving.Number is null && command is VoucherCommand.Withdraw withdraw && withdraw.Offer == leaving.Command)
        {
            return withdraw.Party == state.Debtor
                ? Accept(new VoucherEvent.HandoverEnded(command.CommandId, leaving.Command, "withdrawn"))
                : Refuse(Refusal.NotOfferer);
        }
        if (leaving.Number is not null || command is not VoucherCommand.Freeze freeze)
            return Refuse(Refusal.Leaving);
        Decision<VoucherEvent> decision = DecideFreeze(state, freeze);
        return decision is Decision<VoucherEvent>.Accepted frozen
            ? Accept([.. frozen.Events,
                new VoucherEvent.HandoverEnded(command.CommandId, leaving.Command, "frozen")])
            : decision;
    }

    /// <summary>What was never filed stays here at the cut-off; what was filed waits for the answer.</summary>
    private static IReadOnlyList<VoucherEvent> LapseHandover(FamilyState state, DateTimeOffset at)
    {
        if (state.Leaving is not { Number: null } leaving || at < state.CutOff)
            return [];
        VoucherEvent ended =
            new VoucherEvent.HandoverEnded($"lapse:{leaving.Command}", leaving.Command, "lapsed");
        return [ended, .. Snapshot(FamilyState.Evolve(state, ended), at)];
    }
}
