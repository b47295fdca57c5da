using System.Text.Json;
using Services.Tests.Proofs;
using Shouldly;
using Traceability.Gs1;
using Xunit;

namespace Services.Tests.Traceability.Gs1;

/// <summary>The cases of GS1's syntax engine about element strings and scanned data.</summary>
public sealed class ElementStringTests
{
    [Fact]
    public void All_given_cases_of_element_strings_pass()
    {
        List<string> wrong = [];
        int run = 0;
        foreach (JsonElement test in VectorFiles.Json(VectorFiles.Read("gs1/ai-data.json")).EnumerateArray())
        {
            run++;
            string input = test.GetProperty("input").GetString()!;
            bool unknown = DigitalLinkTests.Flag(test, "permitUnknownAIs");
            string actual = test.GetProperty("fn").GetString() switch
            {
                "parseAIdata" => ElementString.TryParseBracketed(input, unknown, out var elements, out _)
                    ? ElementString.ToCaretForm(elements)
                    : "refused",
                "processAIdata" =>
                    input.StartsWith('^') && ElementString.TryParse(input.AsSpan(1), '^', out _, out _)
                        ? ""
                        : "refused",
                "validateAIs" => Kept(input, test.GetProperty("rule").GetString()!),
                var other => throw new InvalidOperationException(other),
            };
            string expected = !test.GetProperty("ok").GetBoolean() ? "refused"
                : test.TryGetProperty("expect", out JsonElement expect) ? expect.GetString()! : "";
            if (actual != expected)
                wrong.Add($"{input}: '{actual}' instead of '{expected}'");
        }
        wrong.ShouldBeEmpty();
        run.ShouldBe(110);
    }

    [Fact]
    public void All_given_cases_of_scanned_data_pass()
    {
        List<string> wrong = [];
        int run = 0;
        foreach (JsonElement test in VectorFiles.Json(VectorFiles.Read("gs1/scan-data.json")).EnumerateArray())
        {
            run++;
            string input = test.GetProperty("input").GetString()!;
            string symbol = test.GetProperty("sym").GetString()!;
            string expected = test.GetProperty("expect").GetString() ?? "refused";
            string actual;
            if (test.GetProperty("fn").GetString() == "testGenerateScanData")
            {
                actual = ScanData.Write(Kind(symbol), input, DigitalLinkTests.Flag(test, "addCheckDigit")) ?? "refused";
            }
            else
            {
                bool read = ScanData.TryRead(input, out Symbology symbology, out string message, out _);
                expected = $"{test.GetProperty("ok").GetBoolean()} {Kind(symbol)} {expected}";
                actual = $"{read} {symbology} {message}";
            }
            if (actual != expected)
                wrong.Add($"{input}: '{actual}' instead of '{expected}'");
        }
        wrong.ShouldBeEmpty();
        run.ShouldBe(67);
    }

    [Theory]
    [InlineData("(01)12345678901231(21)A(10)B", "")]
    [InlineData("(01)12345678901231(21)A(235)B", "ai-excluded")]
    [InlineData("(21)A", "ai-required")]
    [InlineData("(01)12345678901231(01)00000000000000", "ai-repeated")]
    [InlineData("(253)1234567890128(8030)ABC", "signature-needs-serial")]
    public void The_first_broken_rule_is_named(string text, string code)
    {
        ElementString.TryParseBracketed(text, unknownToo: false, out var elements, out _).ShouldBeTrue();
        (ElementRules.Check(elements!).Code ?? "").ShouldBe(code);
    }

    private static string Kept(string input, string rule)
    {
        if (!ElementString.TryParseBracketed(input, unknownToo: true, out var elements, out Gs1Error error))
            return error.ToString();
        error = rule switch
        {
            "validateAIrepeats" => ElementRules.Repeats(elements),
            "validateAImutex" => ElementRules.Exclusions(elements),
            "validateAIrequisites" => ElementRules.Requisites(elements),
            "validateDigSigRequiresSerialisedKey" => ElementRules.SignedSerials(elements),
            _ => throw new InvalidOperationException(rule),
        };
        return error.IsNone ? "" : "refused";
    }

    private static Symbology Kind(string name) => name switch
    {
        "NONE" => Symbology.None,
        "QR" => Symbology.QrCode,
        "DM" => Symbology.DataMatrix,
        "DotCode" => Symbology.DotCode,
        "DataBarExpanded" => Symbology.DataBarExpanded,
        "DataBarLimited" => Symbology.DataBarLimited,
        "GS1_128_CCA" => Symbology.Gs1128,
        "UPCA" => Symbology.UpcA,
        "UPCE" => Symbology.UpcE,
        "EAN13" => Symbology.Ean13,
        "EAN8" => Symbology.Ean8,
        _ => throw new InvalidOperationException(name),
    };
}
