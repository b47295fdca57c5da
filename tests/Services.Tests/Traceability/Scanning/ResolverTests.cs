using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using Traceability.MasterData;
using Traceability.Scanning;
using Xunit;

namespace Services.Tests.Traceability.Scanning;

/// <summary>Where a scanned link leads.</summary>
public sealed class ResolverTests
{
    private static readonly ItemKey Item = new("06901234567892", "L1", "S1");

    private static readonly ProductLink[] Links =
    [
        new("gs1:pip", "https://a.example/zh", "商品", "zh", "text/html"),
        new("gs1:pip", "https://a.example/en", "Product", "en", "text/html", Default: true),
        new("gs1:pip", "https://a.example/en.json", "Product", "en", "application/json"),
        new("gs1:recallStatus", "https://a.example/recall?x=1", "Recall", Lot: "L1"),
        new("gs1:recipeInfo", "https://a.example/other", "Other lot", Lot: "L2"),
    ];

    private static LinkRequest Ask(
        string? type = null, string[]? languages = null, string[]? accept = null, string forward = "",
        string? view = null) => new(type, view, accept ?? ["text/html"], languages ?? ["zh-cn"], forward);

    private static string Href(Resolution resolution) => resolution.ShouldBeOfType<Resolution.Redirect>().Href;

    [Fact]
    public void Without_a_type_it_leads_to_the_default_link_and_without_one_to_the_page()
    {
        Href(Resolver.Resolve(Item, Links, Ask())).ShouldBe("https://a.example/en");
        Resolver.Resolve(Item, Links[..1], Ask()).ShouldBeOfType<Resolution.Page>();
        Resolver.Resolve(Item, Links, Ask(view: "trace")).ShouldBeOfType<Resolution.Page>();
    }

    [Fact]
    public void A_type_leads_to_the_reader_s_language_and_media()
    {
        Href(Resolver.Resolve(Item, Links, Ask("gs1:pip"))).ShouldBe("https://a.example/zh");
        Href(Resolver.Resolve(Item, Links, Ask("gs1:pip", ["en-gb", "zh"]))).ShouldBe("https://a.example/en");
        Href(Resolver.Resolve(Item, Links, Ask("gs1:pip", ["en"], ["application/json"])))
            .ShouldBe("https://a.example/en.json");
        Href(Resolver.Resolve(Item, Links, Ask("https://ref.gs1.org/voc/recallStatus")))
            .ShouldBe("https://a.example/recall?x=1");
        Resolver.Resolve(Item, Links, Ask("gs1:traceability")).ShouldBeOfType<Resolution.Page>();
    }

    [Theory]
    [InlineData("gs1:defaultLink")]
    [InlineData("defaultLink")]
    [InlineData("https://ref.gs1.org/voc/defaultLink")]
    public void The_default_link_can_be_asked_for_by_name(string type)
    {
        Href(Resolver.Resolve(Item, Links, Ask(type))).ShouldBe("https://a.example/en");
        Resolver.Resolve(Item, Links[..1], Ask(type)).ShouldBeOfType<Resolution.Page>();
    }

    [Fact]
    public void A_lot_s_default_link_is_the_linkset_s_too()
    {
        ProductLink[] links = [.. Links, new("gs1:pip", "https://a.example/lot", "Lot", Lot: "L1", Default: true)];
        Href(Resolver.Resolve(Item, links, Ask())).ShouldBe("https://a.example/lot");
        JsonObject context = (JsonObject)Resolver.Linkset(Item, links, new("茶", "Tea"), "https://id.example", Ask())["linkset"]![0]!;
        ((string)context[Resolver.Vocabulary + "defaultLink"]![0]!["href"]!).ShouldBe("https://a.example/lot");
    }

    [Fact]
    public void What_is_passed_on_stands_before_the_fragment()
    {
        ProductLink[] links = [new("gs1:pip", "https://a.example/page#part?x", "Product")];
        Href(Resolver.Resolve(Item, links, Ask("gs1:pip", forward: "17=261231"))).ShouldBe("https://a.example/page?17=261231#part?x");
    }

    [Fact]
    public void A_type_that_is_not_there_leads_nowhere()
    {
        Resolver.Resolve(Item, Links, Ask("gs1:instructions")).ShouldBeOfType<Resolution.NoSuchLink>();
        Resolver.Resolve(Item, Links, Ask("gs1:recipeInfo")).ShouldBeOfType<Resolution.NoSuchLink>("another lot's");
    }

    [Fact]
    public void What_the_resolver_does_not_know_is_passed_on() =>
        Href(Resolver.Resolve(Item, Links, Ask("gs1:recallStatus", forward: "17=261231")))
            .ShouldBe("https://a.example/recall?x=1&17=261231");

