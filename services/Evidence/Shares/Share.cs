using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EventStore;
using Evidence.Deposits;
using FluentValidation;
using Npgsql;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Evidence.Shares;

/// <summary>Asks for a link.</summary>
/// <param name="Days">How long it serves, 1 to 365.</param>
public sealed record ShareRequest(int? Days = null);

/// <summary>A link, shown once: only a hash of its token is kept.</summary>
/// <param name="Token">Opens <c>/shares/{token}</c>.</param>
/// <param name="ExpiresAt">When it ends.</param>
public sealed record ShareAnswer(string Token, DateTimeOffset ExpiresAt);

internal sealed class ShareShape : AbstractValidator<ShareRequest>
{
    public const int DaysMax = 365;

    public ShareShape()
    {
        RuleFor(r => r.Days).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Days).Must(d => d is null or >= 1 and <= DaysMax).WithErrorCode("field-range")
            .WithState(_ => new Dictionary<string, object?> { ["min"] = 1, ["max"] = DaysMax });
    }
}

/// <summary>
/// Links by which an organisation shows one deposit and its proof to somebody without sign-in. They show no subject and
/// no file, end by themselves, and can be withdrawn.
/// </summary>
internal static class Share
{
    public const string Schema =
        """
        create table shares (
            token_hash bytea       primary key,
            tenant     text        collate "C" not null,
            deposit    text        collate "C" not null,
            expires_at timestamptz not null
        );
        create index shares_deposit on shares (deposit);
        """;

    public static void Map(IEndpointRouteBuilder endpoints, IEndpointRouteBuilder deposits)
    {
        deposits.MapPost("/{id}/shares", CreateAsync).RequireRoles(Role.Member, Role.Admin).Validate(new ShareShape())
            .WithName("ShareDeposit").WithSummary("Makes a link that shows a deposit without sign-in.");
        deposits.MapDelete("/{id}/shares", WithdrawAsync).RequireRoles(Role.Member, Role.Admin)
            .WithName("WithdrawShares").WithSummary("Withdraws all links to a deposit.");
        RouteGroupBuilder shares = endpoints.MapGroup("/shares").OpenToAll();
        shares.MapGet("/{token}", ShowAsync).WithName("ShowShare").WithSummary("The deposit behind a link.");
        shares.MapGet("/{token}/proof", ProveAsync).WithName("ProveShare").WithSummary("Its proof bundle, event included.");
    }

    private static async Task<IResult> CreateAsync(
        string id, Caller caller, JsonBody<ShareRequest> body, Store store, TimeProvider time,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> events = await DepositAccess.FetchAsync(store, caller.Tenant, id, cancellationToken);
        string token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        DateTimeOffset expiresAt = time.GetUtcNow().AddDays(body.Value.Days!.Value);
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "insert into shares (token_hash, tenant, deposit, expires_at) values ($1, $2, $3, $4)");
        command.Parameters.Add(new() { Value = Hash(token) });
        command.Parameters.Add(new() { Value = caller.Tenant });
        command.Parameters.Add(new() { Value = events[0].Stream });
        command.Parameters.Add(new() { Value = expiresAt });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return TypedResults.Json(new ShareAnswer(token, expiresAt), ApiJson.Default.ShareAnswer,
            statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> WithdrawAsync(
        string id, Caller caller, Store store, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> events = await DepositAccess.FetchAsync(store, caller.Tenant, id, cancellationToken);
        await using NpgsqlCommand command = store.DataSource.CreateCommand("delete from shares where deposit = $1");
        command.Parameters.Add(new() { Value = events[0].Stream });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ShowAsync(
        string token, Store store, TimeProvider time, CancellationToken cancellationToken) =>
        await FindAsync(token, store, time, cancellationToken) is { } events
            ? TypedResults.Json(GetDeposit.Describe(events, subject: null), ApiJson.Default.DepositDetails)
            : Problem.Of("share-not-found");

    private static async Task<IResult> ProveAsync(
        string token, HttpContext http, Store store, ProofBundles bundles, TimeProvider time,
        CancellationToken cancellationToken) =>
        await FindAsync(token, store, time, cancellationToken) is { } events
            ? await bundles.AnswerAsync(http, events[0], withEvent: true, wait: 0, cancellationToken)
            : Problem.Of("share-not-found");

    private static async Task<IReadOnlyList<StoredEvent>?> FindAsync(
        string token, Store store, TimeProvider time, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select deposit from shares where token_hash = $1 and expires_at > $2");
        command.Parameters.Add(new() { Value = Hash(token) });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        return await command.ExecuteScalarAsync(cancellationToken) is string deposit
            ? await store.FetchStreamAsync(deposit, cancellationToken)
            : null;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
