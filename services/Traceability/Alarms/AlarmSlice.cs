namespace Traceability.Alarms;

/// <summary>Wires alarms into the service.</summary>
internal static class AlarmSlice
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<AlarmReading>();
        services.AddSingleton<AlarmItems>();
        services.AddSingleton<Movements>();
        services.AddSingleton<AlarmRecorder>();
        services.AddSingleton<AlarmRound>();
        services.AddSingleton<AlarmWorker>();
        services.AddHostedService(p => p.GetRequiredService<AlarmWorker>());
        services.AddTransient<AlarmPack>();
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder alarms = app.MapGroup("/alarms");
        GetAlarms.Map(alarms);
        ActOnAlarm.Map(alarms);
        AlarmSettings.Map(alarms);
        GetPack.Map(alarms);
        ReportChecks.Map(app);
    }
}
