using System.Buffers;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using Traceability.Codes.Batches;
using Traceability.Codes.Keys;
using Traceability.Codes.Validation;

namespace Traceability.Codes.Exports;

/// <summary>
/// A batch's codes as a CSV stream of known length. Text serials answer byte ranges (RFC 9110 section 14), so any
/// client resumes a broken download; all kinds answer <c>from</c> and <c>count</c>.
/// </summary>
internal static class ExportCodes
{
    public static void Map(IEndpointRouteBuilder codes) =>
        codes.MapGet("/batches/{id:guid}/codes.csv", HandleAsync).RequireRoles(Role.Member, Role.Admin)
            .WithName("ExportCodes").WithSummary("A batch's codes as CSV; resumable.");

    /// <summary>The counters that a query asks for; the whole batch when it names none.</summary>
    /// <exception cref="ProblemException">They are not in the batch.</exception>
    public static CodeRange RangeOf(KnownBatch batch, int? from, int? count, int max = int.MaxValue)
    {
        int size = batch.Opened.Count;
        int first = from ?? 0;
        int asked = count ?? Math.Min(max, size - Math.Clamp(first, 0, size));
        if (asked > max)
            throw new ProblemException(Problem.Of("code-query-form", ("field", nameof(count))));
        return first >= 0 && asked >= 1 && (long)first + asked <= size
            ? CodeRange.Of(first, asked)
            : throw new ProblemException(Problem.Of(
                CodeBatch.OutOfBatch, [.. BatchAccess.Numbers(first, asked), ("size", size)]));
    }

    private static async Task<IResult> HandleAsync(
        Guid id, HttpContext http, Caller caller, CodeValidator validator, CodeKeys keys, int? from = null,
        int? count = null)
    {
        KnownBatch batch = BatchAccess.Known(validator, caller.Tenant, id);
        CodeRange range = RangeOf(batch, from, count);
        CodeLines lines = new(batch, keys[batch.Opened.KeyVersion]);
        HttpResponse response = http.Response;
        response.ContentType = "text/csv; charset=us-ascii";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentDisposition = $"attachment; filename=\"codes-{batch.Gtin}-{batch.Opened.Number}.csv\"";
        EntityTagHeaderValue tag = new($"\"{id:N}-{range.From}-{range.Count}\"");
        response.GetTypedHeaders().ETag = tag;
        if (lines.LineLength == 0)
        {
            response.BodyWriter.Write(CodeLines.Header);
            await lines.WriteAsync(response.BodyWriter, range, 0, http.RequestAborted);
            return Results.Empty;
        }
        response.Headers.AcceptRanges = "bytes";
        long length = CodeLines.Header.Length + ((long)lines.LineLength * range.Count);
        long start = StartOf(http.Request, tag, length);
        if (start >= length)
        {
            response.Headers.ContentRange = $"bytes */{length}";
            return Problem.Of("range-not-satisfiable", ("length", length));
        }
        if (start > 0)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {start}-{length - 1}/{length}";
        }
        response.ContentLength = length - start;
        if (start < CodeLines.Header.Length)
            response.BodyWriter.Write(CodeLines.Header[(int)start..]);
        long body = Math.Max(0, start - CodeLines.Header.Length);
        CodeRange rest = new(range.From + (int)(body / lines.LineLength), range.To);
        await lines.WriteAsync(response.BodyWriter, rest, (int)(body % lines.LineLength), http.RequestAborted);
        return Results.Empty;
    }

    // Only "from here to the end" is answered as a range; a server may ignore any other.
    private static long StartOf(HttpRequest request, EntityTagHeaderValue tag, long length)
    {
        RequestHeaders headers = request.GetTypedHeaders();
        if (headers.IfRange?.EntityTag is { } known && !known.Compare(tag, useStrongComparison: true))
            return 0;
        return headers.Range is { Ranges: { Count: 1 } ranges } && ranges.First() is { From: { } start, To: var to }
            && (to is null || to >= length - 1)
                ? start
                : 0;
    }
}
