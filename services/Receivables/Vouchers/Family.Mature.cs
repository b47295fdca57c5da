using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ServiceDefaults;

namespace Receivables.Vouchers;

/// <content>Cut-off, payments and default: nobody commands them, the clock and the bank do.</content>
public static partial class Family
{
    /// <summary>All that the clock asks for.</summary>
    /// <param name="state">The family.</param>
    /// <param name="at">Now.</param>
    /// <param name="payDayOf">
    /// Moves a due date to the day of payment, null while the calendar is missing; for vouchers issued without one.
    /// </param>
    /// <param name="isTold">
    /// Whether the bank has told all that came for a day of payment; null where nobody waits for it.
    /// </param>
    public static IReadOnlyList<VoucherEvent> Tick(
        FamilyState state, DateTimeOffset at, Func<DateOnly, DateOnly?> payDayOf,
        Func<DateOnly, bool>? isTold = null) => state.Stage switch
        {
            Stage.Offered or Stage.Active => at >= state.CutOff ? Snapshot(state, at) : Lapse(state, at),
            Stage.Leaving => LapseHandover(state, at),
            Stage.Presented => (state.PayDay ?? payDayOf(state.DueDate)) is { } day && isTold?.Invoke(day) != false
                ? FallOverdue(state, at, day) : [],
            _ => [],
        };

    /// <summary>
    /// At the cut-off every open offer lapses and the payees are fixed; nothing before it or twice. What a holder disputes
    /// stays open: its payment is held back.
    /// </summary>
    public static IReadOnlyList<VoucherEvent> Snapshot(FamilyState state, DateTimeOffset at)
    {
        if (state.Stage is not (Stage.Offered or Stage.Active) || at < state.CutOff)
            return [];
        List<VoucherEvent> events =
            [.. state.Offers.Values.OrderBy(o => o.Id, StringComparer.Ordinal)
                .SelectMany(o => Lapsed(state, o))];
        FamilyState settled = events.Aggregate(state, FamilyState.Evolve);
        if (settled.Stage == Stage.Active)
        {
            events.Add(new VoucherEvent.SnapshotTaken(
                $"snapshot:{state.Root}", settled.Fragments.Count, PayeesSha256(settled.Fragments)));
        }
        return events;
    }

    /// <summary>From the day after the day of payment on, what is not paid is overdue.</summary>
    public static IReadOnlyList<VoucherEvent> FallOverdue(FamilyState state, DateTimeOffset at, DateOnly? payDay)
    {
        DateOnly today = DateOnly.FromDateTime(at.ToOffset(Beijing).DateTime);
        return state.Stage == Stage.Presented && today > payDay
            && state.Fragments.Any(f => f.Unpaid.Fen > 0 && !f.Claim.IsHeld)
            ? [new VoucherEvent.FellOverdue($"overdue:{state.Root}")]
            : [];
    }

    /// <summary>
    /// Records how a receipt was allocated; each receipt once, no leaf above what it is due. A leaf that was split
    /// since the cut-off fills its fragments in their order.
    /// </summary>
    public static Decision<VoucherEvent> Pay(FamilyState state, string receipt, IReadOnlyList<LeafPayment> payments)
    {
        string run = $"receipt:{receipt}";
        if (state.Commands.Contains(run))
            return Refuse(Refusal.ReceiptRepeated);
        if (state.Stage is not (Stage.Presented or Stage.Overdue))
            return Refuse(state.IsClosed ? Refusal.Closed : Refusal.NotPresented);
        if (payments.Count == 0 || payments.Any(p => p.Fen <= 0))
            return Refuse(Refusal.AmountNotPositive);
        if (payments.DistinctBy(p => p.Start).Count() != payments.Count)
            return Refuse(Refusal.LeafDiffers);
        List<LeafPaid> paid = [];
        foreach (LeafPayment payment in payments)
        {
            if (SpreadFault(state, payment, paid) is { } fault)
                return Refuse(fault);
        }
        return Accept(new VoucherEvent.PaymentRecorded(run, receipt, paid));
    }

    private static string? SpreadFault(FamilyState state, LeafPayment payment, List<LeafPaid> paid)
    {
        if (payment.Start < 0 || payment.Start >= payment.End || payment.End > state.FaceFen)
            return Refusal.OutsideVoucher;
        if (!state.Fragments.IsBoundary(payment.End))
            return Refusal.LeafDiffers;
        long left = payment.Fen;
        for (int i = state.Fragments.IndexOf(payment.Start); i < state.Fragments.Count && left > 0; i++)
        {
            Fragment f = state.Fragments[i];
            if (f.Start >= payment.End)
                break;
            // A leaf may begin where an earlier payment on its fragment ended, never before.
            if (f.Unpaid.Start < payment.Start)
                return Refusal.LeafDiffers;
            long fen = Math.Min(left, f.Unpaid.Fen);
            if (fen > 0)
                paid.Add(new LeafPaid(f.Start, f.End, f.Claim.Holder, f.Claim.Payee, fen));
            left -= fen;
        }
        return left > 0 ? Refusal.LeafOverpaid : null;
    }

    private static string PayeesSha256(Fragments fragments)
    {
        StringBuilder lines = new();
        foreach (Fragment f in fragments)
            lines.Append(CultureInfo.InvariantCulture, $"{f.Start}-{f.End} {f.Claim.Payee}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }
}
