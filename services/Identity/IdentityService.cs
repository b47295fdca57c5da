using EventStore;
using Identity.Clients;
using Identity.Organisations;
using Identity.Protocol;
using Identity.Users;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Relay;
using ServiceDefaults.Stores;

namespace Identity;

/// <summary>Composes the identity service.</summary>
public static class IdentityService
{
    /// <summary>Builds the service; the arguments are settings.</summary>
    public static WebApplication Build(params string[] args)
    {
        WebApplicationBuilder builder = ServiceDefaultsExtensions.CreateServiceBuilder(args);
        builder.AddServiceDefaults(typeof(IdentityService).Assembly);
        builder.AddEventStore(new EventModel()
            .AddIdentityEvents()
            .Inline(new AccountRows())
            .Migrate("identity-0001-accounts", AccountRows.Schema)
            .Migrate("identity-0002-credentials", Accounts.Schema));
        // Only a group's events are anchored; without one there is nothing to publish.
        if (builder.Configuration[$"{ServiceOptions.Section}:{nameof(ServiceOptions.Group)}"] is { Length: > 0 }
            && builder.Configuration.GetSection(BrokerOptions.Section).Exists())
            builder.AddRelay();
        builder.Services.AddOptions<SeedOptions>().BindConfiguration(SeedOptions.Section);
        builder.Services.AddSingleton<Accounts>();
        builder.Services.AddSingleton<SigningKeys>();
        builder.Services.AddSingleton<AccessTokens>();
        builder.Services.AddSingleton<AuthorizationCodes>();
        builder.Services.AddSingleton<Sessions>();
        builder.Services.AddSingleton<IStoreStartupStep, Seed>();
        builder.Services.ConfigureHttpJsonOptions(o =>
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));

        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        app.MapFeed();
        app.MapDiscovery();
        app.MapTokenEndpoint();
        app.MapAuthorizeEndpoint();
        ManageOrganisations.Map(app);
        ManageUsers.Map(app);
        ManageClients.Map(app);
        app.MapPost("/keys/rotate", (SigningKeys keys) =>
        {
            keys.Rotate();
            return TypedResults.NoContent();
        }).RequireRoles(Role.Operator).WithName("RotateKeys");
        return app;
    }
}
