using System.Text.Json;
using Services.Tests.Proofs;
using Shouldly;
using Traceability.Gs1;
using Xunit;

namespace Services.Tests.Traceability.Gs1;

/// <summary>The cases of GS1's reference procedures.</summary>
public sealed class LinterTests
{
    [Fact]
    public void All_given_cases_of_the_linters_pass()
    {
        List<string> wrong = [];
        int run = 0;
        foreach (JsonElement test in VectorFiles.Json(VectorFiles.Gunzip("gs1/linters.json.gz")).EnumerateArray())
        {
            run++;
            string name = test.GetProperty("lint").GetString()!["lint_".Length..];
            string input = test.GetProperty("input").GetString()!;
            string expected = test.GetProperty("ok").GetBoolean()
                ? ""
                : $"{Code(test.GetProperty("error").GetString()!)} {test.GetProperty("highlight").GetString()}";
            Lint lint = Linters.Named(name)(input, Source(name, expected));
            string actual = lint.IsNone ? "" : $"{lint.Code} {Highlight(input, lint)}";
            if (actual != expected)
                wrong.Add($"{name}('{input}'): '{actual}' instead of '{expected}'");
        }
        wrong.ShouldBeEmpty();
        run.ShouldBe(3710);
    }

    // Some answers about company prefixes come from a data source that the test has to stand in for. In the coupon the
    // funder's prefix comes first and is right.
    private static CompanyPrefixes Source(string name, string expected)
    {
        CompanyPrefixAnswer answer =
            expected.StartsWith("invalid-gcp", StringComparison.Ordinal) ? CompanyPrefixAnswer.Invalid
            : expected.StartsWith("gcp-data", StringComparison.Ordinal) ? CompanyPrefixAnswer.Offline
            : CompanyPrefixAnswer.Accepted;
        int calls = name == "couponcode" ? 0 : 1;
        return _ => calls++ == 0 ? CompanyPrefixAnswer.Accepted : answer;
    }

    private static string Code(string error) =>
        error["GS1_LINTER_".Length..].ToLowerInvariant().Replace('_', '-');

    private static string Highlight(string input, Lint lint) =>
        $"{input[..lint.Start]}*{input.Substring(lint.Start, lint.Length)}*{input[(lint.Start + lint.Length)..]}";
}
