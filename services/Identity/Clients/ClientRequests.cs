using FluentValidation;
using Identity.Organisations;
using Identity.Users;
using ServiceDefaults.Http;

namespace Identity.Clients;

/// <summary>Gives a program access.</summary>
/// <param name="Id">Client id, made up here when missing.</param>
/// <param name="Name">What it is.</param>
/// <param name="Roles">Roles it has acting for itself; none for one that only acts for users.</param>
/// <param name="RedirectUris">Exact addresses that codes may be sent to.</param>
/// <param name="Tenant">Organisation; only the operator names another than their own.</param>
public sealed record ClientRequest(
    string? Id = null, string? Name = null, IReadOnlyList<string>? Roles = null,
    IReadOnlyList<string>? RedirectUris = null, string? Tenant = null);

/// <summary>A client.</summary>
/// <param name="Id">Client id.</param>
/// <param name="Tenant">Organisation.</param>
/// <param name="Name">What it is.</param>
/// <param name="Roles">Roles.</param>
/// <param name="RedirectUris">Redirect addresses.</param>
/// <param name="Open">Whether it has access.</param>
/// <param name="Secret">Only in the answer that made it: it is not kept.</param>
public sealed record ClientAnswer(
    string Id, string Tenant, string Name, IReadOnlyList<string> Roles, IReadOnlyList<string> RedirectUris, bool Open,
    string? Secret = null);

/// <summary>Clients, oldest first.</summary>
public sealed record ClientList(IReadOnlyList<ClientAnswer> Items);

/// <summary>A new secret, shown once.</summary>
public sealed record SecretAnswer(string Id, string Secret);

/// <summary>Why something ends.</summary>
public sealed record ReasonRequest(string? Reason = null);

internal sealed class ReasonShape : AbstractValidator<ReasonRequest>
{
    public ReasonShape()
    {
        RuleFor(r => r.Reason).Required();
        RuleFor(r => r.Reason).Text(1, 200);
    }
}

internal sealed class ClientShape : AbstractValidator<ClientRequest>
{
    private const int RedirectsMax = 10;
    private const int RedirectLengthMax = 500;

    public ClientShape()
    {
        RuleFor(r => r.Id).Must(i => i is null || OrganisationShape.IsId(i)).WithErrorCode("field-form");
        RuleFor(r => r.Name).Required();
        RuleFor(r => r.Name).Text(1, 100);
        RuleFor(r => r.Roles).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Roles).Must(RoleList.IsKnown).WithErrorCode("role-unknown");
        RuleFor(r => r.RedirectUris).Must(u => u is null || u.Count <= RedirectsMax && u.All(IsRedirect))
            .WithErrorCode("field-form");
    }

    /// <summary>An absolute address without fragment, over TLS unless it is this machine (RFC 6749 §3.1.2).</summary>
    private static bool IsRedirect(string? uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed)
        && parsed.Fragment.Length == 0 && uri.Length <= RedirectLengthMax
        && (parsed.Scheme == Uri.UriSchemeHttps || parsed.Scheme == Uri.UriSchemeHttp && parsed.IsLoopback);
}
