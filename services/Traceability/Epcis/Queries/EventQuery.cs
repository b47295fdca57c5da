using System.Text.Json;

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

    public IReadOnlyList<object> Values { get; } = values.ToArray();
}

/// <summary>A criterion by id, which is answered first because it is the most selective.</summary>
/// <param name="Table">Table with columns <c>seq</c>, <c>role</c> and the one named.</param>
/// <param name="Column">Column of the id.</param>
/// <param name="Roles">Roles that count.</param>
/// <param name="Patterns">What is looked for; any one suffices.</param>
internal sealed record MatchCriterion(
    string Table, string Column, IReadOnlyList<short> Roles, IReadOnlyList<EpcPattern> Patterns);

/// <summary>A criterion that only the event's body answers: extensions, ilmd, sensors.</summary>
/// <param name="Member">The member of the event that it asks about.</param>
/// <param name="Matches">Whether an event fulfils it.</param>
internal sealed record BodyCriterion(string Member, Func<JsonElement, bool> Matches);

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

    public EventOrder Order { get; init; } = EventOrder.RecordTime;

    public bool Descending { get; init; }

    /// <summary>Only the first so many events, over all pages.</summary>
    public int? CountLimit { get; init; }

    /// <summary>More events than this are an error.</summary>
    public int? CountMax { get; init; }

    public EventQuery With(Criterion criterion) => this with { Criteria = [.. Criteria, criterion] };

    public EventQuery With(MatchCriterion match) => this with { Matches = [.. Matches, match] };

    public EventQuery With(BodyCriterion body) => this with { Body = [.. Body, body] };
}

/// <summary>A parameter of a query that can't be understood.</summary>
internal sealed class QueryParameterException(string name) : Exception(name)
{
    /// <summary>The parameter.</summary>
    public string Parameter { get; } = name;
}
