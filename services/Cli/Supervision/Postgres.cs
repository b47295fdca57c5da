using Npgsql;

namespace Cli.Supervision;

/// <summary>A private PostgreSQL of the instance: own cluster, own port, loopback only, passwords required.</summary>
public sealed class Postgres(Instance instance, Secrets secrets)
{
    private string Folder => Path.Combine(instance.Data, "postgres");
    private string Cluster => Path.Combine(Folder, "cluster");

    private static string Bin { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(d => d, StringComparer.Ordinal).Select(d => Path.Combine(d, "bin")).First(d => File.Exists(Path.Combine(d, "postgres")))
        : throw new UserException("PostgreSQL is not installed. Run ./run.sh, which installs it.");

    public Part Part => new("postgres",
    [
        Path.Combine(Bin, "postgres"), "-D", Cluster, "-p", $"{instance.PostgresPort}",
        "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "shared_buffers=256MB",
        "-c", "max_connections=200", "-c", "max_wal_size=2GB", "-c", "password_encryption=scram-sha-256",
        "-c", "log_min_messages=warning", "-c", "autovacuum_naptime=5min", "-c", "wal_writer_delay=1s",
        "-c", "bgwriter_delay=2s", "-c", "jit=off",
    ], new Dictionary<string, string>(), ReadyAsync, "INT")
    { User = "postgres" };

    /// <summary>Creates the cluster at the first start.</summary>
    public async Task InitialiseAsync(CancellationToken cancel)
    {
        var asPostgres = Environment.UserName == "root";
        if (!File.Exists(Path.Combine(Cluster, "PG_VERSION")))
        {
            Directory.CreateDirectory(Folder);
            var password = Path.Combine(Folder, "password");
            PrivateFile.Write(password, System.Text.Encoding.UTF8.GetBytes(secrets.PostgresPassword));
            if (asPostgres) await Shell.RunAsync(cancel, "chown", "-R", "postgres:", Folder);
            await Shell.RunAsync(cancel, Shell.As("postgres", Path.Combine(Bin, "initdb"), "-D", Cluster, "-U", "apps",
                "-A", "scram-sha-256", $"--pwfile={password}", "-E", "UTF8", "--locale=C.UTF-8"));
            File.Delete(password);
        }

        // A crashed server leaves its lock file, whose process id may be another's by now. While a child of that server
        // still writes, only this file keeps a second server from the same cluster.
        foreach (var child in Leftovers.WorkingIn(Cluster)) Leftovers.Signal(child, "QUIT");
        await Probe.UntilAsync("the end of an earlier PostgreSQL", TimeSpan.FromSeconds(20),
            _ => Task.FromResult(Leftovers.WorkingIn(Cluster).Count == 0), cancel);
        File.Delete(Path.Combine(Cluster, "postmaster.pid"));
    }

    /// <summary>Creates what is missing of each service's role and database.</summary>
    public async Task CreateDatabasesAsync(CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(Connection("apps", secrets.PostgresPassword, "postgres"));
        await connection.OpenAsync(cancel);
        foreach (var service in Services.All.Where(s => s.HasDatabase))
        {
            // Names come from the list of services and passwords from our own alphabet: nothing here needs quoting.
            await RunAsync($"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{service.Name}') THEN CREATE ROLE {service.Name} LOGIN PASSWORD '{secrets.Databases[service.Name]}'; END IF; END $$");
            await using var exists = new NpgsqlCommand($"SELECT 1 FROM pg_database WHERE datname = '{service.Name}'", connection);
            if (await exists.ExecuteScalarAsync(cancel) is null)
            {
                await RunAsync($"CREATE DATABASE {service.Name} OWNER {service.Name}");
                await RunAsync($"REVOKE ALL ON DATABASE {service.Name} FROM PUBLIC");
            }
        }

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    public string ConnectionString(string service) => Connection(service, secrets.Databases[service], service);

    private string Connection(string user, string password, string database) =>
        $"Host=127.0.0.1;Port={instance.PostgresPort};Username={user};Password={password};Database={database};Maximum Pool Size=30;Timeout=5";

    private Task ReadyAsync(CancellationToken cancel) =>
        Probe.UntilAsync("PostgreSQL", TimeSpan.FromSeconds(60), async token =>
        {
            await using var connection = new NpgsqlConnection(Connection("apps", secrets.PostgresPassword, "postgres") + ";Pooling=false");
            await connection.OpenAsync(token);
            return true;
        }, cancel);
}
