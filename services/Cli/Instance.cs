using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

[assembly: SupportedOSPlatform("linux")]

namespace Cli;

/// <summary>Where one running suite lives: its folders and its ports, all derived from two settings.</summary>
/// <param name="Home">The repository, with the published programs under <c>artifacts</c>.</param>
/// <param name="Data">Everything this instance writes (<c>APPS_DATA</c>).</param>
/// <param name="Port">Port of the portal, from which all others follow (<c>APPS_PORT</c>).</param>
public sealed record Instance(string Home, string Data, int Port)
{
    public const int DefaultPort = 8080;

    public string Origin => $"http://127.0.0.1:{Port}";
    public int IdentityPort => Port + 1;
    public int EvidencePort => Port + 2;
    public int ReceivablesPort => Port + 4;
    public int AnchorPort => Port + 6;
    public int PostgresPort => Port + 10;
    public int RabbitPort => Port + 11;
    public int EpmdPort => Port + 12;
    public int RabbitDistributionPort => Port + 13;
    public int NodeRpcPort => Port + 20;
    public int KeyHolderPort => Port + 14;
    /// <summary>Address of a key holder by its index from 1, ending in a slash.</summary>
    public string KeyHolderUrl(int holder) => $"http://127.0.0.1:{KeyHolderPort + holder - 1}/";
    public int NodePeerPort => Port + 30;

    public string SecretsFile => Path.Combine(Data, "secrets.json");
    public string AccessFile => Path.Combine(Data, "access.json");
    public string Logs => Path.Combine(Data, "logs");
    /// <summary>Process ids of the parts.</summary>
    public string Run => Path.Combine(Data, "run");
    /// <summary>Result of the last audit.</summary>
    public string AuditFile => Path.Combine(Data, "audit", "last.json");
    public string Configuration => Path.Combine(Data, "config");
    public string Chain => Path.Combine(Data, "chain");
    public string NetworkFile => Path.Combine(Chain, "network.json");
    public string AnchorKeys => Path.Combine(Data, "anchor", "keys.json");
    /// <summary>What the operator says about witnesses; optional.</summary>
    public string Witnesses => Path.Combine(Data, "anchor", "witnesses.json");

    public static Instance Find()
    {
        var home = Path.GetFullPath(Environment.GetEnvironmentVariable("APPS_HOME") ?? Directory.GetCurrentDirectory());
        var data = Environment.GetEnvironmentVariable("APPS_DATA") is { Length: > 0 } given ? given : DefaultData(home);
        var port = Environment.GetEnvironmentVariable("APPS_PORT");
        if (port is not { Length: > 0 })
        {
            return new Instance(home, Path.GetFullPath(data), Access.ReadPort(data) ?? DefaultPort);
        }

        return int.TryParse(port, out var number) && number is > 1023 and < 65000
            ? new Instance(home, Path.GetFullPath(data), number)
            : throw new UserException($"APPS_PORT is '{port}'; it must be a number from 1024 to 64999.");
    }

    /// <summary>
    /// The folder <c>data</c> beside the programs, or one under <c>/var/lib</c> where root runs the suite from a home
    /// that the account of PostgreSQL (which refuses to run as root) can't pass through.
    /// </summary>
    private static string DefaultData(string home)
    {
        if (Environment.UserName == "root")
        {
            for (var folder = new DirectoryInfo(home); folder is not null; folder = folder.Parent)
            {
                if ((folder.UnixFileMode & UnixFileMode.OtherExecute) == 0)
                {
                    return Path.Combine("/var/lib/apps", home.Trim('/').Replace('/', '-'));
                }
            }
        }

        return Path.Combine(home, "data");
    }

    /// <summary>The file that a service reads at its start.</summary>
    public string ConfigurationFile(string service) => Path.Combine(Configuration, service + ".json");

    /// <summary>What a service was told at its start; null when this instance has not been started here.</summary>
    public async Task<JsonNode?> ReadConfigurationAsync(string service, CancellationToken cancel) =>
        File.Exists(ConfigurationFile(service)) ? JsonNode.Parse(await File.ReadAllTextAsync(ConfigurationFile(service), cancel)) : null;

    /// <summary>The published program of a project, as <c>run.sh</c> builds it.</summary>
    public string Program(string project, string? assembly = null) =>
        Path.Combine(Home, "artifacts", "publish", project, "release", assembly ?? project);
}

/// <summary>How the command line signs in, written by the running instance and readable by its owner only.</summary>
/// <param name="Origin">Address of the portal.</param>
/// <param name="Port">Its port.</param>
/// <param name="ClientId">Client that acts for an organisation.</param>
/// <param name="ClientSecret">Its secret.</param>
/// <param name="SignIns">People of the demo.</param>
/// <param name="OperatorSecret">Secret of the client that operates the instance; null where another runs it.</param>
public sealed record Access(
    string Origin, int Port, string ClientId, string ClientSecret, IReadOnlyList<SignIn> SignIns, string? OperatorSecret = null)
{
    public const string OperatorClient = "cli-operator";

    public static int? ReadPort(string data) => Read(Path.Combine(data, "access.json"))?.Port;

    public static Access? Read(string file) =>
        File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), CliJson.Default.Access) : null;

    public void Write(string file) => PrivateFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(this, CliJson.Default.Access));
}

/// <summary>A sign-in of the demo, printed at start.</summary>
public sealed record SignIn(string Who, string User, string Password);

/// <summary>A mistake of the person at the keyboard: printed as one sentence, without a stack.</summary>
public sealed class UserException(string message, int exitCode = 2) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

public static class PrivateFile
{
    /// <summary>Writes a file that only its owner can read, replacing an older one in one step.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        PrivateFolder(Path.GetDirectoryName(path)!);
        var next = path + ".next";
        File.Delete(next);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(next, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }

    public static void PrivateFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Access))]
[JsonSerializable(typeof(Supervision.Secrets))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
internal sealed partial class CliJson : JsonSerializerContext;
