using EventStore;
using Receivables.Ledger;
using Receivables.Parties;

namespace Receivables.Signatures;

/// <summary>Parties and signatures, as the service composes them.</summary>
internal static class SigningSlice
{
    public static EventModel AddPartiesAndSigning(this EventModel model) => model.AddParties().AddSigning();

    public static void AddPartiesAndSigning(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PartyDirectory>();
        builder.Services.AddSingleton<SignerChains>();
        builder.Services.AddSingleton<SignerKeyCache>();
        builder.Services.AddSingleton<CommandDesk>();
        builder.Services.AddSingleton<Drafts>();
        builder.Services.AddSingleton<ILedgerCompanion, CourtOrders>();
        builder.Services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, SigningRequestJson.Default);
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, PartyRequestJson.Default);
        });
    }

    public static void MapPartiesAndSigning(this WebApplication app)
    {
        PartyEndpoints.Map(app);
        SigningEndpoints.Map(app);
        RecordExport.Map(app);
    }
}
