using Traceability.Gs1;

namespace Traceability.Epcis.Queries;

/// <summary>
/// What a <c>MATCH_</c> value finds (EPCIS 2.0 §8.2.7.1.1): one id, or all that begin in one way. A class finds the
/// class
/// itself and everything below it; <c>urn:epc:idpat</c> may leave open the serial, or the item reference too.
/// </summary>
/// <param name="Exact">An id that is found, or null.</param>
/// <param name="Prefixes">Beginnings of ids that are found.</param>
internal sealed record EpcPattern(string? Exact, IReadOnlyList<string> Prefixes)
{
    private const string IdPattern = "urn:epc:idpat:";
    private const string Web = "https://id.gs1.org/";

    public static EpcPattern Of(string value)
    {
        if (value.StartsWith(IdPattern, StringComparison.Ordinal) && OpenPattern(value) is { } open)
            return open;
        string uri = Epc.ToCanonicalUri(value);
        return uri.StartsWith(Web, StringComparison.Ordinal)
            ? new EpcPattern(uri, [uri + "/"])
            : new EpcPattern(uri, []);
    }

    /// <summary>Patterns that leave open more than the last part: by company prefix.</summary>
    private static EpcPattern? OpenPattern(string value)
    {
        string[] scheme = value[IdPattern.Length..].Split(':', 2);
        if (scheme.Length < 2 || scheme[1].Split('.') is not [var company, var second, ..] || second != "*")
            return null;
        if (company == "*" || !company.All(char.IsAsciiDigit))
            return new EpcPattern(null, company == "*" ? Keys(scheme[0]) : []);
        return scheme[0] switch
        {
            "sgtin" => new EpcPattern(null, [.. Indicators.Select(i => $"{Web}01/{i}{company}")]),
            "sscc" => new EpcPattern(null, [.. Indicators.Select(i => $"{Web}00/{i}{company}")]),
            "sgln" or "pgln" or "grai" or "giai" or "gsrn" or "gdti" or "sgcn" or "itip" =>
                new EpcPattern(null, [.. Keys(scheme[0]).Select(k => k + company)]),
            _ => null,
        };
    }

    private static readonly string[] Indicators = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    private static string[] Keys(string scheme) => scheme switch
    {
        "sgtin" => [$"{Web}01/"],
        "sscc" => [$"{Web}00/"],
        "sgln" => [$"{Web}414/"],
        "pgln" => [$"{Web}417/"],
        "grai" => [$"{Web}8003/0"],
        "giai" => [$"{Web}8004/"],
        "gsrn" => [$"{Web}8018/"],
        "gdti" => [$"{Web}253/"],
        "sgcn" => [$"{Web}255/"],
        "itip" => [$"{Web}8006/"],
        _ => [],
    };
}
