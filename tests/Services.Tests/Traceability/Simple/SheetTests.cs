using System.IO.Compression;
using System.Text;
using Shouldly;
using Traceability.Simple;
using Xunit;

namespace Services.Tests.Traceability.Simple;

public sealed class SheetTests
{
    private const string Tea = """
        事件号,环节,时间,地点,商品条码,批次,数量,单位,属性:地块,备注
        1,采收,2026-03-21 06:30,6901234000009,6901234567892,L2603,120.5,KGM,翁家山3号,"晴，12℃"
        ,,,,,,,,,
        2,加工,2026-03-21 14:00,6901234000009,6901234567892,L2603,120.5,KGM,,
        2,,,,6901234567908,M1,,,,
        """;

    [Fact]
    public void Rows_of_one_event_number_are_one_event_and_problems_can_name_the_row()
    {
        IReadOnlyList<SheetEvent> events = Sheet.Read(Encoding.UTF8.GetBytes(Tea));
        events.Select(e => e.Row).ShouldBe([2, 4]);
        SimpleEvent first = events[0].Event;
        (first.What, first.When, first.Where, first.Note).ShouldBe(("采收", "2026-03-21 06:30", "6901234000009", "晴，12℃"));
        first.Quantities.ShouldBe([new SimpleQuantity("6901234567892", "L2603", "120.5", "KGM")]);
        first.Details!["地块"].ShouldBe("翁家山3号");
        events[1].Event.Quantities!.Count.ShouldBe(2);
        events[1].Event.Details.ShouldBeNull();
    }

    [Theory]
    [InlineData(",")]
    [InlineData(";")]
    [InlineData("\t")]
    public void Comma_semicolon_and_tab_separate_in_utf8_and_in_gb18030(string delimiter)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        string text = "环节,时间\n装箱,2026-03-21 06:30\n".Replace(",", delimiter, StringComparison.Ordinal);
        foreach (Encoding encoding in new[] { new UTF8Encoding(true), Encoding.GetEncoding("GB18030") })
            Sheet.Read([.. encoding.GetPreamble(), .. encoding.GetBytes(text)]).Single().Event.What.ShouldBe("装箱");
    }

    [Fact]
    public void An_excel_file_gives_the_same_events()
    {
        byte[] file = Excel("""
            <row r="1"><c r="A1" t="inlineStr"><is><t>what</t></is></c><c r="B1" t="inlineStr"><is><t>product</t></is></c><c r="C1" t="inlineStr"><is><t>amount</t></is></c></row>
            <row r="2"><c r="A2" t="inlineStr"><is><t>ship</t></is></c><c r="B2"><v>6901234567892</v></c><c r="C2"><v>1.5</v></c></row>
            """);
        SimpleEvent only = Sheet.Read(file).Single().Event;
        only.What.ShouldBe("ship");
        only.Quantities.ShouldBe([new SimpleQuantity("6901234567892", null, "1.5", null)]);
    }

    [Fact]
    public void A_code_that_a_number_cell_has_cut_short_is_refused() =>
        Code(Excel("""<row r="1"><c r="A1" t="inlineStr"><is><t>what</t></is></c></row><row r="2"><c r="A2"><v>106141411234567897</v></c></row>"""))
            .ShouldBe("sheet-number-too-long");

    [Theory]
    [InlineData("", "sheet-empty")]
    [InlineData("\n\n,,\n", "sheet-empty")]
    [InlineData("what,when\n", "sheet-no-rows")]
    [InlineData("when,where\n1,2", "sheet-no-what")]
    [InlineData("what,weight\n1,2", "sheet-heading")]
    [InlineData("what,环节\n1,2", "sheet-heading-twice")]
    [InlineData("what,when\nship,\"2026", "sheet-unreadable")]
    public void A_sheet_that_can_not_be_understood_is_refused_whole(string text, string code) =>
        Code(Encoding.UTF8.GetBytes(text)).ShouldBe(code);

    [Fact]
    public void The_lot_beside_a_single_item_is_the_item_s()
    {
        const string heading = "事件号,环节,时间,地点,物品,批次\n";
        const string row = "1,生产,2026-03-21 06:30,6901234000009,";
        SimpleEvent made = Sheet.Read(Encoding.UTF8.GetBytes(heading + row + "(01)06901234567892(21)A,L1\n" + row + "(01)06901234567892(21)B,L1\n"))
            .Single().Event;
        (made.Lot, made.Items!.Count, made.Quantities).ShouldBe(("L1", 2, null));
        Should.Throw<SheetException>(() => Sheet.Read(Encoding.UTF8.GetBytes(
            heading + row + "(01)06901234567892(21)A,L1\n" + row + "(01)06901234567892(21)B,L2\n"))).Code.ShouldBe("sheet-lots");
    }

    [Fact]
    public void Hostile_files_are_refused()
    {
        Code([0xff, 0xfe, 0xfa, 0x80, 0x00]).ShouldBe("sheet-unreadable");
        Code([.. "PK\u0003\u0004"u8, .. new byte[100]]).ShouldBe("sheet-unreadable");
        Code(Encoding.UTF8.GetBytes("what\n" + new string('\n', 10) + string.Concat(Enumerable.Repeat("ship\n", Sheet.RowsMax + 1))))
            .ShouldBe("sheet-rows");
        Code(Encoding.UTF8.GetBytes(new string(',', 100) + "what")).ShouldBe("sheet-columns");
        Code(Bomb()).ShouldBe("sheet-too-large");
        Code(Excel("<!-- no rows -->", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>")).ShouldBe("sheet-unreadable");
    }

    private static string Code(byte[] file) => Should.Throw<SheetException>(() => Sheet.Read(file)).Code;

    private static byte[] Bomb()
    {
        using MemoryStream file = new();
        using (ZipArchive archive = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.Fastest).Open();
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 257; i++)
                entry.Write(zeros);
        }
        return file.ToArray();
    }

    private static byte[] Excel(string rows, string prologue = "")
    {
        using MemoryStream file = new();
        using (ZipArchive archive = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            Put("[Content_Types].xml", """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>""");
            Put("_rels/.rels", """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>""");
            Put("xl/workbook.xml", """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>""");
            Put("xl/_rels/workbook.xml.rels", """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""");
            Put("xl/worksheets/sheet1.xml", $"""<?xml version="1.0" encoding="UTF-8"?>{prologue}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>""");

            void Put(string name, string text)
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return file.ToArray();
    }
}
