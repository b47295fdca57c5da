using System.Runtime.Versioning;
using System.Text;

namespace Chain.Node.Configuration;

/// <summary>Files and folders that only the owner may read.</summary>
static class PrivateFiles
{
    const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    /// <summary>Creates a folder with mode 0700.</summary>
    public static string CreateFolder(params string[] path)
    {
        var folder = Path.Combine(path);
        if (OperatingSystem.IsWindows())
            return Directory.CreateDirectory(folder).FullName;
        Directory.CreateDirectory(folder, OwnerFolder);
        // The mode of creation is reduced by the umask and ignored for an existing folder.
        File.SetUnixFileMode(folder, OwnerFolder);
        return folder;
    }

    /// <summary>Writes a new file with mode 0600, durable on return.</summary>
    /// <exception cref="IOException">The file exists.</exception>
    public static void Write(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            RestrictToOwner(options);
        using var stream = new FileStream(path, options);
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }

    [UnsupportedOSPlatform("windows")]
    static void RestrictToOwner(FileStreamOptions options) => options.UnixCreateMode = OwnerFile;
}
