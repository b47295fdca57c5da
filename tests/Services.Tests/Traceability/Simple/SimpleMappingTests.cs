using System.Text.Json.Nodes;
using ServiceDefaults.Problems;
using Shouldly;
using Traceability.Simple;
using Xunit;

namespace Services.Tests.Traceability.Simple;

public sealed class SimpleMappingTests
{
    private const string Gtin = "6901234567892";
    private const string Gln = "6901234000009";
    private const string Sscc = "106141412345678908";

    private static readonly SimpleEvent Harvest = new(
        What: "采收", When: "2026-03-21 06:30", Where: Gln,
        Quantities: [new SimpleQuantity(Gtin, "L2603", "120.50", "KGM")],
        Details: new Dictionary<string, string?> { ["地块"] = "翁家山3号" }, Note: "晴");

    [Fact]
    public void A_harvest_makes_a_lot_with_its_properties() => Map(Harvest).ShouldBe("""
        {"type":"ObjectEvent","eventTime":"2026-03-21T06:30:00.000+08:00","eventTimeZoneOffset":"+08:00",
        "quantityList":[{"epcClass":"https://id.gs1.org/01/06901234567892/10/L2603","quantity":120.50,"uom":"KGM"}],
        "action":"ADD","bizStep":"commissioning","disposition":"active",
        "readPoint":{"id":"https://id.gs1.org/414/6901234000009"},"bizLocation":{"id":"https://id.gs1.org/414/6901234000009"},
        "detail:note":"晴","ilmd":{"detail:地块":"翁家山3号"}}
        """.ReplaceLineEndings(""));

    [Fact]
    public void Boxes_are_shipped_from_an_owner_to_another_and_are_at_no_place_then() => Map(new SimpleEvent(
        What: "ship", When: "2026-04-02T09:00:05Z", Where: Gln, Items: ["(00)" + Sscc, Sscc], From: Gln, To: "6901234000016",
        Documents: [new SimpleDocument("desadv", "D 77")])).ShouldBe("""
        {"type":"ObjectEvent","eventTime":"2026-04-02T09:00:05.000+00:00","eventTimeZoneOffset":"+00:00",
        "epcList":["https://id.gs1.org/00/106141412345678908","https://id.gs1.org/00/106141412345678908"],
        "action":"OBSERVE","bizStep":"shipping","disposition":"in_transit",
        "readPoint":{"id":"https://id.gs1.org/414/6901234000009"},
        "bizTransactionList":[{"type":"desadv","bizTransaction":"urn:epcglobal:cbv:bt::D%2077"}],
        "sourceList":[{"type":"owning_party","source":"https://id.gs1.org/417/6901234000009"}],
        "destinationList":[{"type":"owning_party","destination":"https://id.gs1.org/417/6901234000016"}]}
        """.ReplaceLineEndings(""));

    [Fact]
    public void Packing_names_the_box_and_a_process_what_came_out()
    {
        JsonObject packed = (JsonObject)JsonNode.Parse(Map(new SimpleEvent(
            What: "pack", When: "2026-04-02 09:00", Where: Gln, Items: [$"(01)0{Gtin}(21)A1"], Parent: Sscc)))!;
        ((string)packed["parentID"]!).ShouldBe("https://id.gs1.org/00/" + Sscc);
        ((string)packed["childEPCs"]![0]!).ShouldBe($"https://id.gs1.org/01/0{Gtin}/21/A1");
        JsonObject made = (JsonObject)JsonNode.Parse(Map(new SimpleEvent(
            What: "process", When: "2026-04-02 09:00", Where: Gln, Quantities: [new SimpleQuantity(Gtin, "A", "4", "KGM")],
            OutputQuantities: [new SimpleQuantity(Gtin, "B", "1", "KGM")])))!;
        made.ContainsKey("action").ShouldBeFalse();
        ((string)made["outputQuantityList"]![0]!["epcClass"]!).ShouldEndWith("/10/B");
    }

