using EventStore;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;

namespace Evidence.Deposits;

/// <summary>All about one deposit.</summary>
/// <param name="Id">Number.</param>
/// <param name="EventId">Event that records it.</param>
/// <param name="EventDigest">SHA-256 of that event's canonical bytes: the leaf in the log.</param>
/// <param name="Content">What was deposited.</param>
/// <param name="Name">Name.</param>
/// <param name="BusinessId">The depositor's own number.</param>
/// <param name="Subject">Whom it concerns; missing once erased, and for readers of a share link.</param>
/// <param name="Provenance">How the data came to be.</param>
/// <param name="RecordedAt">When it was deposited.</param>
/// <param name="Stored">Whether the file is kept here.</param>
/// <param name="Superseded">Whether another deposit took its place.</param>
/// <param name="Custody">What happened to it since, in order.</param>
public sealed record DepositDetails(
    DepositId Id, Guid EventId, string EventDigest, Content Content, string? Name, string? BusinessId,
    SubjectRequest? Subject, Provenance? Provenance, DateTimeOffset RecordedAt, bool Stored, bool Superseded,
    IReadOnlyList<CustodyEntry> Custody);

/// <summary>One entry of the custody history.</summary>
/// <param name="EventId">Event that records it; it has a proof of its own.</param>
/// <param name="Kind"><c>handed-over</c>, <c>accessed</c>, <c>supplemented</c>, <c>superseded</c> or <c>file-erased</c>.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Pseudonymous id of who did it.</param>
/// <param name="To">Who got custody.</param>
/// <param name="Purpose">Why it was accessed or erased.</param>
/// <param name="Content">What was added.</param>
/// <param name="By">The deposit that took its place.</param>
/// <param name="Note">A remark.</param>
public sealed record CustodyEntry(
    Guid EventId, string Kind, DateTimeOffset At, string Actor, string? To = null, string? Purpose = null,
    Content? Content = null, DepositId? By = null, string? Note = null);

/// <summary>Reads one deposit.</summary>
internal static class GetDeposit
{
    public static void Map(IEndpointRouteBuilder deposits) =>
        deposits.MapGet("/{id}", HandleAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("GetDeposit").WithSummary("Reads a deposit with its custody history.");

    private static async Task<IResult> HandleAsync(
        string id, HttpContext http, Caller caller, Store store, Subjects subjects, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> events = await DepositAccess.FetchAsync(store, caller.Tenant, id, cancellationToken);
        DepositEvent.Deposited deposited = (DepositEvent.Deposited)events[0].Data;
        SubjectRequest? subject = deposited.Subject is { } box
            ? await subjects.OpenAsync(events[0].Id, box, cancellationToken)
            : null;
        EntityVersion.Send(http.Response, events.Count);
        return TypedResults.Json(Describe(events, subject), ApiJson.Default.DepositDetails);
    }

    /// <summary>Folds a deposit's events into what a screen shows.</summary>
    public static DepositDetails Describe(IReadOnlyList<StoredEvent> events, SubjectRequest? subject)
    {
        StoredEvent first = events[0];
        DepositEvent.Deposited deposited = (DepositEvent.Deposited)first.Data;
        DepositState state = events.Select(e => (DepositEvent)e.Data).Aggregate(DepositState.Initial, DepositState.Evolve);
        _ = DepositId.TryParse(first.Stream, out DepositId id);
        return new DepositDetails(
            id, first.Id, Convert.ToHexStringLower(first.Digest.Span), deposited.Content, deposited.Name,
            deposited.BusinessId, subject, deposited.Provenance, first.OccurredAt, state.Stored,
            state.Status == DepositStatus.Superseded, [.. events.Skip(1).Select(Entry)]);
    }

    private static CustodyEntry Entry(StoredEvent e) => (DepositEvent)e.Data switch
    {
        DepositEvent.HandedOver d => new(e.Id, "handed-over", e.OccurredAt, e.Actor, To: d.To, Note: d.Note),
        DepositEvent.Accessed d => new(e.Id, "accessed", e.OccurredAt, e.Actor, Purpose: d.Purpose),
        DepositEvent.Supplemented d => new(
            e.Id, "supplemented", e.OccurredAt, e.Actor, Content: d.Content, Note: d.Note),
        DepositEvent.Superseded d => new(e.Id, "superseded", e.OccurredAt, e.Actor, By: d.By, Note: d.Note),
        DepositEvent.FileErased d => new(e.Id, "file-erased", e.OccurredAt, e.Actor, Purpose: d.Reason),
        var other => throw new InvalidOperationException($"{other.GetType().Name} is no custody event."),
    };
}
