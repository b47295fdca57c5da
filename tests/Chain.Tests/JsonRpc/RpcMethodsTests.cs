using System.Net;
using System.Text;
using System.Text.Json;
using Chain.Core;
using Chain.JsonRpc;
using Chain.Ledger;
using Shouldly;
using Xunit;
using static Chain.Tests.Ledger.OneValidatorChain;

namespace Chain.Tests.JsonRpc;

public sealed class RpcMethodsTests : IAsyncLifetime
{
    private const string Unknown = "0x00000000000000000000000000000000000000000000000000000000deadbeef";
    private RpcNode _node = null!;

    public async Task InitializeAsync() => _node = await RpcNode.StartAsync(
        new RpcLimits { LogMaxBlocks = 50, LogMaxResults = 5, ProofMaxKeys = 2, BodyMaxBytes = 300_000 });

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("web3_clientVersion", "[]", "\"Chain/test\"")]
    [InlineData("net_version", "[]", "\"1001\"")]
    [InlineData("eth_chainId", "[]", "\"0x3e9\"")]
    [InlineData("eth_blockNumber", "[]", "\"0x0\"")]
    [InlineData("eth_syncing", "[]", "false")]
    [InlineData("eth_accounts", "[]", "[]")]
    [InlineData("eth_gasPrice", "[]", "\"0x0\"")]
    [InlineData("eth_maxPriorityFeePerGas", "[]", "\"0x0\"")]
    [InlineData("eth_getBlockByNumber", "[\"0x99\",false]", "null")]
    [InlineData("eth_getBlockByHash", "[\"" + Unknown + "\",false]", "null")]
    [InlineData("eth_getBlockReceipts", "[\"" + Unknown + "\"]", "null")]
    [InlineData("eth_getBlockTransactionCountByNumber", "[\"earliest\"]", "\"0x0\"")]
    [InlineData("eth_getTransactionByHash", "[\"" + Unknown + "\"]", "null")]
    [InlineData("eth_getTransactionReceipt", "[\"" + Unknown + "\"]", "null")]
    [InlineData("eth_getTransactionByBlockNumberAndIndex", "[\"latest\",\"0x0\"]", "null")]
    [InlineData("eth_getBalance", "[\"0x0000000000000000000000000000000000000001\"]", "\"0x0\"")]
    [InlineData("eth_getCode", "[\"0x0000000000000000000000000000000000000001\",\"latest\"]", "\"0x\"")]
    [InlineData("eth_getTransactionCount", "[\"0x0000000000000000000000000000000000000001\",\"pending\"]", "\"0x0\"")]
    [InlineData("eth_getStorageAt", "[\"0x0000000000000000000000000000000000001000\",\"0x0\",{\"blockNumber\":\"0x0\"}]",
        "\"0x0000000000000000000000000000000000000000000000000000000000000001\"")]
    [InlineData("eth_getLogs", "[{}]", "[]")]
    public void A_method_answers(string method, string parameters, string result) =>
        Call(method, parameters).Result!.Value.GetRawText().ShouldBe(result);

    [Theory]
    [InlineData("eth_chainId", "[1]", -32602)]
    [InlineData("eth_getBlockByNumber", "[]", -32602)]
    [InlineData("eth_getBlockByNumber", "[\"0x01\",false]", -32602)]
    [InlineData("eth_getBlockByNumber", "[\"10\",false]", -32602)]
    [InlineData("eth_getBlockByNumber", "[1,false]", -32602)]
    [InlineData("eth_getBlockByNumber", "[\"0x1\",\"yes\"]", -32602)]
    [InlineData("eth_getBlockByNumber", "[\"0x1\",false,1]", -32602)]
    [InlineData("eth_getBlockByHash", "[\"0x12\",false]", -32602)]
    [InlineData("eth_getBalance", "[\"0x12\"]", -32602)]
    [InlineData("eth_getBalance", "[\"0x0000000000000000000000000000000000000001\",\"0x99\"]", -32001)]
    [InlineData("eth_getBalance", "[\"0x0000000000000000000000000000000000000001\",{\"blockNumber\":\"0x0\",\"x\":1}]", -32602)]
    [InlineData("eth_getBalance", "[\"0x0000000000000000000000000000000000000001\",{}]", -32602)]
    [InlineData("eth_getStorageAt", "[\"0x0000000000000000000000000000000000000001\",\"0xasdf\",\"latest\"]", -32602)]
    [InlineData("eth_getProof", "[\"0x0000000000000000000000000000000000000001\",[\"0x0\",\"0x1\",\"0x2\"],\"latest\"]", -32602)]
    [InlineData("eth_call", "[{\"to\":\"0x12\"},\"latest\"]", -32602)]
    [InlineData("eth_call", "[{\"data\":\"0x00\",\"input\":\"0x01\"},\"latest\"]", -32602)]
    [InlineData("eth_call", "[{\"surprise\":\"0x00\"},\"latest\"]", -32602)]
    [InlineData("eth_sendRawTransaction", "[\"0x1\"]", -32602)]
    [InlineData("eth_sendRawTransaction", "[\"0x01\"]", -32000)]
    [InlineData("eth_getLogs", "[{\"fromBlock\":\"0x0\",\"toBlock\":\"0x9\"}]", -32602)]
    [InlineData("eth_getLogs", "[{\"fromBlock\":\"0x1\",\"toBlock\":\"0x0\"}]", -32602)]
    [InlineData("eth_getLogs", "[{\"blockHash\":\"" + Unknown + "\"}]", -32000)]
    [InlineData("eth_getLogs", "[{\"blockHash\":\"" + Unknown + "\",\"fromBlock\":\"0x0\"}]", -32602)]
    [InlineData("eth_getLogs", "[{\"topics\":[null,null,null,null,null]}]", -32602)]
    [InlineData("eth_getFilterChanges", "[\"0x77\"]", -32000)]
    [InlineData("eth_feeHistory", "[\"0x1\",\"latest\",[50,10]]", -32602)]
    [InlineData("eth_mystery", "[]", -32601)]
    public void A_malformed_call_is_refused(string method, string parameters, int code) =>
        Call(method, parameters).Error!.Value.GetProperty("code").GetInt32().ShouldBe(code);

    [Fact]
    public void Sending_twice_is_known_and_sending_an_old_nonce_too_low()
    {
        _node.AutoSeal = false;
        string raw = Hex.ToPrefixed(Transfer(0).Encoded.Span);
        Call("eth_sendRawTransaction", $"[\"{raw}\"]").Result!.Value.GetString().ShouldBe(Transfer(0).Hash.ToString());
        Message(Call("eth_sendRawTransaction", $"[\"{raw}\"]")).ShouldBe("already known");
        JsonElement pending = Call("eth_getTransactionByHash", $"[\"{Transfer(0).Hash}\"]").Result!.Value;
        pending.GetProperty("blockHash").ValueKind.ShouldBe(JsonValueKind.Null);
        Call("eth_getTransactionCount", $"[\"{Rich}\",\"pending\"]").Result!.Value.GetString().ShouldBe("0x1");
        Call("eth_getTransactionCount", $"[\"{Rich}\",\"latest\"]").Result!.Value.GetString().ShouldBe("0x0");
        _node.SealAll();
        Message(Call("eth_sendRawTransaction", $"[\"{raw}\"]")).ShouldStartWith("nonce too low");
    }

    [Fact]
    public void A_revert_has_code_3_with_its_data_and_reason()
    {
        string word = new string('0', 63) + "5";
        (JsonElement? _, JsonElement? error) = Call(
            "eth_call", $$"""[{"to":"{{Logger}}","data":"0x{{new string('0', 64)}}{{word}}"},"latest"]""");
        error!.Value.GetProperty("code").GetInt32().ShouldBe(3);
        error.Value.GetProperty("data").GetString().ShouldBe("0x" + word);
        Call("eth_estimateGas", $$"""[{"to":"{{Logger}}","data":"0x{{new string('0', 128)}}"}]""")
            .Error!.Value.GetProperty("code").GetInt32().ShouldBe(3);
    }

    [Fact]
    public void An_estimate_is_the_least_gas_that_succeeds()
    {
        Call("eth_estimateGas", $$"""[{"from":"{{Rich}}","to":"{{Rich}}"}]""").Result!.Value.GetString().ShouldBe("0x5208");
        string text = Call("eth_estimateGas", $$"""[{"from":"{{Rich}}","to":"{{BlockReader}}"}]""").Result!.Value.GetString()!;
        ulong gas = Convert.ToUInt64(text, 16);
        StateView state = _node.Chain.Ledger.StateAt(_node.Chain.Ledger.Head.Header);
        CallRequest request = new() { From = Rich, To = BlockReader };
        state.Call(request, gas).Succeeded.ShouldBeTrue();
        state.Call(request, gas - 1).Succeeded.ShouldBeFalse();
    }

    [Fact]
    public void Filters_give_what_is_new_since_they_were_asked_last()
    {
        string logs = Call("eth_newFilter", $$"""[{"address":"{{Logger}}"}]""").Result!.Value.GetString()!;
        string blocks = Call("eth_newBlockFilter", "[]").Result!.Value.GetString()!;
        SendLog(0, 7);
        SendLog(1, 8);
        Call("eth_getFilterChanges", $"[\"{logs}\"]").Result!.Value.GetArrayLength().ShouldBe(2);
        Call("eth_getFilterChanges", $"[\"{logs}\"]").Result!.Value.GetArrayLength().ShouldBe(0);
        SendLog(2, 9);
        Call("eth_getFilterChanges", $"[\"{logs}\"]").Result!.Value.GetArrayLength().ShouldBe(1);
        Call("eth_getFilterChanges", $"[\"{blocks}\"]").Result!.Value.GetArrayLength().ShouldBe(3);
        Call("eth_uninstallFilter", $"[\"{logs}\"]").Result!.Value.GetBoolean().ShouldBeTrue();
        Call("eth_uninstallFilter", $"[\"{logs}\"]").Result!.Value.GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public void Too_many_logs_or_blocks_are_refused_by_a_limit()
    {
        for (ulong nonce = 0; nonce < 6; nonce++)
        {
            SendLog(nonce, 7);
        }

        Call("eth_getLogs", "[{\"fromBlock\":\"0x0\"}]").Error!.Value.GetProperty("code").GetInt32().ShouldBe(-32005);
        Call("eth_getLogs", "[{\"fromBlock\":\"0x2\"}]").Result!.Value.GetArrayLength().ShouldBe(5);
        for (ulong nonce = 6; nonce < 52; nonce++)
        {
            _node.Chain.Send(Transfer(nonce));
        }

        Call("eth_getLogs", "[{\"fromBlock\":\"0x0\"}]").Error!.Value.GetProperty("message").GetString()!
            .ShouldStartWith("block range too wide");
    }

    [Fact]
    public async Task Http_refuses_large_bodies_other_content_and_unknown_groups()
    {
        using HttpClient http = new();
        (await PostAsync(http, _node.Url, new string(' ', 300_001), "application/json")).ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await PostAsync(http, _node.Url, "{}", "text/plain")).ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await PostAsync(http, new Uri(_node.Url, "/other"), "{}", "application/json")).ShouldBe(HttpStatusCode.NotFound);
        (await PostAsync(http, _node.Url, "{\"jsonrpc\":\"2.0\",\"method\":\"eth_chainId\"}", "application/json"))
            .ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public void Fee_history_is_of_zero_fees()
    {
        _node.Chain.Send(Transfer(0));
        JsonElement history = Call("eth_feeHistory", "[\"0x5\",\"latest\",[10,50]]").Result!.Value;
        history.GetProperty("oldestBlock").GetString().ShouldBe("0x0");
        history.GetProperty("baseFeePerGas").GetArrayLength().ShouldBe(3);
        history.GetProperty("reward")[1].GetRawText().ShouldBe("[\"0x0\",\"0x0\"]");
    }

    [Fact]
    public void Validators_and_seals_of_a_block_are_told()
    {
        _node.Chain.Send(Transfer(0));
        JsonElement seals = Call("chain_getSeals", "[\"latest\"]").Result!.Value;
        seals.GetProperty("seals")[0].GetProperty("signer").GetString().ShouldBe(Validator.ToString());
        Call("chain_getValidators", "[\"pending\"]").Result!.Value[0].GetString().ShouldBe(Validator.ToString());
    }

    private void SendLog(ulong nonce, ulong topic) => _node.Chain.Send(
        Transfer(nonce, to: Logger, data: [.. ((UInt256)topic).ToBigEndian(), .. ((UInt256)1).ToBigEndian()]));

    private static async Task<HttpStatusCode> PostAsync(HttpClient http, Uri url, string body, string type) =>
        (await http.PostAsync(url, new StringContent(body, Encoding.UTF8, type))).StatusCode;

    private static string Message((JsonElement? Result, JsonElement? Error) answer) =>
        answer.Error!.Value.GetProperty("message").GetString()!;

    private (JsonElement? Result, JsonElement? Error) Call(string method, string parameters)
    {
        byte[] answer = _node.Dispatcher.Handle(Encoding.UTF8.GetBytes(
            $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}"""))!;
        JsonElement root = JsonDocument.Parse(answer).RootElement.Clone();
        return root.TryGetProperty("error", out JsonElement error) ? (null, error) : (root.GetProperty("result"), null);
    }
}
