using EventStore;
using Receivables.Vouchers;

namespace Receivables.Ledger;

/// <summary>Wires the ledger: events, tables, writers, the clock's worker and the reading endpoints.</summary>
internal static class LedgerSlice
{
    public static EventModel AddLedger(this EventModel model) => model
        .AddVoucherEvents()
        .Inline(new VoucherRows())
        .Migrate("receivables-0101-vouchers", VoucherRows.Schema)
        .Migrate("receivables-0102-commands", StoredAnswer.Schema)
        .Migrate("receivables-0105-pay-day", "alter table vouchers add column pay_day date;")
        .Migrate("receivables-0107-recourse", Watch.WatchSlice.Schema)
        .Migrate("receivables-0108-holdings", VoucherRows.History)
        .Migrate("receivables-0109-leaving", VoucherRows.Indexes);

    public static void AddLedger(this IServiceCollection services)
    {
        services.AddSingleton(Patience.Usual);
        services.AddSingleton<VoucherLedger>();
        services.AddSingleton<ILedger>(s => s.GetRequiredService<VoucherLedger>());
        services.AddSingleton<VoucherLookup>();
        services.AddHostedService<LedgerWorker>();
    }

    public static void MapLedger(this IEndpointRouteBuilder app)
    {
        GetVoucher.Map(app);
        GetTree.Map(app);
        GetBalances.Map(app);
    }
}
