using EventStore;
using Identity.Users;
using Microsoft.Extensions.Options;
using ServiceDefaults.Auth;
using ServiceDefaults.Stores;

namespace Identity;

/// <summary>What an empty identity service starts with.</summary>
public sealed class SeedOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Seed";

    /// <summary>The organisation that runs the suite; its clients serve the users of all organisations.</summary>
    public const string OperatorTenant = "operator";

    /// <summary>Organisations.</summary>
    public IReadOnlyList<SeedOrganisation> Organisations { get; set; } = [];

    /// <summary>Clients with their secrets.</summary>
    public IReadOnlyList<SeedClient> Clients { get; set; } = [];

    /// <summary>Users with their passwords.</summary>
    public IReadOnlyList<SeedUser> Users { get; set; } = [];

    /// <summary>The first operator.</summary>
    public SeedUser? Operator { get; set; }
}

/// <summary>An organisation to start with.</summary>
public sealed class SeedOrganisation
{
    /// <summary>Tenant.</summary>
    public string Id { get; set; } = "";

    /// <summary>Name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Unified social credit code.</summary>
    public string? CreditCode { get; set; }
}

/// <summary>A client to start with.</summary>
public sealed class SeedClient
{
    /// <summary>Client id.</summary>
    public string Id { get; set; } = "";

    /// <summary>Its secret; a changed one takes the place of the old at the next start.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Tenant.</summary>
    public string Tenant { get; set; } = SeedOptions.OperatorTenant;

    /// <summary>Roles.</summary>
    public IReadOnlyList<string> Roles { get; set; } = [];

    /// <summary>Redirect addresses.</summary>
    public IReadOnlyList<string> RedirectUris { get; set; } = [];
}

/// <summary>A user to start with.</summary>
public sealed class SeedUser
{
    /// <summary>Sign-in name.</summary>
    public string User { get; set; } = "";

    /// <summary>Name of the person.</summary>
    public string? Name { get; set; }

    /// <summary>Password at the first start.</summary>
    public string Password { get; set; } = "";

    /// <summary>Tenant.</summary>
    public string Tenant { get; set; } = SeedOptions.OperatorTenant;

    /// <summary>Roles.</summary>
    public IReadOnlyList<string> Roles { get; set; } = [Role.Operator];
}

/// <summary>Adds what is missing; runs at every start.</summary>
internal sealed class Seed(Store store, Accounts accounts, IOptions<SeedOptions> options, TimeProvider time)
    : IStoreStartupStep
{
    private const string Actor = "seed";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        SeedOptions seed = options.Value;
        SeedUser[] users = [.. seed.Users, .. seed.Operator is { } first ? new[] { first } : []];
        foreach (SeedOrganisation organisation in seed.Organisations)
            await AddAsync(organisation, cancellationToken);
        foreach (string tenant in seed.Clients.Select(c => c.Tenant).Concat(users.Select(u => u.Tenant)).Distinct())
            await AddAsync(new SeedOrganisation { Id = tenant, Name = tenant }, cancellationToken);
        foreach (SeedClient client in seed.Clients)
            await AddAsync(client, cancellationToken);
        foreach (SeedUser user in users)
            await AddAsync(user, cancellationToken);
    }

    private async Task AddAsync(SeedOrganisation organisation, CancellationToken cancellationToken)
    {
        if (await accounts.OrganisationExistsAsync(organisation.Id, cancellationToken))
            return;
        await using Session session = Open(organisation.Id);
        await AccountCommands.DecideAsync(session, IdentityEvents.Organisation(organisation.Id),
            new IdentityEvent.OrganisationRegistered(organisation.Name, organisation.CreditCode), null, cancellationToken);
        await session.SaveChangesAsync(cancellationToken);
    }

    private async Task AddAsync(SeedClient client, CancellationToken cancellationToken)
    {
        if (await accounts.TenantOfClientAsync(client.Id, cancellationToken) is null)
        {
            await using Session session = Open(client.Tenant);
            await AccountCommands.DecideAsync(session, IdentityEvents.Client(client.Id),
                new IdentityEvent.ClientRegistered(client.Id, client.Roles, client.RedirectUris), null, cancellationToken);
            Accounts.SetSecret(session, client.Id, client.Secret);
            await session.SaveChangesAsync(cancellationToken);
        }
        RegisteredClient? registered = await accounts.FindClientAsync(client.Id, cancellationToken);
        if (registered is null || registered.Accepts(client.Secret))
            return;
        await using Session changed = Open(client.Tenant);
        Accounts.SetSecret(changed, client.Id, client.Secret);
        await changed.SaveChangesAsync(cancellationToken);
    }

    private async Task AddAsync(SeedUser user, CancellationToken cancellationToken)
    {
        if (await accounts.FindUserAsync(user.User, cancellationToken) is not null)
            return;
        await using Session session = Open(user.Tenant);
        await ManageUsers.StageAsync(session, store, accounts,
            new UserRequest(user.User, user.Name ?? user.User, user.Password, user.Roles), cancellationToken);
        await session.SaveChangesAsync(cancellationToken);
    }

    private Session Open(string tenant) => store.OpenSession(new EventContext(time, Actor, tenant));
}
