using System.ComponentModel.DataAnnotations;
using Chain.Client;
using Chain.Core;
using EventStore;
using Microsoft.Extensions.Options;
using Receivables.Ledger;
using ServiceDefaults;

namespace Receivables.Pledges;

/// <summary>Where claims are made. Without this section things can't be claimed, and no issue that needs it passes.</summary>
public sealed record PledgeOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Pledges";

    /// <summary>Whether a register is configured; the section may hold no more than <see cref="ClaimDemand"/>.</summary>
    public static bool IsGiven(IConfiguration configuration) => configuration.GetSection($"{Section}:{nameof(Rpc)}").Exists();

    /// <summary>JSON-RPC addresses of the group's nodes.</summary>
    [Required, MinLength(1)]
    public IReadOnlyList<string> Rpc { get; init; } = [];

    /// <summary>Chain id of the group.</summary>
    [Range(1, long.MaxValue)]
    public long ChainId { get; init; }

    /// <summary>Address of PledgeRegistry.</summary>
    [Required]
    public string Registry { get; init; } = "0x0000000000000000000000000000000000001002";

    /// <summary>Things that one organisation may claim in a UTC day by asking for it.</summary>
    [Range(1, int.MaxValue)]
    public int PerTenantPerDay { get; init; } = 10_000;

    /// <summary>The three key holders in order of their index.</summary>
    [Required, MinLength(3), MaxLength(3)]
    public IReadOnlyList<HolderOptions> Holders { get; init; } = [];
}

/// <summary>A key holder.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Url">Its address, ending in a slash.</param>
public sealed record HolderOptions(string Name, Uri Url);

/// <summary>Wiring of claims.</summary>
internal static class PledgeSlice
{
    /// <summary>File of the platform's account, in the service's data folder; made at first use.</summary>
    public const string AccountFile = "pledge.key";

    private static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Adds what issues demand, and the saga with its recovery where a register is configured.</summary>
    public static WebApplicationBuilder AddPledges(this WebApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.AddOptions<ClaimDemand>().BindConfiguration(PledgeOptions.Section);
        services.AddSingleton<PledgeLookup>();
        services.AddSingleton<ClaimDesk>();
        services.AddSingleton<ClaimQuota>();
        services.AddSingleton<IssueClaims>();
        services.AddSingleton<ILedgerCompanion>(s => s.GetRequiredService<IssueClaims>());
        if (!PledgeOptions.IsGiven(builder.Configuration))
            return builder;
        services.AddOptions<PledgeOptions>().BindConfiguration(PledgeOptions.Section)
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddHttpClient(nameof(RegistryClient), c => c.Timeout = NodeTimeout);
        services.AddHttpClient(nameof(KeyHolders));
        services.AddSingleton<IVoucherRegister, LedgerRegister>();
        services.AddSingleton(Registry);
        services.AddSingleton(p => new KeyHolders(
            p.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(KeyHolders)),
            [.. p.GetRequiredService<IOptions<PledgeOptions>>().Value.Holders
                .Select((h, i) => new HolderAddress(i + 1, h.Name, h.Url))],
            Account(p), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<KeyHolders>>()));
        services.AddSingleton<PledgeSaga>();
        services.AddHostedService<PledgeRecovery>();
        return builder;
    }

    private static RegistryClient Registry(IServiceProvider services)
    {
        PledgeOptions options = services.GetRequiredService<IOptions<PledgeOptions>>().Value;
        ChainClient chain = new(new RpcClient(
            services.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(RegistryClient)),
            options.Rpc.Select(r => new Uri(r))));
        PledgeSender sender = new(
            chain, new TransactionSigner((ulong)options.ChainId, Account(services)),
            new PledgeTransactions(services.GetRequiredService<Store>().DataSource),
            services.GetRequiredService<TimeProvider>());
        return new RegistryClient(chain, Address.Parse(options.Registry), sender);
    }

    private static byte[] Account(IServiceProvider services) => SecretFile.ReadOrCreate(
        Path.Combine(services.GetRequiredService<IOptions<ServiceOptions>>().Value.Data, AccountFile));
}

/// <summary>Takes up at the start what was left open, and from time to time what fell due.</summary>
internal sealed partial class PledgeRecovery(
    PledgeSaga saga, IVoucherRegister vouchers, TimeProvider time, ILogger<PledgeRecovery> logger) : Worker
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        using PeriodicTimer timer = new(Pause, time);
        do
        {
            try
            {
                await saga.RecoverAsync(vouchers, stopping);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested && e is NodesUnreachableException
                or RpcErrorException or HoldersAwayException or FormatException or Npgsql.NpgsqlException
                or InvalidOperationException or StoreUnavailableException or ServiceDefaults.Problems.ProblemException)
            {
                Waits(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    [LoggerMessage(4102, LogLevel.Warning, "Claims wait: {Reason}")]
    private static partial void Waits(ILogger logger, string reason);
}

/// <summary>The service's own ledger as the register of issued vouchers.</summary>
internal sealed class LedgerRegister(Store store) : IVoucherRegister
{
    public async Task<VoucherStanding> StandingAsync(string voucher, CancellationToken cancellation)
    {
        await using Npgsql.NpgsqlCommand query = store.DataSource.CreateCommand("select stage from vouchers where root = $1");
        query.Parameters.Add(new() { Value = voucher });
        return await query.ExecuteScalarAsync(cancellation) switch
        {
            null => VoucherStanding.None,
            "void" or "returned" => VoucherStanding.Void,
            _ => VoucherStanding.Issued,
        };
    }
}
