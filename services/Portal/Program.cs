using System.Text.Encodings.Web;
using System.Text.Unicode;
using Portal;
using Portal.Components;
using Portal.Gateway;
using Portal.SignIn;
using ServiceDefaults;
using ServiceDefaults.Problems;

// The pages' files stand beside the program, wherever it is started from.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddServiceDefaults(typeof(Program).Assembly);
builder.AddGateway();
builder.AddSignIn();
builder.AddReadiness();
builder.Services.AddSingleton<AuditReport>();
builder.Services.AddHttpContextAccessor();
builder.Services.AddHttpClient("suite", client => client.Timeout = TimeSpan.FromSeconds(30));
builder.Services.AddHttpClient(SuiteApi.Slow, client => client.Timeout = TimeSpan.FromMinutes(3));
builder.Services.AddScoped<Portal.Components.Language>();
builder.Services.AddScoped<SuiteApi>();
builder.Services.AddScoped<OrganisationNames>();
builder.Services.AddScoped<Portal.Components.Pages.Vouchers.Parties>();
builder.Services.AddScoped<ShownOnce>();
builder.Services.AddScoped<AnchorDelay>();
builder.Services.AddSingleton<Portal.Components.Pages.Evidence.BatchResults>();
builder.Services.AddRazorComponents();
// Chinese as it is, not as entities five times as long.
builder.Services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
builder.Services.AddResponseCompression(options => options.EnableForHttps = true);

var app = builder.Build();
app.UsePageHeaders();
app.UseResponseCompression();
app.MapServiceDefaults();
app.UseOwnMetrics();
app.UseAntiforgery();
app.MapStaticAssets().AllowAnonymous();
// Where browsers look for it unasked, whoever is signed in.
app.MapGet("/favicon.ico", (IWebHostEnvironment host) => host.WebRootFileProvider.GetFileInfo("mark.svg") is { Exists: true } mark
    ? Results.Stream(mark.CreateReadStream(), "image/svg+xml") : Results.NotFound()).AllowAnonymous();
app.MapGateway();
app.Map("/api/{**path}", () => Problem.Of("not-found")).AllowAnonymous();
app.MapSignIn();
foreach (var section in Section.All) section.Map?.Invoke(app);
app.MapRazorComponents<App>();
// Its gauges are there from the start, not from the first look at a page.
app.Services.GetRequiredService<AuditReport>();
app.Run();
