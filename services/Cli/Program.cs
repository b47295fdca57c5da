using System.CommandLine;
using Cli;
using Cli.Commands;

var root = new RootCommand("""
    Apps: facts that anyone can prove offline.

    The commands talk to the instance that ./run.sh started from this folder, or to the one that 'apps login' named.
    'apps verify' needs no instance and no network.
    """);
root.Options.Add(Global.Json);
foreach (var command in (Command[])[
    Deposit.Command(), Proof.Command(), Verify.Command(), ChainGroups.Command(), Anchor.Command(), Witness.Command(), Login.Command(),
    Doctor.Command(), Audit.Command(), Bench.Command(), Demo.Command(), Up.Command()])
{
    root.Subcommands.Add(command);
}

// 'up' ends its parts in order when it is told to stop, which takes longer than the library's two seconds.
var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
try
{
    return await root.Parse(args).InvokeAsync(configuration);
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
