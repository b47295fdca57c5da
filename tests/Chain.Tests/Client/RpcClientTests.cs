using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Chain.Client;
using Shouldly;
using Xunit;

namespace Chain.Tests.Client;

public sealed class RpcClientTests
{
    [Fact]
    public async Task A_dead_node_is_passed_over_and_the_good_one_is_kept()
    {
        List<string> asked = [];
        RpcClient client = New(
            (uri, id) =>
            {
                asked.Add(uri.Host);
                return uri.Host == "one" ? throw new HttpRequestException("refused") : Ok($$"""{"jsonrpc":"2.0","id":{{id}},"result":"0x1"}""");
            },
            "http://one/", "http://two/");
        (await client.CallAsync("m", [], CancellationToken.None)).GetString().ShouldBe("0x1");
        await client.CallAsync("m", [], CancellationToken.None);
        asked.ShouldBe(["one", "two", "two"]);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("7")]
    public async Task An_answer_that_is_no_json_rpc_counts_as_no_answer(string body) =>
        (await Should.ThrowAsync<NodesUnreachableException>(
            New((_, _) => Ok(body), "http://one/").CallAsync("m", [], CancellationToken.None)))
            .Failures.Count.ShouldBe(1);

    [Fact]
    public async Task An_error_answer_is_an_answer()
    {
        RpcClient client = New(
            (_, id) => Ok(
                $$$"""{"jsonrpc":"2.0","id":{{{id}}},"error":{"code":3,"message":"execution reverted","data":"0x01"}}"""),
            "http://one/", "http://two/");
        RpcErrorException error = await Should.ThrowAsync<RpcErrorException>(
            client.CallAsync("m", [], CancellationToken.None));
        error.Code.ShouldBe(3);
        error.ErrorData.ShouldBe("\"0x01\"");
    }

    [Fact]
    public async Task Answers_of_a_batch_are_put_in_order()
    {
        RpcClient client = New(
            (_, id) => Ok($$"""[{"jsonrpc":"2.0","id":{{id + 1}},"result":2},{"jsonrpc":"2.0","id":{{id}},"result":1}]"""),
            "http://one/");
        (await client.BatchAsync([("a", []), ("b", [])], CancellationToken.None))
            .Select(r => r.GetInt32()).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Cancelling_is_no_failure_of_a_node()
    {
        using CancellationTokenSource source = new();
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(
            New((_, _) => throw new OperationCanceledException(), "http://one/").CallAsync("m", [], source.Token));
    }

    private static HttpResponseMessage Ok(string body) =>
        new(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private static RpcClient New(Func<Uri, long, HttpResponseMessage> answer, params string[] nodes) =>
        new(new HttpClient(new Handler(answer)), nodes.Select(n => new Uri(n)));

    private sealed class Handler(Func<Uri, long, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
        {
            JsonNode call = JsonNode.Parse(await request.Content!.ReadAsStringAsync(CancellationToken.None))!;
            long id = (long)(call is JsonArray batch ? batch[0]! : call)["id"]!;
            return answer(request.RequestUri!, id);
        }
    }
}
