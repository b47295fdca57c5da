using System.Security.Cryptography;
using System.Text;
using Proofs.Notes;
using ServiceDefaults;

namespace Cli.Witnessing;

/// <summary>
/// The checkpoint that a witness cosigned last for each origin, one file each. What is kept is durable when the method
/// returns. Losing the folder makes the witness forget what it promised: it must then take a new key.
/// </summary>
public sealed class CosignedCheckpoints : IDisposable
{
    private const int ConflictsMax = 1000;
    private readonly string _folder;
    private readonly FileStream _lock;
    private readonly Dictionary<string, Checkpoint> _last = new(StringComparer.Ordinal);

    private CosignedCheckpoints(string folder, FileStream lockFile) => (_folder, _lock) = (folder, lockFile);

    /// <summary>Opens the folder for this process alone.</summary>
    /// <exception cref="UserException">Another process has it open, or a file in it is damaged.</exception>
    public static CosignedCheckpoints Open(string path)
    {
        var folder = Path.GetFullPath(path);
        PrivateFile.PrivateFolder(folder);
        var store = new CosignedCheckpoints(folder, Lock(folder));
        foreach (var file in Directory.GetFiles(folder, "*.note"))
        {
            var last = Read(file) ?? throw new UserException($"{file} is damaged: the witness can't know what it cosigned.", 1);
            store._last[last.Origin] = last;
        }
        return store;
    }

    /// <summary>What was cosigned last for an origin, or null.</summary>
    public Checkpoint? Last(string origin) => _last.GetValueOrDefault(origin);

    /// <summary>Keeps a checkpoint, before it is cosigned.</summary>
    public void Keep(Checkpoint checkpoint, string note)
    {
        Write(Hash(checkpoint.Origin) + ".note", note);
        _last[checkpoint.Origin] = checkpoint;
    }

    /// <summary>Keeps what proves that a log signed two roots for one size: a checkpoint beside the one cosigned.</summary>
    public void KeepConflict(Checkpoint checkpoint, string note)
    {
        var file = $"{Hash(checkpoint.Origin)}.{checkpoint.Size}.{Convert.ToHexStringLower(checkpoint.Root.AsSpan(0, 8))}.conflict";
        if (Directory.GetFiles(_folder, "*.conflict").Length < ConflictsMax) Write(file, note);
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new UserException($"Another witness runs in {folder}.", 1);
        }
    }

    private static Checkpoint? Read(string file) =>
        SignedNote.Parse(File.ReadAllText(file)) is { } note && Checkpoint.Parse(note.Text) is { } checkpoint
        && Path.GetFileName(file) == Hash(checkpoint.Origin) + ".note"
            ? checkpoint
            : null;

    private static string Hash(string origin) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));

    private void Write(string name, string note)
    {
        PrivateFile.Write(Path.Combine(_folder, name), Encoding.UTF8.GetBytes(note));
        DurableFolder.Sync(_folder);
    }
}
