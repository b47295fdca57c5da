using System.Globalization;
using ServiceDefaults.Problems;
using Traceability.Codes.Validation;
using Traceability.Epcis.Queries;

namespace Traceability.Graph;

/// <summary>Reads what questions to the graph have in common.</summary>
internal static class GraphRequest
{
    private const int IdLengthMax = 2_000;

    /// <summary>The identifier in the path after a word.</summary>
    /// <exception cref="ProblemException">It is none that a trace can begin with.</exception>
    public static string Id(HttpContext http, string after)
    {
        string id = RawPath.After(http, after);
        if (id.Length is 0 or > IdLengthMax || id.Any(char.IsControl))
            throw Wrong("id");
        if (GraphItem.KindOf(Gs1.Epc.ToCanonicalUri(id)) == GraphItemKind.Product)
            throw new ProblemException(Problem.Of("trace-needs-lot"));
        return IssuedSerials.Corrected(
            http.RequestServices.GetRequiredService<CodeValidator>(), Gs1.Epc.ToCanonicalUri(id)) ?? id;
    }

    /// <summary>A time of the query, in UTC.</summary>
    /// <exception cref="ProblemException">It is no time.</exception>
    public static DateTime? Time(HttpContext http, string name)
    {
        string? text = http.Request.Query[name];
        if (string.IsNullOrEmpty(text))
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.UtcDateTime
            : throw Wrong(name);
    }

    /// <summary>A whole number of the query.</summary>
    /// <exception cref="ProblemException">It is none, or out of range.</exception>
    public static int Number(HttpContext http, string name, int otherwise, int max)
    {
        string? text = http.Request.Query[name];
        if (string.IsNullOrEmpty(text))
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= max
            ? number
            : throw Wrong(name);
    }

    public static ProblemException Wrong(string field) => new(Problem.Of("trace-query-invalid", ("field", field)));
}
