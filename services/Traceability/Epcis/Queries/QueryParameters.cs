using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Traceability.Epcis.Capture;
using Traceability.Epcis.Storage;
using Traceability.Gs1;

namespace Traceability.Epcis.Queries;

/// <summary>Reads the standard's query parameters, from an address or from a named query's JSON.</summary>
internal static class QueryParameters
{
    private static readonly short[] Items = [(short)EpcRole.Epc, (short)EpcRole.Child];
    private static readonly short[] Inputs = [(short)EpcRole.Input];
    private static readonly short[] Outputs = [(short)EpcRole.Output];
    private static readonly short[] Parents = [(short)EpcRole.Parent];
    private static readonly short[] Any =
        [(short)EpcRole.Epc, (short)EpcRole.Child, (short)EpcRole.Parent, (short)EpcRole.Input, (short)EpcRole.Output];

    /// <summary>Parameters of paging and delivery, which do not select events.</summary>
    private static readonly HashSet<string> Elsewhere = new(StringComparer.Ordinal)
    {
        "perPage", "nextPageToken", "@context",
    };

    /// <summary>Reads the parameters of an address; several values are separated by <c>|</c>.</summary>
    /// <exception cref="QueryParameterException">One is unknown or has an impossible value.</exception>
    public static EventQuery Read(IQueryCollection query) => Read(query.Select(p =>
        (p.Key, (IReadOnlyList<string>)[.. p.Value.SelectMany(v => (v ?? "").Split('|'))])));

    /// <summary>Reads the query of a named query.</summary>
    /// <exception cref="QueryParameterException">A parameter is unknown or has an impossible value.</exception>
    public static EventQuery Read(JsonObject query) => Read(query.Select(p => (p.Key, Values(p.Key, p.Value))));

    /// <summary>Reads parameters by name and values.</summary>
    /// <exception cref="QueryParameterException">One is unknown or has an impossible value.</exception>
    public static EventQuery Read(IEnumerable<(string Name, IReadOnlyList<string> Values)> parameters)
    {
        EventQuery query = EventQuery.Everything;
        foreach ((string name, IReadOnlyList<string> values) in parameters)
        {
            if (!Elsewhere.Contains(name))
                query = Add(query, name, values);
        }
        if (query is { CountLimit: not null, CountMax: not null })
            throw new QueryParameterException("maxEventCount");
        return query;
    }

    private static IReadOnlyList<string> Values(string name, JsonNode? value) => value switch
    {
        JsonArray list => [.. list.Select(v => Text(name, v))],
        null => [""],
        _ when name == "@context" => [],
        _ => [Text(name, value)],
    };

    private static string Text(string name, JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.ToJsonString(),
        _ => throw new QueryParameterException(name),
    };

