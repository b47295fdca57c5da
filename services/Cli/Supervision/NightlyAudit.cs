using System.ComponentModel;
using System.Diagnostics;

namespace Cli.Supervision;

/// <summary>Runs the audit by itself once a day; with low priority, because nobody waits for it.</summary>
public sealed class NightlyAudit(Instance instance, AuditSchedule? schedule, TimeProvider time, Action<string> report)
{
    private string Log => Path.Combine(instance.Logs, "audit.log");

    /// <summary>Runs audits until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            var pause = schedule?.AtStart(time.GetLocalNow(), LastAudit()) ?? Timeout.InfiniteTimeSpan;
            while (true)
            {
                await Task.Delay(pause, time, cancel);
                var ran = await AuditAsync(cancel);
                pause = schedule!.After(time.GetLocalNow(), ran);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The suite stops; an audit goes on next time from where it was.
        }
    }

    private DateTimeOffset? LastAudit() => File.Exists(instance.AuditFile)
        ? new DateTimeOffset(File.GetLastWriteTimeUtc(instance.AuditFile), TimeSpan.Zero)
        : null;

    /// <summary>Whether it came to a result, good or bad.</summary>
    private async Task<bool> AuditAsync(CancellationToken cancel)
    {
        var before = LastAudit();
        Process process;
        try
        {
            process = Process.Start(Command())!;
        }
        catch (Win32Exception e)
        {
            // Everything else goes on without it.
            report($"✗ the audit could not be started: {e.Message}");
            return false;
        }

        using (process)
        {
            try
            {
                await process.WaitForExitAsync(cancel);
            }
            catch (OperationCanceledException)
            {
                Leftovers.Signal(process.Id, "TERM");
                throw;
            }

            // A difference and a fault of the program end with the same exit code; only a result is written down.
            var ran = LastAudit() != before;
            report((ran, process.ExitCode) switch
            {
                (true, 0) => "✓ audit: no difference",
                (true, _) => $"✗ the audit found a difference; {instance.Origin}/status and {Log} say which",
                _ => $"✗ the audit could not run and is tried again later. Its log: {Log}",
            });
            return ran;
        }
    }

    private ProcessStartInfo Command()
    {
        var start = new ProcessStartInfo("setsid")
        {
            ArgumentList =
            {
                "sh", "-c", "exec nice -n 19 \"$@\" >>\"$APPS_LOG\" 2>&1 </dev/null",
                "sh", System.Environment.ProcessPath!, "audit",
            },
            WorkingDirectory = instance.Data,
        };
        start.Environment[Leftovers.Mark] = instance.Data;
        start.Environment["APPS_LOG"] = Log;
        start.Environment["APPS_HOME"] = instance.Home;
        start.Environment["APPS_DATA"] = instance.Data;
        start.Environment["APPS_PORT"] = $"{instance.Port}";
        return start;
    }
}
