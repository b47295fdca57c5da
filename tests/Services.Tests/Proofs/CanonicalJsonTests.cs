using System.Text;
using Proofs.Json;
using Shouldly;
using Xunit;

namespace Services.Tests.Proofs;

public sealed class CanonicalJsonTests
{
    [Fact]
    public void Texts_that_are_not_JSON_are_refused()
    {
        var files = VectorFiles.Unzip("json/json-test-suite.zip");
        foreach (var (name, bytes) in files.Where(f => f.Key.StartsWith("n_")))
            CanonicalJson.Parse(bytes).ShouldBeNull(name);
        files.Count(f => f.Key.StartsWith("n_")).ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Whatever_is_read_is_written_back_byte_for_byte()
    {
        var read = 0;
        foreach (var (name, bytes) in VectorFiles.Unzip("json/json-test-suite.zip"))
        {
            if (CanonicalJson.Parse(bytes) is not { } value)
                continue;
            CanonicalJson.Write(value).ShouldBe(bytes, name);
            read++;
        }
        read.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData("""{"a":1,"b":[true,false,null,"x"]}""")]
    [InlineData("9007199254740991")]
    [InlineData("-9007199254740991")]
    [InlineData("\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\/\u007f\u20ac\"")]
    [InlineData("{\"\":0,\"\ud83d\ude00\":1,\"\ufb33\":2}")] // UTF-16 order: surrogates before U+FB33
    public void Canonical_texts_are_read(string text) =>
        CanonicalJson.Parse(Encoding.UTF8.GetBytes(text)).ShouldNotBeNull();

    [Theory]
    [InlineData("""{"b":1,"a":2}""")]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a": 1}""")]
    [InlineData("1\n")]
    [InlineData("\ufeff1")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("-0")]
    [InlineData("01")]
    [InlineData("9007199254740992")]
    [InlineData("\"\\/\"")]
    [InlineData("\"\\u0041\"")]
    [InlineData("\"\\u001F\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\ufb33\":2,\"\ud83d\ude00\":1}")]
    public void Other_spellings_are_refused(string text) =>
        CanonicalJson.Parse(Encoding.UTF8.GetBytes(text)).ShouldBeNull();

    [Fact]
    public void Nesting_has_a_limit()
    {
        static byte[] Nested(int depth) => Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));
        CanonicalJson.Parse(Nested(CanonicalJson.MaxDepth)).ShouldNotBeNull();
        CanonicalJson.Parse(Nested(CanonicalJson.MaxDepth + 1)).ShouldBeNull();
    }
}
