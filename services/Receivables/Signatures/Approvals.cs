using System.Text.Json;
using System.Text.Json.Serialization;
using Receivables.Parties;
using ServiceDefaults;

namespace Receivables.Signatures;

/// <summary>One person's approval of a page, as it is sent.</summary>
/// <param name="Role">In what capacity.</param>
/// <param name="KeyId">The key.</param>
/// <param name="Language">The page that was shown and signed: <c>zh</c> or <c>en</c>.</param>
/// <param name="At">Time that the signer states, <c>yyyy-MM-ddTHH:mm:ss.fffZ</c>.</param>
/// <param name="PageSha256">SHA-256 of the page signed.</param>
/// <param name="Signature">Signature over the page's bytes, base64url of r ‖ s.</param>
/// <param name="Previous">SHA-256 of the page that the key signed before; null for its first.</param>
public sealed record ApprovalRequest(
    SignerRole Role, string KeyId, string Language, string At, string PageSha256, string Signature,
    string? Previous = null)
{
    /// <summary>What the page says about it.</summary>
    [JsonIgnore]
    public Signing Signing => new(Role, KeyId, Previous, At);
}

/// <summary>Facts about commands that are signed.</summary>
public abstract record SigningEvent
{
    private SigningEvent()
    {
    }

    /// <summary>A command was sent with all its approvals and carried out in the same transaction.</summary>
    /// <param name="Command">The command as its pages show it.</param>
    /// <param name="Names">Registered names of the parties as the pages show them.</param>
    public sealed record Submitted(JsonElement Command, SortedDictionary<string, string> Names) : SigningEvent;

    /// <summary>A command waits for approvals.</summary>
    public sealed record Drafted(JsonElement Command, SortedDictionary<string, string> Names, string Maker) : SigningEvent;

    /// <summary>A drafted command had its last approval and was carried out in the same transaction.</summary>
    public sealed record Executed(string Command) : SigningEvent;

    /// <summary>A drafted command will not be carried out.</summary>
    public sealed record Withdrawn(string Command, string Reason) : SigningEvent;

    /// <summary>A key signed a page: an entry of the key's chain.</summary>
    /// <param name="Command">The command's id.</param>
    /// <param name="Party">The acting party.</param>
    /// <param name="KeyId">The key.</param>
    /// <param name="Role">In what capacity.</param>
    /// <param name="Language">Language of the page.</param>
    /// <param name="PageSha256">SHA-256 of the page: the chain's head after it.</param>
    /// <param name="Previous">The chain's head before it; null for the first.</param>
    /// <param name="At">Time that the signer states.</param>
    /// <param name="Signature">Over the page's bytes, base64url of r ‖ s.</param>
    public sealed record PageApproved(
        string Command, string Party, string KeyId, SignerRole Role, string Language, string PageSha256, string? Previous,
        string At, string Signature) : SigningEvent;
}

/// <summary>What a key signed so far.</summary>
/// <param name="Head">SHA-256 of the last page; null before the first.</param>
/// <param name="At">Time of the last signature.</param>
/// <param name="Version">Number of signatures.</param>
public sealed record SignerChain(string? Head, DateTimeOffset At, long Version)
{
    /// <summary>Before the first signature.</summary>
    public static readonly SignerChain Initial = new(null, DateTimeOffset.MinValue, 0);

    /// <summary>The stream of a key's chain.</summary>
    public static string Stream(string keyId) => $"signer/{keyId}";

    /// <summary>Folds one signature.</summary>
    public static SignerChain Evolve(SignerChain chain, SigningEvent.PageApproved e)
    {
        _ = SignedPage.TryReadTime(e.At, out DateTimeOffset at);
        return new SignerChain(e.PageSha256, at, chain.Version + 1);
    }
}

/// <summary>Where a drafted command stands.</summary>
[JsonConverter(typeof(KebabEnum<DraftStatus>))]
public enum DraftStatus
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Waits for approvals.</summary>
    Open,

    /// <summary>Carried out.</summary>
    Executed,

    /// <summary>Will not be carried out.</summary>
    Withdrawn,
}

/// <summary>A command as its stream tells it.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="Command">The command.</param>
/// <param name="Names">Registered names that its pages show.</param>
/// <param name="Maker">Who drafted it.</param>
/// <param name="Version">Of the stream.</param>
public sealed record CommandState(
    DraftStatus Status, JsonElement Command, IReadOnlyDictionary<string, string> Names, string? Maker, long Version)
{
    /// <summary>Before the first event.</summary>
    public static readonly CommandState Initial =
        new(DraftStatus.None, default, new SortedDictionary<string, string>(), null, 0);

    /// <summary>The stream of a command; every party numbers its own.</summary>
    public static string Stream(string party, string commandId) => $"command/{party}/{commandId}";

    /// <summary>Folds one event.</summary>
    public static CommandState Evolve(CommandState state, SigningEvent e) => e switch
    {
        SigningEvent.Submitted s => new(DraftStatus.Executed, s.Command, s.Names, null, state.Version + 1),
        SigningEvent.Drafted d => new(DraftStatus.Open, d.Command, d.Names, d.Maker, state.Version + 1),
        SigningEvent.Executed => state with { Status = DraftStatus.Executed, Version = state.Version + 1 },
        SigningEvent.Withdrawn => state with { Status = DraftStatus.Withdrawn, Version = state.Version + 1 },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is not an event of a command."),
    };
}
