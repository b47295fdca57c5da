using EventStore;
using Npgsql;
using NpgsqlTypes;

namespace Traceability;

/// <summary>Commands and parameters of statements; imported by <c>using static</c>.</summary>
internal static class SqlValues
{
    /// <summary>
    /// A command with its parameters in order, which may be parameters of their own. Span and not an array: a string[]
    /// would be taken for the list of parameters.
    /// </summary>
    public static NpgsqlCommand Command(this Store store, string sql, params Span<object> values)
    {
        NpgsqlCommand command = store.DataSource.CreateCommand(sql);
        foreach (object value in values)
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        return command;
    }

    /// <summary>A value that may be missing; the type must be told where it is.</summary>
    public static NpgsqlParameter Optional(object? value, NpgsqlDbType type) =>
        new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    /// <summary>A text that may be missing.</summary>
    public static NpgsqlParameter Text(string? text) => Optional(text, NpgsqlDbType.Text);

    /// <summary>A list whose values may be missing.</summary>
    public static NpgsqlParameter ArrayOf(object values, NpgsqlDbType element) =>
        new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | element };
}
