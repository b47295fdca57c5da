using Receivables.Parties;

namespace Receivables.Signatures;

/// <summary>A command on its way to being carried out: what it is, who acts, and who has approved it.</summary>
/// <param name="Command">The command.</param>
/// <param name="Names">Names that its pages show.</param>
/// <param name="Party">The acting party.</param>
internal sealed record Signed(SignedCommand Command, IReadOnlyDictionary<string, string> Names, PartyState Party)
{
    /// <summary>Every approval, in order.</summary>
    public List<SigningEvent.PageApproved> All { get; } = [];

    /// <summary>Approvals that are not recorded yet, with the version of the key's stream before each.</summary>
    public List<(SigningEvent.PageApproved Event, long Version)> New { get; } = [];

    /// <summary>Who has approved.</summary>
    public IReadOnlyList<Given> Given => [.. All.Select(a => new Given(
        a.Role, a.KeyId, ApprovalRules.KeyOf(Party, Command.Facts, a.Role, a.KeyId)?.Person ?? ""))];

    /// <summary>Capacities in which nobody has signed yet.</summary>
    public IReadOnlyList<SignerRole> Missing =>
        [.. ApprovalRules.Needed(Party, Command.Facts).Except(All.Select(a => a.Role))];

    /// <summary>The same with what was given so far, to try something on.</summary>
    public Signed Copy()
    {
        Signed copy = new(Command, Names, Party);
        copy.All.AddRange(All);
        return copy;
    }

    /// <summary>Adds a verified approval to the command and to its key's chain.</summary>
    public void Add(SigningEvent.PageApproved e, HeldChains held)
    {
        New.Add((e, held.Of(e.KeyId).Version));
        held.Add(e);
        All.Add(e);
    }
}
