using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Chain.Core;
using Shouldly;
using Xunit;

namespace Chain.Tests.Core;

public sealed class RlpVectorTests
{
    [Theory]
    [InlineData("rlptest.json")]
    [InlineData("invalidRLPTest.json")]
    [InlineData("RandomRLPTests/example.json")]
    public void Encodings_of_ethereum_tests_get_their_verdict(string file)
    {
        var failures = new List<string>();
        int run = 0;
        foreach (var test in VectorFiles.ReadJson("ethereum/RLPTests/" + file).EnumerateObject())
        {
            run++;
            var input = test.Value.GetProperty("in");
            bool valid = input.ValueKind != JsonValueKind.String || input.GetString() != "INVALID";
            var encoded = Hex.Parse(test.Value.GetProperty("out").GetString());
            if (IsWhole(encoded) != valid) failures.Add(test.Name);
            if (valid && !(input.ValueKind == JsonValueKind.String && input.GetString() == "VALID")
                && !Encode(input).AsSpan().SequenceEqual(encoded)) failures.Add("encode " + test.Name);
        }
        VectorFiles.Report("ethereum/tests RLPTests " + file, run, failures);
    }

    [Fact]
    public void Encodings_of_ethers_are_written_and_read()
    {
        var failures = new List<string>();
        int run = 0;
        foreach (var test in VectorFiles.ReadJson("crypto/ethers/rlp.json.gz").EnumerateArray())
        {
            run++;
            var encoded = Hex.Parse(test.GetProperty("encoded").GetString());
            if (!IsWhole(encoded) || !Encode(test.GetProperty("decoded")).AsSpan().SequenceEqual(encoded))
                failures.Add(test.GetProperty("name").GetString()!);
        }
        VectorFiles.Report("ethers RLP", run, failures);
    }

    [Fact]
    public void Scalars_are_minimal()
    {
        new RlpReader([0x00]).TryReadUInt64(out _).ShouldBeFalse();
        new RlpReader([0x82, 0x00, 0x80]).TryReadUInt64(out _).ShouldBeFalse();
        new RlpReader([0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0]).TryReadUInt64(out _).ShouldBeFalse();
        new RlpReader([0x80]).TryReadUInt64(out ulong zero).ShouldBeTrue();
        zero.ShouldBe(0UL);
    }

    private static bool IsWhole(ReadOnlySpan<byte> encoded)
    {
        var reader = new RlpReader(encoded);
        return TryWalk(ref reader) && reader.AtEnd;
    }

    private static bool TryWalk(ref RlpReader reader)
    {
        if (!reader.NextIsList) return reader.TryReadBytes(out _);
        if (!reader.TryReadList(out var items)) return false;
        while (!items.AtEnd)
        {
            if (!TryWalk(ref items)) return false;
        }
        return true;
    }

    private static byte[] Encode(JsonElement value)
    {
        var writer = new RlpWriter();
        Write(writer, value);
        return writer.ToArray();
    }

    private static void Write(RlpWriter writer, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            int list = writer.StartList();
            foreach (var item in value.EnumerateArray()) Write(writer, item);
            writer.EndList(list);
        }
        else if (value.ValueKind == JsonValueKind.Number)
        {
            writer.Write(value.GetUInt64());
        }
        else
        {
            string text = value.GetString()!;
            if (text.StartsWith('#')) writer.Write(BigInteger.Parse(text.AsSpan(1), CultureInfo.InvariantCulture).ToByteArray(true, true));
            else if (text.StartsWith("0x", StringComparison.Ordinal)) writer.Write(Hex.Parse(text));
            else writer.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }
    }
}
