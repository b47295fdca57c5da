using EventStore;
using Npgsql;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.EventStore;

public sealed class FeedTests
{
    [Fact]
    public async Task Two_processes_appending_side_by_side_leave_a_feed_without_gaps_in_commit_order()
    {
        await using var one = await Accounts.NewStoreAsync();
        await using var two = await Accounts.OpenAsync(one.DataSource.ConnectionString);
        using var done = new CancellationTokenSource();
        var reader = ReadAlongAsync(two, done.Token);

        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => (i % 2 == 0 ? one : two).OpenAccountAsync($"account/{i}")));
        await done.CancelAsync();

        var seen = await reader;
        (await one.FeedHeadAsync()).ShouldBe(400);
        var feed = await one.ReadFeedAsync(0, 1_000);
        feed.Select(item => item.Position).ShouldBe(Enumerable.Range(1, 400).Select(i => (long)i));
        // Whoever followed along saw the same order: nothing appeared behind a reader's back.
        seen.ShouldBe(feed.Take(seen.Count).Select(item => item.EventId));
    }

    [Fact]
    public async Task A_second_append_waits_for_an_uncommitted_one_and_follows_it()
    {
        await using var store = await Accounts.NewStoreAsync();
        await store.OpenAccountAsync("account/1");
        await using var foreign = await store.DataSource.OpenConnectionAsync();
        await using var transaction = await foreign.BeginTransactionAsync();
        await RunAsync(foreign, "update store.feed set head = head + 1");
        await RunAsync(foreign,
            "insert into store.events select 2, 1, now(), gen_random_uuid(), 'account/x', type, tenant, digest, body from store.events");

        var append = store.OpenAccountAsync("account/2");
        await Eventually.TrueAsync(
            async () => await store.QueryAsync<long>(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()") == 1,
            "the append waits for the lock");
        append.IsCompleted.ShouldBeFalse();
        (await store.ReadFeedAsync(1, 10)).ShouldBeEmpty();
        await transaction.CommitAsync();

        (await append)[0].Position.ShouldBe(3);
        (await store.ReadFeedAsync(0, 10)).Select(item => item.Position).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_rolled_back_append_leaves_no_gap()
    {
        await using var store = await Accounts.NewStoreAsync(Accounts.ModelWithBalances());
        await store.OpenAccountAsync("account/1");
        await Should.ThrowAsync<PostgresException>(() => store.DepositAsync("account/1", 1, -5));
        await store.DepositAsync("account/1", 1, 5);
        (await store.ReadFeedAsync(0, 10)).Select(item => item.Position).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_long_transaction_in_another_database_stalls_nobody()
    {
        await using var other = await Accounts.NewStoreAsync();
        await using var store = await Accounts.NewStoreAsync(Accounts.ModelWithBalances());
        await using var connection = await other.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync(connection, "select pg_current_xact_id()");

        await store.OpenAccountAsync("account/1").WaitAsync(TimeSpan.FromSeconds(10));
        await store.Projections.CatchUpAsync("balances_later").WaitAsync(TimeSpan.FromSeconds(10));
        (await store.ReadFeedAsync(0, 10)).Count.ShouldBe(1);
        (await store.Projections.LagAsync("balances_later")).ShouldBe(0);
    }

    [Fact]
    public async Task An_append_wakes_who_waits_for_the_feed()
    {
        await using var store = await Accounts.NewStoreAsync();
        var waiting = store.WaitForFeedAsync(0, CancellationToken.None);
        waiting.IsCompleted.ShouldBeFalse();
        await store.OpenAccountAsync("account/1");
        await waiting.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Events_acknowledged_before_a_crash_of_the_database_are_there_after_it()
    {
        await using var server = await PostgresServer.StartAsync(Durability.Durable);
        await using var store = await Accounts.OpenAsync(await server.CreateDatabaseAsync());
        var acknowledged = 0;
        var writers = Enumerable.Range(0, 8).Select(async w =>
        {
            for (var i = 0; ; i++)
            {
                try
                {
                    await store.OpenAccountAsync($"account/{w}/{i}");
                    Interlocked.Increment(ref acknowledged);
                }
                catch (StoreUnavailableException)
                {
                    return;
                }
            }
        }).ToArray();
        await Eventually.TrueAsync(() => Volatile.Read(ref acknowledged) > 200, "200 events are acknowledged");
        await server.KillAsync();
        await Task.WhenAll(writers);
        await server.RestartAsync();

        var head = await store.FeedHeadAsync();
        head.ShouldBeInRange(acknowledged, acknowledged + 8);
        (await store.QueryAsync<long>("select count(*) from store.events")).ShouldBe(head);
        (await store.OpenAccountAsync("account/after"))[0].Position.ShouldBe(head + 1);
    }

    private static async Task<List<Guid>> ReadAlongAsync(Store store, CancellationToken done)
    {
        List<Guid> seen = [];
        while (!done.IsCancellationRequested)
            seen.AddRange((await store.ReadFeedAsync(seen.Count, 100, CancellationToken.None)).Select(item => item.EventId));
        return seen;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
