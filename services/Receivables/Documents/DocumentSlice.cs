using System.Text.Json.Serialization;
using ServiceDefaults.Anchoring;

namespace Receivables.Documents;

/// <summary>Wiring of documents.</summary>
internal static class DocumentSlice
{
    public static void AddDocuments(this IServiceCollection services)
    {
        services.AddSingleton<DocumentSealFile>();
        services.AddTransient<DocumentMaker>();
    }

    public static void MapDocuments(this IEndpointRouteBuilder app)
    {
        VoucherCertificate.Map(app);
        AssignmentNotice.Map(app);
        FinancingAgreement.Map(app);
        ClearingDocuments.Map(app);
        OpenFacts.Map(app);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AnchorState))]
[JsonSerializable(typeof(OpenFact))]
internal sealed partial class DocumentJson : JsonSerializerContext;
