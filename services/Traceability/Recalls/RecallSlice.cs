namespace Traceability.Recalls;

/// <summary>Wiring of recalls.</summary>
internal static class RecallSlice
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<RecallScopes>();
        services.AddSingleton<RecallFindings>();
        services.AddSingleton<RecallWebhooks>();
        services.AddHostedService(p => p.GetRequiredService<RecallWebhooks>());
        services.AddHostedService<RecallFollower>();
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder recalls = app.MapGroup("/recalls");
        OpenRecall.Map(recalls);
        RecordRecall.Map(recalls);
        ConfirmRecall.Map(recalls);
        GetRecalls.Map(recalls);
        DrillScores.Map(recalls);
        RecallWebhooks.Map(recalls);
    }
}
