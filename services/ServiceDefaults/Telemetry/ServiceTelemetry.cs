using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ServiceDefaults.Telemetry;

/// <summary>
/// Traces and metrics of one process. Metrics are always readable as Prometheus text; both go to an OTLP collector where
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one.
/// </summary>
internal sealed class ServiceTelemetry : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PrometheusText _text = new();
    private readonly BaseExportingMetricReader _reader;
    private readonly MeterProvider _meters;
    private readonly TracerProvider? _tracer;

    public ServiceTelemetry(string service, IConfiguration configuration)
    {
        ResourceBuilder resource = ResourceBuilder.CreateDefault().AddService(service);
        bool export = configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 };
        _reader = new BaseExportingMetricReader(_text);
        MeterProviderBuilder meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http",
                "System.Runtime", "Npgsql", "MassTransit", "EventStore", "Relay", service)
            .AddReader(_reader);
        if (export)
            meters.AddOtlpExporter();
        _meters = meters.Build();
        if (export)
        {
            _tracer = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource("Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "MassTransit", "EventStore", service)
                .AddOtlpExporter()
                .Build();
        }
    }

    /// <summary>The metrics now.</summary>
    public string Collect()
    {
        lock (_gate)
        {
            _reader.Collect(timeoutMilliseconds: 2000);
            return _text.Last;
        }
    }

    public void Dispose()
    {
        _meters.Dispose();
        _tracer?.Dispose();
        _text.Dispose();
    }

    /// <summary>Names the server span after its route, which the host does not know when it starts the span.</summary>
    public static async Task NameSpan(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } activity)
            return;
        string? route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        activity.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        activity.SetTag("http.route", route);
        activity.SetTag("http.response.status_code", context.Response.StatusCode);
        if (context.Response.StatusCode >= 500)
            activity.SetStatus(ActivityStatusCode.Error);
    }
}
