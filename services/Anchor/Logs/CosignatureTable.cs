using Npgsql;

namespace Anchor.Logs;

/// <summary>What a witness signed of one checkpoint.</summary>
/// <param name="Witness">Name of the witness.</param>
/// <param name="Line">Signature line of the note, with its newline.</param>
public sealed record Cosignature(string Witness, string Line);

/// <summary>The cosignatures of one log's checkpoints.</summary>
public sealed class CosignatureTable(NpgsqlDataSource database, short log)
{
    /// <summary>Keeps a cosignature.</summary>
    public async Task AddAsync(long size, Cosignature cosignature, CancellationToken cancellation)
    {
        await using var command = Command(
            """
            insert into cosignature (log, size, witness, line) values ($1, $2, $3, $4)
            on conflict (log, size, witness) do update set line = excluded.line
            """,
            size, cosignature.Witness, cosignature.Line);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Cosignatures of the checkpoint of a size, by the witness's name.</summary>
    public async Task<List<Cosignature>> OfAsync(long size, CancellationToken cancellation)
    {
        await using var command = Command(
            "select witness, line from cosignature where log = $1 and size = $2 order by witness collate \"C\"", size);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var found = new List<Cosignature>();
        while (await rows.ReadAsync(cancellation))
            found.Add(new(rows.GetString(0), rows.GetString(1)));
        return found;
    }

    /// <summary>The largest size that a witness cosigned, 0 if none.</summary>
    public async Task<long> LastSizeAsync(string witness, CancellationToken cancellation)
    {
        await using var command = Command(
            "select coalesce(max(size), 0) from cosignature where log = $1 and witness = $2", witness);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Fixes the cosigned note of a checkpoint, once: proofs made from it must not change.</summary>
    public async Task FixAsync(long size, string note, CancellationToken cancellation)
    {
        await using var command = Command(
            "update checkpoint set witnessed = $3 where log = $1 and size = $2 and witnessed is null", size, note);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private NpgsqlCommand Command(string text, params object[] values)
    {
        var command = database.CreateCommand(text);
        command.Parameters.Add(new() { Value = log });
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }
}
