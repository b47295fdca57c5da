using System.Globalization;
using System.Text;
using EventStore;
using FsCheck;
using FsCheck.Fluent;
using Services.Tests.Proofs;
using Shouldly;
using Xunit;

namespace Services.Tests.EventStore;

public sealed class CanonicalJsonTests
{
    /// <summary>RFC 8259 allows these; I-JSON (RFC 7493) or the rules for events do not.</summary>
    private static readonly string[] StricterThanTheSuite =
    [
        "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json", "y_string_null_escape.json",
        "y_object_escaped_null_in_key.json"
    ];

    [Theory]
    [InlineData("arrays")]
    [InlineData("french")]
    [InlineData("structures")]
    [InlineData("values")]
    public void The_documents_of_rfc_8785_have_their_canonical_form(string name)
    {
        var files = VectorFiles.Unzip("jcs/jcs.zip");
        var canonical = CanonicalJson.Canonicalize(files[$"rfc8785/input/{name}.json"], JsonNumbers.Doubles);
        Encoding.UTF8.GetString(canonical).ShouldBe(Encoding.UTF8.GetString(files[$"rfc8785/output/{name}.json"]).TrimEnd('\n'));
    }

    [Fact]
    public void Ten_thousand_numbers_are_written_as_ecma_script_writes_them()
    {
        var lines = Encoding.ASCII.GetString(VectorFiles.Unzip("jcs/jcs.zip")["es6numbers.csv"])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(10_000);
        foreach (var line in lines)
        {
            var (bits, expected) = (line.Split(',')[0], line.Split(',')[1]);
            var value = BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            EcmaScriptNumber.Format(value).ShouldBe(expected, bits);
        }
    }

    [Fact]
    public void The_parsing_suite_is_answered_as_it_asks()
    {
        var files = VectorFiles.Unzip("json/json-test-suite.zip");
        files.Count(file => file.Key.EndsWith(".json", StringComparison.Ordinal)).ShouldBe(211);
        foreach (var (name, text) in files.Where(file => file.Key[1] == '_'))
        {
            var accepted = Accepts(text, JsonNumbers.Doubles);
            if (name.StartsWith("y_", StringComparison.Ordinal))
                accepted.ShouldBe(!StricterThanTheSuite.Contains(name), name);
            else if (name.StartsWith("n_", StringComparison.Ordinal) || !name.StartsWith("i_number", StringComparison.Ordinal))
                accepted.ShouldBeFalse(name);
        }
    }

    [Theory]
    [InlineData("9007199254740991", true)]
    [InlineData("-9007199254740991", true)]
    [InlineData("0", true)]
    [InlineData("9007199254740992", false)]
    [InlineData("-9007199254740992", false)]
    [InlineData("99999999999999999999", false)]
    [InlineData("1.0", false)]
    [InlineData("1e2", false)]
    [InlineData("-0", false)]
    [InlineData("01", false)]
    public void A_number_in_an_event_is_an_integer_that_every_reader_can_hold(string number, bool accepted) =>
        Accepts(Encoding.ASCII.GetBytes($"[{number}]")).ShouldBe(accepted);

    [Theory]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":1,"b":2,"\u0061":1}""")]
    [InlineData("""["\ud800"]""")]
    [InlineData("""["\udc00\ud800"]""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""["\u0000"]""")]
    [InlineData("[1] 2")]
    [InlineData("")]
    public void Ambiguous_text_is_refused(string text) => Accepts(Encoding.UTF8.GetBytes(text)).ShouldBeFalse();

    [Fact]
    public void Nesting_beyond_the_limit_is_refused()
    {
        Accepts(Nested(CanonicalJson.DepthMax)).ShouldBeTrue();
        Accepts(Nested(CanonicalJson.DepthMax + 1)).ShouldBeFalse();

        static byte[] Nested(int depth) => Encoding.ASCII.GetBytes(new string('[', depth) + new string(']', depth));
    }

    [Fact]
    public void Members_are_ordered_by_utf_16_code_units_and_text_is_not_normalised()
    {
        // U+1F600 begins with the surrogate D83D, which comes before U+FB33, though its code point is greater.
        var canonical = CanonicalJson.Canonicalize("""{"\ufb33":1,"\ud83d\ude00":2,"e\u0301":3,"\u00e9":4}"""u8);
        Encoding.UTF8.GetString(canonical).ShouldBe("{\"e\u0301\":3,\"\u00e9\":4,\"\ud83d\ude00\":2,\"\ufb33\":1}");
    }

    [Fact]
    public void Any_text_survives_and_the_canonical_form_is_its_own_canonical_form() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonNull<string>>().Filter(text => !text.Get.Contains('\0') && IsUnicode(text.Get)),
        text =>
        {
            var json = new System.Text.Json.Nodes.JsonObject { [text.Get] = text.Get };
            var canonical = CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(json.ToJsonString()));
            var again = System.Text.Json.Nodes.JsonNode.Parse(canonical)!.AsObject();
            return again.Single().Key == text.Get && again.Single().Value!.GetValue<string>() == text.Get &&
                   CanonicalJson.Canonicalize(canonical).AsSpan().SequenceEqual(canonical);
        }).QuickCheckThrowOnFailure();

    private static bool IsUnicode(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;

    private static bool Accepts(byte[] text, JsonNumbers numbers = JsonNumbers.Integers)
    {
        try
        {
            CanonicalJson.Canonicalize(text, numbers);
            return true;
        }
        catch (JsonFormException)
        {
            return false;
        }
    }
}
