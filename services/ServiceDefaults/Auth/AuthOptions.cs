using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authentication;

namespace ServiceDefaults.Auth;

/// <summary>Whose access tokens are accepted. Another OpenID Connect provider takes the place of Identity here.</summary>
public sealed class AuthOptions : AuthenticationSchemeOptions
{
    /// <summary>Configuration section and name of the scheme.</summary>
    public const string Section = "Auth";

    /// <summary>The exact <c>iss</c> of accepted tokens.</summary>
    [Required]
    public string Issuer { get; set; } = "";

    /// <summary>Address of the discovery document. May be an internal route to the issuer.</summary>
    [Required]
    public string Metadata { get; set; } = "";

    /// <summary>The <c>aud</c> that accepted tokens name.</summary>
    [Required]
    public string Audience { get; set; } = "";

    /// <summary>Claim that holds the tenant.</summary>
    public string TenantClaim { get; set; } = Claim.Tenant;

    /// <summary>Claim that holds the roles, one or many.</summary>
    public string RolesClaim { get; set; } = Claim.Roles;

    /// <summary>Tolerated difference of clocks, in seconds.</summary>
    [Range(0, 60)]
    public int ClockSkewSeconds { get; set; } = 5;
}

/// <summary>Names of the claims that services read.</summary>
public static class Claim
{
    /// <summary>Pseudonymous id of who acts.</summary>
    public const string Subject = "sub";

    /// <summary>The organisation acted for.</summary>
    public const string Tenant = "tenant";

    /// <summary>Roles, one claim each.</summary>
    public const string Roles = "roles";

    /// <summary>The OAuth client that got the token.</summary>
    public const string Client = "client_id";
}

/// <summary>Roles of the suite.</summary>
public static class Role
{
    /// <summary>Deposits and reads within its organisation.</summary>
    public const string Member = "member";

    /// <summary>Reads within its organisation.</summary>
    public const string Reader = "reader";

    /// <summary>Manages its organisation's users and clients.</summary>
    public const string Admin = "admin";

    /// <summary>Reads across organisations where the law lets it.</summary>
    public const string Regulator = "regulator";

    /// <summary>Runs the instance; sees no business content.</summary>
    public const string Operator = "operator";

    /// <summary>Another service of the suite.</summary>
    public const string Service = "service";

    /// <summary>All roles.</summary>
    public static readonly IReadOnlyList<string> All = [Member, Reader, Admin, Regulator, Operator, Service];
}
