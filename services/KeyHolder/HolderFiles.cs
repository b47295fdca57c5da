using System.Text.Json;
using System.Text.Json.Serialization;
using Voprf;

namespace KeyHolder;

/// <summary>Published by each holder before the key is made.</summary>
/// <param name="Epoch">Key epoch.</param>
/// <param name="Dealer">Who made it, from 1.</param>
/// <param name="Constant">a0·G.</param>
/// <param name="Slope">a1·G.</param>
public sealed record DealingFile(int Epoch, int Dealer, string Constant, string Slope)
{
    /// <summary>The points.</summary>
    /// <exception cref="FormatException">They are none.</exception>
    public DealingCommitments Read() =>
        Point.TryRead(Constant, out Point? constant) && Point.TryRead(Slope, out Point? slope)
            ? new DealingCommitments(constant, slope)
            : throw new FormatException($"The dealing of holder {Dealer} holds no points.");
}

/// <summary>Secret: a dealer's value for one holder.</summary>
/// <param name="Epoch">Key epoch.</param>
/// <param name="Dealer">Who made it.</param>
/// <param name="Holder">For whom.</param>
/// <param name="Share">f(holder), 64 lower-case hex digits.</param>
public sealed record ShareFile(int Epoch, int Dealer, int Holder, string Share);

/// <summary>Secret: what a holder evaluates with.</summary>
/// <param name="Epoch">Key epoch.</param>
/// <param name="Holder">Its index.</param>
/// <param name="Share">Sum of the shares dealt to it.</param>
/// <param name="Public">The key's public points.</param>
public sealed record KeyFile(int Epoch, int Holder, string Share, PublicKeyFile Public);

/// <summary>A platform that may ask.</summary>
/// <param name="Name">Its name, for the holder's own people.</param>
/// <param name="Address">Its account on the chain.</param>
/// <param name="PerDay">
/// Points that it may have evaluated in a UTC day over all holders; each of the three grants two thirds, for two answer for
/// each point.
/// </param>
public sealed record PlatformEntry(string Name, string Address, int PerDay);

/// <summary>Where counts are anchored.</summary>
/// <param name="Rpc">JSON-RPC addresses of nodes.</param>
/// <param name="ChainId">Chain id of the group.</param>
/// <param name="Registry">Address of PledgeRegistry.</param>
public sealed record ChainEntry(IReadOnlyList<string> Rpc, ulong ChainId, string Registry);

/// <summary>The holder's configuration file.</summary>
/// <param name="Url">Address to listen on.</param>
/// <param name="Data">Folder of its own: request log, account, statements.</param>
/// <param name="Keys">Key files, one for each epoch; paths from the configuration's folder.</param>
/// <param name="Platforms">Who may ask.</param>
/// <param name="Chain">Where counts are anchored; without it they are signed only.</param>
public sealed record HolderConfig(
    string Url, string Data, IReadOnlyList<string> Keys, IReadOnlyList<PlatformEntry> Platforms, ChainEntry? Chain = null);

/// <summary>Reads and writes the holder's files; secrets are readable by their owner only.</summary>
public static class HolderFiles
{
    /// <summary>Reads a file of one of the forms here.</summary>
    /// <exception cref="FormatException">It holds something else.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), FileJson.Options)
                ?? throw new FormatException($"{path} is empty.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Writes a new file; an existing one is never replaced.</summary>
    public static void Write<T>(string path, T value, bool secret)
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite
                | (secret ? UnixFileMode.None : UnixFileMode.GroupRead | UnixFileMode.OtherRead),
        };
        using FileStream file = new(path, options);
        JsonSerializer.Serialize(file, value, FileJson.Options);
        file.Flush(flushToDisk: true);
    }

    /// <summary>A secret from its hex.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Scalar Secret(string hex) =>
        Scalar.TryRead(Convert.FromHexString(hex), out Scalar? scalar) && !scalar.IsZero
            ? scalar
            : throw new FormatException("A share is out of range.");
}

internal static class FileJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };
}
