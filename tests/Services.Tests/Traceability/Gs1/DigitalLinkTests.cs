using System.Text.Json;
using Services.Tests.Proofs;
using Shouldly;
using Traceability.Gs1;
using Xunit;

namespace Services.Tests.Traceability.Gs1;

/// <summary>The cases of GS1's syntax engine about Digital Links.</summary>
public sealed class DigitalLinkTests
{
    [Fact]
    public void All_given_cases_of_Digital_Links_pass()
    {
        List<string> wrong = [];
        HashSet<string> composed = [];
        int run = 0;
        foreach (JsonElement test in VectorFiles.Json(VectorFiles.Read("gs1/digital-link.json")).EnumerateArray())
        {
            run++;
            string input = test.GetProperty("input").GetString()!;
            (string expected, string actual) = test.GetProperty("fn").GetString() switch
            {
                "parseDLuri" => (Answer(test), Parsed(input, Reading(test))),
                "URIunescape" => (Both(test), UriText.Unescape(input, false) + "|" + UriText.Unescape(input, true)),
                "URIescape" => (Both(test), UriText.Escape(input, false) + "|" + UriText.Escape(input, true)),
                "testGenerateDLuri" => (Answer(test), Composed(test, input, again: !composed.Add(input))),
                var other => throw new InvalidOperationException(other),
            };
            if (expected != actual)
                wrong.Add($"{input}: '{actual}' instead of '{expected}'");
        }
        wrong.ShouldBeEmpty();
        run.ShouldBe(106);
    }

    [Fact]
    public void A_composed_link_is_read_back_as_it_was()
    {
        const string uri = "https://example.com/a/01/12312312312333/22/A%2FB/10/x%2By/21/%22q%22?17=301231&99=%26%3D";
        DigitalLink.TryParse(uri, out DigitalLink? link, out _).ShouldBeTrue();
        link!.ToString().ShouldBe(uri);
        link.Stem.ShouldBe("https://example.com/a");
        link.Value("21").ShouldBe("\"q\"");
        link.ToCanonical().ShouldBe("https://id.gs1.org/01/12312312312333/21/%22q%22");
    }

    private static string Parsed(string uri, DigitalLinkReading reading) =>
        DigitalLink.TryParse(uri, reading, out DigitalLink? link, out _)
            ? ElementString.ToCaretForm([.. link.Elements])
            : "refused";

    private static string Composed(JsonElement test, string input, bool again)
    {
        string stem = test.GetProperty("stem").GetString() ?? DigitalLink.CanonicalStem;
        bool unknown = Flag(test, "permitUnknownAIs");
        return ElementString.TryParseBracketed(input, unknown, out var elements, out _)
            && DigitalLink.TryCompose(
                elements, stem, unknown && again ? DigitalLinkReading.UnknownAttributes : DigitalLinkReading.Strict,
                out DigitalLink? link, out _)
            ? link.ToString()
            : "refused";
    }

    private static DigitalLinkReading Reading(JsonElement test) =>
        Flag(test, "permitZeroSuppressedGTINinDLuris") ? DigitalLinkReading.ShortGtins : DigitalLinkReading.Strict;

    internal static bool Flag(JsonElement test, string name) =>
        test.TryGetProperty("flags", out JsonElement flags) && flags.TryGetProperty(name, out JsonElement flag)
        && flag.GetBoolean();

    private static string Answer(JsonElement test) =>
        test.GetProperty("ok").GetBoolean() ? test.GetProperty("expect").GetString()! : "refused";

    private static string Both(JsonElement test) =>
        $"{test.GetProperty("expect_path").GetString()}|{test.GetProperty("expect_query").GetString()}";
}
