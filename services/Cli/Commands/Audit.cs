using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Cli.Auditing;

namespace Cli.Commands;

/// <summary>Computes everything again and compares.</summary>
public static class Audit
{
    public static Command Command()
    {
        var service = new Option<string?>("--service") { Description = "Only this service." };
        var since = new Option<string?>("--since") { Description = "Only events recorded since this time (2026-11-22T00:00:00Z); the tree is always computed whole." };
        var restart = new Option<bool>("--restart") { Description = "From the first event, not from where an interrupted audit stopped." };
        var command = new Command("audit", "Recompute every event digest, the log's tree, its signed checkpoints and the contract's record, and print the first difference. Exit code 1 when there is one.") { service, since, restart };
        command.Subcommands.Add(Receivables.Audit());
        command.SetAction(async (parsed, cancel) =>
        {
            var instance = Instance.Find();
            DateTimeOffset? from = null;
            if (parsed.GetValue(since) is { } text)
            {
                from = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
                    ? moment
                    : throw new UserException($"'{text}' is not a time; write it like 2026-11-22T00:00:00Z.");
            }

            var results = new List<AuditResult>();
            using var api = Api.Connect(TimeProvider.System);
            foreach (var audited in Supervision.Services.All.Where(s => s.Group is not null && (parsed.GetValue(service) ?? s.Name) == s.Name))
            {
                var resume = new ResumePoint(Path.Combine(instance.Data, "audit", audited.Name + ".position"));
                if (parsed.GetValue(restart)) resume.Clear();
                results.Add(await new Auditor(instance, api, TimeProvider.System).RunAsync(audited.Name, audited.Group!.Name, from, resume, cancel));
            }

            if (results.Count == 0) throw new UserException($"There is no anchored service '{parsed.GetValue(service)}'.");
            var document = new JsonObject
            {
                ["at"] = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
                ["ok"] = results.All(r => r.Difference is null),
                ["results"] = new JsonArray([.. results.Select(r => (JsonNode?)r.ToJson())]),
            };
            // The portal shows the last result and puts it on its metrics.
            PrivateFile.Write(instance.AuditFile, System.Text.Encoding.UTF8.GetBytes(document.ToJsonString()));
            parsed.Output().Write(document, results.SelectMany(r => r.Lines()));
            return results.All(r => r.Difference is null) ? 0 : 1;
        });
        return command;
    }
}
