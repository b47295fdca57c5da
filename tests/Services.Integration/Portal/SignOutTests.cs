using System.Net;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.SignIn;
using Shouldly;
using Xunit;

namespace Services.Integration.Portal;

public sealed class SignOutTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("portal-").FullName;
    private WebApplication? _portal;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Service:Data"] = _folder,
            ["Portal:Origin"] = "http://portal.example",
            ["Portal:ClientId"] = "portal",
            ["Portal:ClientSecret"] = "secret",
        });
        builder.AddSignIn();
        builder.Services.AddAntiforgery().AddHttpClient().AddSingleton(TimeProvider.System);
        _portal = builder.Build();
        _portal.MapSignIn();
        _portal.MapGet("/form", (HttpContext context, IAntiforgery antiforgery) => antiforgery.GetAndStoreTokens(context).RequestToken);
        await _portal.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_portal is not null)
            await _portal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Another_site_can_not_sign_a_person_out()
    {
        using HttpClient client = new(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(_portal!.Urls.Single()),
        };
        var token = await client.GetStringAsync(new Uri("/form", UriKind.Relative));
        (await PostAsync()).ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(("__RequestVerificationToken", "forged"))).ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(("__RequestVerificationToken", token))).ShouldBe(HttpStatusCode.Redirect);

        async Task<HttpStatusCode> PostAsync(params (string Name, string Value)[] fields)
        {
            using FormUrlEncodedContent form = new(fields.ToDictionary(f => f.Name, f => f.Value));
            using HttpResponseMessage answer = await client.PostAsync(new Uri("/sign-out", UriKind.Relative), form);
            return answer.StatusCode;
        }
    }
}
