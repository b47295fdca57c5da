using System.Text.Json.Serialization;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Parties;

/// <summary>An organisation for the register.</summary>
public sealed record RegisterPartyRequest(
    string? Id = null, PartyKind? Kind = null, bool Sme = false, string? Name = null, string? CreditCode = null,
    string? Group = null, string? EvidenceSha256 = null);

/// <summary>What happened to an organisation: exactly one of the members.</summary>
public sealed record PartyChangeRequest(
    PartyEvent.Renamed? Renamed = null, PartyEvent.Merged? Merged = null, PartyEvent.WentBankrupt? Bankrupt = null,
    PartyEvent.UnlinedAllowed? Unlined = null, PartyEvent.FounderNamed? Founder = null);

/// <summary>The party's agent hands over; the first one has nobody before.</summary>
public sealed record HandOverRequest(string ToPerson, DateOnly From, string AuthoritySha256, string? FromPerson = null);

/// <summary>A key that is lost or misused.</summary>
public sealed record LostKeyRequest(string? Reason = null);

/// <summary>The account by which a supplier confirms that a claim moves to another platform.</summary>
/// <param name="Account">secp256k1 account, 0x and 40 hex digits; its key never comes here.</param>
public sealed record AccountRequest(string? Account = null);

/// <summary>A party as everybody sees it, with its keys for itself.</summary>
public sealed record PartyDetails(
    string Id, PartyKind Kind, bool Sme, string Name, string? CreditCode, string? Group, PartyStatus Status,
    string? MergedInto, IReadOnlyList<PartyName> Names, IReadOnlyList<string>? Agents, IReadOnlyList<KeyState>? Keys,
    ApprovalPolicy? Policy, string? Account = null,
    IReadOnlyList<PartyEvent.FounderNamed>? Foundings = null);

/// <summary>A party in a list.</summary>
public sealed record PartyRow(string Id, PartyKind Kind, bool Sme, string Name, string? CreditCode, PartyStatus Status);

/// <summary>A list of parties.</summary>
public sealed record PartyList(IReadOnlyList<PartyRow> Items, string? Next = null);

internal sealed class RegisterPartyShape : AbstractValidator<RegisterPartyRequest>
{
    public RegisterPartyShape()
    {
        RuleFor(r => r.Id).Required();
        RuleFor(r => r.Id).Text(1, 100);
        RuleFor(r => r.Kind).Required();
        RuleFor(r => r.Name).Required();
        RuleFor(r => r.Name).Text(1, 200);
        RuleFor(r => r.CreditCode).Text(18, 18);
        RuleFor(r => r.Group).Text(1, 100);
        RuleFor(r => r.EvidenceSha256).Must(d => d is null || Digest.IsValid(d)).WithErrorCode("field-form");
    }
}

/// <summary>SHA-256 in text.</summary>
internal static class Digest
{
    public static bool IsValid(string? text) => text is { Length: 64 } && text.All(char.IsAsciiHexDigitLower);
}

