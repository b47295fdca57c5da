using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;

namespace Cli.Commands;

/// <summary>Prints the proof bundle of a deposit.</summary>
public static class Proof
{
    public static Command Command()
    {
        var id = new Argument<string>("id") { Description = "The deposit's id." };
        var wait = new Option<bool>("--wait") { Description = "Wait until the deposit is anchored (up to two minutes)." };
        var command = new Command("proof", "Print a deposit's proof bundle: apps proof ID --wait > contract.proof.json") { id, wait };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            var bundle = await FetchAsync(api, parsed.GetRequiredValue(id), parsed.GetValue(wait) ? TimeSpan.FromMinutes(2) : TimeSpan.Zero, cancel);
            // The bundle is its own canonical form: not a byte may be added to it.
            await using var stdout = Console.OpenStandardOutput();
            await stdout.WriteAsync(bundle, cancel);
            return 0;
        });
        return command;
    }

    /// <exception cref="UserException">The deposit is not anchored yet; the message says its state.</exception>
    public static async Task<byte[]> FetchAsync(Api api, string id, TimeSpan patience, CancellationToken cancel)
    {
        var time = TimeProvider.System;
        var begun = time.GetTimestamp();
        while (true)
        {
            var left = patience - time.GetElapsedTime(begun);
            var seconds = Math.Clamp((int)Math.Ceiling(left.TotalSeconds), 0, 25);
            using var response = await api.SendAsync(HttpMethod.Get, $"/api/evidence/deposits/{Uri.EscapeDataString(id)}/proof?wait={seconds}", null, cancel);
            if (response.StatusCode == HttpStatusCode.OK) return await response.Content.ReadAsByteArrayAsync(cancel);
            if (response.StatusCode != HttpStatusCode.Accepted) throw await Api.ProblemAsync(response, cancel);
            if (left <= TimeSpan.Zero)
            {
                var state = (await JsonNode.ParseAsync(await response.Content.ReadAsStreamAsync(cancel), cancellationToken: cancel))?["state"];
                throw new UserException($"{id} is {state?.GetValue<string>() ?? "accepted"}, not anchored yet. Wait for it with --wait.", 3);
            }
        }
    }
}
