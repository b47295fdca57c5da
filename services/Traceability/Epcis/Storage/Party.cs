namespace Traceability.Epcis.Storage;

/// <summary>How a party or place stands in an event.</summary>
internal enum Side
{
    Source = 0,
    Destination = 1,
    ReadPoint = 2,
    BizLocation = 3,
}

/// <summary>A party or place that an event names.</summary>
/// <param name="Side">How it stands in the event.</param>
/// <param name="Uri">Canonical.</param>
/// <param name="Type">Full URI of a source's or destination's type.</param>
/// <param name="Gln">The 13 digits where the URI is one of a GLN (AI 414 or 417).</param>
internal sealed record Party(Side Side, string Uri, string? Type, string? Gln)
{
    private const string Place = "https://id.gs1.org/414/";
    private const string PartyGln = "https://id.gs1.org/417/";
    private const int GlnDigits = 13;

    /// <summary>All parties and places of an event.</summary>
    public static IEnumerable<Party> Of(EpcisEvent e)
    {
        foreach (EventLink source in e.Sources)
            yield return new Party(Side.Source, source.Uri, source.Type, GlnOf(source.Uri));
        foreach (EventLink destination in e.Destinations)
            yield return new Party(Side.Destination, destination.Uri, destination.Type, GlnOf(destination.Uri));
        if (e.ReadPoint is { } read)
            yield return new Party(Side.ReadPoint, read, null, GlnOf(read));
        if (e.BizLocation is { } location)
            yield return new Party(Side.BizLocation, location, null, GlnOf(location));
    }

    /// <summary>The GLN in a canonical Digital Link of a place or party, or null.</summary>
    public static string? GlnOf(string uri)
    {
        string? prefix = uri.StartsWith(Place, StringComparison.Ordinal) ? Place
            : uri.StartsWith(PartyGln, StringComparison.Ordinal) ? PartyGln : null;
        if (prefix is null || uri.Length < prefix.Length + GlnDigits)
            return null;
        string gln = uri.Substring(prefix.Length, GlnDigits);
        bool ends = uri.Length == prefix.Length + GlnDigits || uri[prefix.Length + GlnDigits] is '/' or '?';
        return ends && gln.All(char.IsAsciiDigit) ? gln : null;
    }
}
