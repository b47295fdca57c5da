using EventStore;
using EventStore.Personal;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.ServiceDefaults;

public class StoreStartupTests
{
    private const string Person = "person-1";

    [Fact]
    public async Task A_service_that_starts_on_restored_keys_deletes_those_of_erased_persons()
    {
        PostgresServer server = await PostgresServer.SharedAsync();
        string connection = await server.CreateDatabaseAsync();
        string data = Directory.CreateTempSubdirectory("apps-startup-").FullName;
        try
        {
            await using (Store before = Store.Open(new StoreOptions
            {
                ConnectionString = connection,
                Service = "evidence",
                Model = new EventModel(),
            }))
            {
                await before.MigrateAsync();
                (await before.Persons.GetOrCreateAsync(Person, default)).Dispose();
                await ExecuteAsync(before, "create table backup as table store_keys.keys");
                await before.Persons.EraseAsync(Person, default);
                await ExecuteAsync(before, "insert into store_keys.keys table backup");
                using PersonKey? restored = await before.Persons.FindAsync(Person, default);
                restored.ShouldNotBeNull();
            }
            await using var service = global::Evidence.EvidenceService.Build(
                "--Service:Name=evidence", "--Service:Group=evidence", $"--Service:Data={data}",
                "--Urls=http://127.0.0.1:0", $"--ConnectionStrings:Store={connection}",
                "--Auth:Issuer=http://127.0.0.1:9", "--Auth:Metadata=http://127.0.0.1:9/.well-known/openid-configuration",
                "--Auth:Audience=apps", "--Services:anchor=http://127.0.0.1:9");
            await service.StartAsync();
            using HttpClient client = new() { BaseAddress = new Uri(RunningServices.Address(service)) };
            await Eventually.TrueAsync(
                async () => (await client.GetAsync("health/ready")).IsSuccessStatusCode, "evidence is ready");
            (await service.Services.GetRequiredService<Store>().Persons.FindAsync(Person, default)).ShouldBeNull();
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task ExecuteAsync(Store store, string sql)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
