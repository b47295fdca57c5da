using System.Diagnostics;
using System.Net.Sockets;

namespace TestKit;

/// <summary>
/// A private RabbitMQ node from the distribution's package: own folder, ports, cookie and port mapper, ended with the
/// test process. A machine without RabbitMQ fails the tests; it never skips them.
/// </summary>
public sealed class RabbitServer : IAsyncDisposable
{
    private const string Launcher = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private static readonly Lazy<Task<RabbitServer>> SharedServer = new(StartAsync);

    private readonly string _folder;
    private readonly int _mapperPort = Ports.Free();
    private readonly int _distributionPort = Ports.Free();
    private Process? _mapper;
    private Process? _node;

    private RabbitServer(string folder)
    {
        _folder = folder;
        Port = Ports.Free();
    }

    /// <summary>AMQP port on 127.0.0.1; kept over restarts.</summary>
    public int Port { get; }

    /// <summary>Account of the node's only user.</summary>
    public string User => "dev";

    /// <summary>Password of <see cref="User"/>.</summary>
    public string Password => "dev";

    /// <summary>The node that the tests of this process share, started at first use (about 7 s).</summary>
    public static Task<RabbitServer> SharedAsync() => SharedServer.Value;

    /// <summary>Starts a node of its own, for tests that kill it or delete its data.</summary>
    public static async Task<RabbitServer> StartAsync()
    {
        if (!File.Exists(Launcher))
            throw new InvalidOperationException("These tests need RabbitMQ: apt-get install rabbitmq-server");
        var server = new RabbitServer(ChildProcesses.NewFolder("rabbit"));
        server.WriteConfiguration();
        await server.RestartAsync();
        return server;
    }

    /// <summary>Starts the node again after <see cref="KillAsync"/> and waits until it takes connections.</summary>
    public async Task RestartAsync()
    {
        var environment = Environment();
        if (_mapper is null or { HasExited: true })
        {
            _mapper = ChildProcesses.Start(
                "epmd", ["-address", "127.0.0.1", "-port", $"{_mapperPort}"], null, Log("epmd.log"), environment);
            await Eventually.TrueAsync(() => Listens(_mapperPort), "the Erlang port mapper listens");
        }
        _node = ChildProcesses.Start(Launcher, [], null, Log("console.log"), environment, "SIGTERM");
        await Eventually.TrueAsync(
            () => _node.HasExited
                ? throw new InvalidOperationException("RabbitMQ ended at start: " + File.ReadAllText(Log("console.log")))
                : Listens(Port),
            $"RabbitMQ listens on port {Port}", TimeSpan.FromSeconds(90));
    }

    /// <summary>Kills the node with SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_node is null) return;
        ChildProcesses.SignalGroup(_node, 9);
        await _node.WaitForExitAsync();
        await Eventually.TrueAsync(async () => !await Listens(Port), "the port is closed");
    }

    /// <summary>Deletes everything that the node stores; call between <see cref="KillAsync"/> and <see cref="RestartAsync"/>.</summary>
    public void DeleteData()
    {
        Directory.Delete(Path.Combine(_folder, "mnesia"), recursive: true);
        Directory.CreateDirectory(Path.Combine(_folder, "mnesia"));
    }

    /// <summary>Runs <c>rabbitmqctl</c> against this node and returns its output.</summary>
    public Task<string> ControlAsync(params string[] arguments) => ChildProcesses.RunAsync(
        "/usr/lib/rabbitmq/bin/rabbitmqctl", ["-q", "-n", NodeName, .. arguments], null, Environment());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_mapper is not null)
        {
            ChildProcesses.SignalGroup(_mapper, 9);
            await _mapper.WaitForExitAsync();
        }
    }

    private string NodeName => $"test{Port}@localhost";

    private string Log(string name) => Path.Combine(_folder, name);

    private static async Task<bool> Listens(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void WriteConfiguration()
    {
        foreach (var folder in (string[])["home", "mnesia", "log"])
            Directory.CreateDirectory(Path.Combine(_folder, folder));
        var cookie = Path.Combine(_folder, "home", ".erlang.cookie");
        File.WriteAllText(cookie, Guid.NewGuid().ToString("n"));
        File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
        File.WriteAllText(Path.Combine(_folder, "rabbitmq.conf"), $"""
            listeners.tcp.local = 127.0.0.1:{Port}
            default_user = {User}
            default_pass = {Password}
            default_vhost = /
            loopback_users.dev = true
            log.console = true
            log.console.level = warning
            log.file = false
            cluster_formation.peer_discovery_backend = classic_config
            vm_memory_high_watermark.absolute = 1GB
            disk_free_limit.absolute = 200MB

            """);
        File.WriteAllText(Path.Combine(_folder, "enabled_plugins"), "[].\n");
        File.WriteAllText(Path.Combine(_folder, "empty-env.conf"), "");
    }

    private Dictionary<string, string> Environment() => new()
    {
        ["HOME"] = Path.Combine(_folder, "home"),
        ["ERL_EPMD_PORT"] = $"{_mapperPort}",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder, "empty-env.conf"),
        ["RABBITMQ_NODENAME"] = NodeName,
        ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "mnesia"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_PID_FILE"] = Path.Combine(_folder, "erl.pid"),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
        ["RABBITMQ_GENERATED_CONFIG_DIR"] = Path.Combine(_folder, "gen"),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}"
    };
}
