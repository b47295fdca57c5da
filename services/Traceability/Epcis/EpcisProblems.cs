using ServiceDefaults.Problems;
using Traceability.Epcis.Capture;

namespace Traceability.Epcis;

/// <summary>Problems of the EPCIS interface, which also name the standard's exception (EPCIS 2.0 §8.2.5).</summary>
internal static class EpcisProblems
{
    /// <summary>Refuses a document or event for what is wrong in it.</summary>
    public static Problem Invalid(ProblemCatalog catalog, string code, IEnumerable<CaptureError> errors)
    {
        ProblemItem[] items = [.. errors.Take(100).Select(e => Item(catalog, e))];
        return Problem.Of(code, items, ("count", items.Length)).With("exception", "epcisException:ValidationException");
    }

    /// <summary>A query that can't be understood.</summary>
    public static Problem Parameter(string name) =>
        Problem.Of("query-parameter", ("name", name)).With("exception", "epcisException:QueryParameterException");

    /// <summary>What the standard has and this repository has not (501, as the REST binding answers it).</summary>
    /// <param name="what">The operation or query, as the standard calls it.</param>
    public static Problem NotImplemented(string what) =>
        Problem.Of("epcis-not-implemented", ("what", what)).With("exception", "epcisException:ImplementationException");

    /// <summary>An answer that can't be given in the form asked for.</summary>
    public static Problem NotAcceptable(string code, params (string Name, object? Value)[] values) =>
        Problem.Of(code, values).With("exception", "epcisException:NotAcceptableException");

    /// <summary>A name that is not there.</summary>
    public static Problem NoSuchName(string code) =>
        Problem.Of(code).With("exception", "epcisException:NoSuchNameException");

    /// <summary>
    /// An error as an item of a problem; a rule that the catalogue does not word keeps its own detail in
    /// English, and has words in Chinese.
    /// </summary>
    public static ProblemItem Item(ProblemCatalog catalog, CaptureError e) => new(
        e.Path,
        catalog.Entries.ContainsKey(e.Code) ? e.Code : "event-rule",
        new Dictionary<string, object?>
        {
            ["detail"] = e.Detail,
            ["words"] = RuleWords.Chinese(e.Code, e.Detail),
            ["id"] = e.Detail,
        },
        e.Index, e.Code);
}
