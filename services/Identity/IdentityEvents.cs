using System.Text.Json.Serialization;
using EventStore;
using EventStore.Personal;
using EventStore.Projections;
using ServiceDefaults;

namespace Identity;

/// <summary>Facts about organisations, users and clients.</summary>
public abstract record IdentityEvent
{
    private IdentityEvent()
    {
    }

    /// <summary>An organisation joined.</summary>
    public sealed record OrganisationRegistered(string Name, string? CreditCode) : IdentityEvent;

    /// <summary>A person got an account. Name and sign-in name are personal.</summary>
    public sealed record UserAdded(PersonalField SignInName, PersonalField Name, IReadOnlyList<string> Roles) : IdentityEvent;

    /// <summary>A person's roles changed.</summary>
    public sealed record UserRolesChanged(IReadOnlyList<string> Roles) : IdentityEvent;

    /// <summary>A person got a new password; it is not in the event.</summary>
    public sealed record UserPasswordChanged : IdentityEvent;

    /// <summary>An account was closed.</summary>
    public sealed record UserClosed(string Reason) : IdentityEvent;

    /// <summary>A program got access.</summary>
    public sealed record ClientRegistered(
        string Name, IReadOnlyList<string> Roles, IReadOnlyList<string> RedirectUris) : IdentityEvent;

    /// <summary>A client got a new secret; it is not in the event.</summary>
    public sealed record ClientSecretChanged : IdentityEvent;

    /// <summary>A client lost access.</summary>
    public sealed record ClientClosed(string Reason) : IdentityEvent;
}

/// <summary>Whether an organisation, user or client is there.</summary>
public enum AccountStatus
{
    /// <summary>Not yet.</summary>
    None,

    /// <summary>In use.</summary>
    Open,

    /// <summary>Not any more.</summary>
    Closed,
}

/// <summary>What decisions about an account need.</summary>
public sealed record AccountState(AccountStatus Status, IReadOnlyList<string> Roles)
{
    /// <summary>Before the first event.</summary>
    public static readonly AccountState Initial = new(AccountStatus.None, []);

    /// <summary>Folds one event.</summary>
    public static AccountState Evolve(AccountState state, IdentityEvent e) => e switch
    {
        IdentityEvent.OrganisationRegistered => new(AccountStatus.Open, []),
        IdentityEvent.UserAdded added => new(AccountStatus.Open, added.Roles),
        IdentityEvent.ClientRegistered registered => new(AccountStatus.Open, registered.Roles),
        IdentityEvent.UserRolesChanged changed => state with { Roles = changed.Roles },
        IdentityEvent.UserPasswordChanged or IdentityEvent.ClientSecretChanged => state,
        IdentityEvent.UserClosed or IdentityEvent.ClientClosed => state with { Status = AccountStatus.Closed },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of an account."),
    };
}

/// <summary>Decides about accounts; pure.</summary>
public static class Account
{
    /// <summary>It is there already.</summary>
    public const string Exists = "account-exists";

    /// <summary>There is none.</summary>
    public const string Missing = "account-not-found";

    /// <summary>It is closed.</summary>
    public const string Closed = "account-closed";

    /// <summary>A role that only the operator may give, or that does not exist.</summary>
    public const string RoleNotYours = "role-not-grantable";

    /// <summary>A first event needs an account that is not there; every other one an open account.</summary>
    public static Decision<IdentityEvent> Decide(AccountState state, IdentityEvent wanted) => (state.Status, wanted) switch
    {
        (AccountStatus.None, IdentityEvent.OrganisationRegistered or IdentityEvent.UserAdded
            or IdentityEvent.ClientRegistered) => Accept(wanted),
        (AccountStatus.None, _) => new Decision<IdentityEvent>.Refused(Missing),
        (_, IdentityEvent.OrganisationRegistered or IdentityEvent.UserAdded or IdentityEvent.ClientRegistered) =>
            new Decision<IdentityEvent>.Refused(Exists),
        (AccountStatus.Closed, _) => new Decision<IdentityEvent>.Refused(Closed),
        (_, IdentityEvent.UserRolesChanged changed) when changed.Roles.SequenceEqual(state.Roles) =>
            new Decision<IdentityEvent>.Accepted([]),
        _ => Accept(wanted),
    };

    private static Decision<IdentityEvent> Accept(IdentityEvent e) => new Decision<IdentityEvent>.Accepted([e]);
}

