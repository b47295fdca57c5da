using Traceability.Gs1;

namespace Traceability.Epcis.Documents;

/// <summary>Ids in the one form in which they are stored and compared, remembered while one document is read.</summary>
internal sealed class Identifiers(bool check = true)
{
    // A document names the same places again and again; its items mostly once.
    private const int Remembered = 4096;
    private readonly Dictionary<string, (string Canonical, string? Fault)> _known = new(StringComparer.Ordinal);

    /// <summary>The canonical GS1 Digital Link of a GS1 id in any of its forms; other URIs unchanged.</summary>
    /// <param name="uri">Full URI.</param>
    /// <param name="fault">What is wrong with a text that claims to be a GS1 id.</param>
    public string ToCanonical(string uri, out string? fault)
    {
        if (!_known.TryGetValue(uri, out (string Canonical, string? Fault) known))
        {
            known = Read(uri);
            if (!check) known.Fault = null;
            if (_known.Count < Remembered) _known.Add(uri, known);
        }

        fault = known.Fault;
        return known.Canonical;
    }

    private static (string Canonical, string? Fault) Read(string uri)
    {
        bool isUrn = uri.StartsWith("urn:epc:", StringComparison.Ordinal);
        if (!isUrn && !uri.StartsWith("http", StringComparison.OrdinalIgnoreCase)) return (uri, null);
        bool isSound = isUrn
            ? Epc.TryParseUrn(uri, out DigitalLink? link, out _)
            : DigitalLink.TryParse(uri, DigitalLinkReading.ShortGtins, out link, out _);
        if (isSound) return (link!.ToCanonical(), null);
        return (Epc.ToCanonicalUri(uri), Epc.IsSound(uri, out Gs1Error error) ? null : $"{error.Code}: {error.Detail}");
    }
}
