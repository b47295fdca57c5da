using System.Text.Json.Serialization;
using Receivables.Ledger;

namespace Receivables.Trade;

/// <summary>Trade documents, as the service composes them.</summary>
internal static class TradeSlice
{
    public static void AddTrade(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<TradeOptions>().BindConfiguration(TradeOptions.Section);
        builder.Services.AddSingleton<TradeFiles>();
        builder.Services.AddSingleton<InvoiceUse>();
        builder.Services.AddSingleton<ILedgerCompanion, InvoiceRelease>();
        builder.Services.AddSingleton<IssueRules>();
        builder.Services.AddSingleton<ILedgerCompanion>(s => s.GetRequiredService<IssueRules>());
        builder.Services.AddSingleton<ReadDocuments>();
        builder.Services.AddSingleton<IInvoiceCheck, ManualInvoiceCheck>();
        builder.Services.ConfigureHttpJsonOptions(o =>
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, TradeRequestJson.Default));
    }

    public static void MapTrade(this WebApplication app)
    {
        RouteGroupBuilder trade = app.MapGroup("/trade");
        DepositDocument.Map(trade);
        ReadDocuments.Map(trade);
        ChangeDocuments.Map(trade);
        Consents.Map(trade);
        JudgeIssue.Map(app);
    }
}

/// <summary>Answers about trade documents.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(TradeAnswer))]
[JsonSerializable(typeof(TradeDetails))]
[JsonSerializable(typeof(TradeList))]
[JsonSerializable(typeof(ConsentAnswer))]
internal sealed partial class TradeApiJson : JsonSerializerContext;

/// <summary>Fast metadata for requests about trade; the strict rules come from the service's own options.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TradeRequest))]
[JsonSerializable(typeof(CheckRequest))]
[JsonSerializable(typeof(RedLetterRequest))]
[JsonSerializable(typeof(TopUpRequest))]
[JsonSerializable(typeof(ConsentRequest))]
[JsonSerializable(typeof(WithdrawConsentRequest))]
internal sealed partial class TradeRequestJson : JsonSerializerContext;
