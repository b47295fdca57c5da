using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using NpgsqlTypes;
using Proofs;
using Receivables.Pledges;

namespace Receivables.Trade;

/// <summary>What a document says: seen by its parties, and by a bank with the supplier's consent.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Number">Its number; of a whole thing in its one spelling, of an invoice the digits alone.</param>
/// <param name="Code">An older invoice's code, a warehouse receipt's keeper, where they are not part of the number.</param>
/// <param name="Seller">Party that delivers.</param>
/// <param name="Buyer">Party that owes.</param>
/// <param name="GrossFen">Amount with tax, in fen.</param>
/// <param name="NetFen">Amount without tax.</param>
/// <param name="IssuedOn">Day of the document.</param>
/// <param name="Contract">Number of the contract that it belongs to.</param>
/// <param name="PayBy">The last day for payment that a clause names.</param>
public sealed record TradeBody(
    TradeKind Kind, string Number, string? Code, string Seller, string Buyer, long? GrossFen, long? NetFen,
    DateOnly IssuedOn, string? Contract, DateOnly? PayBy = null);

/// <summary>A document with what is kept beside its events.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Owner">Who deposited it.</param>
/// <param name="Sha256">Digest of its file.</param>
/// <param name="Body">What it says.</param>
/// <param name="Secret">Of its statements.</param>
/// <param name="ReversedFen">Taken back by red-letter notes.</param>
internal sealed record TradeFile(Guid Id, string Owner, string Sha256, TradeBody Body, byte[] Secret, long ReversedFen)
{
    /// <summary>When it was deposited: its id (RFC 9562 §5.7) begins with the milliseconds.</summary>
    public DateTimeOffset DepositedAt => DateTimeOffset.FromUnixTimeMilliseconds(
        BinaryPrimitives.ReadInt64BigEndian(Id.ToByteArray(bigEndian: true)) >> 16);

    /// <summary>Gross less red-letter notes.</summary>
    public long WorthFen => (Body.GrossFen ?? 0) - ReversedFen;

    /// <summary>Canonical number of the whole thing that can be claimed; empty for papers about one.</summary>
    public string Thing => TradeDocument.IsThing(Body.Kind) ? $"{CanonicalId.KindOf(Body.Kind)}|{Body.Number}" : "";

    public bool IsOf(string party) => Owner == party || Body.Seller == party || Body.Buyer == party;
}

/// <summary>
/// The documents' content, kept apart from events: those commit to it by salted statements, so that proofs show no more
/// of it than somebody wants to show.
/// </summary>
internal sealed class TradeFiles(Store store)
{
    public const string Schema =
        """
        create table trade_documents (
            id           uuid   primary key,
            owner        text   collate "C" not null,
            seller       text   collate "C" not null,
            buyer        text   collate "C" not null,
            kind         text   not null,
            sha256       text   collate "C" not null,
            canonical    text   collate "C" unique,
            body         text   not null,
            secret       bytea  not null,
            reversed_fen bigint not null default 0
        );
        create unique index trade_documents_sha256 on trade_documents (sha256);
        create index trade_documents_seller on trade_documents (seller);
        create index trade_documents_buyer on trade_documents (buyer);
        create index trade_documents_owner on trade_documents (owner);
        """;
    /// <summary>Red-letter notes by number: each counts once.</summary>
    public const string Notes =
        """
        create table trade_notes (
            document uuid not null,
            number   text collate "C" not null,
            primary key (document, number)
        );
        """;
    private const string Columns = "id, owner, sha256, body, secret, reversed_fen";

