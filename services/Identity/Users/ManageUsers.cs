using EventStore;
using EventStore.Idempotency;
using EventStore.Personal;
using Identity.Clients;
using Identity.Protocol;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Identity.Users;

/// <summary>An organisation's administrators manage its accounts; the operator adds the first of them.</summary>
internal static class ManageUsers
{
    private const string SignInField = "signInName";
    private const string NameField = "name";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder users = endpoints.MapGroup("/users").RequireRoles(Role.Admin, Role.Operator);
        users.MapPost("", AddAsync).Validate(new UserShape()).WithName("AddUser");
        users.MapGet("", ListAsync).WithName("ListUsers");
        users.MapPut("/{id}/roles", ChangeRolesAsync).Validate(new RolesShape()).WithName("ChangeUserRoles");
        users.MapPut("/{id}/password", ChangePasswordAsync).Validate(new PasswordShape()).WithName("ChangeUserPassword");
        users.MapPost("/{id}/close", CloseAsync).Validate(new ReasonShape()).WithName("CloseUser");
        users.MapPost("/{id}/erase", EraseAsync).WithName("EraseUser");
        endpoints.MapPut("/users/me/password", ChangeOwnPasswordAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator, Role.Operator)
            .Validate(new OwnPasswordShape()).WithName("ChangeOwnPassword");
    }

    /// <summary>Takes the sign-in name, seals what is personal and appends to the session.</summary>
    public static async Task<string> StageAsync(
        Session session, Store store, Accounts accounts, UserRequest request, CancellationToken cancellationToken)
    {
        string id = IdentityEvents.User(session.Context.NewId());
        if (!await accounts.ReserveAsync(id, request.SignInName!, request.Password!, cancellationToken))
            throw new ProblemException(Problem.Of("sign-in-name-taken"));
        Guid eventId = session.Context.NewId();
        using PersonKey person = await store.Persons.GetOrCreateAsync(id, cancellationToken);
        session.Concerns(id);
        await AccountCommands.DecideAsync(session, id, new IdentityEvent.UserAdded(
            person.Seal(eventId, SignInField, request.SignInName!),
            person.Seal(eventId, NameField, request.Name!),
            request.Roles!), eventId, cancellationToken);
        return id;
    }

    private static async Task<IResult> AddAsync(
        HttpContext http, Caller caller, JsonBody<UserRequest> body, Store store, Accounts accounts)
    {
        UserRequest request = body.Value;
        string tenant = await AccountCommands.TenantAsync(caller, request.Tenant, accounts, http.RequestAborted);
        AccountCommands.CheckRoles(caller, request.Roles!);
        IdempotencyKey? key = Once.Key(http.Request, caller, "add-user", body.Bytes.Span);
        return await Once.RunAsync(http, caller with { Tenant = tenant }, key, async (session, token) =>
        {
            string id = await StageAsync(session, store, accounts, request, token);
            return Once.Json(StatusCodes.Status201Created, new UserAnswer(
                id, tenant, request.SignInName, request.Name, request.Roles!, true, session.Context.Now),
                ApiJson.Default.UserAnswer, "users/" + id);
        });
    }

    private static async Task<IResult> ListAsync(
        Caller caller, Store store, Accounts accounts, CancellationToken cancellationToken, string? tenant = null)
    {
        string of = await AccountCommands.TenantAsync(caller, tenant, accounts, cancellationToken);
        List<UserAnswer> users = [];
        foreach (UserAnswer user in await accounts.UsersAsync(of, cancellationToken))
        {
            StoredEvent added = (await store.FetchStreamAsync(user.Id, cancellationToken))[0];
            using PersonKey? person = await store.Persons.FindAsync(user.Id, cancellationToken);
            IdentityEvent.UserAdded data = (IdentityEvent.UserAdded)added.Data;
            users.Add(user with
            {
                SignInName = person?.Open(added.Id, SignInField, data.SignInName).Value,
                Name = person?.Open(added.Id, NameField, data.Name).Value,
            });
        }
        return TypedResults.Json(new UserList(users), ApiJson.Default.UserList);
    }

    private static async Task<IResult> ChangeRolesAsync(
        string id, HttpContext http, Caller caller, JsonBody<RolesRequest> body, Accounts accounts)
    {
        AccountCommands.CheckRoles(caller, body.Value.Roles!);
        return await ChangeAsync(id, http, caller, accounts, new IdentityEvent.UserRolesChanged(body.Value.Roles!));
    }

    private static async Task<IResult> ChangePasswordAsync(
        string id, HttpContext http, Caller caller, JsonBody<PasswordRequest> body, Accounts accounts, Sessions sessions)
    {
        IResult answer = await ChangeAsync(id, http, caller, accounts, new IdentityEvent.UserPasswordChanged(),
            session => Accounts.SetPassword(session, id, body.Value.Password!));
        sessions.EndAll(id);
        return answer;
    }

    /// <summary>
    /// A person changes the own password. Whoever holds a token but not the password can't: wrong ones are counted, and
    /// lock the account, as at sign-in. All its sessions end.
    /// </summary>
    private static async Task<IResult> ChangeOwnPasswordAsync(
        HttpContext http, Caller caller, JsonBody<OwnPasswordRequest> body, Accounts accounts, Sessions sessions)
    {
        if (await accounts.FindPrincipalAsync(caller.Subject, http.RequestAborted) is null)
            return Problem.Of("password-of-a-person");
        if (await accounts.ProveAsync(caller.Subject, body.Value.Current!, http.RequestAborted) is null)
            return Problem.Of("password-wrong");
        IResult answer = await Once.RunAsync(http, caller, key: null, async (session, token) =>
        {
            await AccountCommands.DecideAsync(
                session, caller.Subject, new IdentityEvent.UserPasswordChanged(), null, token);
            Accounts.SetPassword(session, caller.Subject, body.Value.Password!);
            return new StoredResponse(StatusCodes.Status204NoContent, "", ReadOnlyMemory<byte>.Empty);
        });
        sessions.EndAll(caller.Subject);
        return answer;
    }

    private static Task<IResult> CloseAsync(
        string id, HttpContext http, Caller caller, JsonBody<ReasonRequest> body, Accounts accounts) =>
        ChangeAsync(id, http, caller, accounts, new IdentityEvent.UserClosed(body.Value.Reason!));

    /// <summary>Erases a closed account's personal data: names, sign-in and everything under the person's key.</summary>
    private static async Task<IResult> EraseAsync(
        string id, Caller caller, Store store, Accounts accounts, CancellationToken cancellationToken)
    {
        AccountCommands.CheckTenant(caller, await accounts.TenantOfUserAsync(id, cancellationToken), id);
        Principal? open = await accounts.FindPrincipalAsync(id, cancellationToken);
        if (open is not null)
            return Problem.Of("account-open", ("id", id));
        await store.Persons.EraseAsync(id, cancellationToken);
        await accounts.ForgetAsync(id, cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>
    /// An administrator who is not the operator can't touch an account that holds a role beyond the administrator's
    /// office: resetting its password would be taking it over.
    /// </summary>
    private static async Task<IResult> ChangeAsync(
        string id, HttpContext http, Caller caller, Accounts accounts, IdentityEvent wanted,
        Action<Session>? keep = null)
    {
        string? tenant = await accounts.TenantOfUserAsync(id, http.RequestAborted);
        AccountCommands.CheckTenant(caller, tenant, id);
        if (await accounts.FindPrincipalAsync(id, http.RequestAborted) is { } account)
            AccountCommands.CheckRoles(caller, account.Roles);
        return await Once.RunAsync(http, caller with { Tenant = tenant! }, key: null, async (session, token) =>
        {
            await AccountCommands.DecideAsync(session, id, wanted, null, token);
            keep?.Invoke(session);
            return new StoredResponse(StatusCodes.Status204NoContent, "", ReadOnlyMemory<byte>.Empty);
        });
    }
}
