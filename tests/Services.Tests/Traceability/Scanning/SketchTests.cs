using System.Xml.Linq;
using Shouldly;
using Traceability.Graph;
using Traceability.MasterData;
using Traceability.Scanning.Page;
using Xunit;

namespace Services.Tests.Traceability.Scanning;

/// <summary>What the page draws and writes.</summary>
public sealed class SketchTests
{
    private static PageStep Step(string gln, double latitude, double longitude, string name = "茶园") => new(
        Guid.Empty, DateTimeOffset.UnixEpoch, null, null, null,
        new PagePlace(gln, new Wording(name), null, latitude, longitude), "");

    [Fact]
    public void A_route_is_drawn_in_true_proportion_with_the_steps_numbers()
    {
        PageStep[] journey = [Step("1", 30, 120), Step("2", 30, 121), Step("1", 30, 120), Step("3", 29, 120)];
        XElement svg = XElement.Parse(RouteSketch.Draw(journey, chinese: true)!.Value.Text);
        XElement[] stops = [.. svg.Elements("text").Where(t => (string?)t.Attribute("text-anchor") == "middle")];
        stops.Select(s => s.Value).ShouldBe(["1,3", "2", "4"]);
        double X(int i) => (double)stops[i].Attribute("x")!;
        double Y(int i) => (double)stops[i].Attribute("y")!;
        // One degree east at 29.5° north is cos 29.5° = 0.870 of one degree north.
        ((X(1) - X(0)) / (Y(2) - Y(0))).ShouldBe(0.870, 0.01);
        svg.Element("polyline")!.Attribute("points")!.Value.Split(' ').Length.ShouldBe(4, "the way back is drawn too");
        svg.Element("desc")!.Value.ShouldContain("公里");
    }

    [Fact]
    public void Nothing_is_drawn_of_one_place()
    {
        RouteSketch.Draw([Step("1", 30, 120), Step("1", 30, 120)], chinese: true).ShouldBeNull();
        RouteSketch.Draw([], chinese: true).ShouldBeNull();
    }

    [Fact]
    public void A_curve_breaks_where_readings_are_missing_and_shows_its_limits()
    {
        DateTimeOffset at = DateTimeOffset.UnixEpoch;
        PageCurve curve = new([(at, -18), (at.AddHours(1), -17), (at.AddHours(5), -19)], null, -15, new("正常", "Fine"));
        XElement svg = XElement.Parse(CurveSketch.Draw(curve, chinese: false)!.Value.Text);
        string line = svg.Elements("path").Single(p => (string?)p.Attribute("class") == "way").Attribute("d")!.Value;
        line.Count(c => c == 'M').ShouldBe(2);
        svg.Elements("path").Count(p => (string?)p.Attribute("class") == "limit").ShouldBe(1);
        Window missing = new(at.UtcDateTime, at.AddHours(1).UtcDateTime);
        CurveSketch.Draw(curve with { Gaps = [missing] }, chinese: false)!.Value.Text.Split("class=\"way\"")[1].Split('/')[0].Count(c => c == 'M').ShouldBe(3);
    }

    [Fact]
    public void What_is_put_into_a_page_never_becomes_markup()
    {
        string evil = "<script>alert('1')</script>&\"";
        new Html().Add($"<p title=\"{evil}\">{evil}</p>").ToString()
            .ShouldBe("<p title=\"&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;\">&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;</p>");
    }
}
