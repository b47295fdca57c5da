using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Cli.Supervision;

/// <summary>
/// Finds the processes of one instance by a mark in their environment, which children inherit. After the supervisor was
/// killed or the power failed, this is how the next start clears what is left of this data folder and of no other.
/// </summary>
public static class Leftovers
{
    public const string Mark = "APPS_INSTANCE";

    public static IReadOnlyList<int> Find(string data)
    {
        var needle = Encoding.UTF8.GetBytes($"{Mark}={data}\0");
        var found = new HashSet<int>();
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var id) || id == Environment.ProcessId) continue;
            try
            {
                if (File.ReadAllBytes($"{folder}/environ").AsSpan().IndexOf(needle) >= 0) found.Add(id);
                // proc(5): the fields after the name, which may hold anything but its closing bracket, are state and parent.
                var stat = File.ReadAllText($"{folder}/stat");
                parents[id] = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Gone meanwhile, or another user's: not ours.
            }
        }

        // A server may overwrite its own environment with its title, as PostgreSQL does: its parent still has the mark.
        while (parents.Any(p => found.Contains(p.Value) && found.Add(p.Key))) { }
        return [.. found];
    }

    /// <summary>
    /// Processes that work in a folder. PostgreSQL's own children overwrite their environment with a title, and may
    /// outlive their server for as long as their statement runs.
    /// </summary>
    public static IReadOnlyList<int> WorkingIn(string folder) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Select(name => int.TryParse(name, out var id) ? id : 0)
            .Where(id => id > 0 && Path.TrimEndingDirectorySeparator(WorkingFolder(id)) == Path.TrimEndingDirectorySeparator(folder))];

    private static string WorkingFolder(int id)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{id}/cwd", returnFinalTarget: false)?.FullName ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Ends what is left, asking first and forcing after three seconds. Returns how many there were.</summary>
    public static async Task<int> ClearAsync(string data, TimeProvider time)
    {
        var left = Find(data);
        foreach (var id in left) Signal(id, "TERM");
        var deadline = time.GetUtcNow().AddSeconds(left.Count == 0 ? 0 : 3);
        while (Find(data).Count > 0 && time.GetUtcNow() < deadline) await Task.Delay(50);
        foreach (var id in Find(data)) Signal(id, "KILL");
        deadline = time.GetUtcNow().AddSeconds(3);
        while (Find(data).Count > 0 && time.GetUtcNow() < deadline) await Task.Delay(20);
        return left.Count;
    }

    public static void Signal(int processId, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-" + signal, processId.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardError = true,
        });
        kill!.WaitForExit();
    }
}
