using Shouldly;
using Traceability.Scanning.Page;
using Traceability.Sensors;
using Xunit;

namespace Services.Tests.Traceability.Scanning;

public class CurveFactsTests
{
    private const string Always = "It should be 2 to 8 °C and always was.";
    private static readonly DateTime Begin = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly ValueRange Cold = new(2, 8, TimeSpan.FromMinutes(30));

    [Fact]
    public void Always_is_said_of_a_whole_series() => Words(Facts(Block(1), Block(2))).ShouldContain(Always);

    [Fact]
    public void Always_is_not_said_where_a_number_is_missing() =>
        Not(Facts(Block(1), Block(3)), "1 of the devices' records is missing.");

    [Fact]
    public void Always_is_not_said_where_time_is_missing() =>
        Not(Facts(Block(1), Block(2) with { From = Begin.AddHours(3), To = Begin.AddHours(4) }), "Readings are up to 120 minutes apart");

    [Fact]
    public void Always_is_not_said_where_a_block_has_a_hole() =>
        Not(Facts(Block(1) with { LongestStep = TimeSpan.FromMinutes(50) }), "Readings are up to 50 minutes apart");

    [Fact]
    public void Always_is_not_said_where_more_was_not_read()
    {
        CurveFacts facts = Facts(Block(1));
        facts.CutOff();
        Not(facts, "There are more records than were read here.");
    }

    [Fact]
    public void Always_is_not_said_where_a_record_s_range_was_not_kept() =>
        Not(Facts(Block(1), Block(2) with { Range = null }), "was not kept");

    [Fact]
    public void Always_is_not_said_where_a_stated_reading_is_outside()
    {
        CurveFacts facts = Facts(Block(1));
        facts.Add([new Reading(Begin.AddMinutes(30), 25)]);
        Not(facts, "of the stated readings 1 is outside.");
    }

    [Fact]
    public void Always_is_not_said_where_a_record_was_held_against_a_wider_range() =>
        Not(Facts(12, Block(1), Block(2) with { Range = Cold with { Max = 20 } }), "held against another range");

    [Fact]
    public void An_excursion_through_two_blocks_is_one()
    {
        PageExcursion warm = new(Begin.AddMinutes(50), true);
        Words(Facts(12, Block(1) with { Excursions = [warm] }, Block(2) with { Excursions = [warm] }))
            .ShouldContain("there was 1 excursion, 1 longer than the 30 minutes allowed.");
    }

    [Theory]
    [InlineData("interrupted", "How long 1 of them really lasted is not known: records are missing.")]
    [InlineData("open", "1 of them had not ended when the last record did.")]
    public void An_excursion_that_no_reading_ended_is_not_said_to_be_short(string ending, string but) =>
        Not(Facts(12, Block(1) with { Excursions = [new PageExcursion(Begin.AddMinutes(50), false, ending)] }), but);

    [Fact]
    public void Nothing_is_drawn_through_the_time_of_a_missing_record() =>
        Facts(Block(1), Block(3)).Draw()!.Gaps!.Single()
            .ShouldSatisfyAllConditions(g => g.From.ShouldBe(Begin.AddHours(1)), g => g.To.ShouldBe(Begin.AddHours(2)));

    [Fact]
    public void A_second_device_tells_of_the_time_of_a_missing_record() =>
        Facts(Block(1), Block(3), Block(2) with { Device = "other", From = Begin.AddMinutes(70) }).Draw()!.Gaps
            .ShouldBeEmpty();

    private static void Not(CurveFacts facts, string but)
    {
        string words = Words(facts);
        words.ShouldNotContain("always");
        words.ShouldContain(but);
    }

    private static string Words(CurveFacts facts) => facts.Draw()!.Finding.In(false);

    private static CurveFacts Facts(params PageBlock[] blocks) => Facts(5, blocks);

    private static CurveFacts Facts(decimal last, params PageBlock[] blocks)
    {
        CurveFacts facts = new();
        foreach (PageBlock block in blocks)
            facts.Add(block, [new Reading(block.From, 4), new Reading(block.To, last)]);
        return facts;
    }

    /// <summary>An hour of readings every five minutes.</summary>
    private static PageBlock Block(int sequence) => new(
        Guid.Empty, "logger", "pallet", Begin.AddHours(sequence - 1), Begin.AddHours(sequence), 13, 4, 5, 4.5, Cold)
    {
        Tenant = "farm",
        Sequence = sequence,
        LongestStep = TimeSpan.FromMinutes(5),
    };
}