    private static EventQuery Add(EventQuery query, string name, IReadOnlyList<string> values) => name switch
    {
        "eventType" => query.With(new Criterion("e.type = any({0})", "type", values.ToArray())),
        "GE_eventTime" => query.With(new Criterion("e.event_time >= {0}", "eventTime", Time(name, values))),
        "LT_eventTime" => query.With(new Criterion("e.event_time < {0}", "eventTime", Time(name, values))),
        "GE_recordTime" => query.With(new Criterion("e.record_time >= {0}", "recordTime", Time(name, values))),
        "LT_recordTime" => query.With(new Criterion("e.record_time < {0}", "recordTime", Time(name, values))),
        "EQ_action" => Actions(query, values),
        "EQ_bizStep" => AnyOf(query, "biz_step", "bizStep", values, Words.BizStep),
        "EQ_disposition" => AnyOf(query, "disposition", "disposition", values, Words.Disposition),
        "EQ_persistentDisposition_set" => Overlaps(query, "persistent_set", values),
        "EQ_persistentDisposition_unset" => Overlaps(query, "persistent_unset", values),
        "EQ_readPoint" => AnyOf(query, "read_point", "readPoint", values, Epc.ToCanonicalUri),
        "EQ_bizLocation" => AnyOf(query, "biz_location", "bizLocation", values, Epc.ToCanonicalUri),
        "WD_readPoint" => Within(query, "read_point", "readPoint", values),
        "WD_bizLocation" => Within(query, "biz_location", "bizLocation", values),
        "EQ_transformationID" => AnyOf(query, "transformation_id", "transformationID", values, v => v),
        "EQ_eventID" => query.Named([.. values]),
        "MATCH_epc" => Match(query, "epcis_epcs", "uri", Items, values),
        "MATCH_parentID" => Match(query, "epcis_epcs", "uri", Parents, values),
        "MATCH_inputEPC" => Match(query, "epcis_epcs", "uri", Inputs, values),
        "MATCH_outputEPC" => Match(query, "epcis_epcs", "uri", Outputs, values),
        "MATCH_anyEPC" => Match(query, "epcis_epcs", "uri", Any, values),
        "MATCH_epcClass" => Match(query, "epcis_quantities", "class_uri", Items, values),
        "MATCH_inputEPCClass" => Match(query, "epcis_quantities", "class_uri", Inputs, values),
        "MATCH_outputEPCClass" => Match(query, "epcis_quantities", "class_uri", Outputs, values),
        "MATCH_anyEPCClass" => Match(query, "epcis_quantities", "class_uri", Any, values),
        "EQ_quantity" or "GT_quantity" or "GE_quantity" or "LT_quantity" or "LE_quantity" =>
            Quantity(query, name, values),
        "EXISTS_errorDeclaration" => Exists(query, name, values, "e.error_time is not null", "errorDeclaration"),
        "GE_errorDeclarationTime" or "GE_errorDeclaration_Time" =>
            query.With(new Criterion("e.error_time >= {0}", "errorDeclaration", Time(name, values))),
        "LT_errorDeclarationTime" or "LT_errorDeclaration_Time" =>
            query.With(new Criterion("e.error_time < {0}", "errorDeclaration", Time(name, values))),
        "EQ_errorReason" => query.With(new Criterion("e.error_reason = any({0})", "errorDeclaration",
            values.SelectMany(v => new[] { v, Words.ErrorReason(v) }).Distinct().ToArray())),
        "EQ_correctiveEventID" =>
            query.With(new Criterion("e.corrective_ids && {0}", "errorDeclaration", values.ToArray())
            {
                TellsContent = values.Any(id => EventIdentity.TellsContent(id)),
            }),
        "EXISTS_sensorElementList" => Exists(query, name, values, "e.has_sensor", "sensorElementList"),
        "orderBy" when values is ["eventTime"] => query with { Order = EventOrder.EventTime, OrderField = null },
        "orderBy" when values is ["recordTime"] => query with { Order = EventOrder.RecordTime, OrderField = null },
        "orderBy" when values is [var field] => query with { OrderField = BodyParameters.Field(name, field) },
        "orderDirection" => query with { Descending = Direction(name, values) },
        "eventCountLimit" => query with { CountLimit = Count(name, values) },
        "maxEventCount" => query with { CountMax = Count(name, values) },
        _ when name.StartsWith("HASATTR_", StringComparison.Ordinal) =>
            Attribute(query, name, name["HASATTR_".Length..], values, null),
        _ when name.StartsWith("EQATTR_", StringComparison.Ordinal)
            && name["EQATTR_".Length..].Split('_', 2) is [var field, var attribute] =>
            Attribute(query, name, field, [attribute], values),
        _ when name.StartsWith("EQ_bizTransaction_", StringComparison.Ordinal) => Transactions(query, name, values),
        _ when name.StartsWith("EQ_source_", StringComparison.Ordinal) =>
            Parties(query, Side.Source, "sourceList", name["EQ_source_".Length..], values),
        _ when name.StartsWith("EQ_destination_", StringComparison.Ordinal) =>
            Parties(query, Side.Destination, "destinationList", name["EQ_destination_".Length..], values),
        _ => query.With(BodyParameters.Read(name, values)),
    };

    private static EventQuery Actions(EventQuery query, IReadOnlyList<string> values)
    {
        if (values.Any(v => v is not ("ADD" or "OBSERVE" or "DELETE")))
            throw new QueryParameterException("EQ_action");
        return query.With(new Criterion("e.action = any({0})", "action", values.ToArray()));
    }

    private static EventQuery AnyOf(
        EventQuery query, string column, string member, IReadOnlyList<string> values, Func<string, string> canonical) =>
        query.With(new Criterion($"e.{column} = any({{0}})", member, values.Select(canonical).ToArray()));

    private static EventQuery Overlaps(EventQuery query, string column, IReadOnlyList<string> values) =>
        query.With(new Criterion(
            $"e.{column} && {{0}}", "persistentDisposition", values.Select(Words.Disposition).ToArray()));

    /// <summary>
    /// A place and those within it: a GLN with its extensions, and what master data puts below it.
    /// </summary>
    private static EventQuery Within(EventQuery query, string column, string member, IReadOnlyList<string> values) =>
        query.With(new Criterion(
            $$"""
            exists (with recursive place (uri) as (
                select u.uri collate "C" from unnest({0}) as u (uri)
                union select c.uri from trace_places c join place p on c.parent = p.uri)
              select 1 from place where e.{{column}} = place.uri or starts_with(e.{{column}}, place.uri || '/'))
            """, member, values.Select(Epc.ToCanonicalUri).ToArray()));

