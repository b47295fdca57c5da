using EventStore;
using Npgsql;
using Receivables.Ledger;
using Receivables.Rules;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;
using Shouldly;
using TestKit;

namespace Services.Integration.Receivables;

/// <summary>A ledger over its own database and a clock that the test moves.</summary>
internal sealed class LedgerHost : IAsyncDisposable
{
    public static readonly DateOnly IssueDate = new(2026, 1, 5), DueDate = new(2026, 6, 30);
    public static readonly string Digest = new('a', 64);
    private static readonly Approved Signed =
        new(Digest, [new ApprovalSignature("maker", "key-1", Digest, null, "c2lnbmF0dXJl")]);
    private readonly Store _store;
    private int _commands;

    private LedgerHost(Store store, ManualTimeProvider clock, params ILedgerCompanion[] companions)
    {
        (_store, Clock) = (store, clock);
        Ledger = new VoucherLedger(store, clock, Patience.Usual, companions);
        Lookup = new VoucherLookup(store);
    }

    public ManualTimeProvider Clock { get; }

    public VoucherLedger Ledger { get; }

    public VoucherLookup Lookup { get; }

    public Store Store => _store;

    public static async Task<LedgerHost> StartAsync(
        string? database = null, params ILedgerCompanion[] companions)
    {
        database ??= await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        ManualTimeProvider clock = new(new DateTimeOffset(2026, 1, 5, 2, 0, 0, TimeSpan.Zero));
        Store store = Store.Open(new StoreOptions
        {
            ConnectionString = database,
            Service = "receivables",
            Model = new EventModel().AddLedger().AddReferenceEvents(),
            Time = clock,
        });
        await store.MigrateAsync();
        return new LedgerHost(store, clock, companions);
    }

    public string Id() => $"c{Interlocked.Increment(ref _commands)}";

    public static string Root(int number) => $"V-{number:D26}";

    public Task<LedgerAnswer> RunAsync(
        VoucherCommand command, long? expected = null, IReadOnlyList<AppendedWith>? record = null) =>
        Ledger.ExecuteAsync(command, Signed with { Record = record ?? [] }, expected, CancellationToken.None);

    /// <summary>The code that the command is refused by.</summary>
    public async Task<string> RefusedAsync(VoucherCommand command, long? expected = null) =>
        (await Should.ThrowAsync<ProblemException>(() => RunAsync(command, expected))).Problem.Code;

    public async Task HeldAsync(string root, string holder, long fen = 100_000, Terms? terms = null)
    {
        string offer = Id();
        await RunAsync(new VoucherCommand.Issue(offer, "car-maker", root, "car-maker", holder, fen, IssueDate, DueDate,
            [new TradeReference("invoice", Digest)], terms ?? new Terms()));
        await RunAsync(new VoucherCommand.Accept(Id(), holder, offer, [root]));
    }

    public async Task MovedAsync(string from, string to, params Part[] parts)
    {
        string offer = Id();
        await RunAsync(new VoucherCommand.Transfer(offer, from, [.. parts.Select(p => p with { To = to })]));
        await RunAsync(new VoucherCommand.Accept(Id(), to, offer, [.. parts.Select(p => p.Root).Distinct()]));
    }

    public async Task<long> BalanceAsync(string party) =>
        (await Lookup.BalancesAsync(party, CancellationToken.None)).Sum(b => b.Fen);

    public async Task<long> BalanceAsync(string party, DateTimeOffset at) =>
        (await Lookup.BalancesAsync(party, at, CancellationToken.None)).Sum(b => b.Fen);

    public async Task<FamilyState> FoldAsync(string root) => await _store.AggregateStreamAsync<FamilyState>(root);

    public async Task<long> CountAsync(string table)
    {
        await using NpgsqlCommand query = _store.DataSource.CreateCommand($"select count(*) from {table}");
        return (long)(await query.ExecuteScalarAsync())!;
    }

    public async Task<long> ScalarAsync(string sql, params object[] values)
    {
        await using NpgsqlCommand query = _store.DataSource.CreateCommand(sql);
        foreach (object value in values)
            query.Parameters.Add(new() { Value = value });
        return (long)(await query.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync() => await _store.DisposeAsync();
}
