using System.Text.Json;
using System.Text.Json.Serialization;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Receivables.Parties;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Receivables.Signatures;

/// <summary>A command with all its approvals.</summary>
public sealed record SubmitRequest(JsonElement Command, IReadOnlyList<ApprovalRequest> Approvals);

/// <summary>A command to be approved by people.</summary>
public sealed record DraftRequest(JsonElement Command);

/// <summary>Which page of a command is wanted; <paramref name="At"/> is the present where it is missing.</summary>
public sealed record PageRequest(JsonElement Command, SignerRole Role, string KeyId, string Language, string? At = null);

/// <summary>Why a draft is given up.</summary>
public sealed record WithdrawRequest(string? Reason = null);

/// <summary>Open drafts.</summary>
/// <param name="Items">A page of them.</param>
/// <param name="Next">Where the next page goes on, by <c>?cursor=</c>; null where there is none.</param>
public sealed record DraftList(IReadOnlyList<DraftDetails> Items, string? Next = null);

/// <summary>What a key signed so far.</summary>
/// <param name="KeyId">The key.</param>
/// <param name="Head">SHA-256 of its last page; null before the first.</param>
/// <param name="Count">How many pages it signed.</param>
public sealed record ChainAnswer(string KeyId, string? Head, long Count);

internal sealed class WithdrawShape : AbstractValidator<WithdrawRequest>
{
    public WithdrawShape()
    {
        RuleFor(r => r.Reason).Required();
        RuleFor(r => r.Reason).Text(1, 200);
    }
}