/// <summary>The stable names and stored forms of this service's events.</summary>
internal static class IdentityEvents
{
    public static EventModel AddIdentityEvents(this EventModel model) => model
        .Event("identity.organisation-registered.v1", EventJson.Default.OrganisationRegistered)
        .Event("identity.user-added.v1", EventJson.Default.UserAdded)
        .Event("identity.user-roles-changed.v1", EventJson.Default.UserRolesChanged)
        .Event("identity.user-password-changed.v1", EventJson.Default.UserPasswordChanged)
        .Event("identity.user-closed.v1", EventJson.Default.UserClosed)
        .Event("identity.client-registered.v1", EventJson.Default.ClientRegistered)
        .Event("identity.client-secret-changed.v1", EventJson.Default.ClientSecretChanged)
        .Event("identity.client-closed.v1", EventJson.Default.ClientClosed)
        .Aggregate(AccountState.Initial, (state, e) => AccountState.Evolve(state, (IdentityEvent)e));

    public static string NameOf(IdentityEvent e) => e switch
    {
        IdentityEvent.OrganisationRegistered => "identity.organisation-registered.v1",
        IdentityEvent.UserAdded => "identity.user-added.v1",
        IdentityEvent.UserRolesChanged => "identity.user-roles-changed.v1",
        IdentityEvent.UserPasswordChanged => "identity.user-password-changed.v1",
        IdentityEvent.UserClosed => "identity.user-closed.v1",
        IdentityEvent.ClientRegistered => "identity.client-registered.v1",
        IdentityEvent.ClientSecretChanged => "identity.client-secret-changed.v1",
        IdentityEvent.ClientClosed => "identity.client-closed.v1",
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static string User(Guid id) => $"user-{id:N}";

    public static string Organisation(string id) => "organisation-" + id;

    public static string Client(string id) => "client-" + id;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IdentityEvent.OrganisationRegistered))]
[JsonSerializable(typeof(IdentityEvent.UserAdded))]
[JsonSerializable(typeof(IdentityEvent.UserRolesChanged))]
[JsonSerializable(typeof(IdentityEvent.UserPasswordChanged))]
[JsonSerializable(typeof(IdentityEvent.UserClosed))]
[JsonSerializable(typeof(IdentityEvent.ClientRegistered))]
[JsonSerializable(typeof(IdentityEvent.ClientSecretChanged))]
[JsonSerializable(typeof(IdentityEvent.ClientClosed))]
internal sealed partial class EventJson : JsonSerializerContext;

/// <summary>The tables that sign-in and lists read. They hold pseudonyms and sealed names, nothing in clear.</summary>
internal sealed class AccountRows : IProjection
{
    public const string Schema =
        """
        create table organisations (
            id            text        collate "C" primary key,
            name          text        not null,
            credit_code   text        collate "C" unique,
            registered_at timestamptz not null
        );
        create table users (
            id       text        collate "C" primary key,
            tenant   text        collate "C" not null,
            roles    text[]      not null,
            open     boolean     not null,
            added_at timestamptz not null
        );
        create index users_tenant on users (tenant);
        create table clients (
            id            text        collate "C" primary key,
            tenant        text        collate "C" not null,
            name          text        not null,
            roles         text[]      not null,
            redirect_uris text[]      not null,
            open          boolean     not null,
            registered_at timestamptz not null
        );
        create index clients_tenant on clients (tenant);
        """;

    public string Name => "accounts";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
            Project(e, sql);
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate organisations, users, clients");

    private static void Project(StoredEvent e, SqlBatch sql)
    {
        string id = e.Stream[(e.Stream.IndexOf('-', StringComparison.Ordinal) + 1)..];
        DateTime at = e.OccurredAt.UtcDateTime;
        switch (e.Data)
        {
            case IdentityEvent.OrganisationRegistered d:
                sql.Add("insert into organisations (id, name, credit_code, registered_at) values ($1, $2, nullif($3, ''), $4)",
                    id, d.Name, d.CreditCode ?? "", at);
                break;
            case IdentityEvent.UserAdded d:
                sql.Add("insert into users (id, tenant, roles, open, added_at) values ($1, $2, $3, true, $4)",
                    e.Stream, e.Tenant, d.Roles.ToArray(), at);
                break;
            case IdentityEvent.UserRolesChanged d:
                sql.Add("update users set roles = $2 where id = $1", e.Stream, d.Roles.ToArray());
                break;
            case IdentityEvent.UserClosed:
                sql.Add("update users set open = false where id = $1", e.Stream);
                break;
            case IdentityEvent.ClientRegistered d:
                sql.Add(
                    """
                    insert into clients (id, tenant, name, roles, redirect_uris, open, registered_at)
                    values ($1, $2, $3, $4, $5, true, $6)
                    """,
                    id, e.Tenant, d.Name, d.Roles.ToArray(), d.RedirectUris.ToArray(), at);
                break;
            case IdentityEvent.ClientClosed:
                sql.Add("update clients set open = false where id = $1", id);
                break;
            default:
                break;
        }
    }
}
