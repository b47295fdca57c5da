using System.Text.Json.Serialization;
using EventStore;
using EventStore.Projections;
using Npgsql;
using TestKit;

namespace Services.Integration.EventStore;

/// <summary>A small domain to test the store with.</summary>
public sealed record Opened(string Owner);

public sealed record Deposited(long AmountFen);

public sealed record AccountState(string Owner, long BalanceFen)
{
    public static AccountState Initial { get; } = new("", 0);

    public static AccountState Evolve(AccountState state, object e) => e switch
    {
        Opened opened => state with { Owner = opened.Owner },
        Deposited deposited => state with { BalanceFen = state.BalanceFen + deposited.AmountFen },
        _ => throw new InvalidOperationException("Unknown event.")
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Opened))]
[JsonSerializable(typeof(Deposited))]
internal sealed partial class AccountJson : JsonSerializerContext;

/// <summary>Balance of each account; a negative deposit breaks the table's rule, which stands for a failing projection.</summary>
internal sealed class BalanceProjection(string table) : IProjection
{
    public string Name => table;

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (var e in events)
        {
            if (e.Data is Opened)
                sql.Add($"insert into {table} (stream, balance, position) values ($1, 0, $2)", e.Stream, e.Position);
            else if (e.Data is Deposited deposited)
                sql.Add(
                    $"update {table} set balance = balance + $2, position = $3 where stream = $1",
                    e.Stream, deposited.AmountFen, e.Position);
        }
    }

    public void Reset(SqlBatch sql) => sql.Add($"delete from {table}");
}

internal static class Accounts
{
    public static EventModel Model() => new EventModel()
        .Event("account.opened.v1", AccountJson.Default.Opened)
        .Event("account.deposited.v1", AccountJson.Default.Deposited)
        .Aggregate(AccountState.Initial, AccountState.Evolve);

    public static EventModel ModelWithBalances() => Model()
        .Inline(new BalanceProjection("balances"))
        .Async(new BalanceProjection("balances_later"))
        .Migrate("test-0001-balances", string.Concat(((string[])["balances", "balances_later"]).Select(table =>
            $"create table {table} (stream text primary key, balance bigint not null check (balance >= 0), position bigint not null);")));

    public static EventContext Context(TimeProvider? time = null) => new(time ?? TimeProvider.System, "u-1", "t-1");

    /// <summary>A store over a new database of the shared test cluster.</summary>
    public static async Task<Store> NewStoreAsync(EventModel? model = null, TimeProvider? time = null) =>
        await OpenAsync(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync(), model, time);

    /// <summary>A second process is a second store over the same database: nothing is shared in memory.</summary>
    public static async Task<Store> OpenAsync(string connection, EventModel? model = null, TimeProvider? time = null)
    {
        var store = Store.Open(new StoreOptions
        {
            ConnectionString = connection,
            Service = "accounts",
            Model = model ?? Model(),
            Time = time ?? TimeProvider.System
        });
        await store.MigrateAsync();
        return store;
    }

    public static async Task<IReadOnlyList<StoredEvent>> OpenAccountAsync(this Store store, string stream)
    {
        await using var session = store.OpenSession(Context());
        session.StartStream(stream, new Opened("owner of " + stream));
        return await session.SaveChangesAsync();
    }

    public static async Task<IReadOnlyList<StoredEvent>> DepositAsync(
        this Store store, string stream, long expected, params IEnumerable<long> amounts)
    {
        await using var session = store.OpenSession(Context());
        session.Append(stream, expected, amounts.Select(amount => new Deposited(amount)));
        return await session.SaveChangesAsync();
    }

    public static async Task<T> QueryAsync<T>(this Store store, string sql)
    {
        await using var command = store.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public static async Task ExecuteAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
