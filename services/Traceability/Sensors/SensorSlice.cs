using EventStore;

namespace Traceability.Sensors;

/// <summary>Wiring of sensors.</summary>
internal static class SensorSlice
{
    public static EventModel AddSensors(this EventModel model) => model
        .Event(DeviceRegistered.Type, SensorJson.Default.DeviceRegistered)
        .Event(BlockRecorded.Type, SensorJson.Default.BlockRecorded)
        .Migrate("trace-0421-sensors", SensorTables.Schema)
        .Migrate("trace-0422-sensor-points", SensorTables.Points)
        .Migrate("trace-0423-sensor-trails", SensorTables.Trails)
        .Migrate("trace-0424-sensor-keys", SensorTables.Keys)
        .Migrate("trace-0425-sensor-key-history", SensorTables.KeyHistory);

    public static void AddServices(IServiceCollection services) => services.AddSingleton<Devices>()
        .AddSingleton<SensorSight>().AddSingleton<BlockTrails>().AddSingleton<SensorCurves>();

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder sensors = app.MapGroup("/sensors");
        Devices.Map(sensors);
        RecordBlock.Map(sensors);
        GetSensors.Map(sensors);
        SensorCurves.Map(sensors);
    }
}
