using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Chain.Core;
using Shouldly;
using Xunit;

namespace Chain.Tests.Core;

public sealed class AbiVectorTests
{
    [Fact]
    public void Values_of_ethers_are_encoded_and_decoded()
    {
        var failures = new List<string>();
        int run = 0;
        foreach (var test in VectorFiles.ReadJson("crypto/ethers/abi.json.gz").EnumerateArray())
        {
            run++;
            var type = AbiType.Parse(test.GetProperty("type").GetString()!);
            var encoded = Hex.Parse(test.GetProperty("encoded").GetString());
            var value = Value(type, test.GetProperty("verbose"));
            bool decoded = Abi.TryDecode([type], encoded, out var values);
            if (!Abi.Encode([type], value).AsSpan().SequenceEqual(encoded)) failures.Add("encode " + test.GetProperty("name"));
            else if (!decoded || !Abi.Encode([type], values).AsSpan().SequenceEqual(encoded))
                failures.Add("decode " + test.GetProperty("name"));
        }
        VectorFiles.Report("ethers ABI", run, failures);
    }

    [Fact]
    public void The_vector_of_ethereum_tests_is_met()
    {
        foreach (var test in VectorFiles.ReadJson("ethereum/ABITests/basic_abi_tests.json").EnumerateObject())
        {
            var types = test.Value.GetProperty("types").EnumerateArray().Select(t => AbiType.Parse(t.GetString()!)).ToList();
            var values = test.Value.GetProperty("args").EnumerateArray().Select(a => (object)a.GetUInt64()).ToList();
            Hex.ToString(Abi.Encode(types, values)).ShouldBe(test.Value.GetProperty("result").GetString());
        }
    }

    [Theory]
    [InlineData("transfer(address to, uint value) returns (bool)", "transfer(address,uint256)", "a9059cbb")]
    [InlineData("function balanceOf(address) external view returns (uint256)", "balanceOf(address)", "70a08231")]
    [InlineData("getValidators() returns (address[])", "getValidators()", "b7ab4db5")]
    public void Signatures_are_made_canonical(string written, string canonical, string selector)
    {
        var function = AbiFunction.Parse(written);
        function.Signature.ShouldBe(canonical);
        Hex.ToString(function.Selector).ShouldBe(selector);
    }

    [Fact]
    public void A_log_is_read_as_its_event()
    {
        var recorded = AbiEvent.Parse("CheckpointRecorded(bytes32 indexed origin, uint64 indexed size, bytes32 root, uint64 epoch)");
        var origin = Keccak256.Hash([1]);
        var root = Keccak256.Hash([2]);
        var log = recorded.Encode(Address.Zero, origin, 7UL, root, 3UL);
        log.Topics.Count.ShouldBe(3);
        recorded.TryDecode(log, out var values).ShouldBeTrue();
        values.ShouldBe([origin, (UInt256)7, root, (UInt256)3]);
        recorded.TryDecode(log with { Topics = [.. log.Topics.Take(2)] }, out _).ShouldBeFalse();
        recorded.TryDecode(log with { Data = log.Data[1..] }, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("uint8", "0000000000000000000000000000000000000000000000000000000000000100")]
    [InlineData("int8", "0000000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("bool", "0000000000000000000000000000000000000000000000000000000000000002")]
    [InlineData("address", "0000000000000000000000010000000000000000000000000000000000000000")]
    [InlineData("bytes4", "0000000001000000000000000000000000000000000000000000000000000000")]
    [InlineData("uint256", "00")]
    [InlineData("bytes", "00000000000000000000000000000000000000000000000000000000000000200000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData("uint256[]", "0000000000000000000000000000000000000000000000000000000000000020000000000000000000000000000000000000000000000000000000007fffffff")]
    [InlineData("bytes", "00000000000000000000000000000000000000000000000000000000000000400000000000000000000000000000000000000000000000000000000000000000")]
    public void What_no_compiler_writes_is_refused(string type, string encoded) =>
        Abi.TryDecode([AbiType.Parse(type)], Hex.Parse(encoded), out _).ShouldBeFalse();

    [Theory]
    [InlineData("uint7")]
    [InlineData("uint264")]
    [InlineData("uint08")]
    [InlineData("bytes33")]
    [InlineData("bytes0")]
    [InlineData("()")]
    [InlineData("uint256[0]")]
    [InlineData("uint256[")]
    [InlineData("(uint256")]
    [InlineData("uint256 x")]
    public void What_is_no_type_is_refused(string text) => Should.Throw<FormatException>(() => AbiType.Parse(text));

    [Theory]
    [InlineData("uint8", 256)]
    [InlineData("int8", 128)]
    [InlineData("uint8", -1)]
    [InlineData("address", 1)]
    [InlineData("uint8[2]", 1)]
    public void Values_out_of_range_are_refused(string type, int value) =>
        Should.Throw<ArgumentException>(() => Abi.Encode([AbiType.Parse(type)], value));

    [Fact]
    public void Packed_values_have_the_hash_of_ethers()
    {
        var failures = new List<string>();
        int run = 0;
        foreach (var test in VectorFiles.ReadJson("crypto/ethers/solidity-hashes.json.gz").EnumerateArray())
        {
            run++;
            var types = test.GetProperty("types").EnumerateArray().Select(t => AbiType.Parse(t.GetString()!)).ToList();
            var values = test.GetProperty("values").EnumerateArray().Select((v, i) => Plain(types[i], v)).ToList();
            if (Keccak256.Hash(Abi.EncodePacked(types, values)).ToString() != test.GetProperty("keccak256").GetString())
                failures.Add(test.GetProperty("name").GetString()!);
        }
        VectorFiles.Report("ethers packed hashes", run, failures);
    }

    private static object Plain(AbiType type, JsonElement value) => type.Kind switch
    {
        AbiKind.Unsigned or AbiKind.Signed => Integer(value),
        AbiKind.Address => Address.Parse(value.GetString()),
        AbiKind.Bool => value.GetBoolean(),
        AbiKind.FixedBytes or AbiKind.Bytes => Hex.Parse(value.GetString()),
        AbiKind.String => value.GetString()!,
        _ => value.EnumerateArray().Select(v => Plain(type.Element!, v)).ToArray(),
    };

    private static object Integer(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number) return (BigInteger)value.GetInt64();
        string text = value.GetString()!;
        bool negative = text.StartsWith('-');
        string digits = text.TrimStart('-');
        var number = digits.StartsWith("0x", StringComparison.Ordinal)
            ? BigInteger.Parse("0" + digits[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        return negative ? -number : number;
    }

    private static object Value(AbiType type, JsonElement verbose)
    {
        var value = verbose.GetProperty("value");
        return type.Kind switch
        {
            AbiKind.Unsigned or AbiKind.Signed => BigInteger.Parse(value.GetString()!, CultureInfo.InvariantCulture),
            AbiKind.Address => Address.Parse(value.GetString()),
            AbiKind.Bool => value.GetBoolean(),
            AbiKind.FixedBytes or AbiKind.Bytes => Hex.Parse(value.GetString()),
            AbiKind.String => value.GetString()!,
            AbiKind.Array => value.EnumerateArray().Select(v => Value(type.Element!, v)).ToArray(),
            _ => value.EnumerateArray().Select((v, i) => Value(type.Components[i], v)).ToArray(),
        };
    }
}
