using EventStore;
using Npgsql;

namespace Traceability.Recalls;

/// <summary>What the page of an item says of its recall.</summary>
/// <param name="Recall">Its id.</param>
/// <param name="Title">Its name.</param>
/// <param name="Domain"><c>food</c> or <c>drug</c>.</param>
/// <param name="Class">1 to 3.</param>
/// <param name="Notice">What holders and the public were told.</param>
/// <param name="NoticeAt">When.</param>
public sealed record RecallMark(Guid Recall, string Title, string Domain, int Class, string Notice, DateTime NoticeAt);

/// <summary>
/// Tells whether an item is recalled: one probe of a hash index, whatever the number of items and recalls. Only a
/// recall
/// whose notice was given and that has not ended counts, never a drill.
/// </summary>
internal sealed class RecallLookup(Store store)
{
    /// <summary>The gravest recall of an item or its lot, or null.</summary>
    /// <param name="uris">The item and, where it is known, its lot; canonical.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<RecallMark?> FindAsync(IReadOnlyCollection<string> uris, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select r.id, r.title, r.domain, r.class, r.notice, r.notice_at
            from unnest($1) u (uri) join recall_items i on i.uri = u.uri join recalls r on r.id = i.recall
            where r.notice_at is not null and r.ended_at is null and not r.drill
            order by r.class, r.notice_at limit 1
            """);
        command.Parameters.Add(new() { Value = uris.ToArray() });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new RecallMark(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3),
                reader.GetString(4), reader.GetDateTime(5))
            : null;
    }
}
