using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using Traceability.Codes.Validation;
using Traceability.Epcis.Queries;
using Traceability.Gs1;

namespace Traceability.Epcis.Findings;

/// <summary>A contradiction between events.</summary>
/// <param name="Code">Which rule it is.</param>
/// <param name="Epc">The item.</param>
/// <param name="EventId">The event in which it shows.</param>
/// <param name="Contradicts">The event that it contradicts, where that is the caller's to see.</param>
/// <param name="RecordTime">When the event was captured.</param>
public sealed record FindingAnswer(
    string Code, string Epc, string EventId, string? Contradicts, DateTimeOffset RecordTime);

/// <summary>Lists what was found in the organisation's own events; a regulator's list is of all.</summary>
internal static class GetFindings
{
    private const int LimitMax = 1000;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/findings", HandleAsync).RequireRoles(GetEvents.Readers)
            .WithName("ListFindings").WithSummary("Contradictions between events, newest first, by item or rule.");

    private static async Task<IResult> HandleAsync(
        Caller caller, Store store, CodeValidator codes, CancellationToken cancellationToken, string? epc = null, string? code = null,
        int skip = 0, int limit = LimitMax)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select f.code, f.subject, e.event_id, o.event_id, e.record_time
            from epcis_findings f join epcis_events e using (seq)
            left join epcis_events o on o.seq = f.other and ($2 or o.tenant = $1)
            where ($2 or e.tenant = $1) and ($3 = '' or f.subject = $3) and ($4 = '' or f.code = $4)
            order by f.seq desc, f.subject, f.code limit $5 offset $6
            """);
        foreach (object value in (object[])
                 [
                     caller.Tenant, caller.Is(Role.Regulator), epc is null ? "" : IssuedSerials.Corrected(codes, Epc.ToCanonicalUri(epc)) ?? Epc.ToCanonicalUri(epc), code ?? "",
                     Math.Clamp(limit, 1, LimitMax), Math.Clamp(skip, 0, 1_000_000),
                 ])
            command.Parameters.Add(new() { Value = value });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<FindingAnswer> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new FindingAnswer(
                reader.GetString(0), reader.GetString(1), reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4)));
        }
        return TypedResults.Json(found, FindingJson.Default.ListFindingAnswer);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<FindingAnswer>))]
internal sealed partial class FindingJson : JsonSerializerContext;
