using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Codes.Batches;
using Traceability.Codes.Covered;
using Traceability.Codes.Exports;
using Traceability.Codes.Foreign;
using Traceability.Codes.Keys;
using Traceability.Codes.Quotas;
using Traceability.Codes.Validation;

namespace Traceability.Codes;

/// <summary>Wires the codes into the service.</summary>
internal static class CodesModule
{
    public static IServiceCollection AddCodes(this IServiceCollection services)
    {
        services.AddSingleton<CodeKeys>();
        services.AddSingleton(s => new CodeValidator(s.GetRequiredService<CodeKeys>()));
        services.AddSingleton<FoldedBatches>();
        services.AddSingleton<CodeTables>();
        services.AddSingleton<IStoreStartupStep>(s => s.GetRequiredService<CodeTables>());
        services.AddHostedService(s => s.GetRequiredService<CodeTables>());
        services.AddSingleton<UnbindCapture>();
        services.AddHostedService<ActivationCapture>();
        return services.ConfigureHttpJsonOptions(o =>
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, CodeRequestJson.Default));
    }

    public static void MapCodes(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder codes = endpoints.MapGroup("/codes").AddEndpointFilter(async (context, next) =>
            context.HttpContext.RequestServices.GetRequiredService<CodeTables>().Loaded
                ? await next(context)
                : Problem.Of("codes-loading"));
        OpenBatch.Map(codes);
        ReadBatches.Map(codes);
        BatchRanges.Map(codes);
        ActivateCodes.Map(codes);
        UnbindCodes.Map(codes);
        SetLabels.Map(codes);
        ActivationEvents.Map(codes);
        CertifyOutput.Map(codes);
        RotateKeys.Map(codes);
        ValidateCode.Map(codes);
        ImportCodes.Map(codes);
        ExportCodes.Map(codes);
        PrintLabels.Map(codes);
        CoveredCodes.Map(codes);
    }
}
