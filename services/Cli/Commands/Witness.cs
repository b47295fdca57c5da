using System.CommandLine;
using Cli.Witnessing;
using Proofs;

namespace Cli.Commands;

/// <summary>Running a witness of one's own.</summary>
public static class Witness
{
    public static Command Command()
    {
        var command = new Command("witness", "Run a witness, which cosigns a log's checkpoints as long as each extends the one before.");
        command.Subcommands.Add(Key());
        command.Subcommands.Add(Run());
        return command;
    }

    private static Command Key()
    {
        var file = new Option<FileInfo>("--out") { Description = "The new key file; keep it private.", Required = true };
        var name = new Option<string?>("--name") { Description = "Name of the key, for example witness.example/w1; one of its own is made unless given." };
        var command = new Command("key", "Make a witness's key and print what the anchor's operator needs of it.") { file, name };
        command.SetAction(parsed =>
        {
            var signer = WitnessKey.Create(parsed.GetRequiredValue(file).FullName, parsed.GetValue(name));
            var printed = WitnessKey.Public(signer);
            printed["verifierKey"] = WitnessKey.VerifierKey(signer.Public);
            parsed.Output().Write(printed, printed.Select(p => $"{p.Key}: {p.Value}"));
        });
        return command;
    }

    private static Command Run()
    {
        var key = new Option<FileInfo>("--key") { Description = "The key file that 'witness key' made.", Required = true };
        var listen = new Option<string>("--listen") { Description = "Address to listen on, for example http://127.0.0.1:9000.", Required = true };
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder of what was cosigned last; never start with an empty one again.", Required = true };
        var trust = new Option<FileInfo[]>("--trust") { Description = "Trust file of a group whose logs are to be cosigned; may be given several times.", Required = true };
        var command = new Command("run", "Run a witness (C2SP tlog-witness) until Ctrl-C.") { key, listen, data, trust };
        command.SetAction(async (parsed, cancel) =>
        {
            var signer = WitnessKey.Read(parsed.GetRequiredValue(key));
            using var cosigned = CosignedCheckpoints.Open(parsed.GetRequiredValue(data).FullName);
            var server = new WitnessServer(signer, cosigned, parsed.GetRequiredValue(trust).Select(Read), TimeProvider.System);
            var address = parsed.GetRequiredValue(listen);
            await server.RunAsync(address, () => Output.Note(
                $"witness {signer.Public.Name} on {address} cosigns {string.Join(", ", server.Origins)}"), cancel);
            return 0;
        });
        return command;
    }

    private static TrustFile Read(FileInfo file)
    {
        var bytes = file.Exists ? File.ReadAllBytes(file.FullName) : throw new UserException($"There is no file {file.FullName}.");
        Output.Note($"trust file {TrustFile.Fingerprint(bytes)}");
        return TrustFile.Parse(bytes) ?? throw new UserException($"{file.FullName} is no trust file.");
    }
}
