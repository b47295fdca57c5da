using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ServiceDefaults.Stores;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.ServiceDefaults;

public class ConnectionWatchTests
{
    private const int Connections = 8;

    [Fact]
    public async Task No_request_after_a_crash_of_the_database_meets_a_connection_from_before()
    {
        await using PostgresServer server = await PostgresServer.StartAsync();
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(server.ConnectionString());
        using ConnectionWatch watch = new(source, TimeProvider.System, NullLogger<ConnectionWatch>.Instance);
        await watch.StartAsync(default);
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => AskAsync(source, "select 1 from pg_sleep(0.2)")));
        await server.KillAsync();
        await server.RestartAsync();
        for (int i = 0; i < Connections; i++)
            (await AskAsync(source, "select 1")).ShouldBe(1);
        await watch.StopAsync(default);
    }

    private static async Task<int> AskAsync(NpgsqlDataSource source, string sql)
    {
        await using NpgsqlCommand command = source.CreateCommand(sql);
        return (int)(await command.ExecuteScalarAsync())!;
    }
}
