using System.Text;
using Shouldly;
using Traceability.MasterData;
using Traceability.Scanning;
using Traceability.Scanning.Page;
using Xunit;

namespace Services.Tests.Traceability.Scanning;

public sealed class DoubtTests
{
    private const string Tag = "<li class=\"tag warn\"><a href=\"#doubt\">! Doubtful, see below</a></li>";
    private static readonly DateTimeOffset Noon = new(2026, 11, 1, 4, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Where_doubt_is_shown_the_title_leads_to_it_and_a_sale_has_no_tick()
    {
        string page = Page(copied: true);
        page.ShouldContain(Tag);
        page.ShouldContain("id=\"doubt\"");
        page.ShouldNotContain("✓ Sold once");
        page.IndexOf(Tag, StringComparison.Ordinal).ShouldBeLessThan(page.IndexOf("id=\"doubt\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_doubt_the_sale_keeps_its_tick()
    {
        string page = Page(copied: false);
        page.ShouldContain("✓ Sold once");
        page.ShouldNotContain("#doubt");
    }

    [Fact]
    public void A_label_with_another_lot_is_told_at_the_top_and_is_a_sign()
    {
        string page = Page(copied: false, new ItemKey("09506000134352", "L1", "A1") { OtherLot = "L2", IsBound = true });
        page.ShouldContain("id=\"other-lot\"");
        page.ShouldContain("says another lot, but this code is bound to lot L1");
        Shown(page).ShouldNotContain("L2", Case.Sensitive, "anybody can write anything into a link");
        page.ShouldContain("/10/L2/21/A1?lang=", Case.Sensitive, "the other language warns too");
        page.IndexOf("id=\"other-lot\"", StringComparison.Ordinal).ShouldBeLessThan(page.IndexOf("<h1>", StringComparison.Ordinal));
        Page(copied: false).ShouldNotContain("other-lot");

        page.ShouldContain("/10/L2/21/A1?view=report", Case.Sensitive, "a complaint names what the label says");
        Encoding.UTF8.GetString(ItemView.RenderReport(
            new ItemFacts(new ItemKey("09506000134352", "L1", "A1") { OtherLot = "L2", IsBound = true }), chinese: false, Noon, "once"))
            .ShouldContain("name=\"key\" value=\"/01/09506000134352/10/L2/21/A1\"");

        Check[] one = [new Check(Noon, Device: "a", OtherLot: true)];
        Suspicion.OtherLot(one)!.Weight.ShouldBe(1, "somebody may have typed it");
        Suspicion.OtherLot([.. one, new Check(Noon, Device: "b", OtherLot: true)])!.Weight.ShouldBe(1, "one person has two networks");
        Suspicion.OtherLot([.. one, new Check(Noon, Device: "b", OtherLot: true), new Check(Noon, Device: "c", OtherLot: true)])!.Weight.ShouldBe(2);
        Suspicion.OtherLot([new Check(Noon, Device: "a")]).ShouldBeNull();
        CloneSuspicion.Assess([.. one, new Check(Noon, Device: "b", OtherLot: true)],
            [new SaleMark(Noon), new SaleMark(Noon)], unsold: false, SuspicionLimits.Default).Grade.ShouldBe(SuspicionGrade.Alarm);
    }

    [Fact]
    public void A_serial_that_its_producer_never_issued_is_told_before_the_title_and_no_certificate_vouches_for_it()
    {
        PageCertificate certificate = new("N1", new("有机认证", "Organic"), new("认证机构", "Body"),
            DateOnly.FromDateTime(Noon.Date).AddYears(-1), DateOnly.FromDateTime(Noon.Date).AddYears(1), null, Guid.Empty, null);
        string forged = Page(copied: false, code: CodeState.NotOurs, certificate: certificate);
        forged.IndexOf("<section class=\"notice bad\" id=\"foreign\"", StringComparison.Ordinal)
            .ShouldBeInRange(0, forged.IndexOf("<h1>", StringComparison.Ordinal));
        forged.ShouldContain("say nothing of the item in your hands");
        forged.ShouldNotContain("in its term");
        forged.ShouldNotContain("data-check", Case.Sensitive, "proven records of a product would look like a word for this item");
        string genuine = Page(copied: false, certificate: certificate);
        genuine.ShouldContain("data-check");
        genuine.ShouldNotContain("id=\"foreign\"");
        genuine.ShouldContain("in its term");
        genuine.ShouldNotContain("id=\"attention\"");
        Page(copied: false, code: CodeState.NotIssuedHere).ShouldNotContain("id=\"foreign\"", Case.Sensitive, "its codes are kept elsewhere");
    }

    [Fact]
    public void What_speaks_against_goods_is_named_before_the_title_with_a_link()
    {
        PageCertificate ended = new("N1", new("有机认证", "Organic"), new("认证机构", "Body"), new(2020, 1, 1), new(2021, 1, 1),
            null, Guid.Empty, null);
        string page = Page(copied: false, certificate: ended);
        page.IndexOf("<a href=\"#certificates\">", StringComparison.Ordinal)
            .ShouldBeInRange(0, page.IndexOf("<h1>", StringComparison.Ordinal));
        Page(copied: false, certificate: ended, warm: true).ShouldContain("<a href=\"#cold\">");
        page.ShouldNotContain("#cold");
    }

    [Fact]
    public void A_lot_that_only_the_link_names_is_not_shown()
    {
        Shown(Page(copied: false, new ItemKey("09506000134352", "CALL-95555", "A1"))).ShouldNotContain("CALL-95555");
        Shown(Page(copied: false, new ItemKey("09506000134352", "L-1", "A1") { IsBound = true })).ShouldContain("lot L-1");
    }

    /// <summary>What readers see: no markup, and so no links either.</summary>
    private static string Shown(string page) => System.Text.RegularExpressions.Regex.Replace(page, "<[^>]*>", " ");

    private static string Page(
        bool copied, ItemKey? key = null, CodeState code = CodeState.InUse, PageCertificate? certificate = null, bool warm = false)
    {
        ItemFacts facts = new(key ?? new ItemKey("09506000134352", Serial: "A1"))
        {
            Product = new ShownProduct("farm", new Wording("茶", "Tea"), null, [], null, null, null),
            Feed = new SalesFeed("", 2, Gap: false, Noon),
            Code = code,
        };
        facts.Sellers.Add("shop");
        facts.Reported.Add(new ReportedSale("shop", Noon.AddDays(-1), ByOwner: false));
        if (copied)
        {
            // Both shared their position, in cities that no journey joins in an hour.
            facts.Checks.Add(new Check(Noon, "330100", "a", new Position(30.2741, 120.1551, 1), Shared: true, AddressRegion: "330100"));
            facts.Checks.Add(new Check(Noon.AddMinutes(60), "110100", "b", new Position(39.9042, 116.4074, 1), Shared: true, AddressRegion: "110100"));
        }
        if (certificate is not null)
            facts.Certificates.Add(certificate);
        if (warm)
        {
            facts.Curve.Add(new PageBlock(Guid.Empty, "D1", "box", Noon.UtcDateTime, Noon.UtcDateTime, 1, 12, 12, null, null)
            {
                Excursions = [new PageExcursion(Noon.UtcDateTime, true)],
            }, [new(Noon.UtcDateTime, 12)]);
        }
        return Encoding.UTF8.GetString(ItemView.Render(facts, chinese: false, Noon.AddHours(2)));
    }
}
