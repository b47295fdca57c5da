using System.Text;
using System.Text.Json;
using Chain.Core;
using Shouldly;
using Xunit;
using static Chain.Tests.Ledger.OneValidatorChain;

namespace Chain.Tests.JsonRpc;

/// <summary>Answers have the members and forms of the examples of ethereum/execution-apis.</summary>
public sealed class ExecutionApiVectorTests : IAsyncLifetime
{
    private RpcNode _node = null!;

    /// <summary>Examples whose answer is the same on every chain.</summary>
    public static TheoryData<string> Replayed =>
    [
        "eth_getBlockByHash.get-block-by-notfound-hash",
        "eth_getTransactionByHash.get-notfound-tx",
        "eth_getTransactionReceipt.get-notfound-tx",
        "eth_getBlockReceipts.get-block-receipts-not-found",
        "eth_getLogs.filter-error-invalid-blockHash-and-range",
        "eth_getLogs.filter-error-future-block-range",
        "eth_getStorageAt.get-storage-invalid-key",
        "eth_getStorageAt.get-storage-invalid-key-too-large",
    ];

    public async Task InitializeAsync() => _node = await RpcNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [MemberData(nameof(Replayed))]
    public void An_example_that_depends_on_no_chain_has_the_same_answer(string name)
    {
        (string request, JsonElement expected) = Read(name);
        JsonElement answer = Handle(request);
        if (!expected.TryGetProperty("error", out JsonElement error))
        {
            JsonElement.DeepEquals(answer, expected).ShouldBeTrue(answer.GetRawText());
            return;
        }

        answer.GetProperty("error").GetProperty("code").GetInt32().ShouldBe(error.GetProperty("code").GetInt32());
        answer.GetProperty("error").GetProperty("message").GetString().ShouldBe(error.GetProperty("message").GetString());
    }

    [Fact]
    public void Blocks_transactions_receipts_logs_and_proofs_have_the_standard_form()
    {
        byte[] data = [.. ((UInt256)7).ToBigEndian(), .. UInt256.One.ToBigEndian()];
        Transaction dynamic = Transfer(0, to: Logger, data: data);
        _node.Chain.Send(dynamic);
        Transaction legacy = new Transaction
        {
            Type = TransactionType.Legacy,
            ChainId = ChainId,
            Nonce = 1,
            GasLimit = 100_000,
            Data = new byte[] { 0 },
        }.Sign(RichKey);
        _node.Chain.Send(legacy);
        Compare("eth_getBlockByNumber.get-block-shanghai-fork", "eth_getBlockByNumber", "[\"0x1\",false]");
        Compare("eth_getTransactionByHash.get-dynamic-fee", "eth_getTransactionByHash", $"[\"{dynamic.Hash}\"]");
        Compare("eth_getTransactionByHash.get-legacy-create", "eth_getTransactionByHash", $"[\"{legacy.Hash}\"]");
        Compare("eth_getTransactionReceipt.get-access-list", "eth_getTransactionReceipt", $"[\"{dynamic.Hash}\"]");
        Compare("eth_getLogs.topic-exact-match", "eth_getLogs", "[{\"fromBlock\":\"0x1\",\"toBlock\":\"0x1\"}]");
        Compare("eth_getProof.get-account-proof-with-storage", "eth_getProof",
            "[\"0x0000000000000000000000000000000000001000\",[\"0x00\"],\"latest\"]");
    }

    private void Compare(string name, string method, string parameters)
    {
        JsonElement answer = Handle($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""");
        CompareForm(name, Read(name).Expected.GetProperty("result"), answer.GetProperty("result"));
    }

    private static void CompareForm(string path, JsonElement expected, JsonElement actual)
    {
        actual.ValueKind.ShouldBe(expected.ValueKind, path);
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty member in expected.EnumerateObject())
                {
                    actual.TryGetProperty(member.Name, out JsonElement value).ShouldBeTrue($"{path}.{member.Name} is missing");
                    CompareForm($"{path}.{member.Name}", member.Value, value);
                }

                break;
            // Withdrawals and access lists are empty here.
            case JsonValueKind.Array when expected.GetArrayLength() > 0 && actual.GetArrayLength() > 0:
                CompareForm(path + "[0]", expected[0], actual[0]);
                break;
            case JsonValueKind.String:
                Form(actual.GetString()!).ShouldBe(Form(expected.GetString()!), path);
                break;
        }
    }

    /// <summary>Hashes, addresses and blooms by their length; the rest by whether it is a quantity or data.</summary>
    private static string Form(string text) => text.Length switch
    {
        18 or 42 or 66 or 514 => $"{(text.Length - 2) / 2} bytes",
        _ => text.StartsWith("0x", StringComparison.Ordinal) ? "0x…" : text,
    };

    private JsonElement Handle(string request) =>
        JsonDocument.Parse(_node.Dispatcher.Handle(Encoding.UTF8.GetBytes(request))!).RootElement.Clone();

    private static (string Request, JsonElement Expected) Read(string name)
    {
        string[] lines = File.ReadAllLines(VectorFiles.PathOf($"eth-rpc/{name}.io"));
        string request = lines.Single(l => l.StartsWith(">> ", StringComparison.Ordinal))[3..];
        string answer = lines.Single(l => l.StartsWith("<< ", StringComparison.Ordinal))[3..];
        return (request, JsonDocument.Parse(answer).RootElement.Clone());
    }
}
