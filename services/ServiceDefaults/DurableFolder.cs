using System.Runtime.InteropServices;

namespace ServiceDefaults;

/// <summary>Makes what was created or renamed in a folder survive a loss of power, which a file's own flush does not.</summary>
public static partial class DurableFolder
{
    /// <summary>Returns when the folder's entries are on the disk.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public static void Sync(string folder)
    {
        const int readOnlyDirectory = 0x10000; // O_RDONLY | O_DIRECTORY on x86-64; arm64 has 0x4000
        var flags = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : readOnlyDirectory;
        var descriptor = Open(folder, flags);
        var failed = descriptor < 0 || Flush(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        if (descriptor >= 0)
            _ = Close(descriptor);
        if (failed)
            throw new IOException($"{folder} can't be made durable: error {error}.");
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
