using ServiceDefaults;

namespace Receivables.Maturity;

/// <summary>A part of a payment, for one voucher.</summary>
public readonly record struct PaymentPart(string Root, long Fen);

/// <summary>
/// Facts about a bank's receipt, in a stream of its own: it is received once, whether it names a voucher or not, and
/// goes where these say. Every amount is in fen.
/// </summary>
public abstract record PaymentEvent
{
    private PaymentEvent()
    {
    }

    /// <summary>Money arrived.</summary>
    /// <param name="Receipt">Its identity: bank and number, <see cref="ReceiptId"/>.</param>
    /// <param name="Fen">Its amount.</param>
    /// <param name="ValueDate">The day of payment.</param>
    /// <param name="Sha256">Digest of the imported file.</param>
    /// <param name="Root">The voucher that it names; null where it names none.</param>
    public sealed record Received(
        string Receipt, long Fen, DateOnly ValueDate, string Sha256, string? Root = null) : PaymentEvent;

    /// <summary>
    /// It was set against debts of its payer, once and for all (Civil Code art. 560), or went to the voucher that it
    /// names; what no debt takes is left over.
    /// </summary>
    /// <param name="Payer">Whose debts.</param>
    /// <param name="Parts">In the order in which they are paid.</param>
    /// <param name="OverFen">What is left in suspense.</param>
    /// <param name="Article">By which article; null where the payer named the voucher.</param>
    /// <param name="Sha256">Digest of what tells who paid; null where the account does.</param>
    public sealed record Appropriated(
        string Payer, IReadOnlyList<PaymentPart> Parts, long OverFen, string? Article, string? Sha256) : PaymentEvent;

    /// <summary>Money in suspense went back to where it came from.</summary>
    /// <param name="Fen">How much.</param>
    /// <param name="Sha256">Digest of the bank's receipt.</param>
    public sealed record SentBack(long Fen, string Sha256) : PaymentEvent;
}

/// <summary>A payment, folded.</summary>
/// <param name="Arrived">What arrived; null before the first event.</param>
/// <param name="Matched">What it was for; null while nobody knows whose it is.</param>
/// <param name="SuspenseFen">What belongs to no debt.</param>
public sealed record PaymentState(PaymentEvent.Received? Arrived, PaymentEvent.Appropriated? Matched, long SuspenseFen)
{
    /// <summary>Before the first event.</summary>
    public static readonly PaymentState Initial = new(null, null, 0);

    /// <summary>Folds one event.</summary>
    public static PaymentState Evolve(PaymentState state, PaymentEvent e) => e switch
    {
        PaymentEvent.Received r => state with { Arrived = r, SuspenseFen = r.Fen },
        PaymentEvent.Appropriated a => state with { Matched = a, SuspenseFen = a.OverFen },
        PaymentEvent.SentBack s => state with { SuspenseFen = state.SuspenseFen - s.Fen },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a payment."),
    };
}

/// <summary>Decides on what banks report as received; pure.</summary>
public static class Payment
{
    /// <summary>There is no such payment.</summary>
    public const string Missing = "payment-not-found";

    /// <summary>It was set against debts, or sent back in part: once and for all.</summary>
    public const string Settled = "payment-settled";

    /// <summary>The bank reported this receipt before, and said other than now.</summary>
    public const string Elsewhere = "receipt-elsewhere";

    /// <summary>
    /// Money arrived; one receipt arrives once. The same delivered again is no news, another under its number is
    /// refused.
    /// </summary>
    public static Decision<PaymentEvent> Receive(PaymentState state, PaymentEvent.Received received) =>
        state.Arrived is not { } before ? Accept(received)
        : (before.Fen, before.ValueDate) == (received.Fen, received.ValueDate)
            ? new Decision<PaymentEvent>.Accepted([])
            : Refuse(Elsewhere);

    /// <summary>The same, of a receipt that names a voucher: all of it goes there.</summary>
    /// <param name="state">The payment.</param>
    /// <param name="received">What arrived.</param>
    /// <param name="root">The voucher.</param>
    /// <param name="debtor">Whose debt it pays.</param>
    public static Decision<PaymentEvent> ReceiveFor(
        PaymentState state, PaymentEvent.Received received, string root, string debtor)
    {
        if (Receive(state, received) is not Decision<PaymentEvent>.Accepted accepted)
            return Refuse(Elsewhere);
        PaymentPart part = new(root, received.Fen);
        if (accepted.Events.Count == 0)
        {
            return state.Matched?.Parts is [var only] && only == part
                ? accepted : Refuse(Elsewhere);
        }
        return new Decision<PaymentEvent>.Accepted(
            [received, new PaymentEvent.Appropriated(debtor, [part], 0, null, received.Sha256)]);
    }

    /// <summary>Where a payment went, for people: vouchers with fen, and what is in suspense.</summary>
    public static string Places(PaymentState state) => string.Join("; ", (IEnumerable<string>)
    [
        .. state.Matched?.Parts.Select(p => $"{p.Root} {p.Fen}") ?? [],
        .. state.SuspenseFen > 0 ? [$"suspense {state.SuspenseFen}"] : Array.Empty<string>(),
    ]);

    /// <summary>Sets it against the payer's debts.</summary>
    /// <param name="state">The payment.</param>
    /// <param name="payer">Whose debts.</param>
    /// <param name="debts">What is due on them.</param>
    /// <param name="named">The voucher that the payer named; null where it named none.</param>
    /// <param name="sha256">Digest of what tells who paid.</param>
    public static Decision<PaymentEvent> Match(
        PaymentState state, string payer, IReadOnlyCollection<Debt> debts, string? named, string? sha256)
    {
        if (state.Arrived is not { } received)
            return Refuse(Missing);
        if (state.Matched is not null || state.SuspenseFen != received.Fen)
            return Refuse(Settled);
        if (named is not null && debts.All(d => d.Root != named))
            return Refuse(Clearing.Missing);
        Appropriated set = Appropriation.Of(
            received.Fen, named is null ? debts : debts.Where(d => d.Root == named), received.ValueDate);
        return Accept(new PaymentEvent.Appropriated(
            payer, [.. set.Parts.Select(p => new PaymentPart(p.Root, p.Fen))], set.Over,
            named is null ? Rules.RuleBook.Get("560-debts").Article : null, sha256));
    }

    /// <summary>Sends money in suspense back.</summary>
    public static Decision<PaymentEvent> SendBack(PaymentState state, long fen, string sha256) =>
        state.Arrived is null ? Refuse(Missing)
        : fen > state.SuspenseFen ? Refuse(Clearing.TooMuch)
        : Accept(new PaymentEvent.SentBack(fen, sha256));

    private static Decision<PaymentEvent> Accept(PaymentEvent e) => new Decision<PaymentEvent>.Accepted([e]);

    private static Decision<PaymentEvent> Refuse(string rule) => new Decision<PaymentEvent>.Refused(rule);
}
