using EventStore;
using Evidence.Deposits;
using Evidence.Files;
using Evidence.Open;
using Evidence.Proofs;
using Evidence.Shares;
using ServiceDefaults;
using ServiceDefaults.Anchoring;

namespace Evidence;

/// <summary>Composes the evidence service.</summary>
public static class EvidenceService
{
    /// <summary>Builds the service; the arguments are settings.</summary>
    public static WebApplication Build(params string[] args)
    {
        WebApplicationBuilder builder = ServiceDefaultsExtensions.CreateServiceBuilder(args);
        builder.AddServiceDefaults(typeof(EvidenceService).Assembly);
        builder.AddAnchoredEvents(new EventModel()
            .AddDepositEvents()
            .Inline(new DepositRows())
            .Migrate("evidence-0001-deposits", DepositRows.Schema)
            .Migrate("evidence-0002-files", FileVault.Schema)
            .Migrate("evidence-0004-shares", Share.Schema));
        builder.Services.AddSingleton<DepositLookup>();
        builder.Services.AddSingleton<Subjects>();
        builder.Services.AddSingleton<FileVault>();
        builder.Services.ConfigureHttpJsonOptions(o =>
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, RequestJson.Default));

        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        app.MapAnchoredEvents();
        RouteGroupBuilder deposits = app.MapGroup("/deposits");
        DepositEvidence.Map(deposits);
        DepositBatch.Map(deposits);
        DepositFile.Map(deposits);
        ListDeposits.Map(deposits);
        GetDeposit.Map(deposits);
        RecordCustody.Map(deposits);
        EraseSubject.Map(deposits);
        StoredFile.Map(deposits);
        GetProof.Map(deposits);
        GetStatus.Map(deposits);
        Share.Map(app, deposits);
        OpenVerification.Map(app);
        return app;
    }
}
