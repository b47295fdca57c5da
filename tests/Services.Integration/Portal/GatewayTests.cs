using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Gateway;
using ServiceDefaults;
using ServiceDefaults.Problems;
using Shouldly;
using Xunit;

namespace Services.Integration.Portal;

/// <summary>The gateway before a service that answers with what reached it.</summary>
public sealed class GatewayTests : IAsyncLifetime
{
    private static readonly HttpClient Client = new();
    private readonly WebApplication _service = Application();
    private WebApplication? _portal;

    public async Task InitializeAsync()
    {
        _service.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsync(
                context.Features.Get<IHttpRequestFeature>()!.RawTarget + "\n"
                + string.Join('\n', context.Request.Headers.Select(h => $"{h.Key}: {h.Value}")));
        });
        await _service.StartAsync();
        _portal = Application(builder =>
        {
            foreach (var name in (string[])["identity", "evidence", "anchor"])
                builder.Configuration[$"{ServiceAddresses.Section}:{name}"] = _service.Urls.Single();
            builder.Services.AddSingleton<ServiceAddresses>();
            builder.Services.AddSingleton(new ProblemCatalog(typeof(ProblemCatalog).Assembly));
            builder.AddGateway();
        });
        _portal.MapGateway();
        await _portal.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_portal is not null)
            await _portal.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Theory]
    [InlineData("/api/evidence/deposits?limit=1", "/deposits?limit=1")]
    [InlineData("/api/evidence/http://127.0.0.1:1/steal", "/http://127.0.0.1:1/steal")]
    [InlineData("/api/identity//127.0.0.1:1/steal", "//127.0.0.1:1/steal")]
    [InlineData("/api/identity/%5C%5C127.0.0.1:1%5Csteal", "/%5C%5C127.0.0.1:1%5Csteal")]
    [InlineData("/api/evidence/a%3Fb%23c", "/a%3Fb%23c")]
    [InlineData("/evidence/tile/0/x001/067", "/evidence/tile/0/x001/067")]
    [InlineData("/a-later-group/checkpoint", "/a-later-group/checkpoint")]
    public async Task A_path_never_leads_to_another_host(string asked, string reached)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, _portal!.Urls.Single() + asked);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "token");
        using HttpResponseMessage answer = await Client.SendAsync(request);
        (await answer.Content.ReadAsStringAsync()).Split('\n')[0].ShouldBe(reached);
    }

    [Theory]
    [InlineData("epcs/https:%2F%2Fid.gs1.org%2F01%2F1%2F21%2Fa%252Fb")]
    [InlineData("a%25b?x=%2520")]
    [InlineData("%41+b/%E4%B8%AD%2f%C3%A9")]
    public async Task A_path_arrives_as_the_client_sent_it(string path)
    {
        using HttpResponseMessage answer = await Client.GetAsync(new Uri(
            $"{_portal!.Urls.Single()}/api/evidence/{path}",
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        (await answer.Content.ReadAsStringAsync()).Split('\n')[0].ShouldBe("/" + path);
    }

    [Theory]
    [InlineData("metrics")]
    [InlineData("feed?after=0&limit=10")]
    [InlineData("feed/head")]
    [InlineData("health/ready")]
    [InlineData("Feed/Head/")]
    [InlineData("/metrics")]
    [InlineData("%6Detrics")]
    [InlineData("%256Detrics")]
    [InlineData("x/%2e%2e/metrics")]
    [InlineData("x/%252e%252e/metrics")]
    [InlineData("feed%2Fhead")]
    public async Task What_services_tell_each_other_is_not_public(string path)
    {
        foreach (var service in (string[])["identity", "evidence", "anchor"])
        {
            using HttpResponseMessage answer = await Client.GetAsync(new Uri(
                $"{_portal!.Urls.Single()}/api/{service}/{path}",
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
            answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound, $"{service} {path}");
        }
    }

    [Fact]
    public async Task What_a_client_says_about_proxies_is_dropped_and_cookies_go_to_identity_alone()
    {
        string[] evidence = await HeadersAsync("/api/evidence/deposits");
        evidence.ShouldContain("X-Forwarded-For: 127.0.0.1");
        evidence.ShouldNotContain(h => h.Contains("203.0.113.9", StringComparison.Ordinal));
        evidence.ShouldNotContain(h => h.StartsWith("Cookie:", StringComparison.Ordinal));
        (await HeadersAsync("/api/identity/users")).ShouldContain("Cookie: identity-session=s");

        async Task<string[]> HeadersAsync(string path)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, _portal!.Urls.Single() + path);
            foreach (var name in (string[])["X-Forwarded-For", "X-Forwarded-Prefix", "Forwarded", "X-Real-IP"])
                request.Headers.TryAddWithoutValidation(name, "203.0.113.9");
            request.Headers.Add("Cookie", "identity-session=s");
            using HttpResponseMessage answer = await Client.SendAsync(request);
            return (await answer.Content.ReadAsStringAsync()).Split('\n');
        }
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_as_too_large_whether_or_not_its_length_was_said()
    {
        foreach (bool chunked in (bool[])[false, true])
        {
            using HttpRequestMessage request = new(HttpMethod.Post, _portal!.Urls.Single() + "/api/evidence/deposits")
            {
                Content = new ByteArrayContent(new byte[(1 << 20) + 1]),
            };
            request.Headers.TransferEncodingChunked = chunked;
            request.Headers.ExpectContinue = true;
            using HttpResponseMessage answer = await Client.SendAsync(request);
            answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.RequestEntityTooLarge, $"chunked: {chunked}");
            (await answer.Content.ReadAsStringAsync()).ShouldContain("body-too-large");
        }
    }

    private static WebApplication Application(Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        configure?.Invoke(builder);
        return builder.Build();
    }
}
