using System.CommandLine;
using System.CommandLine.Invocation;
using Cli;
using Cli.Commands;

// EX_USAGE of sysexits.h.
const int WrongUsage = 64;

var root = new RootCommand("""
    Apps: facts that anyone can prove offline.

    The commands talk to the instance that ./run.sh started from this folder, or to the one that 'apps login' named.
    'apps verify' needs no instance and no network. Wrong usage, such as a missing option, ends with exit code 64.
    """);
root.Options.Add(Global.Json);
foreach (var command in (Command[])[
    Deposit.Command(), Proof.Command(), Verify.Command(), Prepaid.Command(), ChainGroups.Command(), Anchor.Command(), Witness.Command(), Login.Command(),
    Doctor.Command(), Audit.Command(), Receivables.Command(), Bench.Command(), Demo.Command(), Up.Command()])
{
    root.Subcommands.Add(command);
}

// 'up' ends its parts in order when it is told to stop, which takes longer than the library's two seconds.
var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
try
{
    var parsed = root.Parse(args);
    var code = await parsed.InvokeAsync(configuration);
    // Not 1, which is what 'verify' says of a refuted proof.
    return parsed.Action is ParseErrorAction ? WrongUsage : code;
}
catch (UserException e)
{
    Output.Note(e.Message);
    return e.ExitCode;
}
catch (Exception e) when (e is HttpRequestException or IOException or System.Text.Json.JsonException or InvalidOperationException)
{
    Output.Note($"Unexpected: {e.Message}\nThis is a mistake of the program; what it was doing:\n{e.StackTrace}");
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
