using System.Text.Json;
using Traceability.Gs1;
using Traceability.Visibility;

namespace Traceability.Epcis.Queries;

/// <summary>A criterion that the tables answer.</summary>
/// <param name="sql">Over the row <c>e</c>, with <c>{0}</c>, <c>{1}</c> … for the values.</param>
/// <param name="member">The member of the event that it asks about; who may not see that gets no answer from
/// it.</param>
/// <param name="values">
/// Values as Npgsql maps them. Span and not an array: a string[] would be taken for the list of values, by covariance.
/// </param>
internal sealed class Criterion(string sql, string member, params Span<object> values)
{
    public string Sql { get; } = sql;

    public string Member { get; } = member;

    /// <summary>Other members that it asks about as well.</summary>
    public IReadOnlyList<string> AlsoMembers { get; init; } = [];

    /// <summary>Whether an answer would confirm an id that tells what some event says.</summary>
    public bool TellsContent { get; init; }

    /// <summary>Whether who stands so to an event gets an answer about it.</summary>
    public bool MayBeAskedBy(Relation relation, DisclosurePolicy policy) =>
        (!TellsContent || Sight.IsWhole(relation))
        && AlsoMembers.Prepend(Member).All(m => VisibilityRule.MayAsk(relation, policy, m));

    public IReadOnlyList<object> Values { get; } = values.ToArray();
}

/// <summary>A criterion by id, which is answered first because it is the most selective.</summary>
/// <param name="Table">Table with columns <c>seq</c>, <c>role</c> and the one named.</param>
/// <param name="Column">Column of the id.</param>
/// <param name="Roles">Roles that count.</param>
/// <param name="Patterns">What is looked for; any one suffices.</param>
internal sealed record MatchCriterion(
    string Table, string Column, IReadOnlyList<short> Roles, IReadOnlyList<EpcPattern> Patterns)
{
    private static readonly string[] Ids = ["epcList", "parentID", "childEPCs", "inputEPCList", "outputEPCList"];

    private static readonly string[] Classes =
        ["quantityList", "", "childQuantityList", "inputQuantityList", "outputQuantityList"];

    /// <summary>JSON pointers of the members whose ids it compares.</summary>
    public IEnumerable<string> Members => Names.Select(name => "/" + name);

    private IEnumerable<string> Names =>
        Roles.Select(role => (Table == "epcis_epcs" ? Ids : Classes)[role]).Where(name => name.Length > 0);

    /// <summary>Whether it is fulfilled by what a viewer sees of an event.</summary>
    public bool Finds(JsonElement seen) => Names.Any(name => seen.TryGetProperty(name, out JsonElement value)
        && (value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Any(IsFound) : IsFound(value)));

    private bool IsFound(JsonElement item)
    {
        string? id = item.ValueKind switch
        {
            JsonValueKind.String => item.GetString(),
            JsonValueKind.Object when item.TryGetProperty("epcClass", out JsonElement named) => named.GetString(),
            _ => null,
        };
        return id is not null && Epc.ToCanonicalUri(id) is var uri && Patterns.Any(p =>
            uri == p.Exact || p.Prefixes.Any(prefix => uri.StartsWith(prefix, StringComparison.Ordinal)));
    }
}

/// <summary>A criterion that only the event's body answers: extensions, ilmd, sensors.</summary>
/// <param name="Member">The member of the event that it asks about.</param>
/// <param name="Matches">Whether an event fulfils it.</param>
internal sealed record BodyCriterion(string Member, Func<JsonElement, bool> Matches);

/// <summary>A member of an event that only its body holds.</summary>
/// <param name="Member">The member of the event, or the part of it that it stands in.</param>
/// <param name="Value">Its value as text, or null where the event has none.</param>
internal sealed record BodyField(string Member, Func<JsonElement, string?> Value);

/// <summary>Order of results.</summary>
internal enum EventOrder
{
    RecordTime,
    EventTime,
}

/// <summary>A query of EPCIS events, read from its parameters (EPCIS 2.0 §8.2.7.1).</summary>
internal sealed record EventQuery
{
    public static readonly EventQuery Everything = new();

    public IReadOnlyList<Criterion> Criteria { get; init; } = [];

    public IReadOnlyList<MatchCriterion> Matches { get; init; } = [];

    public IReadOnlyList<BodyCriterion> Body { get; init; } = [];

    /// <summary>Sets of ids; an event goes by one of each, as its viewer knows it.</summary>
    public IReadOnlyList<IReadOnlyCollection<string>> EventIds { get; init; } = [];

    public EventOrder Order { get; init; } = EventOrder.RecordTime;

    /// <summary>An extension member to order by instead, as an event has it; null for none.</summary>
    public BodyField? OrderField { get; init; }

    public bool Descending { get; init; }

    /// <summary>Only the first so many events, over all pages.</summary>
    public int? CountLimit { get; init; }

    /// <summary>More events than this are an error.</summary>
    public int? CountMax { get; init; }

    public EventQuery With(Criterion criterion) => this with { Criteria = [.. Criteria, criterion] };

    /// <summary>Only events that go by one of these ids: their own, or those of their records.</summary>
    public EventQuery Named(IReadOnlyCollection<string> ids) => With(new Criterion(
        "(e.event_id = any({0}) or e.seq in (select position from store.events where id = any({1})))", "type",
        ids.ToArray(), ids.Select(Record).OfType<Guid>().ToArray())) with
    { EventIds = [.. EventIds, ids] };

    private static Guid? Record(string id) =>
        id.StartsWith("urn:uuid:", StringComparison.Ordinal) && Guid.TryParse(id["urn:uuid:".Length..], out Guid record)
            ? record
            : null;

    public EventQuery With(MatchCriterion match) => this with { Matches = [.. Matches, match] };

    public EventQuery With(BodyCriterion body) => this with { Body = [.. Body, body] };
}

/// <summary>A parameter of a query that can't be understood.</summary>
internal sealed class QueryParameterException(string name) : Exception(name)
{
    /// <summary>The parameter.</summary>
    public string Parameter { get; } = name;
}
