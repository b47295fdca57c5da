using System.Text.Json.Nodes;
using EventStore;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.EventStore;

public sealed class ProjectionTests
{
    [Theory]
    [InlineData("balances")]
    [InlineData("balances_later")]
    public async Task A_rebuilt_projection_equals_the_one_that_followed_along(string projection)
    {
        await using var store = await Accounts.NewStoreAsync(Accounts.ModelWithBalances());
        for (var i = 0; i < 30; i++)
        {
            await store.OpenAccountAsync($"account/{i}");
            await store.DepositAsync($"account/{i}", 1, Enumerable.Range(1, 50).Select(a => (long)a * i));
        }
        await store.Projections.CatchUpAsync("balances_later");
        var rows = await RowsAsync(store, projection);
        await Accounts.ExecuteAsync(store.DataSource.ConnectionString, $"update {projection} set balance = 1");

        await store.Projections.RebuildAsync(projection);

        (await RowsAsync(store, projection)).ShouldBe(rows);
        (await RowsAsync(store, "balances")).ShouldBe(await RowsAsync(store, "balances_later"));
    }

    [Fact]
    public async Task The_daemon_follows_and_two_of_them_apply_each_event_once()
    {
        await using var one = await Accounts.NewStoreAsync(Accounts.ModelWithBalances());
        await using var two = await Accounts.OpenAsync(one.DataSource.ConnectionString, Accounts.ModelWithBalances());
        using var stop = new CancellationTokenSource();
        var daemons = Task.WhenAll(one.Projections.RunAsync(stop.Token), two.Projections.RunAsync(stop.Token));

        await one.OpenAccountAsync("account/1");
        for (var i = 1; i <= 50; i++) await (i % 2 == 0 ? one : two).DepositAsync("account/1", i, 1);
        await Eventually.TrueAsync(
            async () => await one.Projections.LagAsync("balances_later") == 0, "the projection is at the head");
        await stop.CancelAsync();
        await daemons;

        (await one.QueryAsync<long>("select balance from balances_later")).ShouldBe(50);
    }

    [Fact]
    public async Task An_older_event_is_read_in_the_newer_form_and_its_bytes_stay()
    {
        var old = new EventModel().Event("account.opened.v1");
        await using var before = await Accounts.NewStoreAsync(old);
        await using (var session = before.OpenSession(Accounts.Context()))
        {
            session.StartStream("account/1", session.Context.Stamp("account.opened.v1", new JsonObject { ["name"] = "Ada" }));
            await session.SaveChangesAsync();
        }
        var written = (await before.FetchStreamAsync("account/1"))[0];

        var model = new EventModel()
            .Upcast("account.opened.v1", "account.opened.v2", data => new JsonObject { ["holder"] = data["name"]!.DeepClone() })
            .Upcast("account.opened.v2", "account.opened.v3", data => new JsonObject { ["owner"] = data["holder"]!.DeepClone() })
            .Event("account.opened.v3", AccountJson.Default.Opened)
            .Aggregate(AccountState.Initial, AccountState.Evolve);
        await using var after = await Accounts.OpenAsync(before.DataSource.ConnectionString, model);
        var read = (await after.FetchStreamAsync("account/1"))[0];

        read.Data.ShouldBe(new Opened("Ada"));
        read.Bytes.ToArray().ShouldBe(written.Bytes.ToArray());
        read.Type.ShouldBe("account.opened.v1");
        (await after.AggregateStreamAsync<AccountState>("account/1")).Owner.ShouldBe("Ada");
    }

    [Fact]
    public async Task A_type_that_is_not_registered_is_neither_written_nor_guessed()
    {
        await using var store = await Accounts.NewStoreAsync();
        await using var session = store.OpenSession(Accounts.Context());
        Should.Throw<UnknownEventTypeException>(() => session.StartStream("account/1", new ProjectionTests()));
        session.StartStream("account/1", session.Context.Stamp("account.closed.v1", new JsonObject()));
        await Should.ThrowAsync<UnknownEventTypeException>(() => session.SaveChangesAsync());
    }

    [Fact]
    public async Task Data_that_has_no_canonical_form_is_refused_at_the_edge()
    {
        await using var store = await Accounts.NewStoreAsync(new EventModel().Event("free.v1"));
        foreach (var data in (JsonObject[])
                 [
                     new() { ["amount"] = 1.5 }, new() { ["amount"] = 9007199254740992 }, new() { ["text"] = "\0" }
                 ])
        {
            await using var session = store.OpenSession(Accounts.Context());
            session.StartStream("free/1", session.Context.Stamp("free.v1", data));
            await Should.ThrowAsync<JsonFormException>(() => session.SaveChangesAsync());
        }
        (await store.FeedHeadAsync()).ShouldBe(0);
    }

    private static Task<string> RowsAsync(Store store, string projection) =>
        store.QueryAsync<string>($"select string_agg(t::text, ';' order by stream) from {projection} t");
}
