using System.Globalization;
using System.Text.Json;
using Chain.Client;
using Chain.Core;

namespace KeyHolder;

/// <summary>
/// Records each day's count on the chain once the day is over (PledgeRegistry.recordCounts), so that a holder can't
/// change afterwards how often a platform asked.
/// </summary>
public sealed partial class CountAnchor(
    DailyCounts counts, RequestLog log, ChainClient chain, DurableSender sender, Address registry, string data,
    TimeProvider time, ILogger<CountAnchor> logger) : BackgroundService
{
    private const ulong Gas = 200_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);
    private static readonly AbiFunction Record = AbiFunction.Parse("recordCounts(uint32,uint64,bytes32)");
    private readonly string _mark = Path.Combine(data, "anchored");

    /// <summary>Anchors every day that is over and was not anchored yet.</summary>
    /// <returns>Days anchored.</returns>
    public async Task<IReadOnlyList<DateOnly>> RunOnceAsync(CancellationToken cancellation)
    {
        List<DateOnly> done = [];
        DateOnly? next = File.Exists(_mark)
            ? DateOnly.Parse(await File.ReadAllTextAsync(_mark, cancellation), CultureInfo.InvariantCulture).AddDays(1)
            : log.FirstDay();
        for (; next is { } day && counts.Of(day) is { } statement; next = day.AddDays(1))
        {
            byte[] call = Record.Encode(
                (UInt256)(ulong)(day.DayNumber - new DateOnly(1970, 1, 1).DayNumber), (UInt256)(ulong)counts.Total(day),
                statement.Digest);
            SendOutcome outcome = await sender.SendAsync(
                new TransactionRequest { To = registry, Data = call, GasLimit = Gas }, cancellation);
            // Reverted: recorded before a crash that lost the mark, or not admitted yet. The first is seen on the chain.
            if (outcome.Status != SendStatus.Succeeded && !await IsRecordedAsync(day, statement, cancellation))
            {
                Refused(logger, day, outcome.Status);
                break;
            }
            await File.WriteAllTextAsync(
                _mark, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), cancellation);
            done.Add(day);
        }
        return done;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Pause, time);
        do
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception e) when (e is NodesUnreachableException or RpcErrorException or IOException or FormatException)
            {
                Away(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<bool> IsRecordedAsync(DateOnly day, SignedCounts statement, CancellationToken cancellation)
    {
        AbiEvent counted = AbiEvent.Parse(
            "EvaluationsCounted(address indexed holder, uint32 indexed day, uint64 evaluations, bytes32 statement)");
        ulong head = await chain.BlockNumberAsync(cancellation);
        return (await new Contract(chain, registry).EventsAsync(counted, 0, head, cancellation))
            .Any(e => e.Values[0] is Address holder && holder == counts.Signer && e.Values[3] is Hash32 digest
                && digest == statement.Digest);
    }

    [LoggerMessage(1, LogLevel.Warning, "The count of {Day} was not recorded: {Status}. Is this holder's account admitted?")]
    private static partial void Refused(ILogger logger, DateOnly day, SendStatus status);

    [LoggerMessage(2, LogLevel.Warning, "Counts wait for the chain: {Reason}")]
    private static partial void Away(ILogger logger, string reason);
}

/// <summary>Keeps the one transaction that may be open in a file.</summary>
public sealed class SentFile(string path) : ISentTransactionStore
{
    private sealed record Open(ulong ChainId, string Sender, ulong Nonce, string Hash, string Raw);

    /// <inheritdoc/>
    public async Task<SentTransaction?> FindOpenAsync(ulong chainId, Address sender, CancellationToken cancellation) =>
        File.Exists(path) && JsonSerializer.Deserialize<Open>(await File.ReadAllBytesAsync(path, cancellation)) is { } open
        && open.ChainId == chainId && open.Sender == sender.ToString()
            ? new SentTransaction(chainId, sender, open.Nonce, Hash32.Parse(open.Hash), Hex.Parse(open.Raw))
            : null;

    /// <inheritdoc/>
    public async Task SaveAsync(SentTransaction transaction, CancellationToken cancellation)
    {
        if (File.Exists(path))
            throw new InvalidOperationException("Another transaction is open.");
        Open open = new(transaction.ChainId, transaction.Sender.ToString(), transaction.Nonce,
            transaction.Hash.ToString(), Hex.ToPrefixed(transaction.Raw.Span));
        string next = path + ".next";
        await using (FileStream file = File.Create(next))
        {
            await JsonSerializer.SerializeAsync(file, open, cancellationToken: cancellation);
            file.Flush(flushToDisk: true);
        }
        File.Move(next, path);
    }

    /// <inheritdoc/>
    public Task CloseAsync(SentTransaction transaction, SendOutcome outcome, CancellationToken cancellation)
    {
        File.Delete(path);
        return Task.CompletedTask;
    }
}
