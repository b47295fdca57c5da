namespace Traceability.Epcis.Documents;

/// <summary>Ids in the one form in which they are stored and compared, remembered while one document is read.</summary>
internal sealed class Identifiers
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
            known = (uri, null);
            if (_known.Count < Remembered) _known.Add(uri, known);
        }

        fault = known.Fault;
        return known.Canonical;
    }
}