    /// <summary>
    /// Attributes of places in master data (EPCIS 2.0 §8.2.7.1.1). Only places whose owner shows them count: an answer
    /// must not tell what they are called to who may not know.
    /// </summary>
    private static EventQuery Attribute(
        EventQuery query, string name, string field, IReadOnlyList<string> attributes, IReadOnlyList<string>? values)
    {
        string side = field switch
        {
            "readPoint" => "2",
            "bizLocation" => "3",
            _ => throw new QueryParameterException(name),
        };
        IEnumerable<string> columns = attributes.SelectMany(a => (a[(a.LastIndexOfAny(['#', ':', '/']) + 1)..] switch
        {
            "name" => "name_zh name_en",
            "city" => "city_zh city_en",
            "latitude" => "latitude::text",
            "longitude" => "longitude::text",
            _ => throw new QueryParameterException(name),
        }).Split(' '));
        IEnumerable<string> tests = columns.Select(column =>
            values is null ? $"l.{column} is not null" : $"l.{column} = any({{0}})");
        return query.With(new Criterion(
            $"""
            exists (select 1 from epcis_parties p join places l on l.gln = p.gln and l.shown
              where p.seq = e.seq and p.side = {side} and ({string.Join(" or ", tests)}))
            """, field, (values ?? []).ToArray()));
    }

    private static EventQuery Match(
        EventQuery query, string table, string column, short[] roles, IReadOnlyList<string> values) =>
        query.With(new MatchCriterion(table, column, roles, [.. values.Select(EpcPattern.Of)]));

    private static EventQuery Quantity(EventQuery query, string name, IReadOnlyList<string> values)
    {
        string comparison = name[..2] switch { "GT" => ">", "GE" => ">=", "LT" => "<", "LE" => "<=", _ => "=" };
        decimal[] numbers = [.. values.Select(v =>
            decimal.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
                ? number
                : throw new QueryParameterException(name))];
        return query.With(new Criterion(
            $"exists (select 1 from epcis_quantities q where q.seq = e.seq and q.quantity {comparison} any({{0}}))",
            "quantityList", numbers)
        {
            AlsoMembers = ["childQuantityList", "inputQuantityList", "outputQuantityList"],
        });
    }

    private static EventQuery Transactions(EventQuery query, string name, IReadOnlyList<string> values) =>
        query.With(new Criterion(
            """
            exists (select 1 from epcis_transactions t where t.seq = e.seq and t.type = {0} and t.uri = any({1}))
            """, "bizTransactionList", Words.TransactionType(name["EQ_bizTransaction_".Length..]),
            values.Select(Epc.ToCanonicalUri).Union(values).ToArray()));

    private static EventQuery Parties(
        EventQuery query, Side side, string member, string type, IReadOnlyList<string> values) =>
        query.With(new Criterion(
            """
            exists (select 1 from epcis_parties p
              where p.seq = e.seq and p.side = {0} and p.type = {1} and p.uri = any({2}))
            """, member, (short)side, Words.PartyType(type), values.Select(Epc.ToCanonicalUri).ToArray()));

    /// <summary>The parameter counts when it is there; <c>false</c> leaves it out (EPCIS 2.0 REST binding).</summary>
    private static EventQuery Exists(
        EventQuery query, string name, IReadOnlyList<string> values, string sql, string member) => values switch
        {
            ["" or "true" or "1"] => query.With(new Criterion(sql, member)),
            ["false" or "0"] => query,
            _ => throw new QueryParameterException(name),
        };

    private static DateTime Time(string name, IReadOnlyList<string> values)
    {
        // A plus sign that was not escaped arrives as a space.
        string text = values is [var only] ? only.Replace(' ', '+') : "";
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time.UtcDateTime
            : throw new QueryParameterException(name);
    }

    /// <summary>Descending where <c>orderDirection</c> is left out but given empty is an error.</summary>
    private static bool Direction(string name, IReadOnlyList<string> values) => values switch
    {
        ["ASC"] => false,
        ["DESC"] => true,
        _ => throw new QueryParameterException(name),
    };

    private static int Count(string name, IReadOnlyList<string> values) =>
        values is [var text] && int.TryParse(text, CultureInfo.InvariantCulture, out int count) && count > 0
            ? count
            : throw new QueryParameterException(name);
}
