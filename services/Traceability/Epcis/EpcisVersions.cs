namespace Traceability.Epcis;

/// <summary>Versions of the standard, in headers of requests and answers (EPCIS 2.0 §12.6).</summary>
internal static class EpcisVersions
{
    public const string Epcis = "2.0.0";
    public const string Cbv = "2.0.0";
    private const string ExtensionsHeader = "GS1-Extensions";
    private static readonly Version Newest = new(2, 0, 0);
    private static readonly Version Oldest = new(1, 2, 0);

    /// <summary>Tells the version of every answer and refuses a request for one that is not here.</summary>
    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        http.Response.Headers["GS1-EPCIS-Version"] = Epcis;
        http.Response.Headers["GS1-CBV-Version"] = Cbv;
        IHeaderDictionary headers = http.Request.Headers;
        if (Extensions(headers[ExtensionsHeader].ToString()) is { Length: > 0 } extensions)
            http.Response.Headers[ExtensionsHeader] = extensions;
        foreach (string kind in new[] { "EPCIS", "CBV" })
        {
            if (Read(headers, $"GS1-{kind}-Min") is { } min && min > Newest
                || Read(headers, $"GS1-{kind}-Max") is { } max && max < Newest
                || Read(headers, $"GS1-{kind}-Version") is { } version && (version > Newest || version < Oldest))
                return EpcisProblems.NotAcceptable("epcis-version", ("version", Epcis));
        }
        return await next(context);
    }

    /// <summary>The answer to <c>OPTIONS</c>: what the resource can do.</summary>
    public static IResult Describe(HttpContext http, string allow, bool capture = false)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.Allow = allow;
        headers["GS1-EPCIS-Min"] = headers["GS1-EPCIS-Max"] = Epcis;
        headers["GS1-CBV-Min"] = headers["GS1-CBV-Max"] = Cbv;
        headers["GS1-Vendor-Version"] = "1";
        if (capture)
        {
            headers["GS1-EPCIS-Capture-Limit"] = $"{Capture.CaptureDocument.EventsMax}";
            headers["GS1-EPCIS-Capture-File-Size-Limit"] = $"{Capture.CaptureDocument.BytesMax}";
            headers["GS1-Capture-Error-Behaviour"] = "all";
        }
        return TypedResults.NoContent();
    }

    /// <summary>
    /// What is supported of the extensions that a client names as <c>prefix=URI</c>: each that is written so, since
    /// members of any namespace are kept, returned and asked by (header <c>GS1-Extensions</c>).
    /// </summary>
    public static string Extensions(string named) => string.Join(", ", named.Split(',', StringSplitOptions.TrimEntries)
        .Where(pair => pair.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
            && pair[..at].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            && Uri.TryCreate(pair[(at + 1)..], UriKind.Absolute, out Uri? uri) && uri.IsWellFormedOriginalString()));

    private static Version? Read(IHeaderDictionary headers, string name)
    {
        string text = headers[name].ToString();
        return text.Length == 0 ? null
            : Version.TryParse(text.Contains('.', StringComparison.Ordinal) ? text : text + ".0", out Version? version)
                ? new Version(version.Major, version.Minor, Math.Max(version.Build, 0))
                : new Version(int.MaxValue, 0, 0);
    }
}
