using System.Diagnostics;

namespace Cli.Supervision;

/// <summary>
/// Runs the audit by itself at three at night, and soon after a start that finds the last one older than a day; with
/// low priority, because nobody waits for it.
/// </summary>
public sealed class NightlyAudit(Instance instance, TimeProvider time, Action<string> report)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(3);
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(2);

    /// <summary>Runs audits until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            var pause = Pause(time.GetLocalNow(), LastAudit());
            while (true)
            {
                await Task.Delay(pause, time, cancel);
                await AuditAsync(cancel);
                pause = UntilNight(time.GetLocalNow());
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The suite stops; an audit goes on next time from where it was.
        }
    }

    /// <summary>How long until the next audit. An instance that has never been audited waits for its first night.</summary>
    public static TimeSpan Pause(DateTimeOffset now, DateTimeOffset? last) =>
        last is { } at && now - at > Day && UntilNight(now) > AfterStart ? AfterStart : UntilNight(now);

    private static TimeSpan UntilNight(DateTimeOffset now)
    {
        var night = Hour - now.TimeOfDay;
        return night > TimeSpan.Zero ? night : night + Day;
    }

    private DateTimeOffset? LastAudit() =>
        File.Exists(instance.AuditFile) ? new DateTimeOffset(File.GetLastWriteTimeUtc(instance.AuditFile), TimeSpan.Zero) : null;

    private async Task AuditAsync(CancellationToken cancel)
    {
        var log = Path.Combine(instance.Logs, "audit.log");
        var start = new ProcessStartInfo("setsid")
        {
            ArgumentList = { "sh", "-c", "exec nice -n 19 \"$@\" >>\"$APPS_LOG\" 2>&1 </dev/null", "sh", System.Environment.ProcessPath!, "audit" },
            WorkingDirectory = instance.Data,
        };
        start.Environment[Leftovers.Mark] = instance.Data;
        start.Environment["APPS_LOG"] = log;
        start.Environment["APPS_HOME"] = instance.Home;
        start.Environment["APPS_DATA"] = instance.Data;
        start.Environment["APPS_PORT"] = $"{instance.Port}";
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            Leftovers.Signal(process.Id, "TERM");
            throw;
        }

        report(process.ExitCode == 0 ? "✓ audit: no difference" : $"✗ audit ended with exit code {process.ExitCode}. Its log: {log}");
    }
}
