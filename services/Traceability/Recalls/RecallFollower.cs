using System.Security.Cryptography;
using System.Text;
using EventStore;
using Npgsql;

namespace Traceability.Recalls;

/// <summary>
/// Finds anew what open recalls reach while events come in, so that whoever holds the goods now is told and nobody is asked
/// for what it sold since. Drills stay as they were found: they are timed.
/// </summary>
internal sealed partial class RecallFollower(
    Store store, RecallScopes scopes, TimeProvider time, ILogger<RecallFollower> log) : BackgroundService
{
    /// <summary>Who records: nobody but the search.</summary>
    public const string Actor = "recalls";

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>A search that takes long is made more seldom: one part in twenty of the time at most.</summary>
    private const int Share = 20;

    private readonly Dictionary<Guid, (string Reach, DateTimeOffset Due)> _found = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long seen = -1;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                long head = await store.FeedHeadAsync(stoppingToken);
                if (head == seen || await FollowAsync(stoppingToken))
                    seen = head;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                // The tables are made while the service starts.
            }
#pragma warning disable CA1031 // A follower goes on: the fault is logged and the recalls are looked at again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Failed(log, e.Message);
            }
            await Task.Delay(Tick, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether every open recall was looked at.</returns>
    private async Task<bool> FollowAsync(CancellationToken cancellation)
    {
        bool all = true;
        foreach ((Guid id, string tenant) in await OpenAsync(cancellation))
        {
            if (_found.TryGetValue(id, out (string Reach, DateTimeOffset Due) last) && last.Due > time.GetUtcNow())
            {
                all = false;
                continue;
            }
            DateTimeOffset begun = time.GetUtcNow();
            string reach = await FindAsync(id, tenant, last.Reach, cancellation);
            DateTimeOffset now = time.GetUtcNow();
            TimeSpan rest = (now - begun) * Share;
            _found[id] = (reach, now + (rest > Pause ? rest : Pause));
        }
        return all;
    }

    private async Task<string> FindAsync(Guid id, string tenant, string? before, CancellationToken cancellation)
    {
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(RecallEvents.Stream(id), cancellation);
        RecallEvent.Opened opened = (RecallEvent.Opened)events[0].Data;
        RecallScope? scope = await scopes.FindAsync(
            tenant, opened.Authority, opened.Targets, cancellation, events[0].Position);
        if (scope is null)
            return "";
        string reach = Digest(scope);
        if (reach == (before ?? await StoredAsync(id, cancellation)))
            return reach;
        RecallState state = events.Aggregate(RecallState.Initial, RecallEvents.Evolve);
        await using Session session = store.OpenSession(new EventContext(time, Actor, tenant));
        RecallEvent decided = Recall.Decide(state, scope.Found).EventsOrProblem()[0];
        session.Append(events[0].Stream, events.Count, session.Context.Stamp(RecallEvents.NameOf(decided), decided));
        RecallTables.QueueScope(session, id, scope);
        if (events.Select(e => e.Data).OfType<RecallEvent.NoticeGiven>().LastOrDefault() is { } notice)
            RecallWebhooks.QueueUntold(session, id, opened, notice.Text);
        await session.SaveChangesAsync(cancellation);
        Found(log, id, scope.Found.Items, scope.Found.Holders);
        return reach;
    }

    private async Task<List<(Guid Id, string Tenant)>> OpenAsync(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select id, tenant from recalls where ended_at is null and not drill order by opened_at");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<(Guid, string)> open = [];
        while (await reader.ReadAsync(cancellation))
            open.Add((reader.GetGuid(0), reader.GetString(1)));
        return open;
    }

    /// <summary>All that the pages show of the reach, without its order.</summary>
    private static string Digest(RecallScope scope) => Digest(scope.Items.Select(i =>
        Line(i.Uri, (int)i.State, i.EventId, i.Place, i.Holder, i.Claimed)));

    private async Task<string> StoredAsync(Guid id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select uri, state, event_id, place, holder, claimed from recall_items where recall = $1");
        command.Parameters.Add(new() { Value = id });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<string> lines = [];
        while (await reader.ReadAsync(cancellation))
        {
            lines.Add(Line(
                reader.GetString(0), reader.GetInt16(1), reader.IsDBNull(2) ? null : reader.GetGuid(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetFieldValue<string[]>(5)));
        }
        return Digest(lines);
    }

    private static string Line(
        string uri, int state, Guid? eventId, string? place, string? holder, IReadOnlyList<string>? claimed) =>
        $"{uri}\n{state}\n{eventId}\n{place}\n{holder}\n{string.Join('\n', (claimed ?? []).Order(StringComparer.Ordinal))}";

    private static string Digest(IEnumerable<string> lines)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string line in lines.Order(StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes(line + "\0"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    [LoggerMessage(4131, LogLevel.Information, "Recall {Recall} reaches {Items} items of {Holders} holders now")]
    private static partial void Found(ILogger log, Guid recall, int items, int holders);

    [LoggerMessage(4132, LogLevel.Warning, "Recalls could not be followed and are looked at again: {Cause}")]
    private static partial void Failed(ILogger log, string cause);
}
