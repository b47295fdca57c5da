using System.Globalization;
using System.Text;
using Prepaid.Cards;

namespace Prepaid.Receipts;

/// <summary>
/// The text of a receipt: the body of a signed note (C2SP signed-note), so that service and merchant both sign the same
/// bytes and anybody can read them. Amounts are in fen, times in UTC.
/// </summary>
public static class Receipt
{
    /// <summary>First line.</summary>
    public const string Format = "prepaid-receipt/1";

    /// <summary>The text for a movement.</summary>
    /// <param name="card">The card's id.</param>
    /// <param name="after">The card after the movement.</param>
    /// <param name="e">The movement.</param>
    /// <param name="source">The event's id and SHA-256, hexadecimal: what to look up in the log.</param>
    /// <param name="at">When it was recorded.</param>
    /// <param name="day">That day in China, on which the balance is counted.</param>
    public static string Text(
        Guid card, Card after, CardEvent e, (Guid Id, string Sha256) source, DateTimeOffset at, DateOnly day)
    {
        StringBuilder text = new();
        Line(text, Format);
        Line(text, $"merchant {after.Merchant}");
        Line(text, $"card {card}");
        Line(text, $"receipt {after.Receipts}");
        Line(text, $"at {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}");
        Line(text, $"event {source.Id} {source.Sha256}");
        foreach (string what in What(e))
            Line(text, what);
        foreach (HeldLot lot in after.Lots)
        {
            Owed left = Owed.For(lot, day);
            Line(text,
                $"lot {lot.Lot.Id} left {lot.Remaining(day)} principal {left.PrincipalFen} gift {left.GiftFen}{Term(lot)}");
        }
        Owed owed = Owed.For(after, day);
        Line(text, $"balance {owed.PrincipalFen} gift {owed.GiftFen} by {Owed.Rule} on {day:yyyy-MM-dd}");
        return text.ToString();
    }

    /// <summary>The number of an event's receipt; null where it has none.</summary>
    public static long? NumberOf(CardEvent e) => e switch
    {
        CardEvent.DisputeEnded d => d.Receipt,
        CardEvent.Sold s => s.Receipt,
        CardEvent.Redeemed r => r.Receipt,
        CardEvent.Reversed r => r.Receipt,
        CardEvent.Refunded r => r.Receipt,
        CardEvent.Reactivated r => r.Receipt,
        CardEvent.KeyChanged k => k.Receipt,
        _ => null,
    };

    private static IEnumerable<string> What(CardEvent e) => e switch
    {
        CardEvent.DisputeEnded d => [$"settled {d.Lot.Id} by {d.By} paid {d.Lot.PaidFen} gift {d.Lot.GiftFen}"],
        CardEvent.Sold s => [$"sold {s.Lot.Id} paid {s.Lot.PaidFen} gift {s.Lot.GiftFen} units {s.Lot.Units}"
            + $" contract {s.Lot.Contract}"],
        CardEvent.Redeemed r => Draws($"redeemed {r.Id} proof {Name(r.Proof)}"
            + (r.ObjectBy is { } by ? $" object-by {by.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}" : ""), r.Draws),
        CardEvent.Reversed r => Draws($"reversed {r.Id}", r.Draws),
        CardEvent.Refunded r => [$"refunded {r.Lot} paid {r.PaidFen} ended {r.Ended.PrincipalFen}"],
        CardEvent.Reactivated r => [$"reactivated {r.Lot} ends {r.Ends?.ToString("yyyy-MM-dd", Culture) ?? "never"}"],
        CardEvent.KeyChanged k => [$"key {(k.Key is null ? "none" : "changed")}"],
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no receipt."),
    };

    private static IEnumerable<string> Draws(string what, IReadOnlyList<Draw> draws) => draws
        .Select(d => $"draw {d.Lot} units {d.Units} list {d.ListFen} price {d.PriceFen}"
            + $" principal {d.Taken.PrincipalFen} gift {d.Taken.GiftFen}").Prepend(what);

    /// <summary>What the holder needs to count a lot on later days that days use up.</summary>
    private static string Term(HeldLot lot) => lot is { Refunded: false, Lot: { Kind: LotKind.Timed } l }
        ? string.Create(Culture, $" days {l.Units} paid {l.PaidFen} gift {l.GiftFen}")
            + string.Create(Culture, $" from {l.Starts!.Value:yyyy-MM-dd} to {l.Ends!.Value:yyyy-MM-dd}")
        : "";

    private static string Name(HolderProof proof) => proof switch
    {
        HolderProof.PageKey => "page-key",
        HolderProof.CardAndPin => "card-and-pin",
        HolderProof.Clerk => "clerk",
        _ => "queued",
    };

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(Culture)).Append('\n');

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static CultureInfo Culture => CultureInfo.InvariantCulture;
}
