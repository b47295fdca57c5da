using System.Text.Json.Serialization;
using EventStore;

namespace Receivables.Signatures;

/// <summary>The stable names of events about signing, and their part of the model.</summary>
internal static class SigningEvents
{
    public const string Submitted = "receivables.command-submitted.v1";
    public const string Drafted = "receivables.command-drafted.v1";
    public const string Executed = "receivables.command-executed.v1";
    public const string Withdrawn = "receivables.command-withdrawn.v1";
    public const string Approved = "receivables.page-approved.v1";

    public static string NameOf(SigningEvent e) => e switch
    {
        SigningEvent.Submitted => Submitted,
        SigningEvent.Drafted => Drafted,
        SigningEvent.Executed => Executed,
        SigningEvent.Withdrawn => Withdrawn,
        SigningEvent.PageApproved => Approved,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddSigning(this EventModel model) => model
        .Event(Submitted, SigningJson.Default.Submitted)
        .Event(Drafted, SigningJson.Default.Drafted)
        .Event(Executed, SigningJson.Default.Executed)
        .Event(Withdrawn, SigningJson.Default.Withdrawn)
        .Event(Approved, SigningJson.Default.PageApproved)
        .Aggregate(CommandState.Initial, (state, e) => CommandState.Evolve(state, (SigningEvent)e))
        .Inline(new DraftRows())
        .Migrate("receivables-0102-drafts", DraftRows.Schema);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SigningEvent.Submitted))]
[JsonSerializable(typeof(SigningEvent.Drafted))]
[JsonSerializable(typeof(SigningEvent.Executed))]
[JsonSerializable(typeof(SigningEvent.Withdrawn))]
[JsonSerializable(typeof(SigningEvent.PageApproved))]
internal sealed partial class SigningJson : JsonSerializerContext;
