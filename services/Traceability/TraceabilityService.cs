using EventStore;
using ServiceDefaults;
using ServiceDefaults.Anchoring;

namespace Traceability;

/// <summary>Composes the traceability service.</summary>
public static class TraceabilityService
{
    /// <summary>Builds the service; the arguments are settings.</summary>
    public static WebApplication Build(params string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults(typeof(TraceabilityService).Assembly);
        builder.AddAnchoredEvents(new EventModel());

        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        app.MapAnchoredEvents();
        return app;
    }
}
