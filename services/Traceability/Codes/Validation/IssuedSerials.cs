namespace Traceability.Codes.Validation;

/// <summary>
/// What an identity that an event names is to the codes that are issued here: a serial that nobody issued, or one of
/// ours in other letters, which would be a second identity of one item. From memory; pure but for what is known.
/// </summary>
internal static class IssuedSerials
{
    private const string Items = "https://id.gs1.org/01/";

    /// <summary>
    /// Whether a product's codes are issued here, or taken over, and this one is none of them. Of a product whose codes
    /// are kept elsewhere nothing can be said. It may have been in use before, or the
    /// codes be a stranger's (<see cref="Epcis.Findings.NeverIssued"/>).
    /// </summary>
    /// <param name="codes">What is known.</param>
    /// <param name="uri">Canonical Digital Link.</param>
    public static bool IsNeverIssued(CodeValidator codes, string uri) =>
        TryItem(uri, out ItemCode item) && codes.IsIssued(item.Gtin!)
        && codes.Find(item).Standing == CodeStanding.NotOurs;

    /// <summary>The identity of the item whose issued serial was written in other letters; null where it is as issued.</summary>
    public static string? Corrected(CodeValidator codes, string uri)
    {
        if (!TryItem(uri, out ItemCode item))
            return null;
        CodeFinding found = codes.Find(item);
        return found.Standing != CodeStanding.NotOurs && found.Serial != item.Serial
            ? $"{Items}{item.Gtin}/21/{found.Serial}"
            : null;
    }

    private static bool TryItem(string uri, out ItemCode item)
    {
        item = default;
        return uri.StartsWith(Items, StringComparison.Ordinal) && uri.Contains("/21/", StringComparison.Ordinal)
            && ItemCode.TryParse(uri, out item) && item.Gtin is not null;
    }
}
