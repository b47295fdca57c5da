using EventStore;
using Npgsql;
using Prepaid.Cards;
using Prepaid.Custody;
using ServiceDefaults;
using ServiceDefaults.Problems;

namespace Prepaid.Refunds;

/// <summary>
/// Carries a refund into the card and the custody it touches, all in one transaction: while an amount stands and is not
/// paid the card is frozen, so that nothing is used and paid back at once; it is owed until it is paid.
/// </summary>
internal static class RefundDesk
{
    /// <summary>The lots were used since the request.</summary>
    public const string FactsChanged = "refund-facts-changed";

    private const string Reason = "refund";

    /// <summary>Decides on a refund and appends what it comes to.</summary>
    /// <param name="session">The unit of work.</param>
    /// <param name="id">The refund.</param>
    /// <param name="mayTouch">Whether the caller may touch it; otherwise it does not exist.</param>
    /// <param name="decide">Gets the refund, and the order to the custody bank if it would be paid from there.</param>
    /// <param name="token">Stops reading.</param>
    public static async Task<RefundCase> RunAsync(
        Session session, Guid id, Func<RefundEvent.Asked, bool> mayTouch,
        Func<RefundCase, Func<long, string?>, Decision<RefundEvent>> decide, CancellationToken token)
    {
        WritableStream<RefundCase> stream = await session.FetchForWriting<RefundCase>(RefundEvents.Stream(id), token);
        RefundCase refund = stream.Aggregate;
        if (refund.Request is not { } asked || !mayTouch(asked))
            throw new ProblemException(Problem.Of(RefundCase.Missing));
        WritableStream<CustodyAccount> custody =
            await session.FetchForWriting<CustodyAccount>(CustodySlice.Stream(asked.Merchant), token);
        string order = RefundEvents.OrderOf(id);
        DateOnly today = CardRun.Day(session.Context.Now);
        bool Pays(long fen) => CustodyAccount.Order(custody.Aggregate, Order(order, fen), null, today)
            is Decision<CustodyEvent>.Accepted;
        foreach (RefundEvent e in decide(refund, fen => Pays(fen) ? order : null).EventsOrProblem())
        {
            stream.AppendOne(session.Context.Stamp(RefundEvents.NameOf(e), e));
            refund = RefundCase.Evolve(refund, e);
            if (e is RefundEvent.Ordered ordered)
            {
                await OrderAsync(session, asked, token);
                if (ordered.Custody is not null)
                {
                    foreach (CustodyEvent c in CustodyAccount.Order(
                                 custody.Aggregate, Order(order, ordered.Fen), null, today).EventsOrProblem())
                        custody.AppendOne(c);
                }
            }
            if (e is RefundEvent.Paid)
                await PayAsync(session, refund, token);
        }
        return refund;
    }

    private static CustodyEvent.Ordered Order(string id, long fen) => new(id, OrderKind.Refund, fen, Reason);

    /// <summary>The lots are as they were when the amount was counted; from now on nothing is used.</summary>
    private static Task<Card> OrderAsync(Session session, RefundEvent.Asked asked, CancellationToken token) =>
        CardRun.AppendAsync(session, asked.Card, card =>
        {
            IReadOnlyList<LotFacts> now = RefundCase.FactsOf(
                card, [.. asked.Facts.Lots.Select(l => l.Lot)], asked.Facts.AskedOn);
            return now.Select(l => (l.Lot, l.ListFen, l.PriceFen))
                .SequenceEqual(asked.Facts.Lots.Select(l => (l.Lot, l.ListFen, l.PriceFen)))
                ? [new CardCommand.Freeze(Reason)] : throw new ProblemException(Problem.Of(FactsChanged));
        }, token);

    private static Task<Card> PayAsync(Session session, RefundCase refund, CancellationToken token)
    {
        RefundEvent.Asked asked = refund.Request!;
        IReadOnlyList<LotRefund> lots = RefundEngine.Answer(asked.Facts)!.Lots;
        DateOnly today = CardRun.Day(session.Context.Now);
        return CardRun.AppendAsync(session, asked.Card, _ =>
        [
            .. RefundCase.Split(asked.Facts, lots, refund.Ordered!.Fen)
                .Select(p => (CardCommand)new CardCommand.Refund(p.Lot, p.Fen, Reason, today)),
            new CardCommand.Unfreeze(Reason),
        ], token);
    }
}

/// <summary>Escalates refunds whose term has run out, and closes those that the custody bank has paid.</summary>
internal sealed class RefundWorker(Store store, TimeProvider time, ILogger<RefundWorker> logger) : Worker
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        using PeriodicTimer timer = new(Pause, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            try
            {
                await RunAsync(store, time, stopping);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested
                && e is NpgsqlException or StoreUnavailableException or ConcurrencyException or ProblemException)
            {
                RefundLog.Waits(logger, e.Message);
            }
        }
    }

    /// <summary>One look at everything that is due.</summary>
    internal static async Task RunAsync(Store store, TimeProvider time, CancellationToken cancellation)
    {
        DateOnly today = CardRun.Day(time.GetUtcNow());
        foreach (RefundLine due in await RefundRows.DueAsync(store.DataSource, today, cancellation))
        {
            await using Session session = store.OpenSession(new EventContext(time, store.Service, due.Merchant));
            CustodyAccount account = await session.AggregateStreamAsync<CustodyAccount>(
                CustodySlice.Stream(due.Merchant), cancellation);
            bool paid = due.Custody is { } order
                && account.Orders.GetValueOrDefault(order)?.State == OrderState.Settled;
            bool late = due.Stage == "asked" ? due.AnswerBy < today : due.Stage == "ordered" && due.PayBy < today;
            if (!paid && !late)
                continue;
            await RefundDesk.RunAsync(session, due.Refund, _ => true, (refund, _) => paid
                ? RefundCase.Settle(refund, "bank") : RefundCase.Escalate(refund, today), cancellation);
            await session.SaveChangesAsync(cancellation);
        }
    }
}

internal static partial class RefundLog
{
    [LoggerMessage(5401, LogLevel.Warning, "Refunds wait: {Reason}")]
    public static partial void Waits(ILogger logger, string reason);
}
