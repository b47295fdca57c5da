using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.JsonRpc;
using Shouldly;
using Xunit;

namespace Chain.Tests.JsonRpc;

public sealed class RpcDispatcherTests
{
    private static readonly RpcDispatcher Dispatcher = new(
        new Dictionary<string, RpcMethod>
        {
            ["echo"] = p => JsonNode.Parse(p[0].GetRawText()),
            ["null"] = _ => null,
            ["fail"] = _ => throw new InvalidOperationException("secret"),
            ["refuse"] = _ => throw new RpcException(3, "execution reverted", "0x01"),
        },
        new RpcLimits { BatchMaxCalls = 3, ResponseMaxBytes = 200 });

    [Theory]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":[[1]]}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[1]}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"null\"}", "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":null}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"null\",\"params\":null}",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":null}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"refuse\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":3,\"message\":\"execution reverted\",\"data\":\"0x01\"}}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"fail\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32603,\"message\":\"internal error\"}}")]
    public void A_call_is_answered(string request, string answer) => Handle(request).ShouldBe(answer);

    [Theory]
    [InlineData("{", -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"null\"}", -32700)]
    [InlineData("1", -32600)]
    [InlineData("[]", -32600)]
    [InlineData("[1]", -32600)]
    [InlineData("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"null\"}", -32600)]
    [InlineData("{\"id\":1,\"method\":\"null\"}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"null\"}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"null\"}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"null\",\"extra\":1}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"null\",\"params\":{}}", -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"none\"}", -32601)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"}", -32602)]
    public void A_malformed_request_has_a_standard_code(string request, int code) =>
        Code(Handle(request)!).ShouldBe(code);

    [Fact]
    public void A_notification_is_not_answered() =>
        Handle("{\"jsonrpc\":\"2.0\",\"method\":\"null\"}").ShouldBeNull();

    [Fact]
    public void A_batch_is_answered_in_order_without_its_notifications() =>
        Handle("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"null\"},{\"jsonrpc\":\"2.0\",\"method\":\"null\"},"
            + "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"echo\",\"params\":[7]}]")
            .ShouldBe("[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null},{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":7}]");

    [Fact]
    public void A_batch_over_the_limit_is_refused_whole()
    {
        string call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"null\"}";
        Code(Handle($"[{call},{call},{call},{call}]")!).ShouldBe(RpcException.LimitExceeded);
    }

    [Fact]
    public void A_batch_whose_answers_grow_too_large_is_refused()
    {
        string call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":[\"" + new string('x', 150) + "\"]}";
        Code(Handle($"[{call},{call},{call}]")!).ShouldBe(RpcException.LimitExceeded);
    }

    [Fact]
    public void Deeply_nested_json_is_refused() =>
        Code(Handle(new string('[', 10_000) + new string(']', 10_000))!).ShouldBe(RpcException.ParseError);

    private static string? Handle(string request) =>
        Dispatcher.Handle(Encoding.UTF8.GetBytes(request)) is { } answer ? Encoding.UTF8.GetString(answer) : null;

    private static int Code(string answer)
    {
        JsonElement root = JsonDocument.Parse(answer).RootElement;
        return (root.ValueKind == JsonValueKind.Array ? root[0] : root).GetProperty("error").GetProperty("code").GetInt32();
    }
}
