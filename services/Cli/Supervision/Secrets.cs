using System.Security.Cryptography;
using System.Text.Json;

namespace Cli.Supervision;

/// <summary>Every secret of an instance, made once at its first start and kept in one file of mode 0600.</summary>
public sealed record Secrets
{
    public required string PostgresPassword { get; init; }
    public required string RabbitPassword { get; init; }
    public required string ErlangCookie { get; init; }
    public required string OperatorPassword { get; init; }
    public required string DemoPassword { get; init; }

    /// <summary>A random part of the log's origin, so that two networks never share a log name.</summary>
    public required string NetworkId { get; init; }

    /// <summary>Client secrets by client id.</summary>
    public required IReadOnlyDictionary<string, string> Clients { get; init; }

    /// <summary>Database passwords by service.</summary>
    public required IReadOnlyDictionary<string, string> Databases { get; init; }

    /// <summary>Key of the server-side protection of cookies, base64.</summary>
    public required string PortalKey { get; init; }

    public static Secrets ReadOrCreate(string file)
    {
        if (File.Exists(file))
        {
            var kept = JsonSerializer.Deserialize(File.ReadAllBytes(file), CliJson.Default.Secrets)
                ?? throw new UserException($"{file} is empty; without it the instance's data can't be opened.");
            return kept.WithNewServices(file);
        }

        var secrets = new Secrets
        {
            PostgresPassword = Random(),
            RabbitPassword = Random(),
            ErlangCookie = Random(),
            OperatorPassword = Random(12),
            DemoPassword = Random(12),
            NetworkId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)),
            Clients = ClientNames.ToDictionary(n => n, _ => Random()),
            Databases = Services.All.ToDictionary(s => s.Name, _ => Random()),
            PortalKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
        };
        PrivateFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(secrets, CliJson.Default.Secrets));
        return secrets;
    }

    private static IEnumerable<string> ClientNames =>
        Services.All.Select(s => s.Name).Concat(["cli", Access.OperatorClient, "portal-web"]);

    /// <summary>Services that came with a newer release get secrets; those that are there stay.</summary>
    private Secrets WithNewServices(string file)
    {
        if (ClientNames.All(Clients.ContainsKey) && Services.All.All(s => Databases.ContainsKey(s.Name))) return this;
        var grown = this with
        {
            Clients = ClientNames.Union(Clients.Keys).ToDictionary(n => n, n => Clients.GetValueOrDefault(n) ?? Random()),
            Databases = Services.All.Select(s => s.Name).Union(Databases.Keys)
                .ToDictionary(n => n, n => Databases.GetValueOrDefault(n) ?? Random()),
        };
        PrivateFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(grown, CliJson.Default.Secrets));
        return grown;
    }

    private static string Random(int length = 32) =>
        RandomNumberGenerator.GetString("abcdefghijkmnopqrstuvwxyz23456789", length);
}
