using EventStore;
using Receivables.Credit;
using Receivables.Documents;
using Receivables.Exchange;
using Receivables.Export;
using Receivables.Financing;
using Receivables.Handovers;
using Receivables.Import;
using Receivables.Ledger;
using Receivables.Maturity;
using Receivables.Pledges;
using Receivables.Reconciliation;
using Receivables.Rules;
using Receivables.Signatures;
using Receivables.Trade;
using Receivables.Watch;
using Receivables.Webhooks;
using ServiceDefaults;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Webhooks;

namespace Receivables;

/// <summary>Composes the service of receivable vouchers.</summary>
public static class ReceivablesService
{
    /// <summary>Builds the service; the arguments are settings.</summary>
    public static WebApplication Build(params string[] args)
    {
        WebApplicationBuilder builder = ServiceDefaultsExtensions.CreateServiceBuilder(args);
        builder.AddServiceDefaults(typeof(ReceivablesService).Assembly);
        builder.AddAnchoredEvents(new EventModel()
            .AddPartiesAndSigning()
            .AddTrade()
            .AddLedger()
            .AddReferenceEvents()
            .AddCreditEvents()
            .AddClearingEvents()
            .AddPaymentEvents()
            .AddFinancingEvents()
            .AddPledgeEvents()
            .AddReconciliationEvents()
            .AddImportEvents()
            .AddHandovers()
            .AddExchangeEvents()
            .AddWebhooks("receivables-0601-webhooks"));
        builder.AddPartiesAndSigning();
        builder.AddPledges();
        builder.Services.AddLedger();
        builder.Services.AddCredit();
        builder.AddTrade();
        builder.Services.AddMaturity();
        builder.Services.AddFinancing();
        builder.Services.AddDocuments();
        builder.Services.AddWatch();
        builder.Services.AddExport();
        builder.Services.AddOptions<ImportOptions>().BindConfiguration(ImportOptions.Section);
        builder.Services.AddSingleton<ILedgerCompanion, ImportCompanion>();
        builder.Services.AddSingleton<ILedgerCompanion, HandoverCompanion>();
        builder.Services.AddTransient<HandoverMaker>();
        builder.Services.AddWebhooks<VoucherNews>(new WebhookForm("Delivery-Signature"));
        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        app.MapAnchoredEvents();
        app.MapPartiesAndSigning();
        app.MapTrade();
        app.MapLedger();
        app.MapRules();
        app.MapCredit();
        app.MapMaturity();
        app.MapFinancing();
        app.MapDocuments();
        app.MapWatch();
        app.MapPledges();
        app.MapExport();
        app.MapImport();
        app.MapHandovers();
        app.MapWebhooks();
        RunReconciliation.Map(app);
        Statement.Map(app);
        RunInstitutions.Map(app);
        app.MapExchange();
        return app;
    }
}
