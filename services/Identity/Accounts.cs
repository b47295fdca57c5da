using System.Security.Cryptography;
using System.Text;
using EventStore;
using Identity.Protocol;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults;

namespace Identity;

/// <summary>A client as sign-in needs it.</summary>
/// <param name="Id">Client id.</param>
/// <param name="Tenant">Organisation.</param>
/// <param name="Roles">Roles of the client acting for itself.</param>
/// <param name="RedirectUris">Exact addresses that codes may be sent to.</param>
/// <param name="Secret">Salted hash of the secret; null where none is kept, and then nothing lets it in.</param>
public sealed record RegisteredClient(
    string Id, string Tenant, IReadOnlyList<string> Roles, IReadOnlyList<string> RedirectUris, string? Secret)
{
    /// <summary>Pseudonymous id of the client acting for itself.</summary>
    public string Subject => "client-" + Id;

    /// <summary>Whether a secret is the client's. There are no public clients: every client proves that it has one.</summary>
    public bool Accepts(string? secret) =>
        Secret is not null && !string.IsNullOrEmpty(secret) && ClientSecret.Matches(Secret, secret);

    /// <summary>Whether an address is of the same origin as one that it registered.</summary>
    public bool IsAt(string address) => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
        && RedirectUris.Any(r => new Uri(r).GetLeftPart(UriPartial.Authority) == uri.GetLeftPart(UriPartial.Authority));

    /// <summary>Whether it may get tokens of a user: of its own organisation's, or of everybody's if it is the operator's.</summary>
    public bool MayActFor(Principal user) => Tenant == user.Tenant || Tenant == SeedOptions.OperatorTenant;
}

/// <summary>
/// Client secrets are 32 random bytes, so one salted SHA-256 keeps them; passwords, which people choose, need PBKDF2.
/// </summary>
public static class ClientSecret
{
    private const int SaltBytes = 16;

    /// <summary>A new secret.</summary>
    public static string Create() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is kept of a secret.</summary>
    public static string Hash(string secret)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Convert.ToBase64String([.. salt, .. HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes(secret))]);
    }

    /// <summary>Whether a secret is the one kept.</summary>
    public static bool Matches(string kept, string secret)
    {
        byte[] bytes = Convert.FromBase64String(kept);
        byte[] salt = bytes[..SaltBytes];
        return CryptographicOperations.FixedTimeEquals(
            bytes.AsSpan(SaltBytes), HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes(secret)));
    }
}

/// <summary>
/// Users and clients as sign-in needs them. Secrets are kept here and never in events, which can't be deleted.
/// </summary>
public sealed class Accounts(Store store, IOptions<ServiceOptions> service, TimeProvider time)
{
    /// <summary>Wrong passwords in a row before an account is locked.</summary>
    public const int FailuresMax = 5;

    /// <summary>The first lock; it doubles with every further wrong password, up to an hour.</summary>
    public static readonly TimeSpan FirstLock = TimeSpan.FromMinutes(1);

    internal const string Schema =
        """
        create table credentials (
            id           text        collate "C" primary key,
            hash         text        not null,
            sign_in      bytea       unique,
            failures     int         not null default 0,
            locked_until timestamptz
        );
        """;

    private static readonly PasswordHasher<string> Passwords =
        new(Options.Create(new PasswordHasherOptions { IterationCount = 210_000 }));

