using Npgsql;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.TestKit;

public sealed class ServersTests
{
    [Fact]
    public async Task A_killed_database_server_answers_again_after_restart()
    {
        await using var server = await PostgresServer.StartAsync(Durability.Durable);
        var connection = await server.CreateDatabaseAsync();
        await ExecuteAsync(connection, "create table kept(x int); insert into kept values (1)");

        await server.KillAsync();
        await Should.ThrowAsync<NpgsqlException>(() => ExecuteAsync(connection, "select 1"));
        await server.RestartAsync();

        (await ExecuteAsync(connection, "select count(*) from kept")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_killed_broker_answers_again_after_restart()
    {
        await using var server = await RabbitServer.StartAsync();
        await server.KillAsync();
        await server.RestartAsync();
        (await server.ControlAsync("list_vhosts")).ShouldContain("/");
    }

    [Fact]
    public void A_manual_clock_fires_its_timers_in_order()
    {
        var clock = new ManualTimeProvider();
        List<string> fired = [];
        using var second = clock.CreateTimer(_ => fired.Add("two"), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        using var first = clock.CreateTimer(_ => fired.Add("one"), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromSeconds(3));
        fired.ShouldBe(["one", "two", "one"]);
    }

    private static async Task<object?> ExecuteAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
