using Shouldly;
using Traceability.Epcis;
using Traceability.Epcis.Findings;
using Xunit;

namespace Services.Tests.Traceability.Epcis;

/// <summary>Business contradictions between events about one item.</summary>
public sealed class ContradictionsTests
{
    private const string Item = "https://id.gs1.org/01/06901234567892/21/A";
    private const string P = "https://id.gs1.org/00/106901234000000017";
    private const string Q = "https://id.gs1.org/00/106901234000000024";
    private static readonly DateTimeOffset Day = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ItemFact Born = Fact(1, 0, "ObjectEvent", "ADD");

    [Fact]
    public void A_life_in_order_has_no_findings() =>
        Of(Born, Pack(2, 1, P), Fact(3, 2, "ObjectEvent", "OBSERVE"), Unpack(4, 3, P), Pack(5, 4, Q)).ShouldBeEmpty();

    [Fact]
    public void Two_parents_at_once_are_found_with_the_event_that_they_contradict() =>
        Of(Born, Pack(2, 1, P), Pack(3, 2, Q)).ShouldBe([new Finding(Item, Finding.TwoParents, 3, 2)]);

    [Fact]
    public void A_late_unpacking_takes_the_finding_back() =>
        Of(Born, Pack(2, 1, P), Pack(3, 3, Q), Unpack(9, 2, P)).ShouldBeEmpty();

    [Theory]
    [InlineData("AggregationEvent", "DELETE", true)]
    [InlineData("AssociationEvent", "DELETE", false)]
    [InlineData("ObjectEvent", "DELETE", true)]
    [InlineData("TransformationEvent", null, true)]
    public void An_emptied_or_used_up_box_holds_nothing(string type, string? action, bool ends)
    {
        ItemFact end = Fact(3, 2, type, action) with { Role = EpcRole.Child, Parent = P, OfParent = true };
        Of(Born, Pack(2, 1, P), end, Pack(4, 3, Q)).Any().ShouldBe(!ends);
        Contradictions.Stays([Pack(2, 1, P), end]).Single().Until.ShouldBe(ends ? Day.AddHours(2) : null);
        Of(Born, Pack(2, 1, Q), end, Pack(4, 3, P)).ShouldNotBeEmpty("another box was emptied");
    }

    [Fact]
    public void What_was_used_up_is_in_nothing() =>
        Contradictions.Stays([Pack(2, 1, P), Fact(3, 2, "ObjectEvent", "DELETE")]).Single().Until.ShouldBe(Day.AddHours(2));

    [Fact]
    public void Being_tied_to_a_logger_and_being_packed_are_two_things() =>
        Of(Born, Pack(2, 1, P), Pack(3, 2, Q) with { Type = "AssociationEvent" }).ShouldBeEmpty();

    [Fact]
    public void Being_packed_again_into_the_same_parent_is_no_contradiction() =>
        Of(Born, Pack(2, 1, P), Pack(3, 2, P)).ShouldBeEmpty();

    [Fact]
    public void An_item_that_was_never_commissioned_is_found() =>
        Of(Fact(7, 0, "ObjectEvent", "OBSERVE")).ShouldBe([new Finding(Item, Finding.NeverCommissioned, 7)]);

    [Fact]
    public void What_was_passed_on_before_it_was_made_is_found() =>
        Of(Fact(1, 2, "ObjectEvent", "ADD"), Fact(2, 1, "ObjectEvent", "OBSERVE"))
            .ShouldBe([new Finding(Item, Finding.BeforeBirth, 2, 1)]);

    [Fact]
    public void Of_two_commissionings_the_one_that_was_captured_later_is_found()
    {
        ItemFact used = Fact(3, 2, "TransformationEvent", null) with { Role = EpcRole.Input };
        Of(Born, Fact(2, 1, "ObjectEvent", "OBSERVE"), used, Fact(4, 3, "ObjectEvent", "ADD"))
            .ShouldBe([new Finding(Item, Finding.AlreadyCommissioned, 4, 1)]);
        Of(Born, Fact(4, -3, "ObjectEvent", "ADD")).ShouldBe(
            [new Finding(Item, Finding.AlreadyCommissioned, 4, 1)], "also where it is said to be earlier");
        Of(Born, Fact(2, 1, "ObjectEvent", "DELETE"), Fact(4, 3, "ObjectEvent", "ADD")).ShouldBeEmpty("taken out of use");
    }

    [Fact]
    public void A_label_put_to_use_and_the_step_that_fills_it_are_one_birth()
    {
        ItemFact made = Fact(2, 1, "TransformationEvent", null) with { Role = EpcRole.Output };
        Of(Born, made).ShouldBeEmpty();
        Of(Born, made, made with { Seq = 3 }).ShouldBe([new Finding(Item, Finding.AlreadyCommissioned, 3, 2)]);
        Of(Born, made, Fact(5, 2, "ObjectEvent", "ADD")).ShouldBe([new Finding(Item, Finding.AlreadyCommissioned, 5, 1)]);
    }

    [Fact]
    public void An_output_of_a_transformation_counts_as_commissioned_unless_nothing_went_in()
    {
        ItemFact made = Fact(1, 0, "TransformationEvent", null) with { Role = EpcRole.Output };
        Of(made).ShouldBeEmpty();
        Of(made with { HasInputs = false }).ShouldBe([new Finding(Item, Finding.FromNothing, 1)]);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public void More_than_five_minutes_ahead_of_its_capture_is_the_future(int minutes, bool found)
    {
        ItemFact fact = Born with { EventTime = Born.RecordTime.AddMinutes(minutes) };
        Of(fact).Any(f => f.Code == Finding.Future).ShouldBe(found);
    }

    [Fact]
    public void Packing_into_what_lies_within_the_item_is_a_cycle()
    {
        Dictionary<string, IReadOnlyList<Stay>> parents = new()
        {
            [P] = [new Stay(Q, 2, Day, null)],
            [Q] = [new Stay(Item, 3, Day, Day.AddHours(5))],
        };
        Contradictions.Of(Item, [Born, Pack(4, 1, P)], parents).Select(f => f.Code).ShouldBe([Finding.Cycle]);
        Contradictions.Of(Item, [Born, Pack(4, 6, P)], parents).ShouldBeEmpty();
    }

    [Fact]
    public void A_cycle_among_the_others_ends() =>
        Contradictions.Of(Item, [Born, Pack(4, 1, P)], new Dictionary<string, IReadOnlyList<Stay>>
        {
            [P] = [new Stay(Q, 2, Day, null)],
            [Q] = [new Stay(P, 3, Day, null)],
        }).ShouldBeEmpty();

    private static IEnumerable<Finding> Of(params ItemFact[] facts) =>
        Contradictions.Of(Item, facts.Reverse(), new Dictionary<string, IReadOnlyList<Stay>>());

    private static ItemFact Pack(long seq, int hour, string parent) =>
        Fact(seq, hour, "AggregationEvent", "ADD") with { Role = EpcRole.Child, Parent = parent };

    private static ItemFact Unpack(long seq, int hour, string parent) =>
        Fact(seq, hour, "AggregationEvent", "DELETE") with { Role = EpcRole.Child, Parent = parent };

    private static ItemFact Fact(long seq, int hour, string type, string? action) =>
        new(seq, Day.AddHours(hour), Day.AddHours(48), type, action, EpcRole.Epc, null, true);
}
