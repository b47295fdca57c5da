using System.Security.Cryptography;
using System.Text;
using EventStore;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults;

namespace Evidence.Files;

/// <summary>A file that has arrived, sealed, and is not kept yet; disposing it throws it away.</summary>
internal sealed class IncomingFile(string path, byte[] key, FileDigests digests) : IAsyncDisposable
{
    public string Path { get; } = path;

    public byte[] Key { get; } = key;

    public FileDigests Digests { get; } = digests;

    public ValueTask DisposeAsync()
    {
        File.Delete(Path);
        CryptographicOperations.ZeroMemory(Key);
        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// Deposited files, addressed by tenant and SHA-256, each sealed under a key of its own. Keys are rows beside the events
/// (schema <c>store_keys</c>, backed up apart), so that deleting a row erases the file wherever a copy of it lies.
/// </summary>
internal sealed class FileVault
{
    public const string Schema =
        """
        create table store_keys.files (
            tenant text  collate "C" not null,
            sha256 bytea not null,
            key    bytea not null,
            path   text  not null,
            primary key (tenant, sha256)
        );
        """;

    private const int Holds = 64;

    private readonly SemaphoreSlim[] _holds = [.. Enumerable.Range(0, Holds).Select(_ => new SemaphoreSlim(1, 1))];
    private readonly Store _store;
    private readonly string _folder;
    private readonly string _incoming;

    public FileVault(Store store, IOptions<ServiceOptions> service)
    {
        _store = store;
        _folder = Path.Combine(service.Value.Data, "files");
        _incoming = Path.Combine(_folder, "incoming");
        Directory.CreateDirectory(_incoming);
        // What a process left behind when it died has no key any more.
        foreach (string left in Directory.EnumerateFiles(_incoming))
            File.Delete(left);
    }

    /// <summary>Takes a file in.</summary>
    /// <exception cref="FileTooLargeException">It is longer than allowed.</exception>
    public async Task<IncomingFile> ReceiveAsync(Stream source, long bytesMax, CancellationToken cancellationToken)
    {
        string path = Path.Combine(_incoming, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        byte[] key = RandomNumberGenerator.GetBytes(SealedStream.KeyBytes);
        bool received = false;
        try
        {
            FileStreamOptions options = new()
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.Asynchronous,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            await using FileStream target = new(path, options);
            FileDigests digests = await SealedStream.SealAsync(source, target, key, bytesMax, cancellationToken);
            target.Flush(flushToDisk: true);
            received = true;
            return new IncomingFile(path, key, digests);
        }
        finally
        {
            if (!received)
                File.Delete(path);
        }
    }

    /// <summary>
    /// Keeping bytes or erasing them, together with the record that says so, excludes the other of the same bytes until
    /// what is returned is disposed. Different bytes may wait for each other too, so nobody may hold two.
    /// </summary>
    public async Task<IDisposable> HoldAsync(string tenant, string sha256, CancellationToken cancellationToken)
    {
        SemaphoreSlim hold = _holds[(uint)HashCode.Combine(tenant, sha256) % Holds];
        await hold.WaitAsync(cancellationToken);
        return new Hold(hold);
    }

    /// <summary>
    /// Keeps a file for a tenant, under its hold; may be repeated. A tenant that keeps the same bytes already keeps them
    /// once.
    /// </summary>
    public async Task KeepAsync(string tenant, IncomingFile file, CancellationToken cancellationToken)
    {
        if (await FindPathAsync(tenant, file.Digests.Sha256, cancellationToken) is { } kept
            && File.Exists(Path.Combine(_folder, kept)))
            return;
        string relative = Address(tenant, file);
        string path = Path.Combine(_folder, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(file.Path, path);
        // Its key and the event that says it is kept are durable from here on, so the name must be too.
        for (string? folder = Path.GetDirectoryName(path); folder?.Length >= _folder.Length; folder = Path.GetDirectoryName(folder))
            DurableFolder.Sync(folder);
        await using NpgsqlCommand command = _store.DataSource.CreateCommand(
            """
            insert into store_keys.files (tenant, sha256, key, path) values ($1, $2, $3, $4)
            on conflict (tenant, sha256) do update set key = excluded.key, path = excluded.path
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = file.Digests.Sha256 });
        command.Parameters.Add(new() { Value = file.Key });
        command.Parameters.Add(new() { Value = relative });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Writes a kept file to a target; false when there is none.</summary>
    /// <exception cref="CryptographicException">The stored bytes were altered.</exception>
    public async Task<Func<Stream, CancellationToken, Task>?> FindAsync(
        string tenant, string sha256, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = _store.DataSource.CreateCommand(
            "select key, path from store_keys.files where tenant = $1 and sha256 = $2");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = Convert.FromHexString(sha256) });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        byte[] key = reader.GetFieldValue<byte[]>(0);
        string path = Path.Combine(_folder, reader.GetString(1));
        return async (target, token) =>
        {
            await using FileStream source = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0,
                FileOptions.Asynchronous | FileOptions.SequentialScan);
            await SealedStream.OpenAsync(source, target, key, token);
        };
    }

    /// <summary>
    /// Deletes a file and its key, under its hold, unless a deposit of the tenant says that it is kept. May be repeated.
    /// </summary>
    public async Task EraseUnstatedAsync(string tenant, string sha256, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = _store.DataSource.CreateCommand(
            """
            delete from store_keys.files where tenant = $1 and sha256 = $2
              and not exists (select from deposits where tenant = $1 and sha256 = $2 and stored)
            returning path
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = Convert.FromHexString(sha256) });
        if (await command.ExecuteScalarAsync(cancellationToken) is string path)
            File.Delete(Path.Combine(_folder, path));
    }

    private async Task<string?> FindPathAsync(string tenant, byte[] sha256, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = _store.DataSource.CreateCommand(
            "select path from store_keys.files where tenant = $1 and sha256 = $2");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = sha256 });
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>A folder for the tenant, named by a hash so that no tenant's name reaches the file system.</summary>
    private static string Address(string tenant, IncomingFile file)
    {
        string folder = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tenant)).AsSpan(0, 16));
        string digest = Convert.ToHexStringLower(file.Digests.Sha256);
        return Path.Combine(folder, digest[..2], $"{digest}.{Path.GetFileName(file.Path)}");
    }

    private sealed class Hold(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
