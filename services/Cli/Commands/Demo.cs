using System.CommandLine;

namespace Cli.Commands;

/// <summary>Loads stories through the public API.</summary>
public static class Demo
{
    public static Command Command()
    {
        var command = new Command("demo", "Load demo data through the public API.");
        var evidence = new Command("evidence", "Organisations, people and deposits of the evidence service.");
        evidence.SetAction(async (_, cancel) =>
        {
            var instance = Instance.Find();
            var secrets = Cli.Supervision.Secrets.ReadOrCreate(instance.SecretsFile);
            var access = Access.Read(instance.AccessFile) ?? throw new UserException("No running instance was found. Start one with ./run.sh.");
            await Cli.Demos.Evidence.LoadAsync(access, secrets.DemoPassword, cancel);
            return 0;
        });
        command.Subcommands.Add(evidence);
        return command;
    }
}
