using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;

namespace Identity.Users;

/// <summary>Adds a person's account.</summary>
/// <param name="SignInName">What the person signs in with.</param>
/// <param name="Name">The person's name.</param>
/// <param name="Password">12 to 128 characters.</param>
/// <param name="Roles">Roles held.</param>
/// <param name="Tenant">Organisation; only the operator names another than their own.</param>
public sealed record UserRequest(
    string? SignInName = null, string? Name = null, string? Password = null, IReadOnlyList<string>? Roles = null,
    string? Tenant = null);

/// <summary>An account. Names are missing once the person was erased.</summary>
public sealed record UserAnswer(
    string Id, string Tenant, string? SignInName, string? Name, IReadOnlyList<string> Roles, bool Open,
    DateTimeOffset AddedAt);

/// <summary>Accounts, oldest first.</summary>
public sealed record UserList(IReadOnlyList<UserAnswer> Items);

/// <summary>New roles.</summary>
public sealed record RolesRequest(IReadOnlyList<string>? Roles = null);

/// <summary>A new password.</summary>
public sealed record PasswordRequest(string? Password = null);

/// <summary>A person's own new password.</summary>
/// <param name="Current">The password until now.</param>
/// <param name="Password">12 to 128 characters, another than until now.</param>
public sealed record OwnPasswordRequest(string? Current = null, string? Password = null);

internal sealed class OwnPasswordShape : AbstractValidator<OwnPasswordRequest>
{
    private const int DifferentMin = 5;

    public OwnPasswordShape()
    {
        RuleFor(r => r.Current).Required();
        RuleFor(r => r.Current).Text(1, PasswordShape.Max);
        RuleFor(r => r.Password).Required();
        RuleFor(r => r.Password).Text(PasswordShape.Min, PasswordShape.Max);
        RuleFor(r => r.Password).Must(p => p is null || p.Distinct().Count() >= DifferentMin)
            .WithErrorCode("password-simple").WithState(_ => new Dictionary<string, object?> { ["min"] = DifferentMin });
        RuleFor(r => r.Password).Must((r, p) => p is null || p != r.Current).WithErrorCode("password-same");
    }
}

internal sealed class UserShape : AbstractValidator<UserRequest>
{
    public UserShape()
    {
        RuleFor(r => r.SignInName).Required();
        RuleFor(r => r.SignInName).Text(1, 100);
        RuleFor(r => r.Name).Required();
        RuleFor(r => r.Name).Text(1, 100);
        RuleFor(r => r.Password).Required();
        RuleFor(r => r.Password).Text(PasswordShape.Min, PasswordShape.Max);
        RuleFor(r => r.Roles).Required();
        RuleFor(r => r.Roles).Must(RoleList.IsKnown).WithErrorCode("role-unknown");
    }
}

internal sealed class PasswordShape : AbstractValidator<PasswordRequest>
{
    public const int Min = 12;
    public const int Max = 128;

    public PasswordShape()
    {
        RuleFor(r => r.Password).Required();
        RuleFor(r => r.Password).Text(Min, Max);
    }
}

internal sealed class RolesShape : AbstractValidator<RolesRequest>
{
    public RolesShape()
    {
        RuleFor(r => r.Roles).Required();
        RuleFor(r => r.Roles).Must(RoleList.IsKnown).WithErrorCode("role-unknown");
    }
}

/// <summary>Lists of roles.</summary>
internal static class RoleList
{
    /// <summary>Whether each role exists and is named once.</summary>
    public static bool IsKnown(IReadOnlyList<string>? roles) =>
        roles is null || roles.All(Role.All.Contains) && roles.Distinct().Count() == roles.Count;
}
