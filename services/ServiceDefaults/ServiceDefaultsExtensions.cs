using System.Net;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Telemetry;

namespace ServiceDefaults;

/// <summary>What every service has in common.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Environment variable that names the configuration file.</summary>
    public const string ConfigVariable = "APPS_CONFIG";

    /// <summary>Tag of health checks that decide whether the service is ready.</summary>
    public const string ReadyTag = "ready";

    /// <summary>
    /// A service's host. Its content root is the program's folder: the host watches its content root for changed
    /// settings, all folders below included, and the folder a service is started in holds data of other parts.
    /// </summary>
    /// <param name="args">Settings of the command line.</param>
    public static WebApplicationBuilder CreateServiceBuilder(params string[] args) =>
        WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

    /// <summary>
    /// Adds the configuration file, strict JSON, problems, token checks, rate limits, health, telemetry and logging.
    /// </summary>
    /// <param name="builder">The service's host.</param>
    /// <param name="service">The assembly whose <c>Problems.json</c> words the service's own problems.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, Assembly service)
    {
        // The server span's name and route are set by ServiceTelemetry.NameSpan.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        if (Environment.GetEnvironmentVariable(ConfigVariable) is { Length: > 0 } file)
            builder.Configuration.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
        if (builder.Configuration["Urls"] is { Length: > 0 } urls)
            builder.WebHost.UseUrls(urls);

        IServiceCollection services = builder.Services;
        services.AddOptions<ServiceOptions>().BindConfiguration(ServiceOptions.Section)
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ClientOptions>().BindConfiguration(ClientOptions.Section).ValidateDataAnnotations();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new ProblemCatalog(typeof(ProblemCatalog).Assembly, service));
        services.AddSingleton<ServiceAddresses>();
        services.AddSingleton<ServiceTokens>();
        services.AddTransient<ServiceTokenHandler>();
        services.AddHttpClient(nameof(ServiceTokens), c => c.Timeout = TimeSpan.FromSeconds(5));
        services.AddExceptionHandler<FaultHandler>();
        services.AddProblemDetails();
        services.AddBearer(builder.Configuration);
        services.AddOpenRate(builder.Configuration);
        services.AddHealthChecks();
        services.AddSingleton(p => new ServiceTelemetry(
            p.GetRequiredService<IOptions<ServiceOptions>>().Value.Name, builder.Configuration));
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(o => StrictJson.Apply(o.SerializerOptions));
        services.Configure<ForwardedHeadersOptions>(o =>
        {
            // Only the portal may speak for a client; it drops what clients send. It is on this machine, or in a
            // network that setting Proxies names and that nobody but the suite is on.
            o.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            o.KnownProxies.Clear();
            o.KnownProxies.Add(IPAddress.Loopback);
            o.KnownProxies.Add(IPAddress.IPv6Loopback);
            foreach (string network in builder.Configuration.GetSection("Proxies").Get<string[]>() ?? [])
                o.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
        });
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            k.Limits.MaxRequestBodySize = BodyLimit.DefaultBytes;
            k.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.UseUtcTimestamp = true;
            o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        // A part that is not ready yet is asked many times a second; whoever asks shows the answer.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        // The handler below logs faults once, with the path and without the request.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None);
        return builder;
    }

    /// <summary>Adds the common middleware, <c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c>.</summary>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.Use(ServiceTelemetry.NameSpan);
        app.UseExceptionHandler();
        app.UseStatusCodePages(static context => EmptyAnswer(context.HttpContext));
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();

        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            // A broker that is down delays publishing, never the service.
            Predicate = check => check.Tags.Contains(ReadyTag) && !check.Tags.Contains("masstransit"),
            ResponseWriter = WriteHealth,
        }).AllowAnonymous();
        ServiceTelemetry telemetry = app.Services.GetRequiredService<ServiceTelemetry>();
        app.MapGet("/metrics", () => TypedResults.Text(telemetry.Collect(), "text/plain; version=0.0.4"))
            .AllowAnonymous();
        OtherMethods others = new(
            app.Services.GetRequiredService<EndpointDataSource>(),
            app.Services.GetRequiredService<ParameterPolicyFactory>());
        app.MapFallback(others.Answer).AllowAnonymous();
        return app;
    }

    private static Task EmptyAnswer(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => Problem.Of("not-found").ExecuteAsync(context),
        StatusCodes.Status405MethodNotAllowed => Problem.Of("method-not-allowed", ("method", context.Request.Method),
            ("allow", context.Response.Headers.Allow.ToString())).ExecuteAsync(context),
        StatusCodes.Status413PayloadTooLarge => Problem.Of("body-too-large").ExecuteAsync(context),
        StatusCodes.Status415UnsupportedMediaType => Problem.Of("media-type-unsupported").ExecuteAsync(context),
        StatusCodes.Status400BadRequest => Problem.Of("request-malformed").ExecuteAsync(context),
        _ => Task.CompletedTask,
    };

    private static Task WriteHealth(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsJsonAsync(new HealthAnswer(
            report.Status.ToString(),
            report.Entries.ToDictionary(e => e.Key, e => e.Value.Description ?? e.Value.Status.ToString())));
    }

    private sealed record HealthAnswer(string Status, IReadOnlyDictionary<string, string> Checks);
}

/// <summary>The JSON rules of commands: what is not understood is refused, never guessed.</summary>
public static class StrictJson
{
    /// <summary>Options for reading requests outside of endpoint binding.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Sets the rules.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.MaxDepth = 16;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
    }

    private static JsonSerializerOptions Create()
    {
        JsonSerializerOptions options = new(JsonSerializerDefaults.Web);
        Apply(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