/// <summary>Commands in one step, and the desk of people.</summary>
internal static class SigningEndpoints
{
    private const int ApprovalsMax = 3;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/commands", SubmitAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .WithName("SubmitCommand").WithSummary("Carries out a command that comes with all its approvals.");
        app.MapPost("/pages", PageAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .WithName("GetPage").WithSummary("The exact bytes of a command's page for one signer.");
        app.MapGet("/signers/{keyId}", ChainAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetSignerChain").WithSummary("Head of a key's chain.");
        RouteGroupBuilder drafts = app.MapGroup("/drafts");
        drafts.MapPost("/", DraftAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .WithName("DraftCommand").WithSummary("Keeps a command until people have approved it.");
        drafts.MapGet("/", ListAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("ListDrafts").WithSummary("Open drafts of the organisation; ?waiting=me those that wait for the caller.");
        drafts.MapGet("/{id}", GetAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetDraft").WithSummary("A draft with its approvals.");
        drafts.MapGet("/{id}/page", DraftPageAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .WithName("GetDraftPage").WithSummary("The exact bytes of a draft's page for one signer.");
        drafts.MapPost("/{id}/approvals", ApproveAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .WithName("ApproveDraft").WithSummary("Adds an approval; the last one carries the command out.");
        drafts.MapPost("/{id}/withdrawal", WithdrawAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .Validate(new WithdrawShape())
            .WithName("WithdrawDraft").WithSummary("Gives a draft up.");
    }

    private static async Task<IResult> SubmitAsync(
        HttpContext http, Caller caller, SubmitRequest request, CommandDesk desk, CancellationToken cancellation)
    {
        if (request.Approvals.Count > ApprovalsMax)
            return Problem.Of("approvals-too-many", ("max", ApprovalsMax));
        CommandAnswer answer = await desk.SubmitAsync(
            caller, request.Command, request.Approvals, EntityVersion.Expected(http.Request), cancellation);
        return TypedResults.Json(answer, SigningApiJson.Default.CommandAnswer);
    }

    private static async Task<IResult> PageAsync(
        HttpContext http, Caller caller, PageRequest request, CommandDesk desk, SignerChains chains, TimeProvider time,
        CancellationToken cancellation)
    {
        (SignedCommand command, SortedDictionary<string, string> names) =
            await desk.ReadAsync(caller, request.Command, cancellation);
        return await WriteAsync(
            http, command.Json, names, (request.Role, request.KeyId, request.Language, request.At), chains, time,
            cancellation);
    }

    private static async Task<IResult> DraftPageAsync(
        string id, string role, string key, string? lang, string? at, HttpContext http, Caller caller, Drafts drafts,
        SignerChains chains, TimeProvider time, CancellationToken cancellation)
    {
        (Signed signed, _) = await drafts.FindAsync(caller, id, cancellation);
        return await WriteAsync(
            http, signed.Command.Json, signed.Names, (RoleOf(role), key, lang ?? "zh", at), chains, time, cancellation);
    }

    private static SignerRole RoleOf(string role) =>
        Enum.GetValues<SignerRole>().Where(r => SignedPage.KebabName(r) == role).Select(r => (SignerRole?)r).FirstOrDefault()
        ?? throw new ProblemException(Problem.Of("request-malformed"));

    private static async Task<IResult> WriteAsync(
        HttpContext http, JsonElement command, IReadOnlyDictionary<string, string> names,
        (SignerRole Role, string KeyId, string Language, string? At) wanted, SignerChains chains, TimeProvider time,
        CancellationToken cancellation)
    {
        if (!SignedPage.Languages.Contains(wanted.Language))
            throw new ProblemException(Problem.Of("page-language"));
        string at = wanted.At ?? SignedPage.WriteTime(time.GetUtcNow());
        if (!SignedPage.TryReadTime(at, out _))
            throw new ProblemException(Problem.Of("page-time"));
        SignerChain chain = await chains.PeekAsync(wanted.KeyId, cancellation);
        byte[] page = SignedPage.Render(command, names, wanted.Language, new Signing(wanted.Role, wanted.KeyId, chain.Head, at));
        http.Response.Headers["Page-Sha256"] = SignedPage.Hash(page);
        http.Response.Headers["Page-Time"] = at;
        if (chain.Head is { } head)
            http.Response.Headers["Page-Previous"] = head;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Bytes(page, "text/plain; charset=utf-8");
    }

    private static async Task<IResult> ChainAsync(
        string keyId, Caller caller, PartyDirectory parties, SignerChains chains, CancellationToken cancellation)
    {
        PartyState party = await parties.GetAsync(caller.Tenant, cancellation);
        if (!party.Keys.ContainsKey(keyId))
            throw new ProblemException(Problem.Of(ApprovalRules.KeyUnknown, ("key", keyId)));
        SignerChain chain = await chains.PeekAsync(keyId, cancellation);
        return TypedResults.Json(new ChainAnswer(keyId, chain.Head, chain.Version), SigningApiJson.Default.ChainAnswer);
    }

    private static async Task<IResult> DraftAsync(
        Caller caller, DraftRequest request, Drafts drafts, CancellationToken cancellation) =>
        Details(await drafts.DraftAsync(caller, request.Command, cancellation));

    private static async Task<IResult> ListAsync(
        string? waiting, string? cursor, Caller caller, Drafts drafts, CancellationToken cancellation) =>
        TypedResults.Json(
            await drafts.OpenAsync(caller, waiting == "me", cursor, cancellation), SigningApiJson.Default.DraftList);

    private static async Task<IResult> GetAsync(
        string id, Caller caller, Drafts drafts, CancellationToken cancellation) =>
        Details(await drafts.GetAsync(caller, id, cancellation));

    private static async Task<IResult> ApproveAsync(
        string id, HttpContext http, Caller caller, ApprovalRequest request, Drafts drafts,
        CancellationToken cancellation) =>
        Details(await drafts.ApproveAsync(
            caller, id, request, EntityVersion.Expected(http.Request), cancellation));

    private static async Task<IResult> WithdrawAsync(
        string id, Caller caller, WithdrawRequest request, Drafts drafts, CancellationToken cancellation) =>
        Details(await drafts.WithdrawAsync(caller, id, request.Reason!, cancellation));

    private static JsonHttpResult<DraftDetails> Details(DraftDetails details) =>
        TypedResults.Json(details, SigningApiJson.Default.DraftDetails);
}

/// <summary>Answers about signing.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CommandAnswer))]
[JsonSerializable(typeof(DraftDetails))]
[JsonSerializable(typeof(DraftList))]
[JsonSerializable(typeof(ChainAnswer))]
internal sealed partial class SigningApiJson : JsonSerializerContext;

/// <summary>Fast metadata for requests about signing; the strict rules come from the service's own options.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SubmitRequest))]
[JsonSerializable(typeof(DraftRequest))]
[JsonSerializable(typeof(PageRequest))]
[JsonSerializable(typeof(WithdrawRequest))]
[JsonSerializable(typeof(ApprovalRequest))]
internal sealed partial class SigningRequestJson : JsonSerializerContext;