    /// <summary>Queues a new document in a session; one of the same number or file breaks a unique index.</summary>
    public static void Add(Session session, TradeFile file, string? canonical) => session.QueueSqlCommand(
        "insert into trade_documents values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        file.Id, file.Owner, file.Body.Seller, file.Body.Buyer, file.Body.Kind.ToString(), file.Sha256,
        new NpgsqlParameter { Value = (object?)canonical ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
        JsonSerializer.Serialize(file.Body, TradeBodyJson.Default.TradeBody), file.Secret);

    /// <summary>Queues that a red-letter note took so much back.</summary>
    public static void Reverse(Session session, Guid id, long fen) => session.QueueSqlCommand(
        "update trade_documents set reversed_fen = reversed_fen + $2 where id = $1", id, fen);

    public async Task<TradeFile?> FindAsync(Guid id, CancellationToken cancellation) =>
        (await ReadAsync($"select {Columns} from trade_documents where id = $1", cancellation, id)).SingleOrDefault();

    /// <summary>The document of a whole thing by its canonical number.</summary>
    public async Task<TradeFile?> OfThingAsync(string canonical, CancellationToken cancellation) =>
        (await ReadAsync($"select {Columns} from trade_documents where canonical = $1", cancellation, canonical))
            .SingleOrDefault();

    /// <summary>Queues that a note was counted; the same number again breaks the primary key.</summary>
    public static void AddNote(Session session, Guid document, string number) => session.QueueSqlCommand(
        "insert into trade_notes values ($1, $2)", document, number);

    /// <summary>Documents of some kinds between a seller and buyers, whether an issue names them or not.</summary>
    public Task<List<TradeFile>> BetweenAsync(
        IEnumerable<TradeKind> kinds, string seller, IEnumerable<string> buyers, CancellationToken cancellation) =>
        ReadAsync(
            $"select {Columns} from trade_documents where kind = any($1) and seller = $2 and buyer = any($3)",
            cancellation, kinds.Select(k => k.ToString()).ToList(), seller, buyers.ToList());

    /// <summary>Documents by the digests of their files.</summary>
    public Task<List<TradeFile>> OfDigestsAsync(IEnumerable<string> digests, CancellationToken cancellation) =>
        ReadAsync($"select {Columns} from trade_documents where sha256 = any($1)", cancellation, digests.ToList());

    /// <summary>Documents that a party takes part in, newest first.</summary>
    /// <param name="party">Whose.</param>
    /// <param name="reversed">Only those of which a red-letter note took something back.</param>
    /// <param name="before">The last of the page before; null for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<List<TradeFile>> OfPartyAsync(
        string party, bool reversed, Guid? before, int limit, CancellationToken cancellation) => ReadAsync(
        $"""
        select {Columns} from trade_documents where (owner = $1 or seller = $1 or buyer = $1)
        and (not $2 or reversed_fen > 0) and ($3::uuid is null or id < $3) order by id desc limit $4
        """, cancellation, party, reversed, (object?)before ?? DBNull.Value, limit);

    /// <summary>Whether a bank may see a document for an application now: the seller consented and the time runs.</summary>
    public async Task<bool> ConsentsAsync(
        Guid document, string bank, string application, DateTimeOffset now, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select exists (
                select from trade_consents c join trade_documents d on d.id = $1 and d.seller = c.supplier
                where c.bank = $2 and c.application = $3 and $1 = any(c.documents) and c.until > $4 and not c.withdrawn)
            """);
        foreach (object value in new object[] { document, bank, application, now.UtcDateTime })
            query.Parameters.Add(new() { Value = value });
        return (bool)(await query.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Documents that suppliers let a bank see for an application now.</summary>
    public async Task<IReadOnlyList<Guid>> ConsentedAsync(
        string bank, string application, DateTimeOffset now, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select distinct unnest(documents) from trade_consents
            where bank = $1 and application = $2 and until > $3 and not withdrawn
            """);
        foreach (object value in new object[] { bank, application, now.UtcDateTime })
            query.Parameters.Add(new() { Value = value });
        List<Guid> documents = [];
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            documents.Add(reader.GetGuid(0));
        return documents;
    }

    /// <summary>The statements that a document's event commits to, in their order.</summary>
    public static IReadOnlyList<Statement> StatementsOf(TradeBody body)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(body, TradeBodyJson.Default.TradeBody);
        using JsonDocument json = JsonDocument.Parse(bytes);
        return [.. json.RootElement.EnumerateObject().Select(m => new Statement($"/{m.Name}", m.Value.GetRawText()))];
    }

    /// <summary>Commits to what a document says.</summary>
    public static TradeStatements Commit(byte[] secret, TradeBody body)
    {
        IReadOnlyList<Statement> statements = StatementsOf(body);
        return new TradeStatements(statements.Count, Convert.ToHexStringLower(Statements.Root(secret, statements)));
    }

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(Statements.SecretSize);

    private async Task<List<TradeFile>> ReadAsync(string sql, CancellationToken cancellation, params object[] values)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(sql);
        foreach (object value in values)
            query.Parameters.Add(new() { Value = value });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<TradeFile> files = [];
        while (await reader.ReadAsync(cancellation))
        {
            files.Add(new TradeFile(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2),
                JsonSerializer.Deserialize(reader.GetString(3), TradeBodyJson.Default.TradeBody)!,
                reader.GetFieldValue<byte[]>(4), reader.GetInt64(5)));
        }
        return files;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TradeBody))]
internal sealed partial class TradeBodyJson : JsonSerializerContext;
