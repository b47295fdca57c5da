using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Traceability.Epcis.Capture;

/// <summary>The form of a document that is captured.</summary>
internal enum DocumentForm
{
    Json,
    Xml,
}

/// <summary>A document as it was sent.</summary>
internal sealed record CaptureDocument(DocumentForm Form, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Largest document in bytes (header <c>GS1-EPCIS-Capture-File-Size-Limit</c>).</summary>
    public const int BytesMax = 16 << 20;

    /// <summary>Most events of a document (header <c>GS1-EPCIS-Capture-Limit</c>).</summary>
    public const int EventsMax = 2_000;

    private static readonly EpcisLimits Limits = new(BytesMax, EventsMax);

    /// <summary>Reads the body of a request under the endpoint's size limit.</summary>
    /// <exception cref="ProblemException">There is none, or its media type is none of EPCIS.</exception>
    public static async Task<CaptureDocument> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            throw new ProblemException(Empty);
        string? type = MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? header)
            ? header.MediaType?.ToLowerInvariant()
            : null;
        DocumentForm form = type switch
        {
            "application/json" or "application/ld+json" => DocumentForm.Json,
            "application/xml" or "text/xml" => DocumentForm.Xml,
            _ => throw new ProblemException(Problem.Of("epcis-media-type")),
        };
        ReadOnlyMemory<byte> bytes = await request.ReadBytesAsync(cancellationToken);
        return bytes.Length > 0 ? new CaptureDocument(form, bytes) : throw new ProblemException(Empty);
    }

    private static Problem Empty =>
        Problem.Of("document-empty").With("exception", "epcisException:ValidationException");

    /// <summary>What the document says, or what is wrong with it.</summary>
    public Reading Parse() =>
        Form == DocumentForm.Json ? EpcisDocuments.ReadJson(Bytes, Limits) : EpcisDocuments.ReadXml(Bytes, Limits);
}
