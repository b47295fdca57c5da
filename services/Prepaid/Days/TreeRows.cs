using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using Prepaid.Liabilities;
using Proofs.Liabilities;

namespace Prepaid.Days;

/// <summary>A merchant's day as it is stored.</summary>
/// <param name="Merchant">Who owes.</param>
/// <param name="Day">The day in China.</param>
/// <param name="Root">The tree's root.</param>
/// <param name="Cards">Cards in it.</param>
/// <param name="Position">Position of the feed up to which events are in it.</param>
/// <param name="State">File <c>prepaid-root/1</c>; null until the chain has the root.</param>
internal sealed record DayRow(
    string Merchant, DateOnly Day, LiabilityRoot Root, int Cards, long Position, byte[]? State);

/// <summary>Stores the days' trees and proves from them.</summary>
internal sealed class TreeRows(NpgsqlDataSource database)
{
    /// <summary>Its tables. A run or block is read in one go, so it is stored as it is.</summary>
    public const string Schema =
        """
        create table liability_days (
            merchant      text collate "C" not null,
            day           date   not null,
            hash          bytea  not null,
            depth         int    not null,
            principal_fen bigint not null,
            gift_fen      bigint not null,
            cards         int    not null,
            position      bigint not null,
            top           bytea  not null,
            state         bytea,
            primary key (merchant, day)
        );
        create index liability_days_open on liability_days (day) where state is null;
        create table liability_blocks (
            merchant text collate "C" not null,
            day      date  not null,
            block    int   not null,
            leaves   bytea not null,
            primary key (merchant, day, block)
        );
        create table liability_places (
            merchant text collate "C" not null,
            day      date  not null,
            first    uuid  not null,
            places   bytea not null,
            primary key (merchant, day, first)
        );
        create table liability_checks (
            merchant text collate "C" not null,
            day      date not null,
            card     uuid not null,
            primary key (merchant, day, card)
        );
        alter table liability_blocks alter column leaves set storage external;
        alter table liability_places alter column places set storage external;
        alter table liability_days alter column top set storage external;
        """;

    private const string Columns = "merchant, day, hash, depth, principal_fen, gift_fen, cards, position, state";

