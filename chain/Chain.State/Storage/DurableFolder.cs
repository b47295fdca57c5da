using System.Runtime.InteropServices;

namespace Chain.State;

/// <summary>Makes what was created or renamed in a folder survive a loss of power, which a file's own flush does not.</summary>
public static partial class DurableFolder
{
    /// <summary>Returns when the folder's entries are on the disk.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public static void Sync(string folder)
    {
        // O_RDONLY | O_DIRECTORY, whose bit differs between the two architectures.
        var flags = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
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