/// <summary>The register of parties.</summary>
internal static class PartyEndpoints
{
    private const int ListMax = 1_000;

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder parties = app.MapGroup("/parties");
        parties.MapPost("/", RegisterAsync).RequireRoles(Role.Operator).Validate(new RegisterPartyShape())
            .WithName("RegisterParty").WithSummary("Enters an organisation of Identity into the register.");
        parties.MapGet("/", ListAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator, Role.Operator)
            .WithName("ListParties").WithSummary("The register.");
        parties.MapGet("/{id}", GetAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator, Role.Operator)
            .WithName("GetParty").WithSummary("A party; its keys and agents for itself and the regulator.");
        parties.MapPost("/{id}/changes", ChangeAsync).RequireRoles(Role.Operator)
            .WithName("ChangeParty").WithSummary("Records a change of name, a merger, a bankruptcy, who founds its keys anew, or that it may issue without a credit line.");
        parties.MapPost("/{id}/agents", HandOverAsync).RequireRoles(Role.Admin)
            .WithName("HandOverAgent").WithSummary("Records that the party's agent handed over.");
        parties.MapPost("/{id}/account", NameAccountAsync).RequireRoles(Role.Admin)
            .WithName("NameAccount").WithSummary("Names the account that confirms transfers of claims.");
        parties.MapPost("/{id}/keys/{keyId}/lost", LostAsync).RequireRoles(Role.Admin)
            .WithName("LoseKey").WithSummary("Stops a lost key at once, without a signature.");
    }

    private static Task<IResult> RegisterAsync(
        HttpContext http, Caller caller, JsonBody<RegisterPartyRequest> body, PartyDirectory parties)
    {
        RegisterPartyRequest r = body.Value;
        PartyEvent.Registered data = new(
            r.Id!, r.Kind!.Value, r.Sme, r.Name!, r.CreditCode, r.Group, r.EvidenceSha256);
        return RunAsync(http, caller, r.Id!, body.Bytes, parties, new PartyCommand.Register(data), 201);
    }

    private static async Task<IResult> ChangeAsync(
        string id, HttpContext http, Caller caller, JsonBody<PartyChangeRequest> body, PartyDirectory parties)
    {
        PartyChangeRequest r = body.Value;
        string? evidence = r.Renamed?.EvidenceSha256 ?? r.Merged?.EvidenceSha256 ?? r.Bankrupt?.EvidenceSha256
            ?? r.Unlined?.EvidenceSha256 ?? r.Founder?.EvidenceSha256;
        int given = new PartyEvent?[] { r.Renamed, r.Merged, r.Bankrupt, r.Unlined, r.Founder }.Count(e => e is not null);
        string name = r.Renamed?.Name ?? r.Bankrupt?.CaseNumber ?? r.Merged?.Into ?? r.Unlined?.Basis ?? r.Founder?.Reference ?? "";
        if (given != 1 || r.Unlined?.Until < r.Unlined?.From || !Digest.IsValid(evidence) || name.Length is 0 or > 200 || !name.IsWellFormed()
            || name.Contains('\0'))
            throw new ProblemException(Problem.Of("request-malformed"));
        PartyCommand command = r switch
        {
            { Renamed: { } renamed } => new PartyCommand.Rename(renamed),
            { Merged: { } merged } => new PartyCommand.Merge(
                merged, (await parties.FindAsync(merged.Into, http.RequestAborted)).Status == PartyStatus.Active),
            { Unlined: { } unlined } => new PartyCommand.AllowUnlined(unlined),
            { Founder: { } founder } => new PartyCommand.NameFounder(founder),
            _ => new PartyCommand.Bankrupt(r.Bankrupt!),
        };
        return await RunAsync(http, caller, id, body.Bytes, parties, command, 200);
    }

    private static Task<IResult> HandOverAsync(
        string id, HttpContext http, Caller caller, JsonBody<HandOverRequest> body, PartyDirectory parties)
    {
        RequireOwn(caller, id);
        HandOverRequest r = body.Value;
        if (!Digest.IsValid(r.AuthoritySha256) || r.ToPerson.Length is 0 or > 100)
            throw new ProblemException(Problem.Of("request-malformed"));
        PartyEvent.AgentHandedOver data = new(r.FromPerson, r.ToPerson, r.From, r.AuthoritySha256);
        return RunAsync(http, caller, id, body.Bytes, parties, new PartyCommand.HandOverAgent(data), 200);
    }

    private static Task<IResult> NameAccountAsync(
        string id, HttpContext http, Caller caller, JsonBody<AccountRequest> body, PartyDirectory parties)
    {
        RequireOwn(caller, id);
        if (body.Value.Account is not { } text || !Chain.Core.Address.TryParse(text, out Chain.Core.Address account)
            || account.IsZero)
            throw new ProblemException(Problem.Of("request-malformed"));
        return RunAsync(http, caller, id, body.Bytes, parties, new PartyCommand.NameAccount(account.ToString()), 200);
    }

    private static Task<IResult> LostAsync(
        string id, string keyId, HttpContext http, Caller caller, JsonBody<LostKeyRequest> body, PartyDirectory parties)
    {
        RequireOwn(caller, id);
        if (body.Value.Reason is { Length: > 200 })
            throw new ProblemException(Problem.Of("request-malformed"));
        PartyCommand.RevokeKey command = new(keyId, body.Value.Reason ?? "lost", null);
        return RunAsync(http, caller, id, body.Bytes, parties, command, 200);
    }

    private static async Task<IResult> RunAsync(
        HttpContext http, Caller caller, string id, ReadOnlyMemory<byte> body, PartyDirectory parties,
        PartyCommand command, int status)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"party {command.GetType().Name} {id}", body.Span);
        try
        {
            return await Once.RunAsync(http, caller, key, async (session, token) =>
            {
                WritableStream<PartyState> stream = await session.FetchForWriting<PartyState>(Party.Stream(id), token);
                IReadOnlyList<PartyEvent> events =
                    Party.Decide(stream.Aggregate, command).EventsOrProblem(("party", id));
                // Events of a party belong to it, whoever recorded them: it can prove them.
                EventContext context = new(http.RequestServices.GetRequiredService<TimeProvider>(), caller.Subject, id);
                stream.AppendMany(events.Select(e => context.Stamp(PartyEvents.NameOf(e), e)));
                PartyState state = events.Aggregate(stream.Aggregate, PartyState.Evolve);
                return Once.Json(status, Describe(state, whole: true), PartyApiJson.Default.PartyDetails);
            });
        }
        finally
        {
            parties.Forget(id);
        }
    }

    private static async Task<IResult> GetAsync(
        string id, Caller caller, PartyDirectory parties, CancellationToken cancellation)
    {
        PartyState state = await parties.GetAsync(id, cancellation);
        bool whole = caller.Tenant == id || caller.Is(Role.Regulator);
        return TypedResults.Json(Describe(state, whole), PartyApiJson.Default.PartyDetails);
    }

    private static async Task<IResult> ListAsync(
        Store store, CancellationToken cancellation, string cursor = "")
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            "select id, kind, sme, name, credit_code, status from parties where id > $2 order by id limit $1");
        query.Parameters.Add(new() { Value = ListMax + 1 });
        query.Parameters.Add(new() { Value = cursor });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<PartyRow> rows = [];
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new PartyRow(
                reader.GetString(0), Enum.Parse<PartyKind>(reader.GetString(1)), reader.GetBoolean(2),
                reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4),
                Enum.Parse<PartyStatus>(reader.GetString(5), ignoreCase: true)));
        }
        return TypedResults.Json(new PartyList(
            [.. rows.Take(ListMax)], rows.Count > ListMax ? rows[ListMax - 1].Id : null), PartyApiJson.Default.PartyList);
    }

    private static void RequireOwn(Caller caller, string id)
    {
        if (caller.Tenant != id)
            throw new ProblemException(Problem.Of("command-party"));
    }

    private static PartyDetails Describe(PartyState state, bool whole) => new(
        state.Id, state.Kind, state.Sme, state.Name, state.CreditCode, state.Group, state.Status, state.MergedInto,
        state.Names, whole ? state.Agents : null, whole ? [.. state.Keys.Values] : null, whole ? state.Policy : null,
        whole ? state.Account : null, state.Foundings.IsEmpty ? null : state.Foundings);
}

/// <summary>Answers about parties.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PartyDetails))]
[JsonSerializable(typeof(PartyList))]
internal sealed partial class PartyApiJson : JsonSerializerContext;

/// <summary>Fast metadata for requests about parties; the strict rules come from the service's own options.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RegisterPartyRequest))]
[JsonSerializable(typeof(PartyChangeRequest))]
[JsonSerializable(typeof(HandOverRequest))]
[JsonSerializable(typeof(LostKeyRequest))]
[JsonSerializable(typeof(AccountRequest))]
internal sealed partial class PartyRequestJson : JsonSerializerContext;
