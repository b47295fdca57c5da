using System.Diagnostics;

namespace Cli.Demos.Trace;

/// <summary>The documents that GS1 and OpenEPCIS publish, captured as a feed of another system.</summary>
public static class Samples
{
    /// <summary>Where the archive is looked for when nothing else is said: beside the project.</summary>
    public const string Archive = "../shared/vectors/gs1.tar.xz";

    /// <summary>Captures every document and counts what was taken and refused, and why.</summary>
    /// <returns>Lines for the table at the end.</returns>
    public static async Task<IReadOnlyList<string>> LoadAsync(Party feed, string archive, Narration tell, CancellationToken cancel)
    {
        tell.Chapter($"0  Documents of GS1 and OpenEPCIS, captured by “{feed.English}”");
        var folder = await UnpackAsync(archive, cancel);
        if (folder is null)
        {
            tell.Say($"not available: {Path.GetFileName(archive)}");
            return ["documents of GS1 and OpenEPCIS: not available"];
        }

        try
        {
            return await CaptureAsync(feed, folder, tell, cancel);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<string>> CaptureAsync(Party feed, string folder, Narration tell, CancellationToken cancel)
    {
        var (documents, accepted, events, refusedEvents) = (0, 0, 0, 0);
        var reasons = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var files = Files(folder).ToList();
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel }, async (file, token) =>
        {
            var (taken, problems) = await OneAsync(feed, Path.GetRelativePath(folder, file), await File.ReadAllBytesAsync(file, token), token);
            lock (reasons)
            {
                documents++;
                events += taken;
                refusedEvents += problems.Count;
                if (problems.Count == 0) accepted++;
                foreach (var code in problems.Distinct()) reasons[code] = reasons.GetValueOrDefault(code) + 1;
            }
        });
        Narration.Expect(accepted > 0 && accepted < documents, "some documents taken and some refused, as their publishers say", $"{accepted} of {documents}");
        tell.Say($"{documents} documents: {accepted} taken whole, {documents - accepted} not; {events} events captured, {refusedEvents} refused");
        foreach (var (code, count) in reasons) tell.Say($"  {count,4}  {code}");
        return [$"documents of GS1 and OpenEPCIS: {accepted} of {documents} taken whole, {events} events; the rest refused: {string.Join(", ", reasons.Select(r => $"{r.Key} {r.Value}"))}"];
    }

    private static async Task<(int Taken, IReadOnlyList<string> Problems)> OneAsync(Party feed, string name, byte[] bytes, CancellationToken cancel)
    {
        var content = Party.Text(bytes, name.EndsWith(".xml", StringComparison.Ordinal) ? "application/xml" : "application/json");
        content.Headers.TryAddWithoutValidation("GS1-Capture-Error-Behaviour", "proceed");
        try
        {
            var job = await feed.CaptureAsync("sample-" + name.Replace('/', '-'), content, cancel);
            return (job["captured"]!.GetValue<int>(), [.. job["errors"]!.AsArray().Select(e => e!["code"]!.GetValue<string>())]);
        }
        catch (UserException e)
        {
            // The words end with the problem's stable code.
            var open = e.Message.LastIndexOf('(');
            return (0, [open < 0 ? e.Message : e.Message[(open + 1)..].TrimEnd(')')]);
        }
    }

    /// <summary>Documents of events, invalid ones too; not schemas, contexts and queries' descriptions.</summary>
    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(f => Path.GetExtension(f) is ".xml" or ".json" or ".jsonld")
        .Where(f => Below(f, "openepcis-test-resources") || Below(f, "gs1-EPCIS/JSON/") || Below(f, "gs1-EPCIS/XML/"))
        .Order(StringComparer.Ordinal);

    private static bool Below(string file, string folder) => file.Contains("/" + folder, StringComparison.Ordinal);

    private static async Task<string?> UnpackAsync(string archive, CancellationToken cancel)
    {
        if (!File.Exists(archive)) return null;
        var target = Directory.CreateTempSubdirectory("apps-gs1-").FullName;
        using var tar = Process.Start("tar", ["-xJf", archive, "-C", target]);
        await tar.WaitForExitAsync(cancel);
        if (tar.ExitCode == 0) return target;
        Directory.Delete(target, recursive: true);
        throw new UserException($"{archive} can't be unpacked (tar ended with {tar.ExitCode}).", 1);
    }
}
