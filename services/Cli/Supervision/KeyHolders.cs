using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Core;

namespace Cli.Supervision;

/// <summary>
/// The three holders of the key that hides what platforms claim (services/docs/pledges.md), each a process with a folder
/// and secrets of its own. In earnest a regulator, a notary and an association run them; here they only stand apart.
/// </summary>
public sealed class KeyHolders(Instance instance)
{
    /// <summary>Whose they would be, in order of their index.</summary>
    public static readonly IReadOnlyList<string> Names = ["regulator", "notary", "association"];

    private const int Epoch = 1;
    private const int PointsPerDay = 1_000_000;

    private string Program => instance.Program("KeyHolder");
    private string Folder => Path.Combine(instance.Data, "keyholders");
    private string Complete => Path.Combine(Folder, "complete");
    private static IEnumerable<int> All => Enumerable.Range(1, Names.Count);

    /// <summary>The points that members admit to the register.</summary>
    public string PublicFile => Path.Combine(Home(1), $"epoch{Epoch}.public.json");

    /// <summary>Account of the receivables service on the chain; the service makes the file where it is missing.</summary>
    public string PlatformKeyFile => Path.Combine(instance.Data, "receivables", "pledge.key");

    public IEnumerable<Part> Parts => All.Select(i => new Part(
        PartName(i), [Program, "run", "--config", ConfigFile(i)], new Dictionary<string, string>(),
        Probe.HttpOk($"{instance.KeyHolderUrl(i)}health/live", TimeSpan.FromSeconds(60))));

    /// <summary>Name of a holder's part and log.</summary>
    public static string PartName(int holder) => $"keyholder{holder}";

    /// <summary>Has the holders make their key at the first start, and tells each whom it answers.</summary>
    public async Task InitialiseAsync(CancellationToken cancel)
    {
        if (!File.Exists(Complete)) await MakeKeyAsync(cancel);
        var platform = Secp256k1.AddressOf(PlatformKey()).ToString();
        foreach (var i in All)
        {
            PrivateFile.Write(ConfigFile(i), JsonSerializer.SerializeToUtf8Bytes(new JsonObject
            {
                ["url"] = instance.KeyHolderUrl(i).TrimEnd('/'),
                ["data"] = "data",
                ["keys"] = new JsonArray($"epoch{Epoch}-holder{i}.key.json"),
                ["platforms"] = new JsonArray(new JsonObject
                {
                    ["name"] = "receivables",
                    ["address"] = platform,
                    ["perDay"] = PointsPerDay,
                }),
                ["chain"] = new JsonObject
                {
                    ["rpc"] = new JsonArray([.. ChainNetwork.Rpc(instance, PledgeRegister.Group).Select(r => (JsonNode?)r)]),
                    ["chainId"] = PledgeRegister.ChainId,
                    ["registry"] = PledgeRegister.Contract,
                },
            }, CliJson.Default.JsonObject));
        }
    }

    /// <summary>Accounts that anchor the holders' counts; each holder makes its own.</summary>
    public async Task<IReadOnlyList<Address>> AccountsAsync(CancellationToken cancel) =>
        [.. (await Task.WhenAll(All.Select(i => Shell.RunAsync(cancel, Program, "account", "--config", ConfigFile(i)))))
            .Select(printed => Address.Parse(printed.Trim()))];

    /// <summary>The platform's secret; made here first, because holders and members must know its account.</summary>
    public byte[] PlatformKey()
    {
        if (!File.Exists(PlatformKeyFile)) PrivateFile.Write(PlatformKeyFile, NewKey());
        return File.ReadAllBytes(PlatformKeyFile);
    }

    /// <summary>Each holder deals a line and gets one value of each of the others': nobody ever has the whole key.</summary>
    private async Task MakeKeyAsync(CancellationToken cancel)
    {
        // The mark is written last: without it an earlier attempt was cut short, and its key is nowhere admitted.
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        PrivateFile.PrivateFolder(Folder);
        foreach (var i in All) PrivateFile.PrivateFolder(Home(i));
        await Task.WhenAll(All.Select(i => Shell.RunAsync(
            cancel, Program, "deal", "--epoch", $"{Epoch}", "--holder", $"{i}", "--out", Dealt(i))));
        await Task.WhenAll(All.Select(i => Shell.RunAsync(cancel, Program, "join", "--holder", $"{i}",
            "--dealings", Files(d => $"epoch{Epoch}-dealing{d}.json"),
            "--shares", Files(d => $"epoch{Epoch}-share-from{d}-to{i}.json"), "--out", Home(i))));
        foreach (var i in All) Directory.Delete(Dealt(i), recursive: true);
        PrivateFile.Write(Complete, []);

        string Files(Func<int, string> name) => string.Join(',', All.Select(d => Path.Combine(Dealt(d), name(d))));
    }

    private static byte[] NewKey()
    {
        byte[] key;
        do key = RandomNumberGenerator.GetBytes(Secp256k1.PrivateKeyLength);
        while (new Hash32(key).IsZero || new Hash32(key) >= Secp256k1.Order);
        return key;
    }

    private string Home(int holder) => Path.Combine(Folder, $"holder{holder}");

    private string Dealt(int holder) => Path.Combine(Home(holder), "dealt");

    private string ConfigFile(int holder) => Path.Combine(Home(holder), "config.json");
}
