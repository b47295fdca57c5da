using EventStore;
using Npgsql;
using Receivables.Ledger;
using Receivables.Rules;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;

namespace Receivables.Credit;

/// <summary>
/// Takes and frees credit with what happens to vouchers, in their transaction: issue reserves, acceptance uses, what is
/// paid, void or returned frees. An issuer to which nobody granted a line is held back by art. 15 of 77号 alone.
/// </summary>
/// <param name="store">Where lines are.</param>
/// <param name="lines">Decides on them.</param>
internal sealed class CreditCompanion(Store store, CreditLines lines) : ILedgerCompanion
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AppendedWith>> FollowAsync(
        IReadOnlyList<FamilyChange> changes, CancellationToken cancellation)
    {
        List<AppendedWith> records = [];
        Dictionary<Guid, (CreditLine State, long Version)> read = [];
        foreach (FamilyChange change in changes)
        {
            foreach (VoucherEvent e in change.Events)
            {
                if (e is VoucherEvent.Issued issued)
                    await RequireStandingAsync(issued.Debtor, change.Context, cancellation);
                if (await LineAsync(change, e, cancellation) is not { } id)
                    continue;
                if (!read.TryGetValue(id, out (CreditLine State, long Version) line))
                    line = await lines.ReadAsync(id, cancellation);
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
        }
        return records;
    }

    private async Task RequireStandingAsync(string debtor, EventContext context, CancellationToken cancellation)
    {
        DebtorStanding standing = await lines.StandingAsync(debtor, cancellation);
        if (standing.Now != Standing.Good && CreditDecider.GateInForce(RuleBook.Day(context.Now)))
            throw new ProblemException(Problem.Of(CreditDecider.Stopped));
    }

    private static CreditCommand? Command(FamilyChange change, VoucherEvent e, CreditLine line) => e switch
    {
        VoucherEvent.Issued i => new CreditCommand.Reserve(
            i.Root, i.Issuer, i.FaceFen, Standing.Good, RuleBook.Day(change.Context.Now)),
        _ when !line.Vouchers.ContainsKey(change.Root) => null,
        VoucherEvent.Accepted or VoucherEvent.TakenOver => new CreditCommand.Use(change.Root),
        VoucherEvent.PaymentRecorded p =>
            new CreditCommand.Release(change.Root, p.Command, p.Payments.Sum(l => l.Fen)),
        VoucherEvent.Voided or VoucherEvent.Returned => new CreditCommand.Release(change.Root, e.Command, null),
        _ => null,
    };

    /// <summary>The line that a voucher takes of, or would take of: the issuer's one with most free.</summary>
    private async Task<Guid?> LineAsync(FamilyChange change, VoucherEvent e, CancellationToken cancellation)
    {
        if (e is not (VoucherEvent.Issued or VoucherEvent.Accepted or VoucherEvent.TakenOver or VoucherEvent.PaymentRecorded
            or VoucherEvent.Voided or VoucherEvent.Returned))
            return null;
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select line from credit_vouchers where voucher = $1
            union all
            (select line from credit_members where $2 and member = $3
             order by limit_fen - reserved_fen - used_fen desc, line limit 1)
            limit 1
            """);
        query.Parameters.Add(new() { Value = change.Root });
        query.Parameters.Add(new() { Value = e is VoucherEvent.Issued or VoucherEvent.TakenOver });
        query.Parameters.Add(new() { Value = change.After.Issuer });
        return (Guid?)await query.ExecuteScalarAsync(cancellation);
    }
}
