using System.CommandLine;
using Chain.Node.Cli;

var root = new RootCommand("A node of a consortium chain.")
{
    NetworkCommand.Create(TimeProvider.System),
    RunCommand.Create(TimeProvider.System),
};
// The host answers SIGTERM by stopping in good order; the parser must not end the process before that.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
