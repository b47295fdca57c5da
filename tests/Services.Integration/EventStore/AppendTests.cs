using System.Security.Cryptography;
using System.Text;
using EventStore;
using Shouldly;
using Xunit;

namespace Services.Integration.EventStore;

public sealed class AppendTests
{
    [Fact]
    public async Task An_event_is_stored_with_its_canonical_bytes_and_their_digest()
    {
        await using var store = await Accounts.NewStoreAsync();
        await store.OpenAccountAsync("account/1");
        await store.DepositAsync("account/1", 1, 250);

        var events = await store.FetchStreamAsync("account/1");
        var e = events[1];
        var salt = Encoding.UTF8.GetString(e.Bytes.Span).Split("\"salt\":\"")[1][..32];
        Encoding.UTF8.GetString(e.Bytes.Span).ShouldBe(
            $$"""{"actor":"u-1","data":{"amountFen":250},"id":"{{e.Id}}","occurredAt":"{{e.OccurredAt:yyyy-MM-ddTHH:mm:ss.fffZ}}","salt":"{{salt}}","service":"accounts","stream":"account/1","type":"account.deposited.v1","version":2}""");
        e.Digest.ToArray().ShouldBe(SHA256.HashData(e.Bytes.Span));
        e.Id.Version.ShouldBe(7);
        CanonicalJson.Canonicalize(e.Bytes.Span).ShouldBe(e.Bytes.ToArray());
        (await store.AggregateStreamAsync<AccountState>("account/1")).ShouldBe(new AccountState("owner of account/1", 250));
    }

    [Fact]
    public async Task Of_many_appends_at_one_version_exactly_one_succeeds()
    {
        await using var one = await Accounts.NewStoreAsync();
        await using var two = await Accounts.OpenAsync(one.DataSource.ConnectionString);
        await one.OpenAccountAsync("account/1");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            try
            {
                await (i % 2 == 0 ? one : two).DepositAsync("account/1", 1, i + 1);
                return true;
            }
            catch (ConcurrencyException e)
            {
                (e.Expected, e.Actual).ShouldBe((1, 2));
                return false;
            }
        }));

        outcomes.Count(succeeded => succeeded).ShouldBe(1);
        (await one.FeedHeadAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Several_streams_are_appended_all_or_nothing()
    {
        await using var store = await Accounts.NewStoreAsync();
        await store.OpenAccountAsync("account/1");
        await using var session = store.OpenSession(Accounts.Context());
        session.StartStream("account/2", new Opened("b"));
        session.Append("account/1", 7, new Deposited(1));
        await Should.ThrowAsync<ConcurrencyException>(() => session.SaveChangesAsync());

        (await store.FetchStreamAsync("account/2")).ShouldBeEmpty();
        (await store.FeedHeadAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_stream_loaded_for_writing_is_appended_at_the_version_seen()
    {
        await using var store = await Accounts.NewStoreAsync();
        await store.OpenAccountAsync("account/1");
        await using var session = store.OpenSession(Accounts.Context());
        var account = await session.FetchForWriting<AccountState>("account/1");
        account.AppendOne(new Deposited(account.Aggregate.BalanceFen + 5));
        account.AppendMany(new Deposited(6), new Deposited(7));
        await store.DepositAsync("account/1", 1, 100);

        (await Should.ThrowAsync<ConcurrencyException>(() => session.SaveChangesAsync())).Expected.ShouldBe(1);
    }

    [Fact]
    public async Task A_bulk_append_keeps_its_order_in_the_feed()
    {
        await using var store = await Accounts.NewStoreAsync();
        await store.OpenAccountAsync("account/1");
        var events = await store.DepositAsync("account/1", 1, Enumerable.Range(1, 5000).Select(i => (long)i));

        events.Select(e => e.Position).ShouldBe(Enumerable.Range(2, 5000).Select(i => (long)i));
        var feed = await store.ReadFeedAsync(1, 10_000);
        feed.Select(item => item.EventId).ShouldBe(events.Select(e => e.Id));
        feed.Select(item => Convert.ToHexString(item.Digest.Span))
            .ShouldBe(events.Select(e => Convert.ToHexString(e.Digest.Span)));
    }

    [Fact]
    public async Task A_failing_projection_fails_only_its_own_append()
    {
        await using var store = await Accounts.NewStoreAsync(Accounts.ModelWithBalances());
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => store.OpenAccountAsync($"account/{i}")));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                await store.DepositAsync($"account/{i}", 1, i == 7 ? -1 : 1);
                return true;
            }
            catch (Npgsql.PostgresException)
            {
                return false;
            }
        }));

        outcomes.Select((succeeded, i) => (succeeded, i)).Where(o => !o.succeeded).Select(o => o.i).ShouldBe([7]);
        (await store.QueryAsync<decimal>("select sum(balance) from balances")).ShouldBe(19);
        (await store.FeedHeadAsync()).ShouldBe(39);
        (await store.QueryAsync<long>("select max(position) from store.events")).ShouldBe(39);
    }

    [Fact]
    public async Task An_event_id_can_be_used_once_only()
    {
        await using var store = await Accounts.NewStoreAsync();
        var id = Accounts.Context().NewId();
        foreach (var stream in (string[])["account/1", "account/2"])
        {
            await using var session = store.OpenSession(Accounts.Context());
            session.StartStream(stream, session.Context.Stamp("account.opened.v1", new Opened("a"), id));
            if (stream == "account/1") await session.SaveChangesAsync();
            else await Should.ThrowAsync<DuplicateEventException>(() => session.SaveChangesAsync());
        }
        (await store.FeedHeadAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_queued_statement_is_committed_with_the_events_or_not_at_all()
    {
        await using var store = await Accounts.NewStoreAsync(
            Accounts.Model().Migrate("test-0001-secrets", "create table secrets (id text primary key, secret text)"));
        await SaveAsync("first");
        await Should.ThrowAsync<ConcurrencyException>(() => SaveAsync("second"));
        (await store.QueryAsync<string>("select string_agg(secret, ',') from secrets")).ShouldBe("first");

        async Task SaveAsync(string secret)
        {
            await using var session = store.OpenSession(Accounts.Context());
            session.StartStream("account/1", new Opened("a"));
            session.QueueSqlCommand("insert into secrets values ($1, $2)", secret, secret);
            await session.SaveChangesAsync();
        }
    }
}
