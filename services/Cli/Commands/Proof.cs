using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;

namespace Cli.Commands;

/// <summary>Prints the proof bundle of a deposit.</summary>
public static class Proof
{
    public static Command Command()
    {
        var id = new Argument<string>("id") { Description = "The deposit's id, or with --service an event's." };
        var wait = new Option<bool>("--wait") { Description = "Wait until the deposit is anchored (up to two minutes)." };
        var service = new Option<string?>("--service") { Description = "A service whose event has the id; without it, the id is a deposit's." };
        var command = new Command("proof", "Print a deposit's proof bundle: apps proof ID --wait > contract.proof.json") { id, wait, service };
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = Api.Connect(TimeProvider.System);
            var bundle = await FetchAsync(api, parsed.GetRequiredValue(id), parsed.GetValue(wait) ? TimeSpan.FromMinutes(2) : TimeSpan.Zero, cancel, parsed.GetValue(service));
            // The bundle is its own canonical form: not a byte may be added to it.
            await using var stdout = Console.OpenStandardOutput();
            await stdout.WriteAsync(bundle, cancel);
            return 0;
        });
        return command;
    }

    /// <param name="api">Where.</param>
    /// <param name="id">The deposit's id, or the event's where a service is named.</param>
    /// <param name="patience">How long to wait for it.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="service">The service that recorded the event; null for a deposit.</param>
    /// <exception cref="UserException">The deposit is not anchored yet; the message says its state.</exception>
    public static async Task<byte[]> FetchAsync(Api api, string id, TimeSpan patience, CancellationToken cancel, string? service = null)
    {
        var path = service is null ? $"/api/evidence/deposits/{Uri.EscapeDataString(id)}" : $"/api/{service}/events/{Uri.EscapeDataString(id)}";
        var time = TimeProvider.System;
        var begun = time.GetTimestamp();
        while (true)
        {
            var left = patience - time.GetElapsedTime(begun);
            var seconds = Math.Clamp((int)Math.Ceiling(left.TotalSeconds), 0, 25);
            using var response = await api.SendAsync(HttpMethod.Get, $"{path}/proof?wait={seconds}", null, cancel);
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
