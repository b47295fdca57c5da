using System.Text.Json;
using Chain.Core;
using Shouldly;
using Xunit;

namespace Chain.Tests.Core;

public sealed class EthersVectorTests
{
    [Fact]
    public void Keccak_digests_are_met()
    {
        var failures = new List<string>();
        int run = 0;
        foreach (var test in VectorFiles.ReadJson("crypto/ethers/hashes.json.gz").EnumerateArray())
        {
            run++;
            if (Keccak256.Hash(Hex.Parse(Text(test, "data"))).ToString() != Text(test, "keccak256")) failures.Add(Text(test, "name"));
        }
        VectorFiles.Report("ethers Keccak-256", run, failures);
    }

    [Fact]
    public void Addresses_of_created_contracts_are_met()
    {
        var failures = new List<string>();
        int run = 0;
        foreach (var (sender, test) in Creations("create"))
        {
            run++;
            if (Address.OfCreate(sender, test.GetProperty("nonce").GetUInt64()).ToChecksummed() != Text(test, "address"))
                failures.Add(Text(test, "name"));
        }
        foreach (var (sender, test) in Creations("create2"))
        {
            run++;
            var codeHash = Keccak256.Hash(Hex.Parse(Text(test, "initCode")));
            if (codeHash.ToString() != Text(test, "initCodeHash")
                || Address.OfCreate2(sender, Hash32.Parse(Text(test, "salt")), codeHash).ToChecksummed() != Text(test, "address"))
                failures.Add(Text(test, "name"));
        }
        VectorFiles.Report("ethers CREATE and CREATE2", run, failures);
    }

    [Theory]
    [InlineData("Legacy", TransactionType.Legacy, false)]
    [InlineData("Eip155", TransactionType.Legacy, true)]
    [InlineData("Berlin", TransactionType.AccessList, true)]
    [InlineData("London", TransactionType.DynamicFee, true)]
    [InlineData("Cancun", TransactionType.Blob, true)]
    public void Transactions_are_signed_encoded_and_read_back(string form, TransactionType type, bool forChain)
    {
        var failures = new List<string>();
        int run = 0;
        foreach (var test in VectorFiles.ReadJson("crypto/ethers/transactions.json.gz").EnumerateArray())
        {
            if (!test.TryGetProperty("signed" + form, out var expected)) continue;
            // Left empty where the form can't be: a chain id of 0, blobs in a creation.
            if (expected.GetString() is not { Length: > 0 }) continue;
            var content = test.GetProperty("transaction");
            run++;
            var key = Hex.Parse(Text(test, "privateKey"));
            var unsigned = Unsigned(content, type, forChain);
            var signed = unsigned.Sign(key);
            if (unsigned.SigningHash != Keccak256.Hash(Hex.Parse(Text(test, "unsigned" + form)))
                || Hex.ToPrefixed(signed.Encoded.Span) != expected.GetString()) failures.Add("encode " + Text(test, "name"));
            else if (!IsReadBack(signed, Secp256k1.AddressOf(key))) failures.Add("decode " + Text(test, "name"));
        }
        VectorFiles.Report("ethers transactions " + form, run, failures);
    }

    [Fact]
    public void The_effective_price_follows_EIP_1559()
    {
        var tx = new Transaction { Type = TransactionType.DynamicFee, MaxFeePerGas = 10, MaxPriorityFeePerGas = 3 };
        tx.TryGetEffectiveGasPrice(11, out _).ShouldBeFalse();
        tx.TryGetEffectiveGasPrice(9, out var price).ShouldBeTrue();
        price.ShouldBe((UInt256)10);
        tx.TryGetEffectiveGasPrice(0, out price).ShouldBeTrue();
        price.ShouldBe((UInt256)3);
    }

    private static bool IsReadBack(Transaction signed, Address sender)
    {
        bool ok = Transaction.TryDecode(signed.Encoded.Span, out var read);
        // A tip above the cap is signed by ethers and refused here.
        if (signed.MaxPriorityFeePerGas > signed.MaxFeePerGas) return !ok;
        return ok && read.Hash == signed.Hash && read.TryGetSender(out var recovered) && recovered == sender
            && read.WithSignature(read.Signature).Encoded.Span.SequenceEqual(signed.Encoded.Span);
    }

    private static Transaction Unsigned(JsonElement content, TransactionType type, bool forChain)
    {
        bool twoFees = type >= TransactionType.DynamicFee;
        return new Transaction
        {
            Type = type,
            ChainId = forChain ? (ulong)Number(content, "chainId") : null,
            Nonce = (ulong)Number(content, "nonce"),
            MaxFeePerGas = Number(content, twoFees ? "maxFeePerGas" : "gasPrice"),
            MaxPriorityFeePerGas = Number(content, twoFees ? "maxPriorityFeePerGas" : "gasPrice"),
            GasLimit = (ulong)Number(content, "gasLimit"),
            To = content.TryGetProperty("to", out var to) && to.ValueKind == JsonValueKind.String && to.GetString() is { Length: 42 } text ? Address.Parse(text) : null,
            Value = Number(content, "value"),
            Data = content.TryGetProperty("data", out var data) ? Hex.Parse(data.GetString()) : default,
            AccessList = [.. Items(content, "accessList").Select(Entry)],
            MaxFeePerBlobGas = Number(content, "maxFeePerBlobGas"),
            BlobVersionedHashes = [.. Items(content, "blobVersionedHashes").Select(h => Hash32.Parse(h.GetString()))],
        };
    }

    private static AccessListEntry Entry(JsonElement entry) => new(
        Address.Parse(Text(entry, "address")),
        [.. Items(entry, "storageKeys").Select(k => Hash32.Parse(k.GetString()))]);

    private static UInt256 Number(JsonElement content, string name)
    {
        if (!content.TryGetProperty(name, out var value)) return default;
        if (value.ValueKind == JsonValueKind.Number) return value.GetUInt64();
        return UInt256.Parse(value.GetString()!);
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement content, string name) =>
        content.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    private static IEnumerable<(Address Sender, JsonElement Test)> Creations(string file) =>
        from creator in VectorFiles.ReadJson($"crypto/ethers/{file}.json.gz").EnumerateArray()
        from test in creator.GetProperty("creates").EnumerateArray()
        select (Address.Parse(Text(creator, "sender")), test);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
