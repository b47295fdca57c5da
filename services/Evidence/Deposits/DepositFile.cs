using System.Text.Json;
using EventStore;
using EventStore.Idempotency;
using Evidence.Files;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Evidence.Deposits;

/// <summary>
/// Deposits a file: the body is the file itself, or <c>multipart/form-data</c> with a JSON part <c>deposit</c> before
/// the part <c>file</c>. The file is hashed and sealed while it arrives and never held in memory.
/// </summary>
internal static class DepositFile
{
    public const long FileBytesMax = 2L << 30;
    private const long BodyBytesMax = FileBytesMax + (1 << 20);
    private const int MetadataBytesMax = 64 * 1024;

    public static void Map(IEndpointRouteBuilder deposits) =>
        deposits.MapPost("/files", HandleAsync).RequireRoles(Role.Member).WithBodyLimit(BodyBytesMax)
            .WithName("DepositFile").WithSummary("Deposits a file and keeps it, encrypted.");

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, FileVault vault, DepositLookup lookup, string? name = null,
        string? businessId = null)
    {
        if (http.Request.ContentLength > BodyBytesMax)
            return Problem.Of("file-too-large", ("max", FileBytesMax));
        (DepositRequest request, Stream? file) = await OpenAsync(http, name, businessId);
        if (file is null)
            return Problem.Of("request-malformed");
        List<ProblemItem> problems = [];
        new DepositShape(problems, index: null, problemsMax: 100).Check(request, digestNeeded: false);
        if (problems.Count > 0)
            return RequestValidation.Invalid(problems);

        await using IncomingFile incoming = await ReceiveAsync(vault, file, http.RequestAborted);
        string sha256 = Convert.ToHexStringLower(incoming.Digests.Sha256);
        string sm3 = Convert.ToHexStringLower(incoming.Digests.Sm3);
        if (request.Sha256 is { } stated && stated != sha256)
            return Problem.Of("file-digest-differs", ("actual", sha256));
        request = request with { Sha256 = sha256, Sm3 = sm3, Size = incoming.Digests.Bytes };
        // What the client sent is the file and its description: both make up the request that a key stands for.
        IdempotencyKey? key = Once.Key(http.Request, caller, "deposit-file",
            JsonSerializer.SerializeToUtf8Bytes(request, ApiJson.Default.DepositRequest));
        using IDisposable hold = await vault.HoldAsync(caller.Tenant, sha256, http.RequestAborted);
        bool unknown = false;
        try
        {
            return await DepositEvidence.RecordAsync(http, caller, key, request,
                token => vault.KeepAsync(caller.Tenant, incoming, token), lookup, "");
        }
        catch (StoreUnavailableException)
        {
            unknown = true;
            throw;
        }
        finally
        {
            // Where it is unknown whether the deposit was recorded, the record may say that the file is kept.
            if (!unknown)
                await vault.EraseUnstatedAsync(caller.Tenant, sha256, CancellationToken.None);
        }
    }

    private static async Task<IncomingFile> ReceiveAsync(
        FileVault vault, Stream file, CancellationToken cancellationToken)
    {
        try
        {
            return await vault.ReceiveAsync(file, FileBytesMax, cancellationToken);
        }
        catch (FileTooLargeException)
        {
            throw new ProblemException(Problem.Of("file-too-large", ("max", FileBytesMax)));
        }
    }

    private static async Task<(DepositRequest, Stream?)> OpenAsync(HttpContext http, string? name, string? businessId)
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out MediaTypeHeaderValue? type))
            throw new ProblemException(Problem.Of("media-type-unsupported"));
        if (!type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            string? mime = type.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase)
                ? null
                : type.MediaType.ToString();
            return (new DepositRequest(Name: name, BusinessId: businessId, Mime: mime), http.Request.Body);
        }
        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > 70)
            throw new ProblemException(Problem.Of("request-malformed"));
        return await ReadPartsAsync(new MultipartReader(boundary, http.Request.Body), name, businessId, http.RequestAborted);
    }

    private static async Task<(DepositRequest, Stream?)> ReadPartsAsync(
        MultipartReader reader, string? name, string? businessId, CancellationToken cancellationToken)
    {
        DepositRequest request = new(Name: name, BusinessId: businessId);
        try
        {
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                    return (request, null);
                string part = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
                if (part == "file")
                    return (request with { Mime = request.Mime ?? section.ContentType }, section.Body);
                if (part != "deposit")
                    return (request, null);
                byte[] json = new byte[MetadataBytesMax + 1];
                int length = await section.Body.ReadAtLeastAsync(
                    json, json.Length, throwOnEndOfStream: false, cancellationToken);
                if (length > MetadataBytesMax)
                    throw new ProblemException(Problem.Of("body-too-large"));
                request = JsonSerializer.Deserialize<DepositRequest>(json.AsSpan(0, length), StrictJson.Options)
                    ?? throw new JsonException("null", "$", 0, 0);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new ProblemException(Problem.Of("request-malformed"));
        }
        return (request, null);
    }
}