    /// <summary>Builds and stores a day, unless it is stored; a stored tree is never built anew.</summary>
    public async Task<DayRow> StoreAsync(
        string merchant, DateOnly day, IReadOnlyList<CardBalance> balances, long position, CancellationToken cancellation)
    {
        if (await FindAsync(merchant, day, cancellation) is { } known)
            return known;
        LiabilityTree tree = LiabilityTree.Build(merchant, day, balances, RandomNumberGenerator.Fill);
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        await CopyAsync(connection, merchant, day, tree, cancellation);
        await using NpgsqlCommand insert = new(
            """
            insert into liability_days (merchant, day, hash, depth, principal_fen, gift_fen, cards, position, top)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, connection);
        object[] values =
        [
            merchant, day, tree.Root.Hash, tree.Root.Depth, tree.Root.Total.PrincipalFen, tree.Root.Total.GiftFen,
            balances.Count, position, tree.Top,
        ];
        foreach (object value in values)
            insert.Parameters.Add(new() { Value = value });
        await insert.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new DayRow(merchant, day, tree.Root, balances.Count, position, null);
    }

    /// <summary>A stored day, or null.</summary>
    public async Task<DayRow?> FindAsync(string merchant, DateOnly day, CancellationToken cancellation) =>
        (await ReadAsync("merchant = $1 and day = $2", cancellation, merchant, day)).SingleOrDefault();

    /// <summary>All merchants' rows of a day.</summary>
    public Task<IReadOnlyList<DayRow>> OfDayAsync(DateOnly day, CancellationToken cancellation) =>
        ReadAsync("day = $1 order by merchant", cancellation, day);

    /// <summary>The last day that was closed; null before the first.</summary>
    public async Task<DateOnly?> LastAsync(CancellationToken cancellation)
    {
        await using NpgsqlCommand query = database.CreateCommand("select max(day) from liability_days");
        return await query.ExecuteScalarAsync(cancellation) switch
        {
            DateOnly day => day,
            DateTime day => DateOnly.FromDateTime(day),
            _ => null,
        };
    }

    /// <summary>Days with roots that the chain does not have yet.</summary>
    public async Task<IReadOnlyList<DateOnly>> OpenDaysAsync(CancellationToken cancellation)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            "select distinct day from liability_days where state is null");
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        List<DateOnly> days = [];
        while (await rows.ReadAsync(cancellation))
            days.Add(rows.GetFieldValue<DateOnly>(0));
        return days;
    }

    /// <summary>Keeps what proves the roots by the chain.</summary>
    public async Task SetStateAsync(string merchant, DateOnly day, byte[] state, CancellationToken cancellation)
    {
        await using NpgsqlCommand update = database.CreateCommand(
            "update liability_days set state = $3 where merchant = $1 and day = $2");
        foreach (object value in (object[])[merchant, day, state])
            update.Parameters.Add(new() { Value = value });
        await update.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>
    /// The proofs of a card's leaves; null where the day's tree does not hold it. A holder's asking counts as a check.
    /// </summary>
    public async Task<LiabilityProofFile?> ProveAsync(
        string merchant, DateOnly day, Guid card, CancellationToken cancellation, bool byHolder = true)
    {
        await using NpgsqlBatch batch = database.CreateBatch();
        Add(batch, "select depth, top from liability_days where merchant = $1 and day = $2", merchant, day);
        Add(batch,
            """
            select places from liability_places where merchant = $1 and day = $2 and first <= $3
            order by first desc limit 1
            """, merchant, day, card);
        (int depth, byte[] top, byte[] run) found;
        await using (NpgsqlDataReader rows = await batch.ExecuteReaderAsync(cancellation))
        {
            if (!await rows.ReadAsync(cancellation))
                return null;
            (found.depth, found.top) = (rows.GetInt32(0), rows.GetFieldValue<byte[]>(1));
            await rows.NextResultAsync(cancellation);
            if (!await rows.ReadAsync(cancellation))
                return null;
            found.run = rows.GetFieldValue<byte[]>(0);
        }
        if (StoredTree.Find(found.run, card) is not { } places)
            return null;
        int shift = StoredTree.TopLevel(found.depth);
        List<LiabilityProof> proofs = [];
        foreach (int index in new[] { places.First, places.Second })
        {
            byte[] block = await BlockAsync(merchant, day, index >> shift, cancellation);
            proofs.Add(StoredTree.Prove(index, found.depth, merchant, day, block, found.top));
        }
        if (byHolder)
            await NoteAsync(merchant, day, card, cancellation);
        return new LiabilityProofFile(merchant, day, proofs);
    }

    /// <summary>Cards whose holders asked for the proof of a day.</summary>
    public async Task<int> ChecksAsync(string merchant, DateOnly day, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            "select count(*)::int from liability_checks where merchant = $1 and day = $2");
        query.Parameters.Add(new() { Value = merchant });
        query.Parameters.Add(new() { Value = day });
        return (int)(await query.ExecuteScalarAsync(cancellation))!;
    }

    private async Task NoteAsync(string merchant, DateOnly day, Guid card, CancellationToken cancellation)
    {
        await using NpgsqlCommand insert = database.CreateCommand(
            "insert into liability_checks values ($1, $2, $3) on conflict do nothing");
        foreach (object value in (object[])[merchant, day, card])
            insert.Parameters.Add(new() { Value = value });
        await insert.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<byte[]> BlockAsync(string merchant, DateOnly day, int block, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            "select leaves from liability_blocks where merchant = $1 and day = $2 and block = $3");
        foreach (object value in (object[])[merchant, day, block])
            query.Parameters.Add(new() { Value = value });
        return (byte[])(await query.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection, string merchant, DateOnly day, LiabilityTree tree, CancellationToken cancellation)
    {
        await using (NpgsqlBinaryImporter blocks = await connection.BeginBinaryImportAsync(
            "copy liability_blocks from stdin (format binary)", cancellation))
        {
            for (int i = 0; i < tree.Blocks.Count; i++)
                await RowAsync(blocks, merchant, day, i, NpgsqlDbType.Integer, tree.Blocks[i], cancellation);
            await blocks.CompleteAsync(cancellation);
        }
        await using NpgsqlBinaryImporter runs = await connection.BeginBinaryImportAsync(
            "copy liability_places from stdin (format binary)", cancellation);
        foreach ((Guid first, byte[] bytes) in StoredTree.Runs(tree))
            await RowAsync(runs, merchant, day, first, NpgsqlDbType.Uuid, bytes, cancellation);
        await runs.CompleteAsync(cancellation);
    }

    private static async Task RowAsync<T>(
        NpgsqlBinaryImporter rows, string merchant, DateOnly day, T key, NpgsqlDbType type, byte[] bytes,
        CancellationToken cancellation)
    {
        await rows.StartRowAsync(cancellation);
        await rows.WriteAsync(merchant, NpgsqlDbType.Text, cancellation);
        await rows.WriteAsync(day, NpgsqlDbType.Date, cancellation);
        await rows.WriteAsync(key, type, cancellation);
        await rows.WriteAsync(bytes, NpgsqlDbType.Bytea, cancellation);
    }

    private async Task<IReadOnlyList<DayRow>> ReadAsync(
        string where, CancellationToken cancellation, params object[] parameters)
    {
        await using NpgsqlCommand query = database.CreateCommand($"select {Columns} from liability_days where {where}");
        foreach (object value in parameters)
            query.Parameters.Add(new() { Value = value });
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        List<DayRow> days = [];
        while (await rows.ReadAsync(cancellation))
        {
            days.Add(new DayRow(rows.GetString(0), rows.GetFieldValue<DateOnly>(1),
                new LiabilityRoot(rows.GetFieldValue<byte[]>(2), rows.GetInt32(3),
                    new Liability(rows.GetInt64(4), rows.GetInt64(5))),
                rows.GetInt32(6), rows.GetInt64(7), rows.IsDBNull(8) ? null : rows.GetFieldValue<byte[]>(8)));
        }
        return days;
    }

    private static void Add(NpgsqlBatch batch, string sql, params object[] parameters)
    {
        NpgsqlBatchCommand command = new(sql);
        foreach (object value in parameters)
            command.Parameters.Add(new() { Value = value });
        batch.BatchCommands.Add(command);
    }
}
