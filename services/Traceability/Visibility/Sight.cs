using System.Text.Json;
using Traceability.Epcis;
using Traceability.Epcis.Capture;
using Traceability.Epcis.Documents;

namespace Traceability.Visibility;

/// <summary>
/// What one viewer may see of one event. An id that tells the event's content (its hash) is shown only to who sees all
/// of the event: anybody else could try values of what is hidden until the hash fits.
/// </summary>
internal sealed class Sight
{
    private readonly Relation _relation;
    private readonly DisclosurePolicy _policy;
    private readonly string _neutral;
    private readonly bool _hidesCorrections;

    /// <summary>Works out a viewer's sight.</summary>
    /// <param name="relation">How the viewer stands to the event.</param>
    /// <param name="policy">Of the event's owner.</param>
    /// <param name="stored">The event as it is stored.</param>
    public Sight(Relation relation, DisclosurePolicy policy, StoredBody stored)
    {
        (_relation, _policy, _neutral) = (relation, policy, EventIdentity.Neutral(stored.Record));
        (All, _hidesCorrections) = SeesWhole ? (true, false) : Look(stored.Body);
        EventId = All || (MaySee("/eventID") && !EventIdentity.TellsContent(stored.EventId, stored.Hash))
            ? stored.EventId
            : _neutral;
        HidesId = EventId != stored.EventId;
    }

    /// <summary>Whether nothing of the event is hidden.</summary>
    public bool All { get; }

    /// <summary>The event's id, or that of its record where the id is not for this viewer.</summary>
    public string EventId { get; }

    /// <summary>Whether the viewer sees another id than the event's own.</summary>
    public bool HidesId { get; }

    /// <summary>Whether the viewer may know ids of other events that tell their content.</summary>
    public bool SeesWhole => IsWhole(_relation);

    /// <summary>Whether a relation shows everything, whatever the owner's policy.</summary>
    public static bool IsWhole(Relation relation) => relation is Relation.Own or Relation.Regulator;

    /// <summary>Whether the event goes by one of these ids for the viewer; that of its record always will do.</summary>
    public bool IsNamed(IReadOnlyCollection<string> ids) => ids.Contains(EventId) || ids.Contains(_neutral);

    /// <summary>Whether a member or a member of ilmd may be seen, if perhaps not every part of it.</summary>
    public bool MaySee(string pointer) => VisibilityRule.MaySee(_relation, _policy, pointer);

    /// <summary>Whether a statement may be shown, which is whole or not at all.</summary>
    public bool Shows(string pointer) => pointer switch
    {
        EventStatements.HashPointer => All,
        _ when pointer.StartsWith(EventStatements.BeforePointer, StringComparison.Ordinal) => All,
        "/eventID" => !HidesId,
        "/errorDeclaration" when _hidesCorrections => false,
        _ => MaySee(pointer),
    };

    private (bool All, bool HidesCorrections) Look(ReadOnlySpan<byte> body)
    {
        bool all = true, hides = false;
        Utf8JsonReader json = new(body);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            json.Read();
            if (name == "ilmd" && json.TokenType == JsonTokenType.StartObject)
                all &= SeesIlmd(ref json);
            else
            {
                hides |= name == "errorDeclaration" && NamesContent(json, body);
                all &= MaySee(JsonPointer.Of(name));
                json.Skip();
            }
        }
        return (all && !hides, hides);
    }

    private bool SeesIlmd(ref Utf8JsonReader json)
    {
        bool all = true;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            all &= MaySee(JsonPointer.Of(json.GetString()!, "/ilmd"));
            json.Skip();
        }
        return all;
    }

    /// <summary>Whether a declaration names correcting events by ids that tell what they say.</summary>
    private static bool NamesContent(Utf8JsonReader at, ReadOnlySpan<byte> body)
    {
        int start = (int)at.TokenStartIndex;
        at.Skip();
        using JsonDocument declaration = JsonDocument.Parse(body[start..(int)at.BytesConsumed].ToArray());
        return declaration.RootElement.ValueKind == JsonValueKind.Object
            && declaration.RootElement.TryGetProperty("correctiveEventIDs", out JsonElement ids)
            && ids.ValueKind == JsonValueKind.Array
            && ids.EnumerateArray().Any(IsContentId);
    }

    /// <summary>Whether an element of a list of ids tells what the event says.</summary>
    public static bool IsContentId(JsonElement id) =>
        id.ValueKind == JsonValueKind.String && EventIdentity.TellsContent(id.GetString()!);
}

/// <summary>An event as it is stored, with its ids.</summary>
/// <param name="Record">Id of the recording event.</param>
/// <param name="EventId">The client's id, or the hash.</param>
/// <param name="Hash">The CBV event hash.</param>
/// <param name="Body">The event.</param>
internal sealed record StoredBody(Guid Record, string EventId, byte[] Hash, byte[] Body);
