using Chain.Core;

namespace Chain.Client;

/// <summary>Pauses of <see cref="DurableSender"/>.</summary>
public sealed record DurableSenderOptions
{
    /// <summary>First pause before a receipt is asked for; it grows by half each time.</summary>
    public TimeSpan PollFirst { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause between two questions.</summary>
    public TimeSpan PollMost { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A transaction without receipt is sent again after this time.</summary>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>So many refusals in a row, each by the node then asked, close a transaction as refused.</summary>
    public int RefusalsMost { get; init; } = 5;
}

/// <summary>
/// Sends transactions of one key so that each has exactly one known outcome, across restarts, dead nodes and lost answers:
/// the signed transaction is durable before it is sent, it is sent again until it has a receipt, and at most one is in
/// flight. After a crash <see cref="ResumeAsync"/> (or the next send) takes up the one that was left open.
/// </summary>
/// <remarks>
/// Nobody else may use the key. If somebody does, or an earlier store was lost, the outcome
/// <see cref="SendStatus.Superseded"/> tells it. A refused transaction might still be included by a node that had accepted
/// it before; the next one then ends as superseded, so a caller that reads the contract anew before each send is safe.
/// </remarks>
public sealed class DurableSender : IDisposable
{
    private readonly ChainClient _chain;
    private readonly TransactionSigner _signer;
    private readonly ISentTransactionStore _store;
    private readonly TimeProvider _time;
    private readonly DurableSenderOptions _options;
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    /// <summary>A sender of one key on one chain.</summary>
    public DurableSender(
        ChainClient chain, TransactionSigner signer, ISentTransactionStore store, TimeProvider time,
        DurableSenderOptions? options = null)
    {
        _chain = chain;
        _signer = signer;
        _store = store;
        _time = time;
        _options = options ?? new DurableSenderOptions();
    }

    /// <summary>Address the transactions come from.</summary>
    public Address Sender => _signer.Address;

    /// <summary>Settles the transaction that an earlier run left open.</summary>
    /// <returns>Its outcome, or null if none was open.</returns>
    public async Task<SendOutcome?> ResumeAsync(CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await SettleOpenAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Signs, saves and sends a call, and waits for its outcome; an open earlier one is settled first.</summary>
    public async Task<SendOutcome> SendAsync(TransactionRequest request, CancellationToken cancellation) =>
        (await SendAsync(_ => Task.FromResult<TransactionRequest?>(request), cancellation).ConfigureAwait(false))!;

    /// <summary>
    /// Settles what is open, then lets <paramref name="build"/> make the request from the chain's present state, and sends
    /// that.
    /// </summary>
    /// <returns>The outcome, or null if there was nothing to send.</returns>
    /// <exception cref="RpcErrorException">Building or estimating failed; nothing was saved or sent.</exception>
    public async Task<SendOutcome?> SendAsync(
        Func<CancellationToken, Task<TransactionRequest?>> build, CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await SettleOpenAsync(cancellation).ConfigureAwait(false);
            if (await build(cancellation).ConfigureAwait(false) is not { } request)
            {
                return null;
            }

            ulong nonce = await _chain.NonceAsync(Sender, BlockTag.Latest, cancellation).ConfigureAwait(false);
            SentTransaction sent = _signer.Sign(request, nonce);
            await _store.SaveAsync(sent, cancellation).ConfigureAwait(false);
            return await SettleAsync(sent, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _oneAtATime.Dispose();

    private async Task<SendOutcome?> SettleOpenAsync(CancellationToken cancellation) =>
        await _store.FindOpenAsync(_signer.ChainId, Sender, cancellation).ConfigureAwait(false) is { } open
            ? await SettleAsync(open, cancellation).ConfigureAwait(false)
            : null;

    private async Task<SendOutcome> SettleAsync(SentTransaction sent, CancellationToken cancellation)
    {
        SendOutcome outcome = await AwaitOutcomeAsync(sent, cancellation).ConfigureAwait(false);
        await _store.CloseAsync(sent, outcome, cancellation).ConfigureAwait(false);
        return outcome;
    }

    private async Task<SendOutcome> AwaitOutcomeAsync(SentTransaction sent, CancellationToken cancellation)
    {
        int refusals = 0;
        TimeSpan pause = _options.PollFirst;
        while (true)
        {
            (Submission submission, string reason) = await SubmitAsync(sent, cancellation).ConfigureAwait(false);
            if (await PollAsync(sent, submission, cancellation).ConfigureAwait(false) is { } receipt)
            {
                return new SendOutcome(
                    receipt.Succeeded ? SendStatus.Succeeded : SendStatus.Reverted, sent.Hash, receipt, null);
            }

            if (submission == Submission.NonceUsed
                && await IsSupersededAsync(sent, cancellation).ConfigureAwait(false))
            {
                return new SendOutcome(SendStatus.Superseded, sent.Hash, null, reason);
            }

            refusals = submission == Submission.Refused ? refusals + 1 : 0;
            if (refusals >= _options.RefusalsMost)
            {
                return new SendOutcome(SendStatus.Refused, sent.Hash, null, reason);
            }

            if (submission != Submission.Accepted)
            {
                await Task.Delay(pause, _time, cancellation).ConfigureAwait(false);
                pause = Longer(pause);
            }
        }
    }

    /// <summary>Asks for the receipt: until it is time to send again if the transaction was accepted, else once.</summary>
    private async Task<RpcReceipt?> PollAsync(SentTransaction sent, Submission submission, CancellationToken cancellation)
    {
        long start = _time.GetTimestamp();
        TimeSpan pause = _options.PollFirst;
        while (true)
        {
            if (submission == Submission.Accepted)
            {
                await Task.Delay(pause, _time, cancellation).ConfigureAwait(false);
                pause = Longer(pause);
            }

            RpcReceipt? receipt = null;
            try
            {
                receipt = await _chain.ReceiptAsync(sent.Hash, cancellation).ConfigureAwait(false);
            }
            catch (NodesUnreachableException)
            {
                // The chain is away; the loop outside sends again.
            }
            catch (RpcErrorException)
            {
                // A node that is starting or behind; the same.
            }

            if (receipt is not null || submission != Submission.Accepted
                || _time.GetElapsedTime(start) >= _options.ResendAfter)
            {
                return receipt;
            }
        }
    }

    private async Task<(Submission Submission, string Reason)> SubmitAsync(
        SentTransaction sent, CancellationToken cancellation)
    {
        try
        {
            await _chain.SendRawAsync(sent.Raw, cancellation).ConfigureAwait(false);
            return (Submission.Accepted, "");
        }
        catch (NodesUnreachableException e)
        {
            return (Submission.Unreachable, e.Message);
        }
        catch (RpcErrorException e)
        {
            return (Classify(e.Message), e.Message);
        }
    }

    /// <summary>Reads the error texts of geth, Besu and others, which carry no distinguishing code.</summary>
    private static Submission Classify(string message)
    {
        string text = message.ToLowerInvariant();
        return text.Contains("already known", StringComparison.Ordinal)
            || text.Contains("known transaction", StringComparison.Ordinal)
            || text.Contains("already imported", StringComparison.Ordinal)
            || text.Contains("already in the txpool", StringComparison.Ordinal)
                ? Submission.Accepted
            : text.Contains("nonce too low", StringComparison.Ordinal)
            || text.Contains("nonce is too low", StringComparison.Ordinal)
            || text.Contains("below current nonce", StringComparison.Ordinal)
                ? Submission.NonceUsed
            : text.Contains("pool is full", StringComparison.Ordinal)
            || text.Contains("underpriced", StringComparison.Ordinal)
            || text.Contains("limit exceeded", StringComparison.Ordinal)
                ? Submission.Unreachable
            : Submission.Refused;
    }

    /// <summary>
    /// Whether a node that counts the nonce as used doesn't know the transaction. Nonce first, then receipt, both at the
    /// same node: a node that is only behind would otherwise look like one that has another transaction.
    /// </summary>
    private async Task<bool> IsSupersededAsync(SentTransaction sent, CancellationToken cancellation)
    {
        bool seen = false;
        for (int node = 0; node < _chain.Rpc.Nodes.Count; node++)
        {
            try
            {
                if (await _chain.NonceAtAsync(node, Sender, cancellation).ConfigureAwait(false) <= sent.Nonce)
                {
                    continue;
                }

                if (await _chain.ReceiptAtAsync(node, sent.Hash, cancellation).ConfigureAwait(false) is not null)
                {
                    return false;
                }

                seen = true;
            }
            catch (NodesUnreachableException)
            {
                // Says nothing either way.
            }
            catch (RpcErrorException)
            {
                // The same.
            }
        }

        return seen;
    }

    private TimeSpan Longer(TimeSpan pause) =>
        pause * 1.5 < _options.PollMost ? pause * 1.5 : _options.PollMost;

    private enum Submission
    {
        Accepted,
        NonceUsed,
        Refused,
        Unreachable,
    }
}
