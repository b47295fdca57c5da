using System.Security.Cryptography;

namespace ServiceDefaults;

/// <summary>A secret of this service's own, made at first use, in a file that only its account reads.</summary>
public static class SecretFile
{
    /// <summary>Length in bytes.</summary>
    public const int Bytes = 32;

    /// <summary>Reads the secret, or makes it.</summary>
    public static byte[] ReadOrCreate(string path) =>
        ReadOrCreate(path, () => RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Reads a secret of any form, or makes it.</summary>
    /// <param name="path">Where it is kept.</param>
    /// <param name="make">Makes its bytes.</param>
    public static byte[] ReadOrCreate(string path, Func<byte[]> make)
    {
        if (File.Exists(path))
            return File.ReadAllBytes(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] secret = make();
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
