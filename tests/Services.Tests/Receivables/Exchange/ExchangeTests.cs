using System.Text;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Receivables.Exchange;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Exchange;

/// <summary>Files to and from others.</summary>
public sealed class ExchangeTests
{
    private const string Head = "number,supplier,invoice,fen,delivered,due\n";

    [Fact]
    public void What_is_written_as_csv_is_read_again_and_no_cell_is_calculated_by_a_spreadsheet()
    {
        TableFile form = new("rows", "row", "a", "b");
        string text = form.ToCsv([["x, \"y\"", "=1+1"], ["", "2"]]);
        text.ShouldContain("'=1+1");
        form.Read(Encoding.UTF8.GetBytes(text)).Rows.Select(r => r.Cells)
            .ShouldBe([["x, \"y\"", "'=1+1"], ["", "2"]]);
    }

    [Theory]
    [InlineData("P1,seats,123,500,2026-01-05,2026-03-05", null)]
    [InlineData("P1,seats,123,5.00,2026-01-05,2026-03-05", "payables-form")]
    [InlineData("P1,seats,123,0,2026-01-05,2026-03-05", "payables-form")]
    [InlineData("P1,seats,123,500,2026-01-05,2026-02-30", "payables-form")]
    [InlineData("P1,seats,123,500,2026-01-05,2026-01-04", "payables-due")]
    [InlineData("P1,seats,123,500,2026-01-05,2027-01-06", "payables-due")]
    [InlineData("P1,seats,123,500,2026-01-05,2027-01-05", null)]
    [InlineData("P1,seats,1,5,2026-01-05,2026-03-05\nP1,seats,2,5,2026-01-05,2026-03-05", "payables-form")]
    public void A_list_of_payables_is_read_whole_or_refused_by_line_and_reason(string rows, string? code)
    {
        (IReadOnlyList<(int, Payable)> read, (int Line, string Code)? fault) =
            Payables.Read(Encoding.UTF8.GetBytes(Head + rows));
        fault?.Code.ShouldBe(code);
        (fault is null).ShouldBe(code is null);
        if (code is not null)
            read.ShouldBeEmpty();
    }

    [Fact]
    public void The_report_keeps_its_published_schema_and_the_schema_refuses_what_is_not_so()
    {
        string[] row =
        [
            "V-1", "carmaker", "一汽", "91110000600037341L", "seats", "", "", "500", "2026-01-05", "2026-06-30", "",
            "active", "2", "1", "100", "0", "0", "500",
        ];
        (string, string)[] head = [("schema", "voucher-report/1"), ("platform", "p"), ("day", "2026-02-01"),
            ("count", "1"), ("totalFen", "500")];
        Faults(VoucherReport.Form.ToXml(VoucherReport.Space, [row], head)).ShouldBeEmpty();
        Faults(VoucherReport.Form.ToXml(VoucherReport.Space, [[.. row.Select(c => c == "active" ? "odd" : c)]], head))
            .ShouldNotBeEmpty();
        Faults(VoucherReport.Form.ToXml(VoucherReport.Space, [[.. row.Select(c => c == "500" ? "5.5" : c)]], head))
            .ShouldNotBeEmpty();
    }

    private static List<string> Faults(string xml)
    {
        XmlSchemaSet schemas = new();
        using Stream schema = typeof(VoucherReport).Assembly.GetManifestResourceStream("voucher-report-1.xsd")!;
        schemas.Add(null, XmlReader.Create(schema));
        List<string> faults = [];
        XDocument.Parse(xml).Validate(schemas, (_, e) => faults.Add(e.Message));
        return faults;
    }
}