    [Theory]
    [InlineData("linkset", "text/html")]
    [InlineData("all", "text/html")]
    [InlineData(null, "application/linkset+json")]
    [InlineData(null, "application/json")]
    public void All_links_are_a_linkset(string? type, string accept) =>
        Resolver.Resolve(Item, Links, Ask(type, accept: [accept])).ShouldBeOfType<Resolution.Linkset>();

    [Fact]
    public void A_linkset_has_an_anchor_and_every_link_under_its_type()
    {
        JsonObject set =
            (JsonObject)Resolver.Linkset(Item, Links, new("茶", "Tea"), "https://id.example", Ask())["linkset"]![0]!;
        ((string)set["anchor"]!).ShouldBe("https://id.example/01/06901234567892/10/L1/21/S1");
        ((string)set["https://ref.gs1.org/voc/defaultLink"]![0]!["href"]!).ShouldBe("https://a.example/en");
        set["https://ref.gs1.org/voc/pip"]!.AsArray().Count.ShouldBe(3);
        ((string)set["https://ref.gs1.org/voc/pip"]![0]!["hreflang"]![0]!).ShouldBe("zh");
        set["https://ref.gs1.org/voc/traceability"]!.AsArray().Count.ShouldBe(2);
        set.ContainsKey("https://ref.gs1.org/voc/recipeInfo").ShouldBeFalse("it is for another lot");
    }

    [Theory]
    [InlineData("/01/6901234567892/21/ABC", "/01/06901234567892/21/ABC", "https://id.gs1.org/01/06901234567892/21/ABC")]
    [InlineData("/01/06901234567892/10/L1/21/ABC?x=1", "/01/06901234567892/10/L1/21/ABC",
        "https://id.gs1.org/01/06901234567892/21/ABC")]
    [InlineData("/01/06901234567892/10/a%2Fb", "/01/06901234567892/10/a%2Fb",
        "https://id.gs1.org/01/06901234567892/10/a%2Fb")]
    public void Links_are_read_as_they_were_printed(string target, string path, string canonical)
    {
        ItemKey.TryParse(target, out ItemKey? key, out _).ShouldBeTrue();
        key!.Path.ShouldBe(path);
        key.Canonical.ShouldBe(canonical);
    }

    [Theory]
    [InlineData("/01/06901234567893", "link-check-digit")]
    [InlineData("/01/06901234567892/21/", "link-invalid")]
    [InlineData("/01/06901234567892/21/ABCDEFGHIJKLMNOPQRSTU", "link-invalid")]
    [InlineData("/01/06901234567892/21/%00", "link-character")]
    [InlineData("/00/106141411234567897", "key-not-served")]
    [InlineData("/999", "link-invalid")]
    public void Links_that_name_nothing_are_refused(string target, string code)
    {
        ItemKey.TryParse(target, out _, out string? fault).ShouldBeFalse();
        fault.ShouldBe(code);
    }

    [Fact]
    public void Regions_are_found_in_a_table_and_unknown_without_one()
    {
        RegionTable table = new(
        [
            "# first,last,code,latitude,longitude,km", "10.1.0.0,10.1.255.255,330100,30.27,120.16,40",
            "10.2.0.0,10.2.0.9,110000", "2001:db8::,2001:db8::ffff,310000",
        ]);
        table.Find(IPAddress.Parse("10.1.2.3"))!.Position!.AccuracyKm.ShouldBe(40);
        table.Find(IPAddress.Parse("::ffff:10.2.0.9"))!.Code.ShouldBe("110000");
        table.Find(IPAddress.Parse("2001:db8::1"))!.Code.ShouldBe("310000");
        table.Find(IPAddress.Parse("10.2.0.10")).ShouldBeNull();
        new RegionTable([]).Find(IPAddress.Loopback).ShouldBeNull();
    }

    [Fact]
    public void A_device_has_one_tag_a_day_and_another_the_next()
    {
        DeviceTags tags = new();
        DateTimeOffset today = new(2026, 3, 21, 4, 0, 0, TimeSpan.Zero);
        byte[] tag = tags.Of(today, IPAddress.Loopback, "phone");
        tags.Of(today.AddHours(5), IPAddress.Loopback, "phone").ShouldBe(tag);
        tags.Of(today, IPAddress.Loopback, "other").ShouldNotBe(tag);
        tags.Of(today.AddDays(1), IPAddress.Loopback, "phone").ShouldNotBe(tag);
        new DeviceTags().Of(today, IPAddress.Loopback, "phone").ShouldNotBe(tag, "nobody else can make it");
    }
}