    [Fact]
    public void Items_that_come_to_be_have_their_lot_from_label_or_field()
    {
        SimpleEvent made = new(What: "produce", When: "2026-04-02 09:00", Where: Gln, Items: [$"(01)0{Gtin}(10)L1(21)A1", $"(01)0{Gtin}(10)L1(21)A2"]);
        Lot(made, "ilmd").ShouldBe("L1");
        Lot(made with { Items = [$"https://brand.example/01/0{Gtin}/10/L1/21/A1"] }, "ilmd").ShouldBe("L1");
        Lot(made with { Items = [$"(01)0{Gtin}(21)A1"], Lot = "L2" }, "ilmd").ShouldBe("L2");
        Lot(made with { Items = [$"(01)0{Gtin}(21)A1"] }, "ilmd").ShouldBeNull();
        Lot(new SimpleEvent(What: "process", When: "2026-04-02 09:00", Where: Gln, Items: [$"(01)0{Gtin}(10)RAW(21)A1"],
            Outputs: [$"(01)0{Gtin}(10)L3(21)B1"]), "ilmd").ShouldBe("L3");
        Map(made with { What = "store" }).ShouldNotContain("lotNumber");
        foreach (SimpleEvent wrong in new[] { made with { Lot = "L2" }, made with { Items = [$"(01)0{Gtin}(10)L1(21)A1", $"(01)0{Gtin}(21)A2"] } })
        {
            List<ProblemItem> problems = [];
            new SimpleMapping(problems, 100).Map(wrong, 0).ShouldBeNull();
            problems.ShouldContain(p => p.Code == "simple-lots");
        }

        static string? Lot(SimpleEvent e, string member) =>
            (string?)JsonNode.Parse(Map(e))![member]?["cbvmda:lotNumber"];
    }

    public static TheoryData<string, string, SimpleEvent?> Wrong() => new()
    {
        { "", "field-required", null },
        { "what", "field-required", Harvest with { What = null } },
        { "what", "simple-what", Harvest with { What = "teleport" } },
        { "when", "simple-when", Harvest with { When = "yesterday" } },
        { "when", "simple-when", Harvest with { When = "2026-02-30 10:00" } },
        { "when", "simple-when", Harvest with { When = "2026-02-20 10:00+19:00" } },
        { "where", "simple-place", Harvest with { Where = "6901234000008" } },
        { "where", "field-required", Harvest with { Where = " " } },
        { "items", "field-required", Harvest with { Quantities = null } },
        { "items[0]", "simple-item", Harvest with { Items = ["(01)06901234567893(21)A"] } },
        { "items[0]", "simple-item", Harvest with { Items = ["javascript alert(1)"] } },
        { "quantities[0].product", "simple-product", Harvest with { Quantities = [new SimpleQuantity("6901234567893")] } },
        { "quantities[0].amount", "simple-amount", Harvest with { Quantities = [new SimpleQuantity(Gtin, "L", "-1")] } },
        { "quantities[0].amount", "simple-amount", Harvest with { Quantities = [new SimpleQuantity(Gtin, "L", "1e9")] } },
        { "quantities[0].unit", "simple-unit", Harvest with { Quantities = [new SimpleQuantity(Gtin, "L", "1", "kilo")] } },
        { "parent", "simple-unused", Harvest with { Parent = Sscc } },
        { "parent", "field-required", Harvest with { What = "pack" } },
        { "outputs", "field-required", Harvest with { What = "process" } },
        { "details.a b", "simple-detail-name", Harvest with { Details = new Dictionary<string, string?> { ["a b"] = "x" } } },
        { "note", "field-characters", Harvest with { Note = "a\0b" } },
        { "note", "field-length", Harvest with { Note = new string('x', 501) } },
        { "to", "simple-party", Harvest with { To = "somebody" } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_can_not_be_read_is_named_with_its_field(string field, string code, SimpleEvent? e)
    {
        List<ProblemItem> problems = [];
        new SimpleMapping(problems, 100).Map(e, 7).ShouldBeNull();
        problems.ShouldContain(p => p.Field == field && p.Code == code && p.Index == 7);
    }

    [Fact]
    public void The_words_of_the_form_are_those_of_the_sheet()
    {
        Map(Harvest with { Quantities = [new SimpleQuantity(Gtin, "L", "1", "千克")] }).ShouldContain("\"uom\":\"KGM\"");
        Map(Harvest with { Quantities = [new SimpleQuantity(Gtin, "L", "1", "件")] }).ShouldNotContain("uom");
        Activity.Find("检验合格").ShouldBe(Activity.Find("inspect"));
    }

    [Fact]
    public void An_item_typed_in_other_letters_gets_its_one_identity()
    {
        List<ProblemItem> problems = [];
        SimpleMapping mapping = new(problems, 100, uri => uri.EndsWith("/a1", StringComparison.Ordinal) ? uri[..^2] + "A1" : null);
        mapping.Map(Harvest with { What = "store", Quantities = null, Items = [$"(01)0{Gtin}(21)a1"] }, 0)!
            .ToJsonString().ShouldContain("/21/A1");
    }

    private static string Map(SimpleEvent e)
    {
        List<ProblemItem> problems = [];
        JsonObject? mapped = new SimpleMapping(problems, 100).Map(e, 0);
        problems.ShouldBeEmpty();
        return mapped!.ToJsonString(new System.Text.Json.JsonSerializerOptions
        {
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
    }
}
