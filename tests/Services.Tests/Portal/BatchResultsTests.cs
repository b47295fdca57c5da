using System.Text;
using System.Text.Json.Nodes;
using Portal.Components.Pages.Evidence;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal;

public sealed class BatchResultsTests
{
    private static readonly string Digest = new('a', 64);

    [Theory]
    [InlineData("=HYPERLINK(\"http://x\";\"y\")", "\"'=HYPERLINK(\"\"http://x\"\";\"\"y\"\")\"")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("+1", "'+1")]
    [InlineData("-1,2", "\"'-1,2\"")]
    [InlineData("a=b", "a=b")]
    [InlineData("合同.pdf", "合同.pdf")]
    [InlineData("\"quoted\"", "\"\"\"quoted\"\"\"")]
    public void A_name_never_becomes_a_formula_in_a_spreadsheet(string name, string cell)
    {
        var answer = JsonNode.Parse("""{"ids":["D-1"],"recordedAt":"2026-01-01T00:00:00.000Z"}""")!;
        var result = BatchResults.Of("acme", [new BatchLine(1, Digest, name, null, null)], answer);
        Encoding.UTF8.GetString(result.Csv).Split("\r\n")[1].ShouldBe($"1,D-1,{Digest},{cell},,");
    }
}
