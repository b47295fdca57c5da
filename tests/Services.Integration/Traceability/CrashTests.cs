using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Traceability;

/// <summary>The service as a process of its own is killed among captures: what was answered is there once, nothing half.</summary>
public sealed class CrashTests
{
    private const int Kills = 3;
    private const int AtOnce = 20, AsJob = 260;

    private readonly ConcurrentDictionary<string, (int Events, Uri? Job)> _sent = [];

    [Fact]
    public async Task Whatever_was_acknowledged_outlives_the_killed_process_exactly_once()
    {
        await using RunningTraceability services = await RunningTraceability.StartAsync();
        await services.StopServiceAsync();
        for (int kill = 0; kill < Kills; kill++)
        {
            int before = Acknowledged();
            using Process process = await StartAsync(services, out Uri address);
            HttpClient maker = await services.AsAsync(address, "maker");
            using CancellationTokenSource end = new();
            Task[] clients = [.. Enumerable.Range(0, 6).Select(c => SendAsync(maker, $"K{kill}C{c}", end.Token))];
            // In the midst of it: some are answered, six are under way.
            await Eventually.TrueAsync(() => Acknowledged() >= before + 8, "captures are acknowledged");
            process.Kill();
            await process.WaitForExitAsync();
            await end.CancelAsync();
            await Task.WhenAll(clients);
        }
        using Process last = await StartAsync(services, out Uri final);
        try
        {
            HttpClient maker = await services.AsAsync(final, "maker");
            foreach ((int events, Uri? job) in _sent.Values.Where(s => s.Job is not null))
            {
                JsonObject state = await RunningTraceability.DoneAsync(maker, job!);
                state["success"]!.GetValue<bool>().ShouldBeTrue(state.ToJsonString());
                state["captured"]!.GetValue<int>().ShouldBe(events);
            }
            await Eventually.TrueAsync(async () => (long)(await services.ScalarAsync(
                "select count(*) from epcis_captures where input is not null"))! == 0, "no job is left open");
        }
        finally
        {
            last.Kill();
        }
        foreach ((string run, (int events, Uri? job)) in _sent)
        {
            long stored = (long)(await services.ScalarAsync(
                $"select count(*) from epcis_epcs where uri like 'https://id.gs1.org/01/06901234567892/21/{run}-%'"))!;
            if (job is not null)
                stored.ShouldBe(events, $"{run} was acknowledged");
            else
                stored.ShouldBeOneOf(0L, events);
        }
        Acknowledged().ShouldBeGreaterThanOrEqualTo(Kills * 8);
        (await services.ScalarAsync(
            """
            select count(*) from (select capture, count(*) as n from epcis_events group by capture) e
            full join epcis_capture_results r on r.id = e.capture where coalesce(e.n, 0) <> coalesce(r.captured, -1)
            """)).ShouldBe(0L, "a job says what it captured");
        (await services.ScalarAsync(
            """
            select (select count(*) from epcis_events) || ' ' || (select count(*) from epcis_bodies) || ' '
                || (select count(*) from epcis_epcs) = (select string_agg(c, ' ') from (
                    select count(*)::text as c from store.events where type = 'trace.epcis-captured.v1'
                    union all select count(*)::text from store.events where type = 'trace.epcis-captured.v1'
                    union all select count(*)::text from store.events where type = 'trace.epcis-captured.v1') n)
            """)).ShouldBe(true, "every event has its body and its rows");
    }

    private int Acknowledged() => _sent.Values.Count(s => s.Job is not null);

    /// <summary>Small captures, done within their requests, and large ones, done as jobs, until the service is gone.</summary>
    private async Task SendAsync(HttpClient maker, string client, CancellationToken end)
    {
        for (int i = 0; !end.IsCancellationRequested; i++)
        {
            string run = string.Create(CultureInfo.InvariantCulture, $"{client}N{i}");
            int events = i % 2 == 0 ? AtOnce : AsJob;
            _sent[run] = (events, null);
            string document = Events.Document(Enumerable.Range(0, events).Select(e =>
                Events.Object([Events.Item($"{run}-{e}")], "ADD", "commissioning")));
            try
            {
                using HttpResponseMessage answer =
                    await maker.PostAsync("epcis/v2/capture", RunningServices.Json(document), end);
                if (answer.StatusCode == HttpStatusCode.Accepted)
                    _sent[run] = (events, answer.Headers.Location);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private static Task<Process> StartAsync(RunningTraceability services, out Uri address)
    {
        Uri at = address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Traceability.dll"));
        foreach (string setting in services.Settings.Where(s => !s.StartsWith("--Urls=", StringComparison.Ordinal)))
            start.ArgumentList.Add(setting);
        start.ArgumentList.Add($"--Urls={at}");
        return ReadyAsync();

        async Task<Process> ReadyAsync()
        {
            Process process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            using HttpClient open = new() { BaseAddress = at };
            await Eventually.TrueAsync(async () =>
            {
                process.HasExited.ShouldBeFalse("the service runs");
                try
                {
                    return (await open.GetAsync("health/ready")).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            }, "the process is ready", TimeSpan.FromSeconds(90));
            return process;
        }
    }
}
