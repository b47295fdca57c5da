using ServiceDefaults;

namespace Receivables.Pledges;

/// <summary>What is wanted of a claim.</summary>
/// <param name="Tenant">The organisation that wants it.</param>
/// <param name="Voucher">The voucher to be issued; its name is chosen before.</param>
/// <param name="Fen">Amount of the voucher that rests on the thing.</param>
/// <param name="GrossFen">Worth of the thing: an invoice's amount with tax.</param>
/// <param name="Supplier">The account that confirms transfers, hex; null for none.</param>
/// <param name="CreditedFen">Credit notes that were there before the claim; counted with the claim's beginning.</param>
public sealed record PledgeRequest(
    string Tenant, string Voucher, long Fen, long GrossFen, string? Supplier = null, long CreditedFen = 0);

/// <summary>What a claim needs next from the chain.</summary>
public enum PledgeStep
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>To be taken, or found to be taken.</summary>
    Claim,

    /// <summary>A voucher to be bound.</summary>
    Bind,

    /// <summary>To be given up: no voucher rests on it.</summary>
    Release,

    /// <summary>To be handed on.</summary>
    Move,
}

/// <summary>The rules of a claim: exclusive, and never used above its worth (I3).</summary>
public static class Pledge
{
    /// <summary>Reference under which credit notes from before the claim are counted.</summary>
    public const string BeforeClaim = "before-claim";

    private const string NoAccount = "0x0000000000000000000000000000000000000000";

    /// <summary>Sets an amount aside for a voucher; begins the claim where there is none.</summary>
    /// <param name="state">The claim.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="kind">Prefix of the canonical number.</param>
    /// <param name="keys">Its keys, the oldest epoch's first.</param>
    /// <param name="epoch">The newest epoch.</param>
    /// <param name="salt">New secret, hex, for a claim that begins.</param>
    public static Decision<PledgeEvent> Lock(
        PledgeState state, PledgeRequest request, string kind, IReadOnlyList<string> keys, int epoch, string salt)
    {
        if (request.Fen <= 0 || request.GrossFen <= 0 || request.CreditedFen < 0)
            return Refuse("pledge-amount-form");
        PledgeEvent.Locked locked = new(request.Voucher, request.Fen);
        if (state.Stage == PledgeStage.Free)
        {
            if (request.Fen > request.GrossFen - request.CreditedFen)
                return Refuse("pledge-amount-exceeded");
            PledgeEvent.Claiming claiming =
                new(kind, keys, epoch, request.Supplier ?? NoAccount, salt, request.GrossFen);
            return request.CreditedFen == 0
                ? Accept(claiming, locked)
                : Accept(claiming, new PledgeEvent.CreditNote(BeforeClaim, request.CreditedFen, 0), locked);
        }
        if (state.Tenant != request.Tenant)
            return Refuse("pledge-other-organisation");
        if (state.Stage == PledgeStage.Moving)
            return Refuse("pledge-moving");
        if (state.Terms!.GrossFen != request.GrossFen)
            return Refuse("pledge-gross-differs");
        if (state.Locks.TryGetValue(request.Voucher, out VoucherLock? there))
            return there.Fen == request.Fen ? Accept() : Refuse("pledge-voucher-locked");
        return request.Fen > state.LeftFen ? Refuse("pledge-amount-exceeded") : Accept(locked);
    }

    /// <summary>Whether an organisation may issue a voucher over so much: the claim is its own, the voucher bound.</summary>
    public static bool Carries(PledgeState state, string tenant, string voucher, long fen) =>
        state.Stage == PledgeStage.Claimed && state.Tenant == tenant
        && state.Locks.TryGetValue(voucher, out VoucherLock? held) && held.Bound && held.Fen == fen;

    /// <summary>The voucher was issued.</summary>
    public static Decision<PledgeEvent> Issue(PledgeState state, string voucher) =>
        !state.Locks.TryGetValue(voucher, out VoucherLock? there) || !there.Bound ? Refuse("pledge-not-bound")
        : there.Issued ? Accept() : Accept(new PledgeEvent.Issued(voucher));

