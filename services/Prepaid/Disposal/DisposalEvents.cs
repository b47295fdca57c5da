using System.Text.Json.Serialization;
using EventStore;

namespace Prepaid.Disposal;

/// <summary>Facts about the disposal of a merchant.</summary>
public abstract record DisposalEvent
{
    private DisposalEvent()
    {
    }

    /// <summary>Claims were listed from the ledger of the same day, with a proposal of who is paid what.</summary>
    /// <param name="List">The list.</param>
    /// <param name="Day">The day.</param>
    /// <param name="Position">Position of the feed up to which movements are in it.</param>
    /// <param name="Claims">Cards.</param>
    /// <param name="PrincipalFen">What was paid and not used.</param>
    /// <param name="GiftFen">Gifts, which rank last.</param>
    /// <param name="Sources">Money there is, in its rank.</param>
    /// <param name="OpenFen">Principal that no source pays.</param>
    /// <param name="Sha256">Of the list's file, hexadecimal.</param>
    public sealed record ClaimsListed(
        Guid List, DateOnly Day, long Position, int Claims, long PrincipalFen, long GiftFen,
        IReadOnlyList<Source> Sources, long OpenFen, string Sha256) : DisposalEvent;

    /// <summary>A court or liquidator confirmed a list: until then it is a proposal.</summary>
    /// <param name="List">The list.</param>
    /// <param name="By">Who.</param>
    /// <param name="CaseNumber">The case.</param>
    /// <param name="Words">What was changed or held.</param>
    public sealed record Confirmed(Guid List, string By, string CaseNumber, string Words) : DisposalEvent;

    /// <summary>The pack was made, for the case itself or as a drill.</summary>
    /// <param name="Day">The day.</param>
    /// <param name="Drill">Whether nothing had happened.</param>
    /// <param name="Claims">Cards in it.</param>
    /// <param name="Milliseconds">How long it took to make; the aim is 48 hours.</param>
    /// <param name="Sha256">Of the pack, hexadecimal.</param>
    public sealed record PackMade(DateOnly Day, bool Drill, int Claims, long Milliseconds, string Sha256)
        : DisposalEvent;
}

/// <summary>A disposal, folded.</summary>
/// <param name="Lists">Claim lists by id.</param>
/// <param name="Confirmed">The list that was confirmed.</param>
public sealed record DisposalCase(IReadOnlyList<DisposalEvent.ClaimsListed> Lists, DisposalEvent.Confirmed? Confirmed)
{
    /// <summary>There is no such list.</summary>
    public const string ListMissing = "claim-list-not-found";

    /// <summary>A list was confirmed and no other can be.</summary>
    public const string IsConfirmed = "claim-list-confirmed";

    /// <summary>Before the first event.</summary>
    public static readonly DisposalCase Initial = new([], null);

    /// <summary>Folds one event.</summary>
    public static DisposalCase Evolve(DisposalCase c, DisposalEvent e) => e switch
    {
        DisposalEvent.ClaimsListed l => c with { Lists = [.. c.Lists, l] },
        DisposalEvent.Confirmed d => c with { Confirmed = d },
        DisposalEvent.PackMade => c,
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a disposal."),
    };
}

/// <summary>The stable names and stored forms of disposals.</summary>
internal static class DisposalEvents
{
    private const string ClaimsListed = "prepaid.claims-listed.v1";
    private const string Confirmed = "prepaid.claims-confirmed.v1";
    private const string PackMade = "prepaid.resolution-pack-made.v1";

    /// <summary>Its table: a list is a file of people's claims, so that it stands apart from the events.</summary>
    private const string Schema = "create table claim_lists (id uuid primary key, merchant text not null, file bytea not null)";

    public static string Stream(string merchant) => $"disposal-{merchant}";

    public static string NameOf(DisposalEvent e) => e switch
    {
        DisposalEvent.ClaimsListed => ClaimsListed,
        DisposalEvent.Confirmed => Confirmed,
        DisposalEvent.PackMade => PackMade,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddDisposalEvents(this EventModel model) => model
        .Event(ClaimsListed, DisposalJson.Default.ClaimsListed)
        .Event(Confirmed, DisposalJson.Default.Confirmed)
        .Event(PackMade, DisposalJson.Default.PackMade)
        .Aggregate(DisposalCase.Initial, (disposal, e) => DisposalCase.Evolve(disposal, (DisposalEvent)e))
        .Migrate("prepaid-disposal-0001", Schema);
}

/// <summary>Stored forms, requests and answers of disposals.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DisposalEvent.ClaimsListed))]
[JsonSerializable(typeof(DisposalEvent.Confirmed))]
[JsonSerializable(typeof(DisposalEvent.PackMade))]
[JsonSerializable(typeof(CustodyOrderRequest))]
[JsonSerializable(typeof(ConfirmClaimsRequest))]
[JsonSerializable(typeof(DisposalDetails))]
internal sealed partial class DisposalJson : JsonSerializerContext;
