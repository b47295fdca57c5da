using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventStore;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults;
using ServiceDefaults.Problems;

namespace Prepaid.Cards;

/// <summary>
/// PINs of printed cards. A PIN stands in no event, no log and no stored answer; it comes in a header, and what is kept
/// of it is a slow hash under a key that is not in the database. Wrong ones are counted before they are looked at.
/// </summary>
/// <param name="store">The service's store.</param>
/// <param name="pepper">A secret of the service's own.</param>
/// <param name="time">The clock of locks.</param>
internal sealed class CardPins(Store store, byte[] pepper, TimeProvider time)
{
    /// <summary>The header that carries a PIN.</summary>
    public const string Header = "Card-Pin";

    /// <summary>Its table.</summary>
    public const string Schema =
        """
        create table card_pins (
            card         uuid primary key,
            hash         bytea not null,
            failures     int   not null default 0,
            locked_until timestamptz
        );
        """;

    /// <summary>Wrong PINs in a row until the card is locked.</summary>
    public const int Attempts = 5;

    /// <summary>For how long.</summary>
    public static readonly TimeSpan Lock = TimeSpan.FromMinutes(30);

    private const int Digits = 1_000_000;

    // OWASP's figure for PBKDF2 with SHA-256 (Password Storage Cheat Sheet).
    private const int Rounds = 600_000;

    /// <summary>Gives a card a new PIN of six digits; it is told once.</summary>
    public async Task<string> MakeAsync(Guid card, CancellationToken cancellation)
    {
        string pin = RandomNumberGenerator.GetInt32(Digits).ToString("D6", CultureInfo.InvariantCulture);
        await using NpgsqlCommand upsert = Command(
            """
            insert into card_pins (card, hash) values ($1, $2) on conflict (card) do update
            set hash = excluded.hash, failures = 0, locked_until = null
            """, card, HashOf(card, pin));
        await upsert.ExecuteNonQueryAsync(cancellation);
        return pin;
    }

    /// <summary>Checks a PIN.</summary>
    /// <exception cref="ProblemException">It is wrong, the card has none, or it is locked.</exception>
    public async Task RequireAsync(Guid card, string pin, CancellationToken cancellation)
    {
        // Counted first, in one statement: guesses side by side are each counted.
        await using NpgsqlCommand attempt = Command(
            """
            update card_pins set failures = case when locked_until is null then failures + 1 else 1 end,
                locked_until = case when locked_until is null and failures + 1 >= $3 then $2 + $4 end
            where card = $1 and (locked_until is null or locked_until <= $2) returning hash
            """, card, time.GetUtcNow(), Attempts, Lock);
        byte[]? hash = await attempt.ExecuteScalarAsync(cancellation) as byte[];
        if (hash is null && await IsThereAsync(card, cancellation))
            throw new ProblemException(Problem.Of("pin-locked", ("minutes", (int)Lock.TotalMinutes)));
        // Without a PIN the same work is done, so that the time tells nothing.
        if (!CryptographicOperations.FixedTimeEquals(HashOf(card, pin), hash ?? new byte[SHA256.HashSizeInBytes]))
            throw new ProblemException(Problem.Of("pin-wrong"));
        await using NpgsqlCommand reset = Command(
            "update card_pins set failures = 0, locked_until = null where card = $1", card);
        await reset.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Wires it with a secret made at the first start.</summary>
    public static void Add(WebApplicationBuilder builder) => builder.Services.AddSingleton(s => new CardPins(
        s.GetRequiredService<Store>(), SecretFile.ReadOrCreate(Path.Combine(
            s.GetRequiredService<IOptions<ServiceOptions>>().Value.Data, "pin.key")),
        s.GetRequiredService<TimeProvider>()));

    private async Task<bool> IsThereAsync(Guid card, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = Command("select 1 from card_pins where card = $1", card);
        return await query.ExecuteScalarAsync(cancellation) is not null;
    }

    private byte[] HashOf(Guid card, string pin) => Rfc2898DeriveBytes.Pbkdf2(
        HMACSHA256.HashData(pepper, Encoding.UTF8.GetBytes(pin)), card.ToByteArray(bigEndian: true), Rounds,
        HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);

    private NpgsqlCommand Command(string sql, params object[] parameters)
    {
        NpgsqlCommand command = store.DataSource.CreateCommand(sql);
        foreach (object value in parameters)
            command.Parameters.Add(new() { Value = value });
        return command;
    }
}
