using EventStore;

namespace Traceability.Graph;

/// <summary>Wiring of the graph.</summary>
internal static class GraphSlice
{
    public static EventModel AddGraph(this EventModel model) => model
        .Migrate("trace-0401-graph", GraphTables.Schema)
        .Migrate("trace-0402-graph-structure", GraphTables.Structure)
        .Migrate("trace-0403-lots-by-any-prefix", GraphTables.LotsByAnyPrefix);

    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<GraphWords>();
        services.AddSingleton<GraphFollower>();
        services.AddHostedService(p => p.GetRequiredService<GraphFollower>());
        services.AddSingleton<GraphViews>();
        services.AddSingleton<SeenFindings>();
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        GetTrace.Map(app);
        GetContents.Map(app);
        GetBalance.Map(app);
    }
}
