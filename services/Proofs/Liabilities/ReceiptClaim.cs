using System.Globalization;
using Proofs.Notes;

namespace Proofs.Liabilities;

/// <summary>
/// What a holder's receipt (<c>prepaid-receipt/1</c>) says is owed: the holder's own side of the check of a day's root.
/// </summary>
public sealed record ReceiptClaim
{
    private const string Format = "prepaid-receipt/1";

    private readonly Liability _still;
    private readonly IReadOnlyList<TimedLot> _timed;

    private ReceiptClaim(Liability still, IReadOnlyList<TimedLot> timed) => (_still, _timed) = (still, timed);

    /// <summary>The issuer.</summary>
    public required string Merchant { get; init; }

    /// <summary>The card.</summary>
    public required Guid Card { get; init; }

    /// <summary>The receipt's number.</summary>
    public required long Number { get; init; }

    /// <summary>The day in China on which it was written.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>The balance on a day: days use up timed lots, nothing else changes without another receipt.</summary>
    public CardBalance On(DateOnly day) =>
        new(Card, _timed.Aggregate(_still, (sum, lot) => sum + lot.On(day)), Number);

    /// <summary>Reads the text of a receipt; null where it is none.</summary>
    public static ReceiptClaim? Parse(string note)
    {
        if (SignedNote.Parse(note) is not { } signed)
            return null;
        string[] lines = signed.Text.Split('\n')[..^1];
        try
        {
            Require(lines.Length > 5 && lines[0] == Format);
            // balance P gift G by owed/1 on yyyy-mm-dd
            string[] balance = Words(lines[^1], "balance", 8);
            Liability owed = new(Fen(balance[1]), Fen(balance[3]));
            DateOnly day = Date(balance[7]);
            List<TimedLot> timed = [.. lines[5..^1].Where(l => l.StartsWith("lot ", StringComparison.Ordinal))
                .Select(l => l.Split(' ')).Where(w => w.Length > 8).Select(TimedLot.Read)];
            Liability then = timed.Aggregate(default(Liability), (sum, lot) => sum + lot.On(day));
            Liability still = new(owed.PrincipalFen - then.PrincipalFen, owed.GiftFen - then.GiftFen);
            Require(owed.IsValid && still.IsValid);
            return new ReceiptClaim(still, timed)
            {
                Merchant = Words(lines[1], "merchant", 2)[1],
                Card = Guid.ParseExact(Words(lines[2], "card", 2)[1], "D"),
                Number = Fen(Words(lines[3], "receipt", 2)[1]),
                Day = day,
            };
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string[] Words(string line, string first, int count)
    {
        string[] words = line.Split(' ');
        Require(words.Length == count && words[0] == first);
        return words;
    }

    private static long Fen(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static DateOnly Date(string text) =>
        DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void Require(bool condition)
    {
        if (!condition)
            throw new FormatException();
    }

    /// <summary>
    /// A lot that days use up: its line goes on with <c>days N paid P gift G from D to D</c>, so that the holder counts
    /// it on any day by <c>owed/1</c>: paid × remaining ÷ term rounded up, gift rounded down.
    /// </summary>
    private sealed record TimedLot(long Days, long PaidFen, long GiftFen, DateOnly Starts, DateOnly Ends)
    {
        public static TimedLot Read(string[] w)
        {
            // lot L left N principal P gift G days N paid P gift G from D to D
            Require(w.Length == 18 && w[8] == "days" && w[10] == "paid" && w[12] == "gift" && w[14] == "from"
                && w[16] == "to");
            TimedLot lot = new(Fen(w[9]), Fen(w[11]), Fen(w[13]), Date(w[15]), Date(w[17]));
            Require(lot.Days > 0 && lot.Days == lot.Ends.DayNumber - lot.Starts.DayNumber
                && lot.PaidFen < Liability.Limit && lot.GiftFen < Liability.Limit);
            return lot;
        }

        public Liability On(DateOnly day)
        {
            long left = Math.Clamp(Ends.DayNumber - Math.Max(day.DayNumber, Starts.DayNumber), 0, Days);
            return new Liability(
                (long)(((Int128)PaidFen * left + Days - 1) / Days), (long)((Int128)GiftFen * left / Days));
        }
    }
}
