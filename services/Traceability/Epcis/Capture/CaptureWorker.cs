using System.Threading.Channels;
using EventStore;
using Npgsql;

namespace Traceability.Epcis.Capture;

/// <summary>Settings of the capture interface.</summary>
public sealed class CaptureOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Capture";

    /// <summary>Jobs done at the same time; 0 lets them wait.</summary>
    public int Workers { get; set; } = 2;

    /// <summary>A document of at most so many events is done within its request, while there is room.</summary>
    public int AtOnceMax { get; set; } = 200;
}

/// <summary>Does capture jobs: those just accepted, and after a start those that an earlier process left.</summary>
internal sealed partial class CaptureWorker(
    CaptureJobs jobs, EventRecorder recorder, Store store, TimeProvider time, IConfiguration configuration,
    ILogger<CaptureWorker> logger) : BackgroundService
{
    private const int RacesMax = 8;
    private const int FaultsMax = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Channel<(Guid Id, Reading? Reading)> _open = Channel.CreateUnbounded<(Guid, Reading?)>();
    private int _kept;

    /// <summary>Most documents done within their requests; beyond them captures queue up as jobs.</summary>
    private const int TurnsMax = 16;

    private readonly CaptureOptions _options =
        configuration.GetSection(CaptureOptions.Section).Get<CaptureOptions>() ?? new CaptureOptions();

    private int _turns;

    /// <summary>Most documents kept as read; a job beyond them is read again from its stored input.</summary>
    private const int KeptMax = 32;

    /// <summary>Says that a job was stored.</summary>
    public void Notify(Guid id, Reading reading) =>
        _open.Writer.TryWrite((id, Interlocked.Increment(ref _kept) <= KeptMax ? reading : null));

    /// <summary>
    /// The right to do a capture within its request, which saves storing and reading its document; null where it is too
    /// large or too many are under way.
    /// </summary>
    public IDisposable? TryTakeTurn(int events)
    {
        if (_options.Workers == 0 || events > _options.AtOnceMax)
            return null;
        Turn turn = new(this);
        if (Interlocked.Increment(ref _turns) <= TurnsMax)
            return turn;
        turn.Dispose();
        return null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_options.Workers == 0)
            return;
        await TakeUpAsync(stoppingToken);
        await Task.WhenAll(Enumerable.Range(0, _options.Workers).Select(_ => WorkAsync(stoppingToken)));
    }

    /// <summary>Finds what an earlier process left, as soon as the tables are there.</summary>
    private async Task TakeUpAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                foreach (Guid id in await jobs.OpenAsync(cancellationToken))
                {
                    Interlocked.Increment(ref _kept);
                    _open.Writer.TryWrite((id, null));
                }
                return;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach ((Guid id, Reading? reading) in _open.Reader.ReadAllAsync(cancellationToken))
            {
                Interlocked.Decrement(ref _kept);
                await DoAsync(id, reading, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What is open is taken up by the next process.
        }
    }

    /// <summary>Tries until the job has a result. A fault of ours becomes one, so that no job waits for ever.</summary>
    private async Task DoAsync(Guid id, Reading? reading, CancellationToken cancellationToken)
    {
        for (int races = 0, faults = 0; ;)
        {
            try
            {
                if (await jobs.TakeAsync(id, reading is null, cancellationToken) is not { } job)
                    return;
                if (faults >= FaultsMax)
                    await FinishAsync(job, new CaptureDecision([], [new CaptureError(null, "fault")]), cancellationToken);
                else
                    await CaptureAsync(job, reading ?? job.Document.Parse(), cancellationToken);
                return;
            }
            catch (PostgresException e) when (e.ConstraintName == CaptureJobs.OneResult)
            {
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation && races++ < RacesMax)
            {
                // Another capture stored the same event first: decide anew.
            }
            catch (Exception e) when (e is StoreUnavailableException or NpgsqlException and not PostgresException)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
#pragma warning disable CA1031 // Whatever it is, it belongs to this job and must not stop the others.
            catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
            {
                LogFault(logger, id, ++faults, e);
            }
        }
    }

    private async Task CaptureAsync(OpenJob job, Reading reading, CancellationToken cancellationToken)
    {
        CaptureDecision decision = await recorder.DecideAsync(
            job.Tenant, reading.Items, job.Behaviour, cancellationToken);
        await FinishAsync(job, decision, cancellationToken);
    }

    private async Task FinishAsync(
        OpenJob job, CaptureDecision decision, CancellationToken cancellationToken)
    {
        await using Session session = store.OpenSession(new EventContext(time, job.Subject, job.Tenant));
        EventRecorder.Append(session, decision, job.Id);
        CaptureJobs.Finish(session, job.Id, decision.Accepted.Count, decision.Errors);
        await session.SaveChangesAsync(cancellationToken);
    }

    private sealed class Turn(CaptureWorker worker) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref worker._turns);
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Error, Message = "Capture {Job} failed (attempt {Attempt})")]
    private static partial void LogFault(ILogger logger, Guid job, int attempt, Exception exception);
}
