namespace Cli.Supervision;

/// <summary>A private RabbitMQ node of the instance with its own port mapper, ports, cookie and data.</summary>
public sealed class Rabbit(Instance instance, Secrets secrets)
{
    public const string User = "apps";

    private string Folder => Path.Combine(instance.Data, "rabbitmq");
    private string In(string name) => Path.Combine(Folder, name);

    private Dictionary<string, string> Environment => new()
    {
        ["HOME"] = In("home"),
        ["ERL_EPMD_PORT"] = $"{instance.EpmdPort}",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_CONF_ENV_FILE"] = In("env.conf"),
        ["RABBITMQ_NODENAME"] = $"apps{instance.RabbitPort}@localhost",
        ["RABBITMQ_DIST_PORT"] = $"{instance.RabbitDistributionPort}",
        ["RABBITMQ_MNESIA_BASE"] = In("mnesia"),
        ["RABBITMQ_LOG_BASE"] = In("log"),
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_PID_FILE"] = In("erl.pid"),
        ["RABBITMQ_CONFIG_FILE"] = In("rabbitmq.conf"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = In("enabled_plugins"),
        ["RABBITMQ_GENERATED_CONFIG_DIR"] = In("generated"),
        // The launcher becomes the node instead of standing before it: what watches, stops or kills it means the node.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
        // The schedulers sleep at once instead of spinning: an idle node costs next to nothing.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
            "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
    };

    public Part PortMapper => new("epmd", ["epmd", "-address", "127.0.0.1", "-port", $"{instance.EpmdPort}"],
        Environment, Probe.Port(instance.EpmdPort, TimeSpan.FromSeconds(15)));

    public Part Part => new("rabbitmq", ["/usr/lib/rabbitmq/bin/rabbitmq-server"], Environment,
        Probe.Port(instance.RabbitPort, TimeSpan.FromSeconds(90)))
    { StopTimeout = TimeSpan.FromSeconds(20) };

    public void Initialise()
    {
        foreach (var folder in (string[])["home", "mnesia", "log", "generated"]) PrivateFile.PrivateFolder(In(folder));
        PrivateFile.Write(In("home/.erlang.cookie"), System.Text.Encoding.ASCII.GetBytes(secrets.ErlangCookie));
        File.SetUnixFileMode(In("home/.erlang.cookie"), UnixFileMode.UserRead);
        File.WriteAllText(In("enabled_plugins"), "[].\n");
        File.WriteAllText(In("env.conf"), "");
        PrivateFile.Write(In("rabbitmq.conf"), System.Text.Encoding.UTF8.GetBytes($"""
            listeners.tcp.local = 127.0.0.1:{instance.RabbitPort}
            default_user = {User}
            default_pass = {secrets.RabbitPassword}
            default_vhost = /
            loopback_users.{User} = true
            log.console = true
            log.console.level = warning
            log.file = false
            cluster_formation.peer_discovery_backend = classic_config
            vm_memory_high_watermark.absolute = 1GB
            disk_free_limit.absolute = 200MB
            collect_statistics_interval = 60000

            """));
    }
}
