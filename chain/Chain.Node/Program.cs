using System.CommandLine;
using Chain.Node.Cli;

var root = new RootCommand("A node of a consortium chain.") { NetworkCommand.Create(TimeProvider.System) };
return await root.Parse(args).InvokeAsync();
