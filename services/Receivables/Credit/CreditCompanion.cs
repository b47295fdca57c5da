using EventStore;
using Npgsql;
using Receivables.Ledger;
using Receivables.Parties;
using Receivables.Rules;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;

namespace Receivables.Credit;

/// <summary>
/// Takes and frees credit with what happens to vouchers, in their transaction: issue reserves, acceptance uses, what is
/// paid, void, returned or moved to another platform frees. An issue names the line that it takes of; without one only an issuer may issue for
/// which that was recorded, for so long as was recorded.
/// </summary>
/// <param name="store">Where lines are.</param>
/// <param name="lines">Decides on them.</param>
/// <param name="parties">Who may issue without a line.</param>
internal sealed class CreditCompanion(Store store, CreditLines lines, PartyDirectory parties) : ILedgerCompanion
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AppendedWith>> FollowAsync(
        IReadOnlyList<FamilyChange> changes, HeldTurns turns, CancellationToken cancellation)
    {
        List<(FamilyChange Change, VoucherEvent Event, Guid Line)> taking = [];
        foreach (FamilyChange change in changes)
        {
            foreach (VoucherEvent e in change.Events)
            {
                if (e is VoucherEvent.Issued issued)
                {
                    await RequireStandingAsync(issued.Debtor, change.Context, cancellation);
                    if (!IsTakenOver(change))
                        await RequireLineAsync(issued, change.Context, cancellation);
                }
                if (await LineAsync(change, e, cancellation) is { } line)
                    taking.Add((change, e, line));
            }
        }
        return await RecordAsync(taking, turns, cancellation);
    }

    /// <summary>Vouchers of one line are decided one after the other: each takes of what the ones before it leave.</summary>
    private async Task<IReadOnlyList<AppendedWith>> RecordAsync(
        List<(FamilyChange Change, VoucherEvent Event, Guid Line)> taking, HeldTurns turns,
        CancellationToken cancellation)
    {
        List<AppendedWith> records = [];
        Dictionary<Guid, (CreditLine State, long Version)> read = [];
        foreach (Guid id in taking.Select(t => t.Line).Distinct().Order())
        {
            await turns.TakeAsync(lines.TurnOf(id), cancellation);
            read[id] = await lines.ReadAsync(id, cancellation);
        }
        foreach ((FamilyChange change, VoucherEvent e, Guid id) in taking)
        {
            (CreditLine State, long Version) line = read[id];
            if (Command(change, e, line.State) is not { } command)
                continue;
            foreach (CreditEvent credit in CreditLines.Decide(id, line.State, command))
            {
                records.Add(new AppendedWith(CreditEvents.Stream(id), line.Version++,
                    change.Context.Stamp(CreditEvents.NameOf(credit), credit)));
                line.State = CreditLine.Evolve(line.State, credit);
            }
            read[id] = line;
        }
        return records;
    }

    private async Task RequireStandingAsync(string debtor, EventContext context, CancellationToken cancellation)
    {
        DebtorStanding standing = await lines.StandingAsync(debtor, cancellation);
        if (standing.Now != Standing.Good && CreditDecider.GateInForce(RuleBook.Day(context.Now)))
            throw new ProblemException(Problem.Of(CreditDecider.Stopped));
    }

    private static bool IsTakenOver(FamilyChange change) => change.Events.Any(e => e is VoucherEvent.TakenOver);

    private async Task RequireLineAsync(
        VoucherEvent.Issued issued, EventContext context, CancellationToken cancellation)
    {
        PartyState issuer = await parties.FindAsync(issued.Issuer, cancellation);
        // An administrator collects and returns what a bankrupt party has; it makes no new debts by voucher.
        if (issuer.Status is PartyStatus.Bankrupt or PartyStatus.Merged)
            throw new ProblemException(Problem.Of(Party.Inactive, ("party", issued.Issuer)));
        if (issued.Line is null && !issuer.MayIssueWithoutLine(RuleBook.Day(context.Now)))
            throw new ProblemException(Problem.Of(CreditDecider.NotNamed));
    }

    private static CreditCommand? Command(FamilyChange change, VoucherEvent e, CreditLine line) => e switch
    {
        VoucherEvent.Issued i => new CreditCommand.Reserve(
            i.Root, i.Issuer, i.FaceFen, Standing.Good, RuleBook.Day(change.Context.Now)),
        _ when !line.Vouchers.ContainsKey(change.Root) => null,
        VoucherEvent.Accepted or VoucherEvent.TakenOver => new CreditCommand.Use(change.Root),
        VoucherEvent.PaymentRecorded p =>
            new CreditCommand.Release(change.Root, p.Command, p.Payments.Sum(l => l.Fen)),
        VoucherEvent.Voided or VoucherEvent.Returned or VoucherEvent.Moved => new CreditCommand.Release(change.Root, e.Command, null),
        _ => null,
    };

    /// <summary>
    /// The line that an issue names, or that its voucher takes of; a voucher taken over names none and takes of the
    /// issuer's line with most free, where there is one.
    /// </summary>
    private async Task<Guid?> LineAsync(FamilyChange change, VoucherEvent e, CancellationToken cancellation)
    {
        bool takenOver = IsTakenOver(change);
        if (e is VoucherEvent.Issued issued && !takenOver)
            return issued.Line;
        if (e is not (VoucherEvent.Issued or VoucherEvent.Accepted or VoucherEvent.TakenOver or VoucherEvent.PaymentRecorded
            or VoucherEvent.Voided or VoucherEvent.Returned or VoucherEvent.Moved))
            return null;
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select line from credit_vouchers where voucher = $1
            union all
            (select m.line from credit_members m join credit_lines l on l.id = m.line
             where $2 and m.member = $3 and l.accepted and not l.frozen and not m.frozen
             order by m.limit_fen - m.reserved_fen - m.used_fen desc, m.line limit 1)
            limit 1
            """);
        query.Parameters.Add(new() { Value = change.Root });
        query.Parameters.Add(new() { Value = takenOver });
        query.Parameters.Add(new() { Value = change.After.Issuer });
        return (Guid?)await query.ExecuteScalarAsync(cancellation);
    }
}
