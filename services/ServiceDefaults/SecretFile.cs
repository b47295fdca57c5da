using System.Security.Cryptography;

namespace ServiceDefaults;

/// <summary>A secret of this service's own, made at first use, in a file that only its account reads.</summary>
public static class SecretFile
{
    /// <summary>Length in bytes.</summary>
    public const int Bytes = 32;

    /// <summary>Reads the secret, or makes it.</summary>
    public static byte[] ReadOrCreate(string path)
    {
        if (File.Exists(path))
            return File.ReadAllBytes(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] secret = RandomNumberGenerator.GetBytes(Bytes);
        string next = path + ".next";
        FileStreamOptions options = new()
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (FileStream file = new(next, options))
        {
            file.Write(secret);
            file.Flush(flushToDisk: true);
        }
        File.Move(next, path);
        DurableFolder.Sync(Path.GetDirectoryName(path)!);
        return secret;
    }
}
