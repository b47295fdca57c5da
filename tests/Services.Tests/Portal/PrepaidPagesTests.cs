using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Portal.Components;
using Portal.Components.Pages.Prepaid;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal;

/// <summary>What the till's page reads and sends.</summary>
public class PrepaidPagesTests
{
    private const string Card = "0197f3a2-7c1e-7d42-9a51-3b0c5e8f1a20";

    [Theory]
    [InlineData(Card, false)]
    [InlineData("  " + Card + "\n", false)]
    [InlineData("prepaid-card/1|" + Card, false)]
    [InlineData("https://cards.example/my/cards/" + Card, false)]
    [InlineData("https://cards.example/my/cards/" + Card + "#secret", false)]
    [InlineData("prepaid-code/1|" + Card + "|nonce-0000000001|1790000000|c2ln", true)]
    public void A_scanned_text_names_its_card(string text, bool hasCode)
    {
        ScannedText read = ScannedText.Read(text);
        read.Card.ShouldBe(Guid.Parse(Card));
        (read.Code is not null).ShouldBe(hasCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0197f3a2")]
    [InlineData("prepaid-code/1|" + Card + "|nonce|soon|c2ln")]
    [InlineData("prepaid-code/2|" + Card + "|nonce|1790000000|c2ln")]
    [InlineData("prepaid-card/1|nobody")]
    public void Anything_else_names_no_card(string? text) => ScannedText.Read(text).Card.ShouldBeNull();

    [Fact]
    public void A_printed_cards_code_is_read_as_its_card() =>
        ScannedText.Read(ScannedText.OfCard(Guid.Parse(Card))).Card.ShouldBe(Guid.Parse(Card));

    [Fact]
    public void The_form_of_the_till_becomes_one_redemption()
    {
        FormProblems problems = new(English());
        JsonObject body = new TillInput
        {
            Key = "0197f3a2-0000-7000-8000-000000000001",
            Scan = Card,
            Branch = " north ",
            Kind = "value",
            Price = "1,200.50",
        }.ToRequest(problems, English()).ShouldNotBeNull();
        problems.All.ShouldBeEmpty();
        body.ToJsonString().ShouldBe("""
            {"id":"r0197f3a2000070008000000000000001","branch":"north","wanted":[{"kind":"value","item":"sale","times":1,"listFen":120050,"priceFen":120050}],"code":null}
            """);
    }

    [Theory]
    [InlineData("nobody", "10", "1", "scan")]
    [InlineData(Card, "", "1", "price")]
    [InlineData(Card, "10.001", "1", "price")]
    public void What_is_wrong_stands_at_its_field(string scan, string price, string times, string field)
    {
        FormProblems problems = new(English());
        new TillInput { Key = "k", Scan = scan, Branch = "north", Kind = "value", Price = price, Times = times }
            .ToRequest(problems, English()).ShouldBeNull();
        problems.All.ShouldHaveSingleItem().Field.ShouldBe(field);
    }

    [Fact]
    public void An_offline_report_carries_no_code_that_would_have_run_out()
    {
        FormProblems problems = new(English());
        JsonObject body = new TillInput
        {
            Key = "k",
            Scan = $"prepaid-code/1|{Card}|nonce-0000000001|1790000000|c2ln",
            Branch = "north",
            Kind = "counted",
            Times = "2",
            TakenAt = "2026-11-23T04:00:00.000Z",
        }.ToRequest(problems, English()).ShouldNotBeNull();
        body["code"].ShouldBeNull();
        ((int)body["wanted"]![0]!["times"]!).ShouldBe(2);
    }

    private static Language English()
    {
        DefaultHttpContext context = new();
        context.Request.QueryString = new QueryString("?lang=en");
        return new Language(new HttpContextAccessor { HttpContext = context });
    }
}
