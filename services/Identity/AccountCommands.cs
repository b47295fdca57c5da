using EventStore;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Identity;

/// <summary>Steps that the commands on organisations, users and clients share.</summary>
internal static class AccountCommands
{
    private static readonly string[] OfOrganisation = [Role.Member, Role.Reader, Role.Admin];
    private static readonly string[] OfOperator = [.. OfOrganisation, Role.Regulator, Role.Operator];

    /// <summary>Decides on an account and appends to the session.</summary>
    /// <exception cref="ProblemException">A rule refuses.</exception>
    public static async Task DecideAsync(
        Session session, string stream, IdentityEvent wanted, Guid? eventId, CancellationToken cancellationToken)
    {
        WritableStream<AccountState> account =
            await session.FetchForWriting<AccountState>(stream, cancellationToken);
        switch (Account.Decide(account.Aggregate, wanted))
        {
            case Decision<IdentityEvent>.Refused refused:
                throw new ProblemException(Problem.Of(refused.Rule, ("id", stream)));
            case Decision<IdentityEvent>.Accepted accepted:
                foreach (IdentityEvent e in accepted.Events)
                    account.AppendOne(session.Context.Stamp(IdentityEvents.NameOf(e), e, eventId));
                break;
            default:
                throw new InvalidOperationException();
        }
    }

    /// <summary>The organisation that a command is for: the caller's own, or the one the operator names.</summary>
    /// <exception cref="ProblemException">It is somebody else's, or the operator names none that exists.</exception>
    public static async Task<string> TenantAsync(
        Caller caller, string? named, Accounts accounts, CancellationToken cancellationToken)
    {
        if (named is null || named == caller.Tenant)
            return caller.Tenant;
        if (!caller.Is(Role.Operator))
            throw new ProblemException(Problem.Of("forbidden"));
        return await accounts.OrganisationExistsAsync(named, cancellationToken)
            ? named
            : throw new ProblemException(Problem.Of("organisation-not-found", ("id", named)));
    }

    /// <summary>Nobody hands out a role beyond their own office; <c>service</c> is never handed out.</summary>
    /// <exception cref="ProblemException">A role is not theirs to give.</exception>
    public static void CheckRoles(Caller caller, IReadOnlyList<string> roles)
    {
        string[] grantable = caller.Is(Role.Operator) ? OfOperator : OfOrganisation;
        if (roles.FirstOrDefault(r => !grantable.Contains(r)) is { } wrong)
            throw new ProblemException(Problem.Of(Account.RoleNotYours, ("role", wrong)));
    }

    /// <summary>Another organisation's account is answered as one that is not there.</summary>
    /// <exception cref="ProblemException">It is not the caller's to manage.</exception>
    public static void CheckTenant(Caller caller, string? tenant, string id)
    {
        if (tenant is null || tenant != caller.Tenant && !caller.Is(Role.Operator))
            throw new ProblemException(Problem.Of(Account.Missing, ("id", id)));
    }
}
