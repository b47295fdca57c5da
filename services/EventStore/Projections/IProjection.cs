using Npgsql;

namespace EventStore.Projections;

/// <summary>
/// Turns events into rows. It is deterministic: times come from the events, nothing is read from outside, so a rebuild
/// gives the same rows as following along.
/// </summary>
public interface IProjection
{
    /// <summary>Stable name; the checkpoint is kept under it.</summary>
    string Name { get; }

    /// <summary>
    /// Queues the statements that <paramref name="events"/> (of one transaction, in feed order, of any type) lead to.
    /// Prefer one set-based statement over one for each event.
    /// </summary>
    void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql);

    /// <summary>Queues the statements that empty the projection before a rebuild.</summary>
    void Reset(SqlBatch sql);
}

/// <summary>Statements that are sent to the database in one round trip, in the order they were added.</summary>
public sealed class SqlBatch
{
    private readonly NpgsqlBatch _batch;

    internal SqlBatch(NpgsqlBatch batch) => _batch = batch;

    internal int Count => _batch.BatchCommands.Count;

    /// <summary>Adds a statement with positional parameters <c>$1</c>, <c>$2</c> …</summary>
    /// <param name="sql">One SQL statement.</param>
    /// <param name="parameters">
    /// Values as Npgsql maps them (arrays for <c>unnest</c>), or an <see cref="NpgsqlParameter"/> where the type must be
    /// told, as for null.
    /// </param>
    /// <remarks>Span and not ReadOnlySpan: a string[] would be taken for the list of parameters, by array covariance.</remarks>
    public void Add(string sql, params Span<object> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        // A parameter belongs to one statement, and a transaction that is tried again makes its statements anew.
        foreach (var value in parameters)
            command.Parameters.Add((value as NpgsqlParameter)?.Clone() ?? new NpgsqlParameter { Value = value });
        _batch.BatchCommands.Add(command);
    }
}
