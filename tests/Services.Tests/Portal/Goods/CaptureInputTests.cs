using System.Text.Json.Nodes;
using Portal.Components.Pages.Goods;
using Portal.Components.Pages.Watch;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal.Goods;

/// <summary>What the field form sends, and how a regulator's question is read and drawn.</summary>
public sealed class CaptureInputTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 7, 4, 5, TimeSpan.Zero);

    [Fact]
    public void The_same_form_is_the_same_event_and_an_empty_time_is_now_in_Beijing()
    {
        CaptureInput input = new() { Key = "019aabbb-0000-7000-8000-000000000001", What = "receive", Items = " a \n\nb\na", Place = "6901234000016" };
        JsonObject e = input.ToEvent(Now);
        e["id"]!.ToString().ShouldBe("urn:uuid:019aabbb-0000-7000-8000-000000000001");
        e["when"]!.ToString().ShouldBe("2026-11-22 15:04:05");
        e["items"]!.AsArray().Select(i => i!.ToString()).ShouldBe(["a", "b"]);
        e["where"]!.ToString().ShouldBe("6901234000016");
    }

    [Fact]
    public void The_other_party_and_the_case_are_said_only_where_the_activity_has_them()
    {
        CaptureInput input = new() { What = "ship", Party = "6901234000023", Parent = "(00)1" };
        JsonObject shipped = input.ToEvent(Now);
        (shipped["to"]!.ToString(), shipped.ContainsKey("from"), shipped.ContainsKey("parent")).ShouldBe(("6901234000023", false, false));
        input.What = "receive";
        input.ToEvent(Now)["from"]!.ToString().ShouldBe("6901234000023");
        input.What = "pack";
        input.ToEvent(Now)["parent"]!.ToString().ShouldBe("(00)1");
    }

    [Fact]
    public void A_photo_is_named_by_its_digest()
    {
        CaptureInput input = new() { PhotoSha256 = new string('0', 64), Document = "FH-1" };
        input.ToEvent(Now)["documents"]!.AsArray().Select(d => d!["number"]!.ToString())
            .ShouldBe(["FH-1", "ni:///sha-256;" + new string('A', 43)]);
        new CaptureInput { PhotoSha256 = "x" }.ToEvent(Now)["documents"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("items[2]", "items", 3)]
    [InlineData("quantities[0].amount", "amount", null)]
    [InlineData("quantities[0].product", "product", null)]
    [InlineData("where", "place", null)]
    [InlineData("to", "party", null)]
    public void A_problem_leads_to_its_field(string path, string field, int? number)
    {
        CaptureInput.FieldOf(path).ShouldBe(field);
        CaptureInput.NumberOf(path).ShouldBe(number);
    }

    [Theory]
    [InlineData("(01)06901234567892(10)L/1", "https://id.gs1.org/01/06901234567892/10/L%2F1")]
    [InlineData(" https://a.example/01/06901234567892/21/A ", "https://a.example/01/06901234567892/21/A")]
    [InlineData("/01/06901234567892/21/A", "https://id.gs1.org/01/06901234567892/21/A")]
    [InlineData("urn:epc:id:sscc:690123400.00000001", "urn:epc:id:sscc:690123400.00000001")]
    public void A_code_is_asked_for_as_it_was_typed(string typed, string id) => GoodsQuestion.Id(typed).ShouldBe(id);

    [Fact]
    public void A_time_without_a_zone_is_Beijing_time()
    {
        GoodsQuestion.Time("2026-11-22 15:04")!.Value.UtcDateTime.ShouldBe(new DateTime(2026, 11, 22, 7, 4, 0, DateTimeKind.Utc));
        GoodsQuestion.Time("2026-11-22T15:04:00Z")!.Value.UtcDateTime.Hour.ShouldBe(15);
        GoodsQuestion.Time("yesterday").ShouldBeNull();
        GoodsQuestion.Time(" ").ShouldBeNull();
    }

    [Fact]
    public void Pieces_alike_are_one_box_but_what_leads_on_stays()
    {
        JsonArray items = [Item("https://id.gs1.org/01/1/10/L", null, 0, "start")];
        for (var i = 0; i < 8; i++) items.Add(Item($"https://id.gs1.org/01/1/21/S{i}", "https://id.gs1.org/01/1/10/L", 1, "member"));
        items.Add(Item("https://id.gs1.org/01/2/10/M", "https://id.gs1.org/01/1/21/S3", 2, "transformed"));
        var boxes = TraceDrawing.Boxes(items);
        boxes.Select(b => b.Count).Order().ShouldBe([1, 1, 1, 7]);
        boxes.ShouldContain(b => b.Id.EndsWith("S3", StringComparison.Ordinal) && b.Count == 1);
        var drawn = TraceDrawing.Draw(boxes, "<title>", b => (b.Id, "<below>")).Value;
        drawn.ShouldContain("&lt;title&gt;");
        drawn.ShouldNotContain("<below>");
        drawn.ShouldNotContain("style=");
        System.Xml.Linq.XElement.Parse(drawn).Elements("path").Count().ShouldBe(3, "every box but the start hangs on another");
    }

    private static JsonObject Item(string id, string? from, int depth, string relation) =>
        new() { ["id"] = id, ["from"] = from, ["depth"] = depth, ["relation"] = relation };
}
