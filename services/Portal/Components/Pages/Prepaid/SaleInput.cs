using System.Text.Json.Nodes;

namespace Portal.Components.Pages.Prepaid;

/// <summary>What a form of a sale sends.</summary>
public sealed class SaleInput
{
    public string? Key { get; set; }
    public string? Branch { get; set; }
    public string? Kind { get; set; }
    public string? Paid { get; set; }
    public string? Gift { get; set; }
    public string? Units { get; set; }
    public string? Item { get; set; }
    public string? Starts { get; set; }
    public string? Ends { get; set; }
    public string? Order { get; set; }
    public bool Named { get; set; }
    public bool Printed { get; set; }

    /// <summary>The terms that holder and merchant agreed on; the card keeps their digest.</summary>
    public string? Contract { get; set; }

    /// <summary>Clauses that may be void were shown, and a person decided to go on.</summary>
    public bool Anyway { get; set; }

    /// <summary>The contract's text as it is checked, hashed and printed.</summary>
    public string Terms => (Contract ?? "").ReplaceLineEndings("\n").Trim();

    /// <summary>A service's field of a sale as the form names it.</summary>
    public static string FieldOf(string field) => field.StartsWith("lot.", StringComparison.OrdinalIgnoreCase) ? field[4..] : field;

    /// <summary>The lot as the service takes it.</summary>
    /// <param name="id">Its name within the card.</param>
    /// <param name="paidFen">What is paid.</param>
    /// <param name="giftFen">What is given on top.</param>
    /// <param name="units">Times of a counted lot.</param>
    /// <param name="starts">First day of a timed lot.</param>
    /// <param name="ends">First day after the term.</param>
    /// <param name="contract">Digest of the contract's text.</param>
    public JsonObject Lot(string id, long paidFen, long giftFen, int? units, string? starts, string? ends, string contract) => new()
    {
        ["id"] = id,
        ["kind"] = Kind,
        ["paidFen"] = paidFen,
        ["giftFen"] = giftFen,
        ["units"] = Kind == "counted" ? units : null,
        ["item"] = Kind == "value" || string.IsNullOrWhiteSpace(Item) ? null : Item.Trim(),
        ["starts"] = Kind == "timed" ? starts : null,
        ["ends"] = ends,
        ["order"] = Kind == "value" ? Order : "in-proportion",
        ["contract"] = contract,
    };
}
