using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chain.Core;
using ServiceDefaults;

namespace Anchor.Keys;

/// <summary>Private keys of one group.</summary>
/// <param name="TransactionKey">secp256k1 key that pays for nothing and signs checkpoint transactions, 32 bytes in hex.</param>
/// <param name="LogSeed">Ed25519 seed of the key of the first log, 32 bytes in hex.</param>
/// <param name="EpochSeeds">The same for the logs of epochs 1, 2, …; null if there are none.</param>
public sealed record GroupKeys(string TransactionKey, string LogSeed, IReadOnlyList<string>? EpochSeeds = null)
{
    /// <summary>Seeds of the keys of the logs through an epoch, epoch 0 first.</summary>
    /// <exception cref="InvalidDataException">There are fewer.</exception>
    public IReadOnlyList<byte[]> LogSeeds(long epoch)
    {
        string[] seeds = [LogSeed, .. EpochSeeds ?? []];
        return seeds.Length > epoch
            ? [.. seeds.Take((int)epoch + 1).Select(Convert.FromHexString)]
            : throw new InvalidDataException($"The key file has no key for the log of epoch {epoch}.");
    }
}

/// <summary>What a group's keys show of themselves.</summary>
/// <param name="Address">Sender of the checkpoint transactions.</param>
/// <param name="LogPublicKey">Base64 of the log's Ed25519 public key.</param>
public sealed record GroupPublicKeys(string Address, string LogPublicKey);

/// <summary>The file of the anchor's private keys, readable by its owner only.</summary>
public static class KeyFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };
    private static readonly Lock Changing = new();

    /// <summary>
    /// Adds keys for the groups that the file has none for and answers the public keys of all that were asked for.
    /// </summary>
    public static IReadOnlyDictionary<string, GroupPublicKeys> Create(string path, IEnumerable<string> groups)
    {
        var keys = File.Exists(path) ? new SortedDictionary<string, GroupKeys>(Read(path), StringComparer.Ordinal) : [];
        var asked = groups.ToList();
        foreach (var group in asked.Where(g => !keys.ContainsKey(g)))
            keys[group] = new GroupKeys(NewTransactionKey(), NewSeed());
        Write(path, keys);
        return asked.ToDictionary(g => g, g => PublicOf(keys[g]));
    }

    /// <summary>Keys by group.</summary>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public static Dictionary<string, GroupKeys> Read(string path) =>
        JsonSerializer.Deserialize<Dictionary<string, GroupKeys>>(File.ReadAllBytes(path), Json)
        ?? throw new InvalidDataException($"{path} holds no keys.");

    /// <summary>Adds the keys that a group lacks for its logs through an epoch.</summary>
    public static void AddEpochs(string path, string group, long epoch)
    {
        lock (Changing)
        {
            var keys = new SortedDictionary<string, GroupKeys>(Read(path), StringComparer.Ordinal);
            var seeds = (keys[group].EpochSeeds ?? []).ToList();
            while (seeds.Count < epoch)
                seeds.Add(NewSeed());
            keys[group] = keys[group] with { EpochSeeds = seeds };
            Write(path, keys);
        }
    }

    private static string NewSeed() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    private static GroupPublicKeys PublicOf(GroupKeys keys) => new(
        Secp256k1.AddressOf(Convert.FromHexString(keys.TransactionKey)).ToString(),
        Convert.ToBase64String(new LogKey("log", Convert.FromHexString(keys.LogSeed)).Public.PublicKey));

    private static string NewTransactionKey()
    {
        while (true)
        {
            // Nearly every 32 bytes are a key: 1 … n−1.
            var key = new Hash32(RandomNumberGenerator.GetBytes(Secp256k1.PrivateKeyLength));
            if (!key.IsZero && key < Secp256k1.Order)
                return Hex.ToString(key.Bytes);
        }
    }

    private static void Write(string path, IDictionary<string, GroupKeys> keys)
    {
        var next = path + ".new";
        File.Delete(next);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(next, options))
        {
            JsonSerializer.Serialize(stream, keys, Json);
            stream.Flush(flushToDisk: true);
        }
        File.Move(next, path, overwrite: true);
        DurableFolder.Sync(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
