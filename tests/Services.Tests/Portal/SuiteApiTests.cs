using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Portal;
using Portal.Components;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal;

public sealed class SuiteApiTests
{
    [Theory]
    [InlineData(HttpRequestError.ConnectionError, "key", "nothing was submitted")]
    [InlineData(HttpRequestError.ResponseEnded, "key", "nothing is recorded twice")]
    [InlineData(HttpRequestError.ResponseEnded, null, "not known whether this was done")]
    public async Task A_request_that_may_have_been_carried_out_is_not_called_unsent(
        HttpRequestError fault, string? key, string words)
    {
        var answer = await Api(fault).PostAsync("evidence", "deposits", new System.Text.Json.Nodes.JsonObject(), key, default);
        answer.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Problem!.ShouldContain(words);
    }

    [Fact]
    public async Task A_page_that_was_only_read_says_nothing_of_submitting() =>
        (await Api(HttpRequestError.ResponseEnded).GetAsync("evidence", "deposits", default)).Problem!.ShouldNotContain("submit");

    private static SuiteApi Api(HttpRequestError fault)
    {
        var request = new DefaultHttpContext();
        request.Request.Headers.AcceptLanguage = "en";
        var addresses = new ServiceAddresses(new ConfigurationBuilder()
            .AddInMemoryCollection([new($"{ServiceAddresses.Section}:evidence", "http://127.0.0.1:1")]).Build());
        return new SuiteApi(new Silent(fault), new One(null), addresses, new Language(new One(request)));
    }

    private sealed class One(HttpContext? context) : IHttpContextAccessor
    {
        public HttpContext? HttpContext { get; set; } = context;
    }

    private sealed class Silent(HttpRequestError fault) : HttpMessageHandler, IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel) =>
            throw new HttpRequestException(fault);
    }
}
