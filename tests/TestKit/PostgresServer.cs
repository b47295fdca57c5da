using System.Diagnostics;
using Npgsql;

namespace TestKit;

/// <summary>How much a test cluster guards against power loss.</summary>
public enum Durability
{
    /// <summary>No fsync: for tests that do not ask what a crash leaves.</summary>
    Fast,

    /// <summary>PostgreSQL's defaults: for crash tests and benchmarks.</summary>
    Durable
}

/// <summary>
/// A private PostgreSQL cluster from the distribution's package: own folder, own port, ended with the test process.
/// A machine without PostgreSQL fails the tests; it never skips them.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresServer>> SharedServer = new(() => StartAsync());
    private static int s_databases;

    private readonly string _folder;
    private readonly Durability _durability;
    private readonly string? _account = ChildProcesses.IsRoot ? "postgres" : null;
    private Process? _process;

    private PostgresServer(string folder, Durability durability)
    {
        _folder = folder;
        _durability = durability;
        Port = Ports.Free();
    }

    /// <summary>TCP port on 127.0.0.1; kept over restarts.</summary>
    public int Port { get; }

    /// <summary>Folder with PostgreSQL's own programs (pg_dump, pg_restore).</summary>
    public static string Programs { get; } = FindPrograms();

    /// <summary>The fast cluster that the tests of this process share, started at first use.</summary>
    public static Task<PostgresServer> SharedAsync() => SharedServer.Value;

    /// <summary>Starts a cluster of its own, for tests that kill or measure it.</summary>
    public static async Task<PostgresServer> StartAsync(Durability durability = Durability.Fast)
    {
        var server = new PostgresServer(ChildProcesses.NewFolder("postgres"), durability);
        if (server._account is not null)
            await ChildProcesses.RunAsync("chown", [server._account, server._folder]);
        await ChildProcesses.RunAsync(
            Path.Combine(Programs, "initdb"),
            ["-D", server.DataFolder, "-U", "app", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            server._account);
        await server.RestartAsync();
        return server;
    }

    /// <summary>Connection string of the database <paramref name="database"/>; nothing is created.</summary>
    public string ConnectionString(string database = "postgres") =>
        $"Host=127.0.0.1;Port={Port};Username=app;Database={database};Include Error Detail=true;Timeout=10";

    /// <summary>Creates an empty database, or a copy of <paramref name="template"/>, and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string? template = null)
    {
        var name = $"test_{Environment.ProcessId}_{Interlocked.Increment(ref s_databases)}";
        await using var source = NpgsqlDataSource.Create(ConnectionString() + ";Pooling=false");
        await using var command = source.CreateCommand(
            $"create database {name} template {template ?? "template0"} strategy file_copy");
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    /// <summary>Kills every process of the cluster with SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        ChildProcesses.SignalGroup(_process, 9);
        await _process.WaitForExitAsync();
        // Backends leave with the postmaster, but shared memory is freed only when the last has gone.
        await Eventually.TrueAsync(() => !GroupAlive(_process.Id), "backends end");
        File.Delete(Path.Combine(DataFolder, "postmaster.pid"));
    }

    /// <summary>Starts the cluster again after <see cref="KillAsync"/> or <see cref="StopAsync"/> and waits until it answers.</summary>
    public async Task RestartAsync()
    {
        List<string> arguments =
        [
            "-D", DataFolder, "-c", "listen_addresses=127.0.0.1", "-c", $"port={Port}",
            "-c", "unix_socket_directories=", "-c", "shared_buffers=256MB", "-c", "max_connections=200",
            "-c", "max_wal_size=2GB"
        ];
        if (_durability == Durability.Fast)
            arguments.AddRange(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
        _process = ChildProcesses.Start(
            Path.Combine(Programs, "postgres"), arguments, _account, Path.Combine(_folder, "..", "postgres.log"));
        await Eventually.TrueAsync(AnswersAsync, $"PostgreSQL answers on port {Port}");
    }

    /// <summary>Stops the cluster in order, ending open connections.</summary>
    public async Task StopAsync()
    {
        if (_process is null) return;
        ChildProcesses.Signal(_process, 2);
        await _process.WaitForExitAsync();
    }

    /// <summary>Runs one of PostgreSQL's programs against a database of this cluster and returns its output.</summary>
    public Task<string> RunAsync(string program, params string[] arguments) => ChildProcesses.RunAsync(
        Path.Combine(Programs, program), ["-h", "127.0.0.1", "-p", $"{Port}", "-U", "app", .. arguments]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private string DataFolder => Path.Combine(_folder, "data");

    private async Task<bool> AnswersAsync()
    {
        if (_process!.HasExited)
            throw new InvalidOperationException(
                "PostgreSQL ended at start: " + await File.ReadAllTextAsync(Path.Combine(_folder, "..", "postgres.log")));
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString() + ";Pooling=false");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static bool GroupAlive(int session) => Directory.EnumerateDirectories("/proc").Any(folder =>
    {
        if (!int.TryParse(Path.GetFileName(folder), out _)) return false;
        try
        {
            // Fields after the parenthesised name (proc(5)): state, parent, group, session. A zombie is no longer alive.
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] != "Z" && (int.Parse(fields[2]) == session || int.Parse(fields[3]) == session);
        }
        catch (IOException)
        {
            return false;
        }
    });

    private static string FindPrograms()
    {
        const string Root = "/usr/lib/postgresql";
        var newest = Directory.Exists(Root)
            ? Directory.GetDirectories(Root)
                .Where(folder => File.Exists(Path.Combine(folder, "bin", "initdb")))
                .OrderByDescending(folder => double.Parse(Path.GetFileName(folder)))
                .FirstOrDefault()
            : null;
        return newest is null
            ? throw new InvalidOperationException("These tests need PostgreSQL: apt-get install postgresql")
            : Path.Combine(newest, "bin");
    }
}
