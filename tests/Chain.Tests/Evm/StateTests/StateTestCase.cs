using System.Text.Json;
using Chain.Core;
using Chain.Evm;
using Word = Chain.Core.UInt256;

namespace Chain.Tests.Evm.StateTests;

/// <summary>One transaction of a GeneralStateTests file: pre-state, block, transaction, and what must come
/// out.</summary>
internal sealed record StateTestCase(
    string Name,
    JsonElement Pre,
    BlockContext Block,
    byte[] Transaction,
    bool IsRefused,
    Hash32 StateRoot,
    Hash32 LogsHash)
{
    /// <summary>All Cancun cases of a file, named <c>folder/file#index</c>.</summary>
    public static IEnumerable<StateTestCase> ReadFile(string file, JsonElement root)
    {
        foreach (var test in root.EnumerateObject())
        {
            if (!test.Value.GetProperty("post").TryGetProperty("Cancun", out var posts))
                continue;
            var block = ReadBlock(test.Value.GetProperty("env"));
            var index = 0;
            foreach (var post in posts.EnumerateArray())
            {
                yield return new StateTestCase(
                    $"{file}/{test.Name}#{index++}",
                    test.Value.GetProperty("pre"),
                    block,
                    Bytes(post.GetProperty("txbytes")),
                    post.TryGetProperty("expectException", out _),
                    new Hash32(Bytes(post.GetProperty("hash"))),
                    new Hash32(Bytes(post.GetProperty("logs"))));
            }
        }
    }

    public static Word Number(JsonElement text) =>
        Word.Parse(text.GetString()!.Replace("0x:bigint ", "", StringComparison.Ordinal));

    public static byte[] Bytes(JsonElement text)
    {
        var digits = text.GetString()![2..];
        return Convert.FromHexString(digits.Length % 2 == 0 ? digits : "0" + digits);
    }

    private static BlockContext ReadBlock(JsonElement env) => new()
    {
        ChainId = 1,
        Number = (ulong)Number(env.GetProperty("currentNumber")),
        Timestamp = (ulong)Number(env.GetProperty("currentTimestamp")),
        GasLimit = (ulong)Number(env.GetProperty("currentGasLimit")),
        Coinbase = new Address(Bytes(env.GetProperty("currentCoinbase"))),
        BaseFee = Number(env.GetProperty("currentBaseFee")),
        PrevRandao = new Hash32(Number(env.GetProperty("currentRandom")).ToBigEndian()),
        ExcessBlobGas = env.TryGetProperty("currentExcessBlobGas", out var excess) ? (ulong)Number(excess) : 0,
        BlockHash = static number => Keccak256.Hash(System.Text.Encoding.ASCII.GetBytes($"{number}")),
    };
}
