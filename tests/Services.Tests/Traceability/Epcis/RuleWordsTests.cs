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

    [Fact]
    public void A_wrong_check_digit_is_told_with_the_right_one()
    {
        const string Event =
            """
            {"@context":"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld","type":"ObjectEvent",
            "eventTime":"2026-11-01T01:00:00Z","eventTimeZoneOffset":"+08:00","action":"OBSERVE",
            "epcList":["https://id.gs1.org/01/06901234567893/21/X"]}
            """;
        EpcisProblem problem = EpcisDocuments.ReadJson(System.Text.Encoding.UTF8.GetBytes(Event)).Items[0].Problem!;
        ProblemItem item = EpcisProblems.Item(Catalog, PostEvents.Error(problem));
        item.Rule.ShouldBe("gs1-id", "the rule itself, not the family that words it");
        Catalog.Text(item.Code, Language.English, item.Values).Detail
            .ShouldBe("incorrect-check-digit: AI (01): the check digit should be 2, not 3.");
        Catalog.Text(item.Code, Language.Chinese, item.Values).Detail.ShouldContain("校验位应为2，写的是3");
    }

    [Fact]
    public void A_problem_of_the_whole_document_begins_with_its_words()
    {
        ProblemItem item = EpcisProblems.Item(Catalog, new CaptureError(null, "json-broken", "", "The text is not JSON."));
        Catalog.Text(item.Code, Language.English, item.Values).Detail.ShouldBe("The text is not JSON.");
    }

    [Theory]
    [InlineData(1, "in 1 place and")]
    [InlineData(2, "in 2 places and")]
    public void One_place_is_not_told_as_several(int count, string words) => Catalog.Text(
        "document-invalid", Language.English, new Dictionary<string, object?> { ["count"] = count }).Detail.ShouldContain(words);
}
