using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Traceability.Gs1;

namespace Traceability.Scanning;

/// <summary>A label's place among those that are issued here.</summary>
/// <param name="Batch">Its batch.</param>
/// <param name="Counter">Its place in it, from 0.</param>
/// <param name="Dealer">Whom it was activated for.</param>
public sealed record LabelPlace(Guid Batch, int Counter, string? Dealer);

/// <summary>What a scanned link names: a product, perhaps a lot, perhaps one item.</summary>
/// <param name="Gtin">14 digits.</param>
/// <param name="Lot">AI 10.</param>
/// <param name="Serial">AI 21.</param>
/// <param name="Variant">AI 22, consumer product variant.</param>
public sealed record ItemKey(string Gtin, string? Lot = null, string? Serial = null, string? Variant = null)
{
    /// <summary>Which label it is, where it is one of ours; no part of the link.</summary>
    public LabelPlace? Label { get; init; }

    /// <summary>The lot that the link names where the label was bound to another; null where they agree.</summary>
    public string? OtherLot { get; init; }

    /// <summary>Whether the lot is the one that the label was activated for, and not only what a link says.</summary>
    public bool IsBound { get; init; }

    /// <summary>Problem of a link that can't be read.</summary>
    public const string Invalid = "link-invalid";

    /// <summary>Problem of a link with a character that GS1 links have nowhere.</summary>
    public const string Character = "link-character";

    /// <summary>Problem of a link whose GTIN has a wrong check digit.</summary>
    public const string Digit = "link-check-digit";

    /// <summary>Problem of a link to something else than a trade item.</summary>
    public const string NotServed = "key-not-served";

    // GS1 General Specifications, figure 7.11-1.
    private static readonly SearchValues<char> Set82 = SearchValues.Create(
        "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    /// <summary>The path on any resolver.</summary>
    public string Path => $"/01/{Gtin}{Part("22", Variant)}{Part("10", Lot)}{Part("21", Serial)}";

    /// <summary>The same as it was scanned, with the lot of the label.</summary>
    public string ScannedPath => (this with { Lot = OtherLot ?? Lot }).Path;

    /// <summary>The identity that tables have for the finest thing named.</summary>
    public string Canonical => Serial is not null ? ItemUri : Lot is not null ? LotUri : ProductUri;

    /// <summary>The identity of the item; a lot or variant beside a serial is no part of it.</summary>
    public string ItemUri => $"{ProductUri}{Part("21", Serial)}";

    /// <summary>The identity of the lot.</summary>
    public string LotUri => $"{ProductUri}{Part("10", Lot)}";

    /// <summary>The identity of the product.</summary>
    public string ProductUri => $"{DigitalLink.CanonicalStem}/01/{Gtin}";

    /// <summary>Whether a character may stand in a lot or serial.</summary>
    public static bool IsSet82(char c) => Set82.Contains(c);

    /// <summary>Reads a request's target, as it came.</summary>
    /// <param name="target">Path and query, percent-encoded.</param>
    /// <param name="key">What it names.</param>
    /// <param name="fault">The problem's code where it names nothing.</param>
    public static bool TryParse(
        string target, [NotNullWhen(true)] out ItemKey? key, [NotNullWhen(false)] out string? fault)
    {
        key = null;
        int query = target.IndexOf('?', StringComparison.Ordinal);
        string path = (query < 0 ? target : target[..query]).TrimEnd('/');
        // Only the path names the item; the query has the resolver's own parameters.
        if (!DigitalLink.TryParse(
                DigitalLink.CanonicalStem + path, DigitalLinkReading.ShortGtins, out DigitalLink? link, out Gs1Error error))
        {
            fault = error.Code switch
            {
                "incorrect-check-digit" => Digit,
                "uri-character" or "invalid-cset82-character" => Character,
                _ => Invalid,
            };
            return false;
        }
        if (link.Key.Ai != "01")
        {
            fault = NotServed;
            return false;
        }
        fault = null;
        key = new ItemKey(link.Key.Value, link.Value("10"), link.Value("21"), link.Value("22"));
        return true;
    }

    private static string Part(string ai, string? value)
    {
        if (value is null)
            return "";
        StringBuilder text = new($"/{ai}/");
        UriText.AppendCanonical(text, value);
        return text.ToString();
    }
}
