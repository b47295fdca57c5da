using System.Text.Json;

namespace ReceivablesAudit;

/// <summary>
/// Nothing is missing, doubled or moved: positions rise (by one where the export is of everything), the versions of
/// each stream are 1, 2, 3…, no id stands twice, and the export has its last line.
/// </summary>
internal sealed class Streams(Findings findings) : ICheck
{
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _withheldStreams = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private long _last;
    private long _entries;
    private bool _whole;
    private bool _ended;

    /// <summary>Events and digests read.</summary>
    public long Events { get; private set; }

    /// <summary>Events of which only the digest is shown.</summary>
    public long Withheld { get; private set; }

    /// <summary>Whether every event of a stream is shown, so that its state can be derived.</summary>
    public bool IsWhole(string stream) => !_withheldStreams.Contains(stream);

    public void On(ExportLine line)
    {
        if (line.Has("format"))
            Begin(line);
        else if (line.IsEntry)
            Entry(line);
        else if (line.Json.TryGetProperty("end", out JsonElement end))
        {
            if (end.Number("position") != _last || end.Number("events") != _entries)
                findings.Report("export-cut", $"line {line.Number}",
                    $"{end.Number("events")} events to position {end.Number("position")}", $"{_entries} to {_last}");
            _ended = true;
        }
    }

    public void On(Event e)
    {
        if (!_ids.Add(e.Id))
            findings.Report("event-twice", e.Place, "a new id", e.Id);
    }

    public void End()
    {
        if (!_ended)
            findings.Report("export-cut", "the end", "a last line", "none");
    }

    private void Begin(ExportLine line)
    {
        if (line.Json.Text("format") != "receivables-export/1")
            findings.Report("line-unreadable", $"line {line.Number}", "receivables-export/1", line.Json.Text("format"));
        if (line.Json.Number("after") != _last && Events > 0)
            findings.Report("export-cut", $"line {line.Number}", $"to go on after {_last}", line.Json.Number("after"));
        (_whole, _ended, _entries) = (line.Json.Text("scope") == "all", false, 0);
        _last = line.Json.Number("after");
    }

    private void Entry(ExportLine line)
    {
        long position = line.Json.Number("position");
        (string stream, long version) = line.Event is { } e
            ? (e.Stream, e.Version)
            : (line.Json.Text("stream"), line.Json.Number("version"));
        string place = $"position {position} ({stream} #{version})";
        if (_whole ? position != _last + 1 : position <= _last)
            findings.Report("position-order", place, _whole ? _last + 1 : $"above {_last}", position);
        long before = _versions.GetValueOrDefault(stream);
        if (version != before + 1)
            findings.Report("stream-gap", place, before + 1, version);
        _versions[stream] = version;
        _last = position;
        _entries++;
        Events++;
        if (line.Event is not null)
            return;
        Withheld++;
        _withheldStreams.Add(stream);
    }
}
