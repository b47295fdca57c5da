using System.Runtime.InteropServices;

namespace Cli.Supervision;

/// <summary>
/// Starts every part of an instance in the order of their dependencies, shows progress, keeps them running and stops
/// them in the reverse order.
/// </summary>
public sealed class Supervisor(Instance instance, TimeProvider time)
{
    private readonly List<List<Runner>> _stages = [];
    private readonly long _started = time.GetTimestamp();

    public async Task<int> RunAsync(bool demo, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => { c.Cancel = true; stop.Cancel(); });
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => { c.Cancel = true; stop.Cancel(); });

        // A setting that can't be read ends the start, not the first night.
        var audit = AuditSchedule.Find();
        PrepareFolders();
        using var instanceLock = Lock();
        try
        {
            await StartAsync(demo, stop.Token);
            await new NightlyAudit(instance, audit, time, Say).RunAsync(stop.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            await StopAsync();
        }
    }

    private void PrepareFolders()
    {
        // Others may pass through, so that the account of PostgreSQL reaches its own folder, but can't list or read.
        Directory.CreateDirectory(instance.Data);
        File.SetUnixFileMode(instance.Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        PrivateFile.PrivateFolder(instance.Logs);
        PrivateFile.PrivateFolder(instance.Configuration);
        PrivateFile.PrivateFolder(instance.Run);
    }

    private FileStream Lock()
    {
        try
        {
            return new FileStream(Path.Combine(instance.Data, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new UserException($"This instance is running already ({instance.Data}). Stop it there, or choose another folder and port with APPS_DATA and APPS_PORT.", 1);
        }
    }

    private async Task StartAsync(bool demo, CancellationToken cancel)
    {
        var left = await Leftovers.ClearAsync(instance.Data, time);
        if (left > 0) Say($"cleared {left} processes that an earlier run had left behind");

        var secrets = Secrets.ReadOrCreate(instance.SecretsFile);
        var postgres = new Postgres(instance, secrets);
        var rabbit = new Rabbit(instance, secrets);
        var chain = new ChainNetwork(instance, secrets);
        var holders = new KeyHolders(instance);
        var configuration = new ServiceConfiguration(instance, secrets, postgres);

        Say($"starting in {instance.Data}");
        RefuseTakenPorts();
        rabbit.Initialise();
        await StageAsync([rabbit.PortMapper], cancel);

        // The broker is the slowest to start and nothing waits for it: services connect when it is there.
        var broker = StageAsync([rabbit.Part], cancel);
        var database = StartDatabaseAsync(postgres, cancel);
        await Task.WhenAll(chain.InitialiseAsync(cancel), holders.InitialiseAsync(cancel));
        var nodes = StageAsync(chain.Parts, cancel);
        var register = OpenRegisterAsync(nodes, holders, cancel);
        var liabilities = OpenLiabilitiesAsync(nodes, cancel);
        await database;
        await StageAsync(Services.All.Where(s => s.Name == "identity").Select(s => ServicePart(s, configuration)), cancel);
        await Task.WhenAll(register, liabilities, broker, StageAsync(
            [.. Services.All.Where(s => s.Name != "identity").Select(s => ServicePart(s, configuration)), .. holders.Parts], cancel));
        await Probe.HttpOk($"{instance.Origin}/health/ready", TimeSpan.FromSeconds(90))(cancel);
        Say("ready");

        var access = new Access(instance.Origin, instance.Port, "cli", secrets.Clients["cli"],
            [.. Demos.Evidence.SignIns(secrets.DemoPassword), new SignIn("operator", "operator", secrets.OperatorPassword)],
            secrets.Clients[Access.OperatorClient]);
        access.Write(instance.AccessFile);
        if (demo) await LoadDemoAsync(access, secrets, cancel);
        PrintAddresses(access);
    }

    private async Task StartDatabaseAsync(Postgres postgres, CancellationToken cancel)
    {
        await postgres.InitialiseAsync(cancel);
        await StageAsync([postgres.Part], cancel);
        await postgres.CreateDatabasesAsync(cancel);
    }

    /// <summary>Claims wait for the register; whatever else there is does not.</summary>
    private async Task OpenRegisterAsync(Task nodes, KeyHolders holders, CancellationToken cancel)
    {
        await nodes;
        var begun = time.GetTimestamp();
        try
        {
            if (await new PledgeRegister(instance, holders).OpenAsync(cancel))
                Say($"✓ register of claims opened  {time.GetElapsedTime(begun).TotalSeconds:0.0} s");
        }
        catch (TimeoutException e)
        {
            Say($"The register of claims is not open: {e.Message} No voucher can be issued until the chain answers and "
                + "./run.sh is started again.");
        }
    }

    /// <summary>Days of prepaid cards are closed without it, and their roots wait.</summary>
    private async Task OpenLiabilitiesAsync(Task nodes, CancellationToken cancel)
    {
        await nodes;
        try
        {
            if (await new LiabilityRegister(instance).OpenAsync(cancel))
                Say("✓ register of liabilities opened");
        }
        catch (TimeoutException e)
        {
            Say($"The register of liabilities is not open: {e.Message} Roots of prepaid cards wait until ./run.sh is started again.");
        }
    }

    private Part ServicePart(Service service, ServiceConfiguration configuration)
    {
        PrivateFile.PrivateFolder(Path.Combine(instance.Data, service.Name));
        return new Part(service.Name, [instance.Program(service.Project)],
            new Dictionary<string, string> { ["APPS_CONFIG"] = configuration.Write(service) },
            Probe.HttpOk($"http://127.0.0.1:{instance.Port + service.PortOffset}/health/live", TimeSpan.FromSeconds(60)));
    }

    private async Task StageAsync(IEnumerable<Part> parts, CancellationToken cancel)
    {
        var runners = parts.Select(part => new Runner(part, instance, time, Say)).ToList();
        lock (_stages) _stages.Add(runners);
        await Task.WhenAll(runners.Select(async runner =>
        {
            var begun = time.GetTimestamp();
            await runner.StartAsync(cancel);
            Say($"✓ {runner.Name}  {time.GetElapsedTime(begun).TotalSeconds:0.0} s");
        }));
    }

    private void RefuseTakenPorts()
    {
        var taken = System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()
            .Select(e => e.Port).ToHashSet();
        var ports = Services.All.Select(s => (s.Name, Port: instance.Port + s.PortOffset))
            .Append(("PostgreSQL", instance.PostgresPort)).Append(("RabbitMQ", instance.RabbitPort))
            .Concat(KeyHolders.Names.Select((_, i) => (KeyHolders.PartName(i + 1), instance.KeyHolderPort + i)))
            .Concat(Enumerable.Range(0, ChainNetwork.Nodes).SelectMany(i => (IEnumerable<(string, int)>)[($"node{i + 1} RPC", instance.NodeRpcPort + i), ($"node{i + 1} peers", instance.NodePeerPort + i)]));
        foreach (var (name, port) in ports)
        {
            if (taken.Contains(port))
            {
                throw new UserException($"Port {port} ({name}) is taken by another program. Set APPS_PORT to move the whole instance, for example APPS_PORT={instance.Port + 100}.", 1);
            }
        }
    }

    private async Task LoadDemoAsync(Access access, Secrets secrets, CancellationToken cancel)
    {
        var marker = Path.Combine(instance.Data, "demo-loaded");
        if (File.Exists(marker)) return;
        Say("loading the demo");
        await Demos.Evidence.LoadAsync(access, secrets.DemoPassword, cancel);
        await File.WriteAllTextAsync(marker, "", cancel);
    }

    private void PrintAddresses(Access access)
    {
        Console.WriteLine();
        Console.WriteLine($"  portal      {access.Origin}");
        Console.WriteLine($"  chain       {string.Join("  ", Enumerable.Range(0, ChainNetwork.Nodes).Select(i => $"http://127.0.0.1:{instance.NodeRpcPort + i}/{{group}}"))}");
        Console.WriteLine($"  logs        {instance.Logs}");
        foreach (var signIn in access.SignIns) Console.WriteLine($"  sign in as  {signIn.User,-24} {signIn.Password}   ({signIn.Who})");
        Console.WriteLine();
        Console.WriteLine("  Ctrl-C stops everything. Try: ./apps deposit README.md");
        Console.WriteLine();
    }

    private async Task StopAsync()
    {
        Say("stopping");
        foreach (var stage in Enumerable.Reverse(_stages)) await Task.WhenAll(stage.Select(r => r.StopAsync()));
        await Leftovers.ClearAsync(instance.Data, time);
        Say("stopped");
        foreach (var runner in _stages.SelectMany(s => s)) runner.Dispose();
    }

    private void Say(string line) => Console.WriteLine($"{time.GetElapsedTime(_started).TotalSeconds,6:0.0}  {line}");
}
