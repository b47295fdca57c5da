using EventStore;
using Traceability.Epcis.Storage;

namespace Traceability.Epcis.Capture;

/// <summary>What to do when a part of a capture can't be stored (header <c>GS1-Capture-Error-Behaviour</c>).</summary>
internal enum ErrorBehaviour
{
    /// <summary>All or nothing.</summary>
    Rollback,

    /// <summary>What can be stored is.</summary>
    Proceed,
}

/// <summary>Why an item of a capture was not stored.</summary>
/// <param name="Index">Its place in the list of events, from 0; null for the document.</param>
/// <param name="Code">A code of the catalogue.</param>
/// <param name="Path">Where in the event.</param>
/// <param name="Detail">What was found there, or the id that is taken.</param>
internal sealed record CaptureError(int? Index, string Code, string Path = "", string? Detail = null);

/// <summary>What is stored already of that which a capture brings.</summary>
/// <param name="Identities">Stored identities, by their hexadecimal form, among those of the capture.</param>
/// <param name="Hashes">Hash of the stored event that has an id, by id, among those of the capture.</param>
internal sealed record StoredAlready(IReadOnlySet<string> Identities, ILookup<string, byte[]> Hashes)
{
    /// <summary>How many events about the capture's items there are.</summary>
    public ItemCounts Counts { get; init; } = ItemCounts.Nothing;

    public static readonly StoredAlready Nothing =
        new(new HashSet<string>(), Array.Empty<(string, byte[])>().ToLookup(e => e.Item1, e => e.Item2));
}

/// <summary>What a capture comes to: the events to store and the errors to report.</summary>
internal sealed record CaptureDecision(IReadOnlyList<AcceptedEvent> Accepted, IReadOnlyList<CaptureError> Errors)
{
    /// <summary>What must still hold when the events are stored; null where nothing was held against others.</summary>
    public CaptureGuard? Guard { get; init; }

    /// <summary>How many events about its items there were before.</summary>
    public ItemCounts Counts { get; init; } = ItemCounts.Nothing;

    /// <summary>Decides on every item of a document in its order.</summary>
    /// <param name="tenant">The organisation that captures.</param>
    /// <param name="items">What was read.</param>
    /// <param name="stored">What is there already.</param>
    /// <param name="behaviour">With <see cref="ErrorBehaviour.Rollback"/> one error leaves nothing accepted.</param>
    public static CaptureDecision Decide(
        string tenant, IReadOnlyList<ReadingItem> items, StoredAlready stored, ErrorBehaviour behaviour)
    {
        List<AcceptedEvent> accepted = [];
        List<CaptureError> errors = [];
        HashSet<string> identities = [];
        Dictionary<string, string> ids = new(StringComparer.Ordinal);
        for (int i = 0; i < items.Count; i++)
        {
            if (items[i].Event is not { } e)
            {
                EpcisProblem problem = items[i].Problem!;
                errors.Add(new CaptureError(i, problem.Code, problem.Path, problem.Detail));
                continue;
            }
            byte[]? identity = EventIdentity.Of(tenant, e);
            string id = EventIdentity.IdOf(e);
            string? key = identity is null ? null : Convert.ToHexStringLower(identity);
            if (key is not null && (stored.Identities.Contains(key) || !identities.Add(key)))
                errors.Add(new CaptureError(i, "event-duplicate", "/eventID", id));
            else if (IsTaken(e, id, stored, ids))
                errors.Add(new CaptureError(i, "event-id-taken", "/eventID", id));
            else if (!EventStatements.Fit(e.Body.Span, e.Epcs.Count > ItemCounts.ItemsMax ? 0 : e.Epcs.Count))
                errors.Add(new CaptureError(i, "event-too-large"));
            else
            {
                ids.TryAdd(id, e.Hash);
                accepted.Add(new AcceptedEvent(i, e, id, identity));
            }
        }
        return behaviour == ErrorBehaviour.Rollback && errors.Count > 0
            ? new CaptureDecision([], errors)
            : new CaptureDecision(accepted, errors) { Counts = stored.Counts };
    }

    /// <summary>
    /// An id belongs to one event. An error declaration repeats the id of the event it declares, and what differs only
    /// in what the hash leaves out is told apart by that.
    /// </summary>
    private static bool IsTaken(
        EpcisEvent e, string id, StoredAlready stored, Dictionary<string, string> inThisCapture)
    {
        if (e.ErrorDeclaration is not null)
            return false;
        if (inThisCapture.TryGetValue(id, out string? other) && other != e.Hash)
            return true;
        byte[] hash = EventRows.HashBytes(e.Hash);
        return stored.Hashes[id].Any(h => !h.AsSpan().SequenceEqual(hash));
    }
}

/// <summary>
/// A decision that rests on what was known of items holds only while nobody else records anything of them: it is looked
/// again where events are appended, one after the other, and otherwise decided anew.
/// </summary>
/// <param name="After">The head of the feed before the look.</param>
/// <param name="Items">The items.</param>
internal sealed record CaptureGuard(long After, string[] Items)
{
    /// <summary>Fails as a taken identity does, so that whoever captures decides anew.</summary>
    public const string Schema =
        """
        create function epcis_decide_anew() returns void language plpgsql as $$
        begin
            raise unique_violation using message = 'Another capture names the same items.';
        end $$;
        """;

    /// <summary>Queues the look, before the events' own rows.</summary>
    public void Queue(Session session) => session.QueueSqlCommand(
        """
        select epcis_decide_anew() where exists (
            select from unnest($1) as i (uri) cross join lateral (
                select from epcis_epcs where uri = i.uri collate "C" and seq > $2 limit 1) x)
        """, Items, After);
}

/// <summary>An event that a capture stores.</summary>
internal sealed record AcceptedEvent(int Index, EpcisEvent Event, string EventId, byte[]? Identity);
