using System.Collections.Concurrent;
using EventStore;
using Receivables.Rules;
using Receivables.Signatures;
using ServiceDefaults.Problems;

namespace Receivables.Credit;

/// <summary>
/// What issuing and paying ask of credit lines. Events are handed back, to be stored in the transaction of what they
/// belong to; as each names its stream's version, no two can take the same free fen.
/// </summary>
/// <param name="store">Where lines are.</param>
public sealed class CreditLines(Store store)
{
    // One process writes: a line stays as it was read, and what was appended since comes on top.
    private readonly ConcurrentDictionary<Guid, (CreditLine State, long Version)> _read = new();
    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> _turns = new();

    /// <summary>Holds part of a line for a voucher, or finds it held.</summary>
    /// <param name="line">The line.</param>
    /// <param name="debtor">The core enterprise, whose standing is asked (77号 art. 15).</param>
    /// <param name="member">The member that issues.</param>
    /// <param name="voucher">The voucher.</param>
    /// <param name="fen">Its face.</param>
    /// <param name="context">Stamps the events.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="ProblemException">It may not.</exception>
    public async Task<IReadOnlyList<AppendedWith>> ReserveAsync(
        Guid line, string debtor, string member, string voucher, long fen, EventContext context,
        CancellationToken cancellation = default)
    {
        DebtorStanding standing = await StandingAsync(debtor, cancellation);
        return await DecideAsync(line, new CreditCommand.Reserve(
            voucher, member, fen, standing.Now, RuleBook.Day(context.Now)), context, cancellation);
    }

    /// <summary>Turns what was reserved for a voucher into use.</summary>
    public Task<IReadOnlyList<AppendedWith>> UseAsync(
        Guid line, string voucher, EventContext context, CancellationToken cancellation = default) =>
        DecideAsync(line, new CreditCommand.Use(voucher), context, cancellation);

    /// <summary>Frees part of what a voucher takes, once for each key; all that is left without an amount.</summary>
    public Task<IReadOnlyList<AppendedWith>> ReleaseAsync(
        Guid line, string voucher, string key, long? fen, EventContext context,
        CancellationToken cancellation = default) =>
        DecideAsync(line, new CreditCommand.Release(voucher, key, fen), context, cancellation);

    /// <summary>How a debtor stands.</summary>
    public Task<DebtorStanding> StandingAsync(string debtor, CancellationToken cancellation = default) =>
        store.AggregateStreamAsync<DebtorStanding>(CreditEvents.StandingStream(debtor), cancellation);

    /// <summary>
    /// Held by whoever changes a line until that is committed. Another process is kept apart by the stream's version.
    /// </summary>
    internal SemaphoreSlim TurnOf(Guid line) => _turns.GetOrAdd(line, _ => new SemaphoreSlim(1, 1));

    /// <summary>Decides a command of a line.</summary>
    internal async Task<IReadOnlyList<AppendedWith>> DecideAsync(
        Guid line, CreditCommand command, EventContext context, CancellationToken cancellation)
    {
        (CreditLine state, long version) = await ReadAsync(line, cancellation);
        return [.. Decide(line, state, command).Select((e, i) => new AppendedWith(
            CreditEvents.Stream(line), version + i, context.Stamp(CreditEvents.NameOf(e), e)))];
    }

    /// <summary>A line with the version that it was read at.</summary>
    internal async Task<(CreditLine State, long Version)> ReadAsync(Guid line, CancellationToken cancellation)
    {
        (CreditLine state, long version) = _read.GetValueOrDefault(line, (CreditLine.Initial, 0));
        IReadOnlyList<StoredEvent> events =
            await store.FetchStreamAsync(CreditEvents.Stream(line), version, cancellation);
        if (events.Count == 0)
            return (state, version);
        state = events.Select(e => (CreditEvent)e.Data).Aggregate(state, CreditLine.Evolve);
        version = events[^1].Version;
        return _read.AddOrUpdate(
            line, (state, version), (_, known) => known.Version > version ? known : (state, version));
    }

    /// <summary>What a command comes to.</summary>
    /// <exception cref="ProblemException">A rule stands against it.</exception>
    internal static IReadOnlyList<CreditEvent> Decide(Guid line, CreditLine state, CreditCommand command) =>
        CreditDecider.Decide(state, command).EventsOrProblem(("line", line), ("free", Free(state, command)));

    private static long? Free(CreditLine state, CreditCommand command) => command switch
    {
        CreditCommand.Reserve r => state.Of(r.Member).FreeFen,
        CreditCommand.SetMember m => state.LimitFen - state.SplitFen + state.Of(m.Member).LimitFen,
        _ => null,
    };
}
