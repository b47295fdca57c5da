using Chain.Core;
using Xunit;

namespace Chain.Tests.Core;

public sealed class TransactionVectorTests
{
    private const int MaxInitCode = 49_152;

    [Fact]
    public void Transactions_of_ethereum_tests_get_their_Cancun_verdict()
    {
        var failures = new List<string>();
        int run = 0;
        foreach (var path in Directory.GetFiles(VectorFiles.PathOf("ethereum/TransactionTests"), "*.json", SearchOption.AllDirectories))
        {
            foreach (var test in VectorFiles.ReadJson(path).EnumerateObject())
            {
                if (!test.Value.TryGetProperty("result", out var results)
                    || !results.TryGetProperty("Cancun", out var result)) continue;
                run++;
                string expected = result.TryGetProperty("sender", out var sender)
                    ? $"{sender.GetString()} {result.GetProperty("hash").GetString()} {result.GetProperty("intrinsicGas").GetString()}"
                    : "refused";
                string actual = Judge(test.Value.GetProperty("txbytes").GetString()!);
                if (!string.Equals(actual, expected, StringComparison.OrdinalIgnoreCase))
                    failures.Add($"{test.Name}: {actual} instead of {expected}");
            }
        }
        VectorFiles.Report("ethereum/tests TransactionTests, Cancun", run, failures);
    }

    /// <summary>What a mainnet node checks before it looks at the state.</summary>
    private static string Judge(string encoded)
    {
        if (!Hex.TryParse(encoded, out var bytes) || !Transaction.TryDecode(bytes, out var tx)) return "refused";
        if (tx.ChainId is { } chainId && chainId != 1) return "refused";
        if (tx.IntrinsicGas > tx.GasLimit || (tx.IsCreation && tx.Data.Length > MaxInitCode)) return "refused";
        if (!UInt256.TryMultiply(tx.MaxFeePerGas, tx.GasLimit, out _)) return "refused";
        return tx.TryGetSender(out var sender) ? $"{sender} {tx.Hash} {WholeBytes(tx.IntrinsicGas)}" : "refused";
    }

    private static string WholeBytes(ulong gas)
    {
        string digits = $"{gas:x}";
        return digits.Length % 2 == 0 ? "0x" + digits : "0x0" + digits;
    }
}
