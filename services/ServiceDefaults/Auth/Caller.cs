using System.Security.Claims;

namespace ServiceDefaults.Auth;

/// <summary>Who makes a request, from a checked token.</summary>
/// <param name="Subject">Pseudonymous id.</param>
/// <param name="Tenant">The organisation acted for.</param>
/// <param name="Client">The OAuth client, or the subject where a provider names none.</param>
/// <param name="Roles">Roles held.</param>
public sealed record Caller(string Subject, string Tenant, string Client, IReadOnlyList<string> Roles)
{
    /// <summary>Takes the caller from the request; endpoints bind it as a parameter.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(From(context.User));

    /// <summary>The caller of a principal, or null when nobody has signed in.</summary>
    public static Caller? From(ClaimsPrincipal user)
    {
        if (user.FindFirst(Claim.Subject)?.Value is not { } subject || user.FindFirst(Claim.Tenant)?.Value is not { } tenant)
            return null;
        string client = user.FindFirst(Claim.Client)?.Value ?? user.FindFirst("azp")?.Value ?? subject;
        return new Caller(subject, tenant, client, [.. user.FindAll(Claim.Roles).Select(c => c.Value)]);
    }

    /// <summary>Whether the caller holds a role.</summary>
    public bool Is(string role) => Roles.Contains(role);
}
