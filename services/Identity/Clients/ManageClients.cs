using EventStore;
using EventStore.Idempotency;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Stores;

namespace Identity.Clients;

/// <summary>An organisation's administrators manage its programs' access.</summary>
internal static class ManageClients
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder clients = endpoints.MapGroup("/clients").RequireRoles(Role.Admin, Role.Operator);
        clients.MapPost("", RegisterAsync).Validate(new ClientShape()).WithName("RegisterClient");
        clients.MapGet("", ListAsync).WithName("ListClients");
        clients.MapPost("/{id}/secret", ChangeSecretAsync).WithName("ChangeClientSecret");
        clients.MapPost("/{id}/close", CloseAsync).Validate(new ReasonShape()).WithName("CloseClient");
    }

    /// <summary>No idempotency key: the answer holds a secret and must not be stored.</summary>
    private static async Task<IResult> RegisterAsync(
        HttpContext http, Caller caller, JsonBody<ClientRequest> body, Accounts accounts)
    {
        ClientRequest request = body.Value;
        string tenant = await AccountCommands.TenantAsync(caller, request.Tenant, accounts, http.RequestAborted);
        AccountCommands.CheckRoles(caller, request.Roles!);
        string secret = ClientSecret.Create();
        return await Once.RunAsync(http, caller with { Tenant = tenant }, key: null, async (session, token) =>
        {
            string id = request.Id ?? $"c-{session.Context.NewId():N}";
            IReadOnlyList<string> redirects = request.RedirectUris ?? [];
            await AccountCommands.DecideAsync(session, IdentityEvents.Client(id),
                new IdentityEvent.ClientRegistered(request.Name!, request.Roles!, redirects), null, token);
            Accounts.SetSecret(session, id, secret);
            return Once.Json(StatusCodes.Status201Created,
                new ClientAnswer(id, tenant, request.Name!, request.Roles!, redirects, true, secret),
                ApiJson.Default.ClientAnswer, "clients/" + id);
        });
    }

    private static async Task<IResult> ListAsync(
        Caller caller, Accounts accounts, CancellationToken cancellationToken, string? tenant = null)
    {
        string of = await AccountCommands.TenantAsync(caller, tenant, accounts, cancellationToken);
        return TypedResults.Json(
            new ClientList(await accounts.ClientsAsync(of, cancellationToken)), ApiJson.Default.ClientList);
    }

    private static Task<IResult> ChangeSecretAsync(string id, HttpContext http, Caller caller, Accounts accounts)
    {
        string secret = ClientSecret.Create();
        return ChangeAsync(id, http, caller, accounts, new IdentityEvent.ClientSecretChanged(),
            Once.Json(StatusCodes.Status200OK, new SecretAnswer(id, secret), ApiJson.Default.SecretAnswer),
            session => Accounts.SetSecret(session, id, secret));
    }

    private static Task<IResult> CloseAsync(
        string id, HttpContext http, Caller caller, JsonBody<ReasonRequest> body, Accounts accounts) =>
        ChangeAsync(id, http, caller, accounts, new IdentityEvent.ClientClosed(body.Value.Reason!),
            new StoredResponse(StatusCodes.Status204NoContent, "", ReadOnlyMemory<byte>.Empty));

    private static async Task<IResult> ChangeAsync(
        string id, HttpContext http, Caller caller, Accounts accounts, IdentityEvent wanted, StoredResponse answer,
        Action<Session>? keep = null)
    {
        string? tenant = await accounts.TenantOfClientAsync(id, http.RequestAborted);
        AccountCommands.CheckTenant(caller, tenant, id);
        if (await accounts.FindClientAsync(id, http.RequestAborted) is { } client)
            AccountCommands.CheckRoles(caller, client.Roles);
        return await Once.RunAsync(http, caller with { Tenant = tenant! }, key: null, async (session, token) =>
        {
            await AccountCommands.DecideAsync(session, IdentityEvents.Client(id), wanted, null, token);
            keep?.Invoke(session);
            return answer;
        });
    }
}