    /// <summary>The voucher was not issued, or is void or returned.</summary>
    public static Decision<PledgeEvent> Unlock(PledgeState state, string voucher) =>
        state.Stage == PledgeStage.Moving ? Refuse("pledge-moving")
        : state.Locks.ContainsKey(voucher) ? Accept(new PledgeEvent.Unlocked(voucher)) : Accept();

    /// <summary>The issue was given up: what was set aside for it is free again, unless the voucher was issued.</summary>
    public static Decision<PledgeEvent> Withdraw(PledgeState state, string voucher) =>
        state.Locks.TryGetValue(voucher, out VoucherLock? there) && !there.Issued ? Unlock(state, voucher) : Accept();

    /// <summary>Counts a credit note once; one that leaves less than is used is recorded with the difference.</summary>
    public static Decision<PledgeEvent> Credit(PledgeState state, string reference, long fen)
    {
        if (state.Stage is not (PledgeStage.Claimed or PledgeStage.Claiming))
            return Refuse("pledge-not-claimed");
        if (state.Notes.Contains(reference))
            return Accept();
        return fen <= 0 || fen > state.WorthFen
            ? Refuse("pledge-amount-form")
            : Accept(new PledgeEvent.CreditNote(reference, fen, Math.Max(0, fen - state.LeftFen)));
    }

    /// <summary>
    /// Begins to hand the claim to another platform: the right to the unused rest, which may be nothing, and to what is used
    /// by vouchers that go there too.
    /// </summary>
    public static Decision<PledgeEvent> HandOn(PledgeState state, string to, string statement, string signature) =>
        state.Stage != PledgeStage.Claimed ? Refuse("pledge-not-claimed")
        : state.Terms!.Supplier == NoAccount ? Refuse("pledge-no-supplier")
        : state.Locks.Values.Any(l => !l.Issued) ? Refuse("pledge-issue-pending")
        : Accept(new PledgeEvent.Moving(to, statement, signature));

    /// <summary>Takes up what came from another platform; once.</summary>
    public static Decision<PledgeEvent> Receive(PledgeState state, string tenant, PledgeEvent.Received received) =>
        state.Stage == PledgeStage.Free ? Accept(received)
        : state.Tenant == tenant ? Accept()
        : Refuse("pledge-other-organisation");

    /// <summary>Counts a voucher that came from another platform as its own, out of what was used there.</summary>
    public static Decision<PledgeEvent> TakeOver(PledgeState state, string voucher, long fen) =>
        state.Stage != PledgeStage.Claimed ? Refuse("pledge-not-claimed")
        : state.Locks.ContainsKey(voucher) ? Refuse("pledge-voucher-locked")
        : fen <= 0 || fen > state.TakenFen ? Refuse("take-over-thing")
        : Accept(new PledgeEvent.TakenOver(voucher, fen));

    /// <summary>Whether nothing happens to a claim by itself: its vouchers are issued, and the chain knows all.</summary>
    public static bool Rests(PledgeState state) =>
        Next(state).Step == PledgeStep.None
        && (state.Stage == PledgeStage.Free || state.Locks.Values.All(l => l.Issued));

    /// <summary>What a claim needs next from the chain, and for which voucher.</summary>
    public static (PledgeStep Step, string? Voucher) Next(PledgeState state) => state.Stage switch
    {
        PledgeStage.Claiming => (PledgeStep.Claim, null),
        PledgeStage.Moving => (PledgeStep.Move, null),
        // What came from another platform has no voucher of ours yet, and is kept.
        PledgeStage.Claimed when state.Locks.IsEmpty && state.Terms!.Salt.Length > 0 => (PledgeStep.Release, null),
        PledgeStage.Claimed when state.Locks.FirstOrDefault(l => !l.Value.Bound) is { Key: { } voucher } =>
            (PledgeStep.Bind, voucher),
        _ => (PledgeStep.None, null),
    };

    private static Decision<PledgeEvent> Accept(params PledgeEvent[] events) => events;

    private static Decision<PledgeEvent> Refuse(string rule) => new Decision<PledgeEvent>.Refused(rule);
}
