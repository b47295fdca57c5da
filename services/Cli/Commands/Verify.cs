using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Chain.Core;
using Proofs;

namespace Cli.Commands;

/// <summary>Checks a proof bundle against a trust file, without any network.</summary>
public static class Verify
{
    public static Command Command()
    {
        var bundle = new Argument<FileInfo>("bundle") { Description = "The proof bundle (….proof.json)." };
        var trust = new Option<FileInfo>("--trust") { Description = "The group's trust file.", Required = true };
        var file = new Option<FileInfo?>("--file") { Description = "The file that the fact speaks of." };
        var statements = new Option<FileInfo?>("--statements") { Description = "Statements of the event that were shown to you." };
        var block = new Option<FileInfo?>("--device-block") { Description = "A device's block of readings with its key." };
        var command = new Command("verify", """
            Check a proof offline. Four answers: content, log, chain, time; and whether shown statements are the event's,
            and whether a device signed the readings that it records.
            Exit code: 0 all that was asked for is proven, 1 refuted, 2 unreadable, 3 not fully checked, 64 wrong usage
            (for example without --trust).
            """) { bundle, trust, file, statements, block };
        command.SetAction(async (parsed, cancel) =>
        {
            Hash32? digest = null;
            if (parsed.GetValue(file) is { } given)
            {
                await using var stream = Open(given);
                digest = new Hash32(await SHA256.HashDataAsync(stream, cancel));
            }

            var result = Verifier.Verify(Read(parsed.GetRequiredValue(bundle)), Read(parsed.GetRequiredValue(trust)), digest);
            var json = JsonNode.Parse(result.ToJson())!;
            IEnumerable<string> lines = VerifyText.Lines(result);
            var code = result.ExitCode;
            if (parsed.GetValue(statements) is { } shown)
            {
                var check = Statements.Check(Read(shown), result.Event);
                json["statements"] = JsonNode.Parse(check.ToJson());
                lines = lines.Concat(VerifyText.Lines(check, IsProven(result)));
                code = code != 0 ? code : (int)check.Verdict;
            }
            if (parsed.GetValue(block) is { } sent)
            {
                var check = DeviceBlock.Check(Read(sent), result.Event);
                json["deviceBlock"] = JsonNode.Parse(check.ToJson());
                lines = lines.Concat(VerifyText.Lines(check, IsProven(result)));
                code = code != 0 ? code : (int)check.Verdict;
            }
            parsed.Output().Write(json, lines);
            return code;
        });
        return command;
    }

    private static bool IsProven(VerificationResult result) =>
        result.Answers is { Log.State: AnswerState.Proven, Chain.State: AnswerState.Proven };

    private static FileStream Open(FileInfo file) =>
        file.Exists ? file.OpenRead() : throw new UserException($"There is no file {file.FullName}.");

    private static byte[] Read(FileInfo file) =>
        file.Exists ? File.ReadAllBytes(file.FullName) : throw new UserException($"There is no file {file.FullName}.");
}
