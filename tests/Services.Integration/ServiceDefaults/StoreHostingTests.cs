using EventStore;
using EventStore.Idempotency;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults;
using ServiceDefaults.Stores;
using Services.Integration.EventStore;
using TestKit;
using Xunit;

namespace Services.Integration.ServiceDefaults;

public class StoreHostingTests
{
    private static readonly IdempotencyKey Key = IdempotencyKey.For("tenant", "client", "open", "key", "body"u8);

    [Fact]
    public async Task A_running_service_follows_its_feed_and_deletes_expired_responses()
    {
        string database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        ManualTimeProvider clock = new();
        await using WebApplication host = Host(database, clock);
        Store store = host.Services.GetRequiredService<Store>();
        await store.MigrateAsync();
        await using (Session session = store.OpenSession(Accounts.Context()))
        {
            session.StartStream("account/1", new Opened("somebody"));
            session.Remember(Key, new StoredResponse(201, "application/json", "{}"u8.ToArray()));
            await session.SaveChangesAsync();
        }
        clock.Advance(TimeSpan.FromDays(8));
        await host.StartAsync();
        await Eventually.TrueAsync(
            async () => await store.QueryAsync<long>("select count(*) from store.responses") == 0, "the response is gone");
        await Eventually.TrueAsync(
            async () => await store.Projections.LagAsync("balances_later") == 0, "the projection is at the head");
        await host.StopAsync();
    }

    private static WebApplication Host(string database, TimeProvider clock)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Service:Name"] = "accounts",
            ["Urls"] = "http://127.0.0.1:0",
            ["ConnectionStrings:Store"] = database,
        });
        builder.Services.AddOptions<ServiceOptions>().BindConfiguration(ServiceOptions.Section);
        builder.Services.AddSingleton(clock);
        builder.AddEventStore(Accounts.ModelWithBalances());
        return builder.Build();
    }
}
