using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Core;

namespace Chain.Tests.Client;

/// <summary>What the fake node does with one request.</summary>
internal enum NodeMood
{
    /// <summary>Handles and answers it.</summary>
    Good,

    /// <summary>Handles it, and the answer is lost.</summary>
    LosesAnswer,

    /// <summary>Can't be reached.</summary>
    Dead,

    /// <summary>Answers with HTTP 503.</summary>
    Unavailable,
}

/// <summary>One chain with a pool of its own behind HTTP, whose moods a test sets.</summary>
internal sealed class FlakyNode : HttpMessageHandler
{
    private readonly Dictionary<Hash32, Transaction> _pool = [];
    private readonly Dictionary<Hash32, (ulong Block, bool Succeeds)> _mined = [];
    private readonly Dictionary<Address, ulong> _nonces = [];

    public Func<string, NodeMood> Mood { get; set; } = static _ => NodeMood.Good;

    /// <summary>How many sends must arrive before a block is made; large: never.</summary>
    public int MineAfterSends { get; set; } = 1;

    public bool Reverts { get; set; }

    public string? Refusal { get; set; }

    public List<string> Calls { get; } = [];

    public List<Hash32> Sent { get; } = [];

    public int MinedCount => _mined.Count;

    public void Mine()
    {
        foreach ((Hash32 hash, Transaction transaction) in _pool)
        {
            transaction.TryGetSender(out Address sender);
            if (transaction.Nonce == _nonces.GetValueOrDefault(sender))
            {
                _mined.Add(hash, ((ulong)_mined.Count + 1, !Reverts));
                _nonces[sender] = transaction.Nonce + 1;
            }
        }

        _pool.Clear();
    }

    /// <summary>Somebody else uses the key's next nonce.</summary>
    public void UseNonce(Address sender) => _nonces[sender] = _nonces.GetValueOrDefault(sender) + 1;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        JsonElement call = JsonDocument.Parse(await request.Content!.ReadAsStringAsync(cancellation)).RootElement;
        string method = call.GetProperty("method").GetString()!;
        Calls.Add(method);
        NodeMood mood = Mood(method);
        if (mood == NodeMood.Dead)
        {
            throw new HttpRequestException("connection refused");
        }

        if (mood == NodeMood.Unavailable)
        {
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        }

        JsonObject answer = new() { ["jsonrpc"] = "2.0", ["id"] = call.GetProperty("id").GetInt64() };
        (JsonNode? result, string? error) = Handle(method, call.GetProperty("params"));
        if (error is null)
        {
            answer["result"] = result;
        }
        else
        {
            answer["error"] = new JsonObject { ["code"] = -32000, ["message"] = error };
        }

        return mood == NodeMood.LosesAnswer
            ? throw new HttpRequestException("connection reset")
            : new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent(answer.ToJsonString(), Encoding.UTF8, "application/json"),
            };
    }

    private (JsonNode? Result, string? Error) Handle(string method, JsonElement parameters) => method switch
    {
        "eth_sendRawTransaction" => Send(Hex.Parse(parameters[0].GetString())),
        "eth_getTransactionCount" =>
            ("0x" + _nonces.GetValueOrDefault(Address.Parse(parameters[0].GetString())).ToString("x", null), null),
        "eth_getTransactionReceipt" => (Receipt(Hash32.Parse(parameters[0].GetString())), null),
        _ => (null, "the method does not exist"),
    };

    private (JsonNode? Result, string? Error) Send(byte[] raw)
    {
        Transaction.TryDecode(raw, out Transaction transaction);
        transaction.TryGetSender(out Address sender);
        Sent.Add(transaction.Hash);
        if (Refusal is not null)
        {
            return (null, Refusal);
        }

        if (_pool.ContainsKey(transaction.Hash))
        {
            return Mining((null, "already known"));
        }

        if (transaction.Nonce < _nonces.GetValueOrDefault(sender))
        {
            return (null, "nonce too low: next nonce 1, tx nonce 0");
        }

        _pool[transaction.Hash] = transaction;
        return Mining((transaction.Hash.ToString(), null));
    }

    private (JsonNode? Result, string? Error) Mining((JsonNode?, string?) answer)
    {
        if (Sent.Count >= MineAfterSends)
        {
            Mine();
        }

        return answer;
    }

    private JsonObject? Receipt(Hash32 hash) => !_mined.TryGetValue(hash, out (ulong Block, bool Succeeds) mined)
        ? null
        : new JsonObject
        {
            ["transactionHash"] = hash.ToString(),
            ["transactionIndex"] = "0x0",
            ["blockNumber"] = "0x" + mined.Block.ToString("x", null),
            ["blockHash"] = Hash32.Zero.ToString(),
            ["gasUsed"] = "0x5208",
            ["cumulativeGasUsed"] = "0x5208",
            ["contractAddress"] = null,
            ["status"] = mined.Succeeds ? "0x1" : "0x0",
            ["type"] = "0x2",
            ["logs"] = new JsonArray(),
        };
}
