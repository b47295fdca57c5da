using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Prepaid.Custody;

/// <summary>A movement on a custody account.</summary>
/// <param name="Reference">The bank's own reference.</param>
/// <param name="Fen">Into the account; negative out of it.</param>
/// <param name="Order">The order that it settles or returns; null where it names none.</param>
public sealed record BankEntry(string Reference, long Fen, string? Order);

/// <summary>A bank's statement of one account and day; amounts in fen.</summary>
/// <param name="Id">The bank's name for it.</param>
/// <param name="Account">The account's number.</param>
/// <param name="Day">Day of the closing balance.</param>
/// <param name="OpeningFen">Booked balance before.</param>
/// <param name="ClosingFen">Booked balance after.</param>
/// <param name="Entries">Booked entries in order.</param>
public sealed record BankStatement(
    string Id, string Account, DateOnly Day, long OpeningFen, long ClosingFen, IReadOnlyList<BankEntry> Entries)
{
    /// <summary>Whether the entries lead from the one balance to the other.</summary>
    public bool AddsUp => Entries.Aggregate((Int128)OpeningFen, (sum, e) => sum + e.Fen) == ClosingFen;

    private const string Currency = "CNY";
    private const int CharactersMax = 20_000_000;

    /// <summary>
    /// Reads ISO 20022 camt.053 (any version; elements by their names): closing CLBD, opening OPBD or PRCD, entries
    /// whose status is BOOK. The order is the end-to-end id.
    /// </summary>
    /// <returns>Null where it is none, or one of another currency.</returns>
    public static BankStatement? ReadCamt053(Stream xml)
    {
        try
        {
            using XmlReader reader = XmlReader.Create(xml, new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersInDocument = CharactersMax,
            });
            XElement statement = Only(XDocument.Load(reader).Root!, "BkToCstmrStmt", "Stmt");
            XElement account = Only(statement, "Acct", "Id");
            XElement closing = Balance(statement, "CLBD");
            return new BankStatement(
                Only(statement, "Id").Value, account.Descendants().Last().Value.Trim(), DayOf(Only(closing, "Dt")),
                Signed(Find(statement, "OPBD") ?? Balance(statement, "PRCD")), Signed(closing),
                [.. Named(statement, "Ntry").Where(IsBooked).Select(Entry)]);
        }
        catch (Exception e) when (e is XmlException or FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>
    /// Reads a list with the head <c>statement,account,day,kind,yuan,reference,order</c>; kinds are opening, closing,
    /// credit and debit.
    /// </summary>
    /// <returns>Null where it is none.</returns>
    public static BankStatement? ReadCsv(string text)
    {
        string[][] rows = [.. text.TrimStart('\uFEFF').Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.TrimEnd('\r').Split(','))];
        try
        {
            Require(rows.Length > 2 && string.Join(',', rows[0]) == "statement,account,day,kind,yuan,reference,order");
            string[][] lines = rows[1..];
            Require(lines.All(l => l.Length == 7 && l[0] == lines[0][0] && l[1] == lines[0][1] && l[2] == lines[0][2]));
            long Of(string kind) => Fen(lines.Single(l => l[3] == kind)[4], signed: true);
            Require(lines.All(l => l[3] is "opening" or "closing" or "credit" or "debit")
                && lines.Count(l => l[3] == "opening") == 1 && lines.Count(l => l[3] == "closing") == 1);
            return new BankStatement(lines[0][0], lines[0][1],
                DateOnly.ParseExact(lines[0][2], "yyyy-MM-dd", CultureInfo.InvariantCulture),
                Of("opening"), Of("closing"),
                [.. lines.Where(l => l[3] is "credit" or "debit").Select(l => new BankEntry(
                    l[5], l[3] == "credit" ? Fen(l[4]) : -Fen(l[4]), l[6].Length == 0 ? null : l[6]))]);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }

    private static BankEntry Entry(XElement entry) => new(
        Find(entry, e => e.Name.LocalName == "AcctSvcrRef")?.Value.Trim()
            ?? Find(entry, e => e.Name.LocalName == "NtryRef")?.Value.Trim() ?? throw new FormatException(),
        Signed(entry),
        entry.Descendants().FirstOrDefault(e => e.Name.LocalName == "EndToEndId")?.Value.Trim() is { } id
            && id is not ("" or "NOTPROVIDED") ? id : null);

    // Sts is a code itself up to version 02 to 07, and holds Cd from version 08 on.
    private static bool IsBooked(XElement entry) => Only(entry, "Sts").Value.Trim() == "BOOK";

    private static XElement Balance(XElement statement, string code) =>
        Find(statement, code) ?? throw new FormatException();

    private static XElement? Find(XElement statement, string code) => Named(statement, "Bal")
        .FirstOrDefault(b => Only(b, "Tp").Descendants().Any(e => e.Name.LocalName == "Cd" && e.Value.Trim() == code));

    private static XElement? Find(XElement parent, Func<XElement, bool> which) => parent.Elements().FirstOrDefault(which);

    private static long Signed(XElement amount)
    {
        XElement money = Only(amount, "Amt");
        Require(money.Attribute("Ccy")?.Value == Currency);
        long fen = Fen(money.Value.Trim());
        return Only(amount, "CdtDbtInd").Value.Trim() switch
        {
            "CRDT" => fen,
            "DBIT" => -fen,
            _ => throw new FormatException(),
        };
    }

    private static DateOnly DayOf(XElement date) => DateOnly.ParseExact(
        date.Descendants().Last().Value.Trim()[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static XElement Only(XElement parent, params string[] path) => path.Aggregate(parent, (at, name) =>
        Named(at, name).ToList() is [var only] ? only : throw new FormatException($"There is not one {name}."));

    private static IEnumerable<XElement> Named(XElement parent, string name) =>
        parent.Elements().Where(e => e.Name.LocalName == name);

    private static long Fen(string yuan, bool signed = false)
    {
        decimal value = decimal.Parse(yuan, NumberStyles.AllowDecimalPoint
            | (signed ? NumberStyles.AllowLeadingSign : NumberStyles.None), CultureInfo.InvariantCulture) * 100;
        Require(value == decimal.Truncate(value) && Math.Abs(value) < 1L << 53);
        return (long)value;
    }

    private static void Require(bool condition)
    {
        if (!condition)
            throw new FormatException();
    }
}
