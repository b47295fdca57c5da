using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Traceability.Codes.Serials;

namespace Traceability.Codes.Keys;

/// <summary>
/// The keys of serials: a file in the service's folder that only its account reads, never in the database. A new
/// version is durable before the first code is made with it; old ones stay, for their codes are on goods.
/// </summary>
internal sealed class CodeKeys
{
    private readonly string _path;
    private readonly Lock _lock = new();
    private volatile SerialKey?[] _keys = new SerialKey?[SerialKey.VersionMax + 1];

    public CodeKeys(IOptions<ServiceOptions> service)
        : this(Path.Combine(service.Value.Data, "keys", "serials.json"))
    {
    }

    internal CodeKeys(string path)
    {
        _path = path;
        lock (_lock)
        {
            IsNew = !File.Exists(path);
            if (IsNew)
                Write([New(SerialKey.VersionMin)]);
            else
                Load();
        }
    }

    /// <summary>Whether the file was made just now.</summary>
    public bool IsNew { get; }

    /// <summary>The version that new batches get.</summary>
    public int Current => Array.FindLastIndex(_keys, k => k is not null);

    /// <summary>Every version.</summary>
    public IEnumerable<SerialKey> All => _keys.OfType<SerialKey>();

    /// <summary>The keys of a version; null when this service never had it.</summary>
    public SerialKey? Find(int version)
    {
        if (version is < SerialKey.VersionMin or > SerialKey.VersionMax)
            return null;
        return _keys[version];
    }

    /// <summary>The keys of a version that a batch of ours has.</summary>
    /// <exception cref="InvalidOperationException">The key file lacks it.</exception>
    public SerialKey this[int version] => Find(version) ?? Reloaded(version)
        ?? throw new InvalidOperationException($"The key file {_path} lacks version {version}.");

    /// <summary>Reads the file again when a version is missing that another process may have made.</summary>
    public void Expect(int version)
    {
        if (Find(version) is null)
            _ = Reloaded(version);
    }

    /// <summary>Takes a file made just now away again, so that the right one can be put in its place.</summary>
    public void Discard() => File.Delete(_path);

    /// <summary>Makes a new version; returns it, or null when all are used.</summary>
    public int? Rotate()
    {
        lock (_lock)
        {
            Load();
            int next = Current + 1;
            if (next > SerialKey.VersionMax)
                return null;
            Write([.. Stored(), New(next)]);
            return next;
        }
    }

    private SerialKey? Reloaded(int version)
    {
        lock (_lock)
            Load();
        return Find(version);
    }

    private static StoredKey New(int version) =>
        new(version, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SerialKey.SecretLength)));

    private List<StoredKey> Stored()
    {
        using FileStream file = File.OpenRead(_path);
        return JsonSerializer.Deserialize(file, CodeJson.Default.ListStoredKey)
            ?? throw new InvalidDataException($"{_path} is empty.");
    }

    private void Load()
    {
        SerialKey?[] keys = new SerialKey?[SerialKey.VersionMax + 1];
        foreach (StoredKey stored in Stored())
        {
            // The same object again: its derived keys never change.
            keys[stored.Version] = _keys[stored.Version]
                ?? new SerialKey(stored.Version, Convert.FromHexString(stored.Secret));
        }
        _keys = keys;
    }

    private void Write(List<StoredKey> keys)
    {
        string folder = Path.GetDirectoryName(_path)!;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string next = _path + ".next";
        FileStreamOptions options = new()
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (FileStream file = new(next, options))
        {
            JsonSerializer.Serialize(file, keys, CodeJson.Default.ListStoredKey);
            file.Flush(flushToDisk: true);
        }
        File.Move(next, _path, overwrite: true);
        DurableFolder.Sync(folder);
        DurableFolder.Sync(Path.GetDirectoryName(folder)!);
        Load();
    }
}

/// <summary>A version in the key file.</summary>
internal sealed record StoredKey(int Version, string Secret);
