using System.Text.Json.Serialization;
using EventStore;
using EventStore.Idempotency;
using EventStore.Personal;
using Npgsql;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.EventStore;

public sealed record HolderNamed(string Person, PersonalField Name);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HolderNamed))]
internal sealed partial class HolderJson : JsonSerializerContext;

public sealed class ErasureTests
{
    private const string Clear = "Clear-Text-Name-7341";
    private const string Person = "person-1";

    [Fact]
    public async Task After_erasure_a_dump_holds_no_clear_text_and_the_event_is_unchanged()
    {
        var server = await PostgresServer.SharedAsync();
        await using var store = await Accounts.NewStoreAsync(Model());
        var key = await NameAsync(store, "holder/1");
        await WriteClearCopyAsync(store);
        var before = (await store.FetchStreamAsync("holder/1"))[0];
        (await DumpAsync(server, store)).ShouldContain(Clear);

        await store.Persons.EraseAsync(Person, CancellationToken.None);

        (await DumpAsync(server, store)).ShouldNotContain(Clear);
        (await store.Persons.FindAsync(Person, CancellationToken.None)).ShouldBeNull();
        (await store.Responses.FindAsync(key, CancellationToken.None)).ShouldBeNull();
        var after = (await store.FetchStreamAsync("holder/1"))[0];
        after.Bytes.ToArray().ShouldBe(before.Bytes.ToArray());
        after.Digest.ToArray().ShouldBe(before.Digest.ToArray());
    }

    [Fact]
    public async Task Other_persons_stay_readable()
    {
        await using var store = await Accounts.NewStoreAsync(Model());
        await NameAsync(store, "holder/1");
        await NameAsync(store, "holder/2", "person-2");
        await store.Persons.EraseAsync(Person, CancellationToken.None);

        var e = (await store.FetchStreamAsync("holder/2"))[0];
        using var key = await store.Persons.FindAsync("person-2", CancellationToken.None);
        key!.Open(e.Id, "name", ((HolderNamed)e.Data).Name).Value.ShouldBe(Clear);
    }

    [Fact]
    public async Task A_command_sealed_before_an_erasure_can_not_be_committed_after_it()
    {
        await using var store = await Accounts.NewStoreAsync(Model());
        await using var session = store.OpenSession(Accounts.Context());
        using var key = await store.Persons.GetOrCreateAsync(Person, CancellationToken.None);
        var id = session.Context.NewId();
        session.StartStream("holder/1", session.Context.Stamp(
            "holder.named.v1", new HolderNamed(Person, key.Seal(id, "name", Clear)), id));
        session.Concerns(Person);
        await store.Persons.EraseAsync(Person, CancellationToken.None);

        await Should.ThrowAsync<PersonErasedException>(() => session.SaveChangesAsync());
        await Should.ThrowAsync<PersonErasedException>(() => store.Persons.GetOrCreateAsync(Person, CancellationToken.None));
    }

    [Fact]
    public async Task A_restored_backup_of_keys_does_not_bring_an_erased_person_back()
    {
        await using var store = await Accounts.NewStoreAsync(Model());
        await NameAsync(store, "holder/1");
        await Accounts.ExecuteAsync(store.DataSource.ConnectionString, "create table backup as table store_keys.keys");
        await store.Persons.EraseAsync(Person, CancellationToken.None);
        await Accounts.ExecuteAsync(store.DataSource.ConnectionString, "insert into store_keys.keys table backup");

        (await store.Persons.DeleteErasedAsync(CancellationToken.None)).ShouldBe(1);
        (await store.Persons.FindAsync(Person, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_dump_restored_into_a_new_cluster_keeps_positions_digests_and_goes_on()
    {
        var server = await PostgresServer.SharedAsync();
        await using var store = await Accounts.NewStoreAsync(Accounts.ModelWithBalances());
        for (var i = 0; i < 50; i++) await store.OpenAccountAsync($"account/{i}");
        await store.DepositAsync("account/1", 1, Enumerable.Range(1, 500).Select(a => (long)a));
        var feed = await store.ReadFeedAsync(0, 1_000);
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.dump");
        try
        {
            await server.RunAsync("pg_dump", "-Fc", "-f", file, Database(store));
            await using var cluster = await PostgresServer.StartAsync();
            var connection = await cluster.CreateDatabaseAsync();
            await cluster.RunAsync("pg_restore", "-d", new NpgsqlConnectionStringBuilder(connection).Database!, file);
            await using var restored = await Accounts.OpenAsync(connection, Accounts.ModelWithBalances());

            (await restored.ReadFeedAsync(0, 1_000)).Select(Text).ShouldBe(feed.Select(Text));
            (await restored.OpenAccountAsync("account/new"))[0].Position.ShouldBe(feed.Count + 1);
        }
        finally
        {
            File.Delete(file);
        }

        static string Text(FeedItem item) => $"{item.Position} {item.EventId} {Convert.ToHexString(item.Digest.Span)}";
    }

    private static EventModel Model() => new EventModel()
        .Event("holder.named.v1", HolderJson.Default.HolderNamed)
        .Eraser(new NamesEraser())
        .Migrate("test-0001-names", "create table names (person text primary key, name text not null)");

    private static async Task<IdempotencyKey> NameAsync(Store store, string stream, string person = Person)
    {
        var request = IdempotencyKey.For("t-1", "c-1", "name", stream, "request"u8);
        await using var session = store.OpenSession(Accounts.Context());
        using var key = await store.Persons.GetOrCreateAsync(person, CancellationToken.None);
        var id = session.Context.NewId();
        session.StartStream(stream, session.Context.Stamp(
            "holder.named.v1", new HolderNamed(person, key.Seal(id, "name", Clear)), id));
        session.Concerns(person);
        session.Remember(request, new StoredResponse(201, "text/plain", System.Text.Encoding.UTF8.GetBytes("made " + Clear)));
        await session.SaveChangesAsync();
        return request;
    }

    private static Task WriteClearCopyAsync(Store store) => Accounts.ExecuteAsync(
        store.DataSource.ConnectionString, $"insert into names values ('{Person}', '{Clear}')");

    /// <summary>As plain inserts and with bytea as text, so that clear bytes show as such.</summary>
    private static async Task<string> DumpAsync(PostgresServer server, Store store)
    {
        var dump = await server.RunAsync("pg_dump", "--inserts", Database(store));
        // bytea columns are dumped in hex: search their content too.
        return dump + string.Concat(System.Text.RegularExpressions.Regex.Matches(dump, @"\\x([0-9a-f]+)")
            .Select(match => System.Text.Encoding.UTF8.GetString(Convert.FromHexString(match.Groups[1].Value))));
    }

    private static string Database(Store store) =>
        new NpgsqlConnectionStringBuilder(store.DataSource.ConnectionString).Database!;

    private sealed class NamesEraser : IEraser
    {
        public async Task EraseAsync(string person, NpgsqlConnection connection, CancellationToken cancellation)
        {
            await using var command = new NpgsqlCommand("delete from names where person = $1", connection);
            command.Parameters.Add(new() { Value = person });
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
