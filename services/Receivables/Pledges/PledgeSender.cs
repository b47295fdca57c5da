using Chain.Client;
using Chain.Core;
using Npgsql;

namespace Receivables.Pledges;

/// <summary>
/// Sends transactions of the platform's account, many in flight and each with exactly one known outcome: every signed
/// transaction is durable before it is sent, nonces follow each other, and what has no receipt is sent again, in order.
/// After a crash <see cref="ResumeAsync"/> takes up what was left open. Nobody else may use the key.
/// </summary>
public sealed class PledgeSender(
    ChainClient chain, TransactionSigner signer, PledgeTransactions store, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ResendAfter = TimeSpan.FromSeconds(3);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SortedDictionary<ulong, Flight> _open = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _settling = Task.CompletedTask;
    private ulong? _next;

    /// <summary>Address that the transactions come from.</summary>
    public Address Sender => signer.Address;

    /// <summary>Takes up what an earlier run left open, and waits until all that is open is settled.</summary>
    public async Task ResumeAsync(CancellationToken cancellation)
    {
        List<Flight> open = [];
        await WithGateAsync(async () =>
        {
            await LoadAsync(cancellation);
            open.AddRange(_open.Values);
            foreach (Flight flight in open)
                await SubmitAsync(flight.Sent, cancellation);
            Settle();
        }, cancellation);
        await Task.WhenAll(open.Select(f => f.Outcome.Task)).WaitAsync(cancellation);
    }

    /// <summary>Signs, saves and sends a call, and waits for its outcome; the call goes on when the caller gives up.</summary>
    public async Task<SendOutcome> SendAsync(TransactionRequest request, CancellationToken cancellation)
    {
        Flight? flight = null;
        await WithGateAsync(async () =>
        {
            ulong nonce = await LoadAsync(cancellation);
            SentTransaction sent = signer.Sign(request, nonce);
            // Whether a failed save was one is read anew.
            _next = null;
            await store.SaveAsync(sent, cancellation);
            _next = nonce + 1;
            _open.Add(nonce, flight = new Flight(sent));
            await SubmitAsync(sent, cancellation);
            Settle();
        }, cancellation);
        return await flight!.Outcome.Task.WaitAsync(cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _gate.Dispose();
    }

    private async Task WithGateAsync(Func<Task> work, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            await work();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The next nonce; the first time what is open is read.</summary>
    private async Task<ulong> LoadAsync(CancellationToken cancellation)
    {
        if (_next is { } known)
            return known;
        foreach (SentTransaction sent in await store.FindOpenAsync(signer.ChainId, Sender, cancellation))
            _open.TryAdd(sent.Nonce, new Flight(sent));
        // A node that is behind must not have a nonce used twice.
        ulong chains = await chain.NonceAsync(Sender, BlockTag.Latest, cancellation);
        ulong own = await store.NextNonceAsync(signer.ChainId, Sender, cancellation);
        _next = Math.Max(chains, own);
        return _next.Value;
    }

    /// <summary>What a node refuses or does not get is sent again: every transaction here is valid in its turn.</summary>
    private async Task SubmitAsync(SentTransaction sent, CancellationToken cancellation)
    {
        try
        {
            await chain.SendRawAsync(sent.Raw, cancellation);
        }
        catch (Exception e) when (e is NodesUnreachableException or RpcErrorException)
        {
            // Known already, or for later.
        }
    }

    /// <summary>Keeps one loop running while something is open; called with the gate held.</summary>
    private void Settle()
    {
        if (_settling.IsCompleted && _open.Count > 0)
            _settling = SettleAsync(_stop.Token);
    }

    private async Task SettleAsync(CancellationToken stop)
    {
        TimeSpan pause = Shortest;
        long progress = time.GetTimestamp();
        try
        {
            while (true)
            {
                await Task.Delay(pause, time, stop);
                List<Flight> open = [];
                await WithGateAsync(() => { open.AddRange(_open.Values); return Task.CompletedTask; }, stop);
                bool settled = await TrySettleAsync(open, stop);
                if (settled)
                    (pause, progress) = (Shortest, time.GetTimestamp());
                else if (pause < Longest)
                    pause *= 1.5;
                if (!settled && time.GetElapsedTime(progress) > ResendAfter)
                {
                    foreach (Flight flight in open)
                        await SubmitAsync(flight.Sent, stop);
                    progress = time.GetTimestamp();
                }
                bool done = false;
                await WithGateAsync(() =>
                {
                    done = _open.Count == 0;
                    if (done)
                        _settling = Task.CompletedTask; // Whoever sends next starts another.
                    return Task.CompletedTask;
                }, stop);
                if (done)
                    return;
            }
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException)
        {
            // What is open is taken up at the next start.
        }
    }

    private async Task<bool> TrySettleAsync(List<Flight> open, CancellationToken stop)
    {
        bool settled = false;
        try
        {
            ulong mined = await chain.NonceAsync(Sender, BlockTag.Latest, stop);
            foreach (Flight flight in open.TakeWhile(f => f.Sent.Nonce < mined))
            {
                if (await OutcomeAsync(flight.Sent, stop) is not { } outcome)
                    continue;
                await store.CloseAsync(flight.Sent, outcome, stop);
                await WithGateAsync(() => { _open.Remove(flight.Sent.Nonce); return Task.CompletedTask; }, stop);
                flight.Outcome.TrySetResult(outcome);
                settled = true;
            }
        }
        catch (Exception e) when (e is NodesUnreachableException or RpcErrorException or NpgsqlException)
        {
            // The chain or the database is away; the loop asks again.
        }
        return settled;
    }

    /// <summary>What became of a transaction whose nonce is used; null where that is not known yet.</summary>
    private async Task<SendOutcome?> OutcomeAsync(SentTransaction sent, CancellationToken stop)
    {
        if (await chain.ReceiptAsync(sent.Hash, stop) is { } receipt)
        {
            return new SendOutcome(
                receipt.Succeeded ? SendStatus.Succeeded : SendStatus.Reverted, sent.Hash, receipt, null);
        }
        // Nonce first, then receipt, both at the same node: one that is only behind says nothing.
        for (int node = 0; node < chain.Rpc.Nodes.Count; node++)
        {
            if (await chain.NonceAtAsync(node, Sender, stop) > sent.Nonce)
            {
                return await chain.ReceiptAtAsync(node, sent.Hash, stop) is null
                    ? new SendOutcome(SendStatus.Superseded, sent.Hash, null, "Another transaction has its nonce.")
                    : null;
            }
        }
        return null;
    }

    private sealed class Flight(SentTransaction sent)
    {
        public SentTransaction Sent => sent;

        public TaskCompletionSource<SendOutcome> Outcome { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
