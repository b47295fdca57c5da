using System.IO.Compression;
using System.Text;
using Prepaid.Cards;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>Cards sold before, from an Excel file.</summary>
public sealed class TakeOverSheetTests
{
    private const string Ns = "http://schemas.openxmlformats.org";
    private static readonly string[] s_head = ["name", "branch", "kind", "units", "principal", "gift", "item", "starts", "ends"];

    [Fact]
    public void An_Excel_file_says_the_same_as_its_list()
    {
        string rows = Row(s_head.Select(Text)) + Row([Text("no 1"), Text("north"), Text("value"), "", Number("12.5"), Number("3")])
            + "<row/>" + Row([Text("no 2"), Text("north"), Text("counted"), Number("7"), Number("70"), Number("0"), Text("swim")]);
        DateOnly today = new(2026, 3, 2);
        (IReadOnlyList<OldCard> cards, int wrong) = TakeOver.Read(TakeOverSheet.Rows(Excel(rows)), today);
        wrong.ShouldBe(0);
        cards.Select(c => (c.Name, c.Lot.Kind, c.Lot.PaidFen, c.Lot.GiftFen, c.Lot.Units)).ShouldBe(
            [("no 1", LotKind.Value, 12_50, 3_00, 15_50), ("no 2", LotKind.Counted, 70_00, 0, 7)]);
        TakeOver.Read(TakeOverSheet.Rows(Encoding.UTF8.GetBytes(
            string.Join(',', s_head) + "\nno 1,north,value,,12.5,3,,,\nno 2,north,counted,7,70,0,swim,,\n")), today)
            .Cards.ShouldBe(cards);
    }

    [Fact]
    public void What_is_no_workbook_or_unpacks_to_too_much_is_refused_as_a_whole()
    {
        TakeOverSheet.Rows([0x50, 0x4b, 3, 4, 1, 2, 3]).ShouldBeNull();
        TakeOverSheet.Rows(Excel(new string(' ', 65 << 20))).ShouldBeNull();
        TakeOver.Read(TakeOverSheet.Rows(Excel(Row([Text("other")]))), default).Wrong.ShouldBe(1);
    }

    private static string Row(IEnumerable<string> cells) => $"<row>{string.Concat(cells.Select(c => c.Length == 0 ? "<c/>" : c))}</row>";

    private static string Text(string text) => $"<c t=\"inlineStr\"><is><t>{text}</t></is></c>";

    private static string Number(string number) => $"<c><v>{number}</v></c>";

    private static byte[] Excel(string rows)
    {
        using MemoryStream file = new();
        using (ZipArchive archive = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            void Put(string name, string xml)
            {
                using Stream entry = archive.CreateEntry(name, CompressionLevel.Fastest).Open();
                entry.Write(Encoding.UTF8.GetBytes(xml));
            }
            const string main = Ns + "/spreadsheetml/2006/main", document = Ns + "/officeDocument/2006/relationships";
            Put("_rels/.rels", $"""<Relationships xmlns="{Ns}/package/2006/relationships"><Relationship Id="r1" Type="{document}/officeDocument" Target="xl/workbook.xml"/></Relationships>""");
            Put("xl/workbook.xml", $"""<workbook xmlns="{main}" xmlns:r="{document}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>""");
            Put("xl/_rels/workbook.xml.rels", $"""<Relationships xmlns="{Ns}/package/2006/relationships"><Relationship Id="r1" Type="{document}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""");
            Put("xl/worksheets/sheet1.xml", $"""<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>""");
        }
        return file.ToArray();
    }
}
