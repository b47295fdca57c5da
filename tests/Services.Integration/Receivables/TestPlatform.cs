using System.Net;
using Chain.Client;
using Chain.Core;
using EventStore;
using Microsoft.Extensions.Logging.Abstractions;
using Receivables.Pledges;

namespace Services.Integration.Receivables;

/// <summary>The process dies here.</summary>
public sealed class CrashException : Exception
{
    public CrashException() : base("the process died")
    {
    }
}

/// <summary>One platform instance with its own account and database, which can die at any message to the chain.</summary>
public sealed class TestPlatform(PledgeBench bench, byte[] account, string database) : IVoucherRegister, IAsyncDisposable
{
    private Store? _store;
    private HttpClient? _http;
    private PledgeSender? _sender;
    private CrashingHandler? _handler;

    /// <summary>Vouchers that its ledger has issued.</summary>
    public HashSet<string> Vouchers { get; } = [];

    /// <summary>Those of them that are void by now.</summary>
    public HashSet<string> Voided { get; } = [];

    public Address Address { get; } = Secp256k1.AddressOf(account);

    public PledgeSaga Saga { get; private set; } = null!;

    public RegistryClient Registry { get; private set; } = null!;

    public async Task StartAsync(TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        _handler = new CrashingHandler();
        _http = new HttpClient(_handler);
        _store = Store.Open(new StoreOptions
        {
            ConnectionString = database,
            Service = "receivables",
            Model = new EventModel().AddPledgeEvents(),
        });
        await _store.MigrateAsync();
        ChainClient chain = new(new RpcClient(_http, [bench.Rpc]));
        _sender = new PledgeSender(
            chain, new TransactionSigner(PledgeBench.ChainId, account), new PledgeTransactions(_store.DataSource),
            TimeProvider.System);
        Registry = new RegistryClient(chain, bench.Registry, _sender);
        KeyHolders holders = new(
            new HttpClient(), bench.Holders, account, TimeProvider.System, NullLogger<KeyHolders>.Instance);
        Saga = new PledgeSaga(_store, Registry, holders, time, NullLogger<PledgeSaga>.Instance);
    }

    /// <summary>Stops it; its database stays.</summary>
    public async ValueTask DisposeAsync()
    {
        Saga.Dispose();
        _sender!.Dispose();
        _handler!.Dispose();
        _http!.Dispose();
        await _store!.DisposeAsync();
    }

    /// <summary>Starts again over the same database and account, and recovers.</summary>
    public async Task RestartAsync(TimeProvider? time = null)
    {
        await DisposeAsync();
        await StartAsync(time);
        await Saga.RecoverAsync(this, default);
    }

    /// <summary>Lets the process die at a transaction from now, the first being 0.</summary>
    /// <param name="transaction">Which.</param>
    /// <param name="delivered">Whether the chain still gets it.</param>
    public void CrashAt(int transaction, bool delivered) => _handler!.CrashAt(transaction, delivered);

    /// <summary>Claims, and issues the voucher where that may be done.</summary>
    public async Task<PledgeResult> ClaimAsync(
        string number, long fen, long gross, string voucher, string? supplier = null, string? code = null, string tenant = "maker")
    {
        PledgeResult result = await Saga.ClaimAsync(
            Invoice(number, code), new PledgeRequest(tenant, voucher, fen, gross, supplier), default);
        if (result.Claimed)
        {
            Vouchers.Add(voucher);
            await Saga.IssuedAsync(result.Id, voucher, default);
        }
        return result;
    }

    public Task<VoucherStanding> StandingAsync(string voucher, CancellationToken cancellation) => Task.FromResult(
        Voided.Contains(voucher) ? VoucherStanding.Void
        : Vouchers.Contains(voucher) ? VoucherStanding.Issued : VoucherStanding.None);

    public static CanonicalId Invoice(string number, string? code = null) =>
        CanonicalId.Invoice(code, number, out CanonicalId? id) is { } problem
            ? throw new ArgumentException(problem)
            : id!;

    private sealed class CrashingHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        private int _left = -1;
        private bool _delivered;

        public void CrashAt(int transaction, bool delivered) => (_left, _delivered) = (transaction, delivered);

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string body = await request.Content!.ReadAsStringAsync(cancellationToken);
            if (_left < 0 || !body.Contains("eth_sendRawTransaction", StringComparison.Ordinal) || _left-- > 0)
                return await base.SendAsync(request, cancellationToken);
            if (_delivered)
                (await base.SendAsync(request, cancellationToken)).StatusCode.Equals(HttpStatusCode.OK);
            throw new CrashException();
        }
    }
}
