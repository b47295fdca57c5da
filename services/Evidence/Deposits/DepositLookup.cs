using Npgsql;
using NpgsqlTypes;

namespace Evidence.Deposits;

/// <summary>A deposit that was made before of the same content.</summary>
public sealed record EarlierDeposit(DepositId Id, DateTimeOffset RecordedAt);

/// <summary>A row of the deposits table.</summary>
internal sealed record DepositRow(
    DepositId Id, DateTimeOffset RecordedAt, Guid EventId, string Tenant, string Sha256, string? Sm3, long? Size,
    string? BusinessId, string? Name, string? Mime, bool Superseded, bool Stored);

/// <summary>Reads of the deposits table.</summary>
internal sealed class DepositLookup(EventStore.Store store)
{
    /// <summary>How many earlier deposits of one digest are named.</summary>
    public const int EarlierMax = 10;

    private const string Columns =
        "id, recorded_at, event_id, tenant, sha256, sm3, size, business_id, name, mime, superseded, stored";

    /// <summary>
    /// For each digest the first deposits that a tenant made of it, oldest first; those of the business number asked
    /// for are among them however many there are of others.
    /// </summary>
    public async Task<ILookup<string, DepositRow>> OfDigestsAsync(
        string tenant, IEnumerable<(string Sha256, string? BusinessId)> asked, CancellationToken cancellationToken)
    {
        (string Sha256, string? BusinessId)[] pairs = [.. asked.Distinct()];
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             select {Columns} from unnest($2, $3) as asked (digest, business)
             cross join lateral (
                 select {Columns} from deposits where sha256 = asked.digest and tenant = $1
                 order by business_id is not distinct from asked.business desc, recorded_at, id
                 limit {EarlierMax}) as found
             """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new()
        {
            Value = Array.ConvertAll(pairs, p => Convert.FromHexString(p.Sha256)),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
        });
        command.Parameters.Add(new()
        {
            Value = Array.ConvertAll(pairs, p => p.BusinessId),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
        List<DepositRow> rows = await ReadAsync(command, cancellationToken);
        return rows.DistinctBy(r => r.Id).OrderBy(r => r.RecordedAt).ToLookup(r => r.Sha256, StringComparer.Ordinal);
    }

    /// <summary>A tenant's deposits of a digest that say that the file is kept.</summary>
    public async Task<List<DepositRow>> StoredAsync(
        string tenant, string sha256, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"select {Columns} from deposits where sha256 = $1 and tenant = $2 and stored");
        command.Parameters.Add(new() { Value = Convert.FromHexString(sha256) });
        command.Parameters.Add(new() { Value = tenant });
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>Whether a tenant has a deposit.</summary>
    public async Task<bool> ExistsAsync(string tenant, DepositId id, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select exists (select from deposits where id = $1 and tenant = $2)");
        command.Parameters.Add(new() { Value = id.Value });
        command.Parameters.Add(new() { Value = tenant });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The oldest deposit of anybody with a content digest, SHA-256 or SM3.</summary>
    public async Task<DepositRow?> FirstOfDigestAsync(string digest, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             select {Columns} from (
                 (select {Columns} from deposits where sha256 = $1 order by recorded_at, id limit 1)
                 union all
                 (select {Columns} from deposits where sm3 = $1 order by recorded_at, id limit 1)) as found
             order by recorded_at, id limit 1
             """);
        command.Parameters.Add(new() { Value = Convert.FromHexString(digest) });
        return (await ReadAsync(command, cancellationToken)).FirstOrDefault();
    }

    /// <summary>A page of a tenant's deposits, newest first.</summary>
    public async Task<List<DepositRow>> ListAsync(
        string tenant, DepositQuery query, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand();
        // Only the conditions asked for stand in the statement, so that each has the plan of its own index.
        List<string> conditions = [$"tenant = {Add(tenant)}"];
        if (query.Digest is { } digest)
        {
            string value = Add(Convert.FromHexString(digest));
            conditions.Add($"(sha256 = {value} or sm3 = {value})");
        }
        if (query.BusinessId is { } businessId)
            conditions.Add($"business_id = {Add(businessId)}");
        if (query.From is { } from)
            conditions.Add($"recorded_at >= {Add(from.UtcDateTime)}");
        if (query.To is { } to)
            conditions.Add($"recorded_at < {Add(to.UtcDateTime)}");
        if (query.Cursor is { } cursor)
            conditions.Add($"(recorded_at, id) < ({Add(cursor.RecordedAt.UtcDateTime)}, {Add(cursor.Id.Value)})");
        command.CommandText =
            $"""
             select {Columns} from deposits where {string.Join(" and ", conditions)}
             order by recorded_at desc, id desc limit {Add(query.Limit)}
             """;
        return await ReadAsync(command, cancellationToken);

        string Add(object value)
        {
            command.Parameters.Add(new() { Value = value });
            return $"${command.Parameters.Count}";
        }
    }

    private static async Task<List<DepositRow>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<DepositRow> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new DepositRow(
                new DepositId(reader.GetGuid(0)),
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetGuid(2),
                reader.GetString(3),
                Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(4)),
                reader.IsDBNull(5) ? null : Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(5)),
                reader.IsDBNull(6) ? null : reader.GetInt64(6),
                reader.IsDBNull(7) ? null : reader.GetString(7),
                reader.IsDBNull(8) ? null : reader.GetString(8),
                reader.IsDBNull(9) ? null : reader.GetString(9),
                reader.GetBoolean(10),
                reader.GetBoolean(11)));
        }
        return rows;
    }
}

/// <summary>What a list is asked for.</summary>
internal sealed record DepositQuery(
    string? Digest, string? BusinessId, DateTimeOffset? From, DateTimeOffset? To, EarlierDeposit? Cursor, int Limit);
