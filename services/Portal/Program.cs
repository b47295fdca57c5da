using System.Text.Encodings.Web;
using System.Text.Unicode;
using Portal;
using Portal.Components;
using Portal.Gateway;
using Portal.SignIn;
using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(typeof(Program).Assembly);
builder.AddGateway();
builder.AddSignIn();
builder.AddReadiness();
builder.Services.AddHttpContextAccessor();
builder.Services.AddHttpClient("suite", client => client.Timeout = TimeSpan.FromSeconds(30));
builder.Services.AddScoped<Language>();
builder.Services.AddScoped<SuiteApi>();
builder.Services.AddRazorComponents();
// Chinese as it is, not as entities five times as long.
builder.Services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
builder.Services.AddResponseCompression(options => options.EnableForHttps = true);

var app = builder.Build();
app.UsePageHeaders();
app.UseResponseCompression();
app.MapServiceDefaults();
app.UseAntiforgery();
app.MapStaticAssets().AllowAnonymous();
app.MapGateway();
app.MapSignIn();
app.MapLive();
app.MapDownloads();
app.MapRazorComponents<App>();
app.Run();
