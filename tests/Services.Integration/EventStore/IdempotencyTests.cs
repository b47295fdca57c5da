using System.Text;
using EventStore;
using EventStore.Idempotency;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.EventStore;

public sealed class IdempotencyTests
{
    private static readonly IdempotencyKey Key = IdempotencyKey.For("t-1", "client-1", "open", "k-1", "request"u8);

    [Fact]
    public async Task A_repeated_request_gets_the_first_response_and_writes_nothing()
    {
        await using var store = await Accounts.NewStoreAsync();
        var (first, firstRepeated) = await OpenAsync(store, Key, "account/1");
        var (second, secondRepeated) = await OpenAsync(store, Key, "account/2");

        (firstRepeated, secondRepeated).ShouldBe((false, true));
        Encoding.UTF8.GetString(second.Body.Span).ShouldBe("account/1");
        (second.Status, second.ContentType, second.Location).ShouldBe((first.Status, first.ContentType, first.Location));
        (await store.FeedHeadAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_a_conflict()
    {
        await using var store = await Accounts.NewStoreAsync();
        await OpenAsync(store, Key, "account/1");
        var other = IdempotencyKey.For("t-1", "client-1", "open", "k-1", "another request"u8);
        await Should.ThrowAsync<IdempotencyMismatchException>(() => OpenAsync(store, other, "account/2"));
    }

    [Fact]
    public async Task Keys_of_other_tenants_clients_and_operations_do_not_meet()
    {
        await using var store = await Accounts.NewStoreAsync();
        await OpenAsync(store, Key, "account/1");
        await OpenAsync(store, Key with { Tenant = "t-2" }, "account/2");
        await OpenAsync(store, Key with { Client = "client-2" }, "account/3");
        await OpenAsync(store, Key with { Operation = "close" }, "account/4");
        (await store.FeedHeadAsync()).ShouldBe(4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Equal_requests_in_flight_are_carried_out_once(int processes)
    {
        await using var one = await Accounts.NewStoreAsync();
        await using var two = await Accounts.OpenAsync(one.DataSource.ConnectionString);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(
            i => OpenAsync(i % processes == 0 ? one : two, Key, $"account/{i}")));

        outcomes.Count(outcome => !outcome.Repeated).ShouldBe(1);
        outcomes.Select(outcome => Encoding.UTF8.GetString(outcome.Response.Body.Span)).Distinct().Count().ShouldBe(1);
        (await one.FeedHeadAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_fault_is_not_remembered()
    {
        await using var store = await Accounts.NewStoreAsync();
        await Should.ThrowAsync<InvalidOperationException>(() => store.Responses.OnceAsync(
            Key, _ => throw new InvalidOperationException(), CancellationToken.None));
        (await OpenAsync(store, Key, "account/1")).Repeated.ShouldBeFalse();
    }

    [Fact]
    public async Task A_response_is_kept_for_seven_days()
    {
        var clock = new ManualTimeProvider();
        await using var store = await Accounts.NewStoreAsync(time: clock);
        await OpenAsync(store, Key, "account/1");
        clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        (await OpenAsync(store, Key, "account/2")).Repeated.ShouldBeTrue();
        clock.Advance(TimeSpan.FromSeconds(2));
        (await OpenAsync(store, Key, "account/2")).Repeated.ShouldBeFalse();

        clock.Advance(TimeSpan.FromDays(8));
        await store.Responses.DeleteExpiredAsync(CancellationToken.None);
        (await store.QueryAsync<long>("select count(*) from store.responses")).ShouldBe(0);
    }

    [Fact]
    public async Task A_response_without_events_is_remembered_too()
    {
        await using var store = await Accounts.NewStoreAsync();
        for (var i = 0; i < 2; i++)
        {
            var (response, repeated) = await store.Responses.OnceAsync(Key, async cancellation =>
            {
                await using var session = store.OpenSession(Accounts.Context());
                session.Remember(Key, new StoredResponse(422, "application/problem+json", "{}"u8.ToArray()));
                await session.SaveChangesAsync(cancellation);
                return new StoredResponse(422, "application/problem+json", "{}"u8.ToArray());
            }, CancellationToken.None);
            (response.Status, repeated).ShouldBe((422, i == 1));
        }
        (await store.FeedHeadAsync()).ShouldBe(0);
    }

    private static Task<(StoredResponse Response, bool Repeated)> OpenAsync(
        Store store, IdempotencyKey key, string stream) => store.Responses.OnceAsync(key, async cancellation =>
    {
        var response = new StoredResponse(201, "text/plain", Encoding.UTF8.GetBytes(stream), "/" + stream);
        await using var session = store.OpenSession(Accounts.Context());
        session.StartStream(stream, new Opened("a"));
        session.Remember(key, response);
        await session.SaveChangesAsync(cancellation);
        return response;
    }, CancellationToken.None);
}
