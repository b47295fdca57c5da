using System.Globalization;
using System.Text.Json.Nodes;

namespace Portal.Components.Pages.Prepaid;

/// <summary>
/// What a till scanned or somebody typed: a payment code <c>prepaid-code/1|card|nonce|until|signature</c>, a printed card
/// <c>prepaid-card/1|card</c>, a holder's link without its secret, or a card's number.
/// </summary>
/// <param name="Card">The card; null where the text names none.</param>
/// <param name="Code">The holder's code as the service takes it; null without one.</param>
public sealed record ScannedText(Guid? Card, JsonObject? Code)
{
    private const string CodeForm = "prepaid-code/1";
    private const string CardForm = "prepaid-card/1";
    private const string OwnPage = "/my/cards/";

    /// <summary>The text of a printed card's QR code.</summary>
    public static string OfCard(Guid card) => $"{CardForm}|{card}";

    /// <summary>Takes a text apart.</summary>
    public static ScannedText Read(string? text)
    {
        var parts = (text ?? "").Trim().Split('|');
        return parts switch
        {
            [CodeForm, var card, var nonce, var until, var signature] when Id(card) is { } id
                && long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var end) => new(id, new JsonObject
                {
                    ["card"] = id.ToString(),
                    ["nonce"] = nonce,
                    ["until"] = end,
                    ["signature"] = signature,
                }),
            [CardForm, var card] => new(Id(card), null),
            [var one] when one.IndexOf(OwnPage, StringComparison.Ordinal) is >= 0 and var at =>
                new(Id(one[(at + OwnPage.Length)..].Split('#', '?', '/')[0]), null),
            [var one] => new(Id(one), null),
            _ => new(null, null),
        };
    }

    private static Guid? Id(string text) => Guid.TryParseExact(text, "D", out var id) ? id : null;
}
