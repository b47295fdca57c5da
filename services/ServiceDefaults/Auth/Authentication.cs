using Microsoft.AspNetCore.Authorization;

namespace ServiceDefaults.Auth;

/// <summary>Registration of token checks and of the rule that nothing is open by accident.</summary>
public static class Authentication
{
    /// <summary>Lets callers in who hold any of the roles.</summary>
    public static TBuilder RequireRoles<TBuilder>(this TBuilder builder, params string[] roles)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(new AuthorizeAttribute { Roles = string.Join(',', roles) });

    internal static void AddBearer(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHttpClient(nameof(IssuerKeys), c => c.Timeout = TimeSpan.FromSeconds(5));
        services.AddSingleton<IssuerKeys>();
        services.AddSingleton<KnownTokens>();
        services.AddOptions<AuthOptions>(AuthOptions.Section)
            .Bind(configuration.GetSection(AuthOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddAuthentication(AuthOptions.Section)
            .AddScheme<AuthOptions, BearerHandler>(AuthOptions.Section, null);
        // An endpoint that names no policy is closed to everybody.
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build());
    }
}
