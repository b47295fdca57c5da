using System.Reflection;
using ServiceDefaults.Problems;
using Shouldly;
using Traceability.Epcis;
using Traceability.Epcis.Capture;
using Xunit;

namespace Services.Tests.Traceability.Epcis;

/// <summary>What a Chinese reader is told of a wrong event.</summary>
public sealed class RuleWordsTests
{
    private static readonly ProblemCatalog Catalog = new(Assembly.GetAssembly(typeof(EpcisDocuments))!);

    [Theory]
    [InlineData("member-missing", "action is missing.", "缺少action")]
    [InlineData("uri-form", "A URI is needed here.", "须为URI")]
    [InlineData("gs1-id", "incorrect-check-digit: The check digit is wrong.", "校验位不对")]
    public void A_rule_is_told_in_the_reader_s_language(string rule, string detail, string chinese)
    {
        ProblemItem item = EpcisProblems.Item(Catalog, new CaptureError(0, rule, "/epcList/0", detail));
        string told = Catalog.Text(item.Code, Language.Chinese, item.Values).Detail;
        told.ShouldContain(chinese);
        told.ShouldNotContain(detail);
        Catalog.Text(item.Code, Language.English, item.Values).Detail.ShouldContain(detail);
    }

    [Theory]
    [InlineData("event-invalid")]
    [InlineData("document-invalid")]
    public void No_place_of_the_words_is_left_open(string code)
    {
        Dictionary<string, object?> values = new() { ["count"] = 1 };
        foreach (string language in new[] { Language.Chinese, Language.English })
            Catalog.Text(code, language, values).Detail.ShouldNotContain("{");
    }
}
