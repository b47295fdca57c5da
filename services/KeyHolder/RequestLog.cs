using System.Globalization;

namespace KeyHolder;

/// <summary>
/// Every evaluation that was ever granted, one line each, on disk before the answer leaves: day, platform, request id, hash
/// of the request's body, number of points. Quotas and daily counts are sums of it, so a restart forgets nothing.
/// </summary>
public sealed class RequestLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file;
    private readonly Dictionary<(DateOnly Day, string Platform), int> _counts = [];
    private readonly Dictionary<(string Platform, Guid Request), (DateOnly Day, string Hash)> _requests = [];
    private DateOnly _latest;

    /// <summary>Opens the log of a folder; a line that a crash cut short is dropped.</summary>
    public RequestLog(string folder)
    {
        Directory.CreateDirectory(folder);
        _file = new FileStream(Path.Combine(folder, "requests.log"), new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        long whole = 0, length = _file.Length;
        StreamReader reader = new(_file, leaveOpen: true);
        while (reader.ReadLine() is { } line && whole + line.Length + 1 <= length)
        {
            whole += line.Length + 1;
            string[] parts = line.Split(' ');
            Remember(DateOnly.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], Guid.Parse(parts[2]), parts[3],
                int.Parse(parts[4], CultureInfo.InvariantCulture));
        }
        _file.SetLength(whole);
        _file.Position = whole;
    }

    /// <summary>What came of asking for a number of evaluations.</summary>
    public enum Grant
    {
        /// <summary>Counted.</summary>
        Granted,

        /// <summary>Counted before: the same request once more.</summary>
        Repeated,

        /// <summary>The id was used with another body.</summary>
        Reused,

        /// <summary>The day's quota does not suffice; nothing was counted.</summary>
        Exceeded,
    }

    /// <summary>Counts a request against the quota, durably.</summary>
    public (Grant Grant, int Used) Take(DateOnly day, string platform, Guid request, string bodyHash, int points, int perDay)
    {
        lock (_gate)
        {
            int used = _counts.GetValueOrDefault((day, platform));
            if (_requests.TryGetValue((platform, request), out (DateOnly Day, string Hash) earlier))
                return (earlier.Hash == bodyHash ? Grant.Repeated : Grant.Reused, used);
            if (used + points > perDay)
                return (Grant.Exceeded, used);
            string line = string.Create(
                CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd} {platform} {request} {bodyHash} {points}\n");
            _file.Write(System.Text.Encoding.ASCII.GetBytes(line));
            _file.Flush(flushToDisk: true);
            Remember(day, platform, request, bodyHash, points);
            return (Grant.Granted, used + points);
        }
    }

    /// <summary>Points evaluated on a day, by platform in order of address.</summary>
    public IReadOnlyList<(string Platform, int Points)> Counts(DateOnly day)
    {
        lock (_gate)
        {
            return [.. _counts.Where(c => c.Key.Day == day).OrderBy(c => c.Key.Platform, StringComparer.Ordinal)
                .Select(c => (c.Key.Platform, c.Value))];
        }
    }

    /// <summary>The first day that has a request; null where none has.</summary>
    public DateOnly? FirstDay()
    {
        lock (_gate)
            return _counts.Count == 0 ? null : _counts.Keys.Min(k => k.Day);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Remember(DateOnly day, string platform, Guid request, string bodyHash, int points)
    {
        _counts[(day, platform)] = _counts.GetValueOrDefault((day, platform)) + points;
        // A request is good for minutes: yesterday's ids are kept for those about midnight, older ones can't come
        // again.
        if (day > _latest)
        {
            _latest = day;
            foreach (var old in _requests.Where(r => r.Value.Day < day.AddDays(-1)).Select(r => r.Key).ToList())
                _requests.Remove(old);
        }
        _requests[(platform, request)] = (day, bodyHash);
    }
}
