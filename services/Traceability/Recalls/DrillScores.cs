using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using Traceability.MasterData;

namespace Traceability.Recalls;

/// <summary>How well an organisation traces, from its drills and recalls.</summary>
/// <param name="Tenant">The organisation.</param>
/// <param name="Name">What it calls itself; null where it did not say.</param>
/// <param name="Drills">Drills so far.</param>
/// <param name="Recalls">Recalls so far.</param>
/// <param name="LastDrillAt">When the last drill began.</param>
/// <param name="Title">The last drill's title.</param>
/// <param name="MinutesToTrace">From learning of the risk to knowing what is affected, in the last drill.</param>
/// <param name="TraceMilliseconds">How long the search itself took.</param>
/// <param name="LocatedShare">Of the pieces not sold yet, the share at a known place; null where none are.</param>
/// <param name="MinutesToNotice">From learning of it to the notice; null where none was given.</param>
public sealed record DrillScore(
    string Tenant, Wording? Name, int Drills, int Recalls, DateTimeOffset? LastDrillAt, Wording? Title,
    double? MinutesToTrace, long? TraceMilliseconds, double? LocatedShare, double? MinutesToNotice);

/// <summary>The scores of all organisations, for the regulator.</summary>
internal static class DrillScores
{
    private const int FirmsMax = 200;

    public static void Map(IEndpointRouteBuilder recalls) =>
        recalls.MapGet("/scores", HandleAsync).RequireRoles(Role.Regulator)
            .WithName("ListDrillScores").WithSummary("Each organisation's last drill: time to trace and share located.");

    private static async Task<IResult> HandleAsync(Store store, CancellationToken cancellationToken)
    {
        List<(DrillScore Score, Guid? Drill)> firms = await FirmsAsync(store, cancellationToken);
        List<DrillScore> scores = new(firms.Count);
        foreach ((DrillScore score, Guid? drill) in firms)
        {
            scores.Add(drill is { } id
                ? With(score, await store.FetchStreamAsync(RecallEvents.Stream(id), cancellationToken))
                : score);
        }
        return TypedResults.Json(scores, DrillScoreJson.Default.ListDrillScore);
    }

    private static async Task<List<(DrillScore, Guid?)>> FirmsAsync(Store store, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             select r.tenant, o.name_zh, o.name_en, count(*) filter (where r.drill), count(*) filter (where not r.drill),
                 max(r.opened_at) filter (where r.drill),
                 (array_agg(r.id order by r.opened_at desc) filter (where r.drill))[1]
             from recalls r left join organisations o on o.tenant = r.tenant
             group by r.tenant, o.name_zh, o.name_en
             order by max(r.opened_at) desc limit {FirmsMax}
             """);
        List<(DrillScore, Guid?)> firms = [];
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            firms.Add((
                new DrillScore(
                    rows.GetString(0), rows.Words(1), (int)rows.GetInt64(3), (int)rows.GetInt64(4),
                    rows.IsDBNull(5) ? null : rows.GetFieldValue<DateTimeOffset>(5), null, null, null, null, null),
                rows.IsDBNull(6) ? null : rows.GetGuid(6)));
        }
        return firms;
    }

    /// <summary>The first reach that was found counts for time, the last for what is located.</summary>
    internal static DrillScore With(DrillScore score, IReadOnlyList<StoredEvent> drill)
    {
        RecallEvent.Opened opened = (RecallEvent.Opened)drill[0].Data;
        StoredEvent? found = drill.FirstOrDefault(e => e.Data is RecallEvent.ScopeFound);
        StoredEvent? told = drill.FirstOrDefault(e => e.Data is RecallEvent.NoticeGiven);
        RecallEvent.ScopeFound? last = drill.Select(e => e.Data).OfType<RecallEvent.ScopeFound>().LastOrDefault();
        return score with
        {
            Title = opened.Title,
            MinutesToTrace = Since(found),
            TraceMilliseconds = last?.Milliseconds,
            LocatedShare = last?.LocatedShare(),
            MinutesToNotice = Since(told),
        };

        double? Since(StoredEvent? e) => e is null ? null : Math.Round((e.OccurredAt - opened.LearnedAt).TotalMinutes, 2);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<DrillScore>))]
internal sealed partial class DrillScoreJson : JsonSerializerContext;
