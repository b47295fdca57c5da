using System.Text.Encodings.Web;
using System.Text.Json;
using Anchor;
using Anchor.Groups;
using Anchor.Intake;
using Anchor.Keys;
using Npgsql;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Relay;
using ServiceDefaults.Stores;

if (args is ["keys", "--out", var file, "--groups", var groups])
{
    var created = KeyFile.Create(file, groups.Split(',', StringSplitOptions.RemoveEmptyEntries));
    // Base64 holds plus signs, which a shell should find as they are.
    var plain = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    Console.WriteLine(JsonSerializer.Serialize(created, plain));
    return 0;
}
if (args is ["keys", ..])
{
    Console.Error.WriteLine("usage: Anchor keys --out FILE --groups a,b,c");
    return 2;
}

var builder = ServiceDefaultsExtensions.CreateServiceBuilder(args);
builder.AddServiceDefaults(typeof(AnchorOptions).Assembly);
builder.AddEventsRecordedConsumer<EventsRecordedConsumer>();
var services = builder.Services;
services.AddOptions<AnchorOptions>().BindConfiguration(AnchorOptions.Section).ValidateDataAnnotations().ValidateOnStart();
services.AddSingleton(_ => NpgsqlDataSource.Create(builder.Configuration.GetConnectionString("Store")
    ?? throw new InvalidOperationException("Setting ConnectionStrings:Store is missing.")));
services.AddHostedService<ConnectionWatch>();
services.AddHttpClient(AnchorGroups.FeedClientName, c => c.Timeout = TimeSpan.FromSeconds(20))
    .AddHttpMessageHandler<ServiceTokenHandler>();
services.AddHttpClient(AnchorGroups.NodeClientName, c => c.Timeout = TimeSpan.FromSeconds(20));
services.AddHttpClient(AnchorGroups.WitnessClientName, c =>
{
    (c.Timeout, c.MaxResponseContentBufferSize) = (TimeSpan.FromSeconds(5), 64 * 1024);
}).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
services.AddSingleton<AnchorGroups>();
services.AddHostedService(p => p.GetRequiredService<AnchorGroups>());
services.AddSingleton<GroupMetrics>();
services.AddHealthChecks().AddCheck<GroupHealth>("groups", tags: [ServiceDefaultsExtensions.ReadyTag]);

var app = builder.Build();
app.Services.GetRequiredService<GroupMetrics>();
app.MapServiceDefaults();
app.MapAnchor();
await app.RunAsync();
return 0;
