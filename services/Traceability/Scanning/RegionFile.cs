using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace Traceability.Scanning;

/// <summary>
/// The regions of the file <c>regions.csv</c> in the service's folder. A newer file is read when it is there: addresses
/// change hands every week, and nobody stops a service for that. One that can't be read leaves the one before in use.
/// </summary>
internal sealed partial class RegionFile(
    IOptions<ServiceOptions> service, TimeProvider time, ILogger<RegionFile> log)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly string _file = Path.Combine(service.Value.Data, "regions.csv");
    private readonly Lock _lock = new();
    private RegionTable _table = new([]);
    private DateTime _written;
    private DateTimeOffset _looked;

    /// <summary>The table as the file is now.</summary>
    public RegionTable Current
    {
        get
        {
            lock (_lock)
            {
                DateTimeOffset now = time.GetUtcNow();
                if (now - _looked < Every)
                    return _table;
                _looked = now;
                // Of a file that is not there this is a time in 1601.
                DateTime written = File.GetLastWriteTimeUtc(_file);
                if (written != _written)
                    (_table, _written) = (Read(), written);
                return _table;
            }
        }
    }

    private RegionTable Read()
    {
        try
        {
            return new RegionTable(File.Exists(_file) ? File.ReadLines(_file) : []);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or IOException)
        {
            LogNotRead(log, e);
            return _table;
        }
    }

    [LoggerMessage(3303, LogLevel.Error, "regions.csv can't be read; the regions before it stay in use.")]
    private static partial void LogNotRead(ILogger logger, Exception exception);
}