    // Checked when there is no such user, so that the answer takes as long.
    private static readonly string NobodysHash =
        Passwords.HashPassword("", Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));

    internal NpgsqlDataSource DataSource => store.DataSource;

    private readonly Lazy<byte[]> _lookupKey =
        new(() => SecretFile.ReadOrCreate(Path.Combine(service.Value.Data, "sign-in-names.key")));

    /// <summary>Finds a user by sign-in name without keeping the name: a keyed hash of its normal form.</summary>
    public byte[] Lookup(string signInName) => HMACSHA256.HashData(
        _lookupKey.Value, Encoding.UTF8.GetBytes(signInName.Trim().Normalize(NormalizationForm.FormKC).ToLowerInvariant()));

    /// <summary>An open client, or null.</summary>
    public async Task<RegisteredClient?> FindClientAsync(string id, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select tenant, roles, redirect_uris, hash from clients
            left join credentials on credentials.id = 'client-' || clients.id
            where clients.id = $1 and clients.open
            """);
        command.Parameters.Add(new() { Value = id });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new RegisteredClient(id, reader.GetString(0), reader.GetFieldValue<string[]>(1),
                reader.GetFieldValue<string[]>(2), reader.IsDBNull(3) ? null : reader.GetString(3))
            : null;
    }

    /// <summary>An open user by pseudonymous id, or null.</summary>
    public async Task<Principal?> FindPrincipalAsync(string userId, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command =
            store.DataSource.CreateCommand("select tenant, roles from users where id = $1 and open");
        command.Parameters.Add(new() { Value = userId });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Principal(userId, reader.GetString(0), reader.GetFieldValue<string[]>(1))
            : null;
    }

    /// <summary>
    /// Who signs in by name and password; null when they are wrong or the account is locked. The failure is counted
    /// before the password is checked, so that attempts side by side all count.
    /// </summary>
    public Task<Principal?> SignInAsync(string name, string password, CancellationToken cancellationToken) =>
        ProveAsync("credentials.sign_in", Lookup(name), password, cancellationToken);

    /// <summary>The same for a user who is signed in and gives the password once more.</summary>
    public Task<Principal?> ProveAsync(string userId, string password, CancellationToken cancellationToken) =>
        ProveAsync("credentials.id", userId, password, cancellationToken);

    private async Task<Principal?> ProveAsync(
        string column, object value, string password, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             update credentials set
                 failures = failures + 1,
                 locked_until = case when failures + 1 >= $3
                     then $2::timestamptz + least(interval '1 hour', $4 * power(2, least(failures + 1 - $3, 10))) end
             from users
             where {column} = $1 and users.open and credentials.id = users.id
               and (locked_until is null or locked_until <= $2)
             returning users.id, hash
             """);
        command.Parameters.Add(new() { Value = value });
        command.Parameters.Add(new() { Value = now, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new() { Value = FailuresMax });
        command.Parameters.Add(new() { Value = FirstLock });
        string? id = null, hash = null;
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (await reader.ReadAsync(cancellationToken))
                (id, hash) = (reader.GetString(0), reader.GetString(1));
        }
        bool right = Passwords.VerifyHashedPassword("", hash ?? NobodysHash, password)
            != PasswordVerificationResult.Failed;
        if (id is null || !right)
            return null;
        await using NpgsqlCommand reset = store.DataSource.CreateCommand(
            "update credentials set failures = 0, locked_until = null where id = $1");
        reset.Parameters.Add(new() { Value = id });
        await reset.ExecuteNonQueryAsync(cancellationToken);
        return await FindPrincipalAsync(id, cancellationToken);
    }

    /// <summary>
    /// Takes a sign-in name and keeps a password for a user about to be added; false when the name is taken. A name that
    /// was taken for a user who was never added is free.
    /// </summary>
    public async Task<bool> ReserveAsync(
        string userId, string signInName, string password, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            insert into credentials (id, hash, sign_in) values ($1, $2, $3)
            on conflict (sign_in) do update set id = excluded.id, hash = excluded.hash
                where not exists (select from users where users.id = credentials.id)
            """);
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = Passwords.HashPassword("", password) });
        command.Parameters.Add(new() { Value = Lookup(signInName) });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>The user with a sign-in name, or null.</summary>
    public async Task<string?> FindUserAsync(string signInName, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select users.id from users join credentials using (id) where credentials.sign_in = $1");
        command.Parameters.Add(new() { Value = Lookup(signInName) });
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>Forgets how a user or client signs in.</summary>
    public async Task ForgetAsync(string id, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand("delete from credentials where id = $1");
        command.Parameters.Add(new() { Value = id });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Keeps a user's password, in the transaction of the session's events.</summary>
    public static void SetPassword(Session session, string userId, string password) =>
        Keep(session, userId, Passwords.HashPassword("", password));

    /// <summary>Keeps a client's secret, in the transaction of the session's events.</summary>
    public static void SetSecret(Session session, string clientId, string secret) =>
        Keep(session, "client-" + clientId, ClientSecret.Hash(secret));

    private static void Keep(Session session, string id, string hash) => session.QueueSqlCommand(
        """
        insert into credentials (id, hash) values ($1, $2)
        on conflict (id) do update set hash = excluded.hash, failures = 0, locked_until = null
        """, id, hash);
}
