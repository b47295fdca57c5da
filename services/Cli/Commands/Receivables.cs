using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;

namespace Cli.Commands;

/// <summary>Takes the record of receivable vouchers away, and starts the program that audits it.</summary>
public static class Receivables
{
    /// <summary><c>receivables export</c>.</summary>
    public static Command Command()
    {
        var file = new Argument<string>("file") { Description = "Where to write. What is there already is gone on with." };
        var export = new Command("export", "Write receivables-export/1: events, proofs, signatures and balances that this client may see. Interrupted, the same command goes on.") { file };
        export.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            var lines = await ExportAsync(api, parsed.GetRequiredValue(file), cancel);
            Output.Note($"{lines:N0} lines; audit them with ./apps audit receivables {parsed.GetRequiredValue(file)} --trust receivables.trust.json");
            return 0;
        });
        return new Command("receivables", "Receivable vouchers.") { export };
    }

    /// <summary><c>audit receivables</c>: a program of its own, which shares no code with the service.</summary>
    public static Command Audit()
    {
        var given = new Argument<string[]>("arguments") { Arity = ArgumentArity.ZeroOrMore, Description = "EXPORT [--trust FILE] [--first-key PARTY=KEY-ID]… [--json]; --help says more." };
        var command = new Command("receivables", "Audit an export of receivable vouchers offline, by a separate program.") { given };
        command.TreatUnmatchedTokensAsErrors = false;
        command.Options.Clear();
        command.SetAction(async (parsed, cancel) =>
        {
            var program = Instance.Find().Program("ReceivablesAudit");
            if (!File.Exists(program)) throw new UserException($"{program} is missing: build it with scripts/build.sh.", 2);
            string[] arguments = [.. parsed.GetValue(given) ?? [], .. parsed.UnmatchedTokens];
            using var process = Process.Start(new ProcessStartInfo(program, arguments.Length == 0 ? ["--help"] : arguments))!;
            await process.WaitForExitAsync(cancel);
            return process.ExitCode;
        });
        return command;
    }

    private static async Task<long> ExportAsync(Api api, string file, CancellationToken cancel)
    {
        var (after, length) = File.Exists(file) ? LastPosition(file) : (0, 0);
        using var response = await api.SendAsync(HttpMethod.Get, $"/api/receivables/export?after={after}", null, cancel);
        if (!response.IsSuccessStatusCode) throw await Api.ProblemAsync(response, cancel);
        await using var output = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write);
        output.SetLength(length);
        output.Position = length;
        await using var writer = new StreamWriter(output) { NewLine = "\n" };
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        long lines = 0;
        for (; await reader.ReadLineAsync(cancel) is { } line; lines++) await writer.WriteLineAsync(line.AsMemory(), cancel);
        return lines;
    }

    /// <summary>The position of the last event that was written whole, and where its line ends in the file.</summary>
    private static (long Position, long Length) LastPosition(string file)
    {
        var (position, length, at) = (0L, 0L, 0L);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            at += System.Text.Encoding.UTF8.GetByteCount(line) + 1;
            if (!line.EndsWith('}') || at > new FileInfo(file).Length) break;
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("position", out var here)) position = here.GetInt64();
            else if (!json.RootElement.TryGetProperty("format", out _)) break;
            length = at;
        }

        return (position, length);
    }
}
