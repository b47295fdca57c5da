using Receivables.Rules;

namespace Receivables.Financing;

/// <summary>Facts about one financing. Every amount is in fen.</summary>
public abstract record FinancingEvent
{
    private FinancingEvent()
    {
    }

    /// <summary>A holder asks for financing.</summary>
    /// <param name="Root">The voucher.</param>
    /// <param name="Seller">Who holds what is to be financed.</param>
    /// <param name="Start">First fen of [start, start + fen).</param>
    /// <param name="Fen">How much.</param>
    /// <param name="Issued">The voucher's day of issue.</param>
    /// <param name="Due">The day it is paid.</param>
    /// <param name="Invited">Banks and factors that may offer.</param>
    public sealed record Applied(
        string Root, string Seller, long Start, long Fen, DateOnly Issued, DateOnly Due,
        IReadOnlyList<string> Invited) : FinancingEvent;

    /// <summary>A financier offers.</summary>
    public sealed record Offered(Offer Offer, DateOnly ValidUntil) : FinancingEvent;

    /// <summary>The seller chose an offer, having seen what it costs.</summary>
    /// <param name="Offer">Its name.</param>
    /// <param name="Shown">Every figure that was shown.</param>
    public sealed record Chosen(string Offer, TrueCost Shown) : FinancingEvent;

    /// <summary>The draft for 中登网 was handed out.</summary>
    public sealed record Drafted(string Sha256) : FinancingEvent;

    /// <summary>A report of a search in 中登网 was imported.</summary>
    /// <param name="SearchedAt">The time printed on it.</param>
    /// <param name="FileSha256">Digest of the file.</param>
    public sealed record Searched(DateTimeOffset SearchedAt, string FileSha256) : FinancingEvent;

    /// <summary>A receipt of registration was imported.</summary>
    public sealed record Registered(RegisterReceipt Receipt) : FinancingEvent;

    /// <summary>The financier examined what the rules ask it to.</summary>
    public sealed record Examined(string Rule, Grounds Grounds) : FinancingEvent;

    /// <summary>The financier confirmed the sale and holds what is financed, after search and registration.</summary>
    /// <param name="Sale">The sale.</param>
    /// <param name="Rules">The rules that allowed it, with their outcome: <c>id=outcome</c>.</param>
    public sealed record Bought(string Sale, IReadOnlyList<string> Rules) : FinancingEvent;

    /// <summary>The seller took the application back; another may be made for the same fen.</summary>
    public sealed record Withdrawn : FinancingEvent;

    /// <summary>The financier paid out, by its bank's receipt.</summary>
    /// <param name="Receipt">The bank's number of it.</param>
    /// <param name="Fen">What was paid.</param>
    /// <param name="PaidAt">When.</param>
    /// <param name="Sha256">Digest of the imported file.</param>
    /// <param name="Rules">The rules that allowed it, with their outcome: <c>id=outcome</c>.</param>
    /// <param name="Cost">What it cost on the day of payment.</param>
    public sealed record Disbursed(
        string Receipt, long Fen, DateTimeOffset PaidAt, string Sha256, IReadOnlyList<string> Rules,
        TrueCost? Cost = null) : FinancingEvent;
}

/// <summary>One financing, folded.</summary>
/// <param name="Application">What is asked; null before the first event.</param>
/// <param name="Offers">Offers by name.</param>
/// <param name="Chosen">The chosen offer with what was shown, and when it was chosen.</param>
/// <param name="ChosenAt">When.</param>
/// <param name="SearchedAt">The latest search.</param>
/// <param name="Receipt">The registration.</param>
/// <param name="Examined">Grounds by rule.</param>
/// <param name="Disbursed">Whether it was paid out.</param>
public sealed record FinancingState(
    FinancingEvent.Applied? Application, IReadOnlyDictionary<string, FinancingEvent.Offered> Offers,
    FinancingEvent.Chosen? Chosen, DateTimeOffset ChosenAt, DateTimeOffset? SearchedAt, RegisterReceipt? Receipt,
    IReadOnlyDictionary<string, Grounds> Examined, bool Disbursed)
{
    /// <summary>Before the first event.</summary>
    public static readonly FinancingState Initial = new(
        null, new Dictionary<string, FinancingEvent.Offered>(), null, default, null, null,
        new Dictionary<string, Grounds>(), false);

    /// <summary>The sale that the financier confirmed; null before.</summary>
    public string? Sale { get; init; }

    /// <summary>Whether the seller took it back.</summary>
    public bool Withdrawn { get; init; }

    /// <summary>The chosen offer.</summary>
    public Offer? ChosenOffer => Chosen is null ? null : Offers[Chosen.Offer].Offer;

    /// <summary>Folds one event.</summary>
    public static FinancingState Evolve(FinancingState state, FinancingEvent e, DateTimeOffset at) => e switch
    {
        FinancingEvent.Applied a => state with { Application = a },
        FinancingEvent.Offered o => state with
        {
            Offers = new Dictionary<string, FinancingEvent.Offered>(state.Offers) { [o.Offer.Id] = o },
        },
        FinancingEvent.Chosen c => state with { Chosen = c, ChosenAt = at },
        FinancingEvent.Drafted => state,
        FinancingEvent.Searched s => state with { SearchedAt = s.SearchedAt },
        FinancingEvent.Registered r => state with { Receipt = r.Receipt },
        FinancingEvent.Examined x => state with
        {
            Examined = new Dictionary<string, Grounds>(state.Examined) { [x.Rule] = x.Grounds },
        },
        FinancingEvent.Bought b => state with { Sale = b.Sale },
        FinancingEvent.Withdrawn => state with { Withdrawn = true },
        FinancingEvent.Disbursed => state with { Disbursed = true },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a financing."),
    };
}
