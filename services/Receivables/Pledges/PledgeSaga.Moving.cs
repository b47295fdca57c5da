using Chain.Core;
using EventStore;
using ServiceDefaults.Problems;

namespace Receivables.Pledges;

/// <summary>Handing the unused rest on, and recovery.</summary>
public sealed partial class PledgeSaga
{
    private const int SideBySide = 32;

    /// <summary>The statement that the supplier must confirm before the rest can be handed on, and what it signs.</summary>
    public async Task<(string Statement, Hash32 Digest)> PrepareMoveAsync(
        Hash32 id, Address to, CancellationToken cancellation)
    {
        PledgeState state = await StateAsync(id, cancellation);
        string statement = new RestStatement(RestStatement.Form, id.ToString(), registry.Platform.ToString(),
            to.ToString(), state.Terms?.GrossFen ?? 0, state.TakenFen, state.UsedFen).ToText();
        return (statement, await registry.TransferDigestAsync(id, to, RestStatement.Digest(statement), cancellation));
    }

    /// <summary>Hands the unused rest to another platform with the supplier's signature over the prepared digest.</summary>
    /// <returns>Whether the chain did it.</returns>
    public async Task<bool> MoveAsync(
        Hash32 id, Address to, string statement, byte[] signature, CancellationToken cancellation)
    {
        // What was confirmed must still be so.
        await AppendAsync(id, null, null, s =>
            RestStatement.Read(statement) is { } rest && rest.UsedFen == s.UsedFen && rest.TakenFen == s.TakenFen
                ? Pledge.HandOn(s, to.ToString(), statement, Hex.ToPrefixed(signature))
                : new ServiceDefaults.Decision<PledgeEvent>.Refused("pledge-statement-outdated"), cancellation);
        return (await DriveAsync(id, cancellation)).Stage == PledgeStage.Free;
    }

    /// <summary>Takes up a claim that another platform handed here: only its unused rest is counted.</summary>
    /// <exception cref="ProblemException">The chain has no such transfer to this platform.</exception>
    public async Task<Hash32> ReceiveAsync(
        CanonicalId thing, string tenant, string statement, CancellationToken cancellation)
    {
        (IReadOnlyList<Hash32> keys, int epoch, _) = await EvaluateAsync(thing, cancellation);
        ChainClaim? claim = await registry.FindAsync(await TakenKeyAsync(keys, cancellation), cancellation);
        if (RestStatement.Read(statement) is not { } rest || claim is null || claim.Platform != registry.Platform
            || rest.Id != claim.Id.ToString() || rest.To != registry.Platform.ToString()
            || !await registry.IsTransferredAsync(claim, RestStatement.Digest(statement), cancellation))
            throw new ProblemException(Problem.Of("pledge-not-received"));
        PledgeEvent.Received received = new(thing.Kind, [.. keys.Select(k => k.ToString())], epoch,
            claim.Supplier.ToString(), rest.GrossFen, rest.TakenFen + rest.UsedFen, statement);
        await AppendAsync(claim.Id, tenant, thing, s => Pledge.Receive(s, tenant, received), cancellation);
        return claim.Id;
    }

    /// <summary>
    /// Takes up all that a stop or a crash left open: claims begun, vouchers to bind, claims to give up, amounts set aside
    /// for vouchers that were never issued or are void, and keys of a newer epoch. For the start, and from time to time.
    /// </summary>
    public async Task RecoverAsync(IVoucherRegister vouchers, CancellationToken cancellation)
    {
        await registry.ResumeAsync(cancellation);
        KeyEpoch newest = (await registry.EpochsAsync(cancellation))[^1];
        IReadOnlyList<(Hash32 Id, string Thing)> open =
            await PledgeSubjects.OpenAsync(store.DataSource, newest.Number, cancellation);
        ParallelOptions side = new() { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellation };
        await Parallel.ForEachAsync(open, side, async (claim, token) =>
        {
            try
            {
                await RecoverAsync(claim.Id, CanonicalId.Of(claim.Thing), newest, vouchers, token);
            }
            catch (Exception e) when (e is ProblemException or InvalidOperationException or HoldersAwayException)
            {
                Waits(logger, claim.Id, e.Message); // The others go on; this one is tried again.
            }
        });
    }

    private async Task RecoverAsync(
        Hash32 id, CanonicalId thing, KeyEpoch newest, IVoucherRegister vouchers, CancellationToken cancellation)
    {
        PledgeState state = await DriveAsync(id, cancellation);
        foreach ((string voucher, VoucherLock held) in state.Locks)
        {
            VoucherStanding standing = await vouchers.StandingAsync(voucher, cancellation);
            if (standing == VoucherStanding.Issued)
                await IssuedAsync(id, voucher, cancellation);
            else if (standing == VoucherStanding.Void)
                await UnlockAsync(id, voucher, cancellation);
            else if (!held.Issued && time.GetUtcNow() - held.At >= Reservation)
                await WithdrawAsync(id, voucher, cancellation); // It may be issued this very moment: then it stays.
        }
        await DriveAsync(id, cancellation);
        await LinkAsync(id, thing, newest, cancellation);
        PledgeState end = await StateAsync(id, cancellation);
        if (!Pledge.Rests(end))
            return;
        await MarkAsync(id, open: false, end, cancellation);
        // What was added before the mark is seen now; what comes after it opens the claim again.
        end = await StateAsync(id, cancellation);
        if (!Pledge.Rests(end))
            await MarkAsync(id, open: true, end, cancellation);
    }

    /// <summary>While a key changes every live claim gets its key of the newer epoch.</summary>
    private async Task LinkAsync(Hash32 id, CanonicalId thing, KeyEpoch newest, CancellationToken cancellation)
    {
        PledgeState state = await StateAsync(id, cancellation);
        if (state.Stage != PledgeStage.Claimed || state.Epoch >= newest.Number)
            return;
        Hash32 key = (await holders.EvaluateAsync(thing, newest.Number, newest.Key, cancellation)).Key;
        if (await registry.FindAsync(key, cancellation) is null)
            await registry.LinkAsync(id, key, cancellation);
        if (await registry.FindAsync(key, cancellation) is not { } claim || claim.Id != id)
            throw new InvalidOperationException("The chain did not link a claim of ours to its newer key.");
        await AppendAsync(id, null, null,
            s => s.Epoch < newest.Number
                ? new PledgeEvent[] { new PledgeEvent.Linked(newest.Number, key.ToString()) }
                : Array.Empty<PledgeEvent>(),
            cancellation);
    }

    private async Task MarkAsync(Hash32 id, bool open, PledgeState state, CancellationToken cancellation)
    {
        await using Session session = store.OpenSession(new EventContext(time, Actor, ""));
        int epoch = state.Stage == PledgeStage.Free ? PledgeSubjects.NoEpoch : state.Epoch;
        session.QueueSqlCommand(PledgeSubjects.Mark, id.ToArray(), open, epoch);
        await session.SaveChangesAsync(cancellation);
    }

    [LoggerMessage(4103, LogLevel.Warning, "Claim {Id} waits: {Reason}")]
    private static partial void Waits(ILogger logger, Hash32 id, string reason);
}
