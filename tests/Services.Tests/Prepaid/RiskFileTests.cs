using Prepaid.Custody;
using Prepaid.Merchants;
using Prepaid.Risk;
using PrepaidRisk;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>What the service hands to the early warning, and what the regulator makes of its grades.</summary>
public sealed class RiskFileTests
{
    private static readonly DateOnly First = new(2026, 1, 5);

    private static readonly Filing Tutor = new(
        "school", "330000", "tutoring", IssuerClass.Other, new DateOnly(2015, 1, 1), null, new DateOnly(2027, 1, 1), default);

    [Fact]
    public void Use_is_what_was_owed_and_came_less_what_is_owed_now()
    {
        RiskRecords records = Records(
            [new(First, 100_00, 2), new(First.AddDays(1), 130_00, 3), new(First.AddDays(2), 90_00, 3)],
            new() { [First] = new(100_00, Movements: 2), [First.AddDays(1)] = new(50_00, 5_00, 10_00, 1), [First.AddDays(2)] = new(Movements: 1) });
        RiskFile.Of(records).Between(First, First.AddDays(2)).Select(d => d.RedeemedFen).ShouldBe([0, 30_00, 40_00]);
    }

    [Fact]
    public void Custody_is_the_last_statement_up_to_the_day_and_the_rule_of_the_place_says_what_is_required()
    {
        RiskRecords records = Records(Days(4, 100_00), Trade(4)) with
        {
            Custody =
            [
                new(First, new CustodyEvent.AccountOpened("1", "bank", [])),
                new(First.AddDays(2), Statement(First.AddDays(1), 70_00)),
                new(First, new CustodyEvent.OffsetGiven("i", new Offset("insurance", 10_00, First, First.AddDays(1), "p"))),
            ],
        };
        ObservedDay[] days = [.. RiskFile.Of(records).Between(First, First.AddDays(3))];
        days.Select(d => d.CustodyFen).ShouldBe([0, 70_00, 70_00, 70_00]);
        days.Select(d => d.OffsetFen).ShouldBe([10_00, 10_00, 0, 0]);
        days.ShouldAllBe(d => d.RequiredFen == 100_00, "tutoring holds all of it");
        // D+1: the first day's never came, the second's came on the next day, the others are not late yet or not due.
        days.Select(d => d.ReconciledLate).ShouldBe([true, false, false, false]);
    }

    [Fact]
    public void Without_a_known_rule_nothing_is_required()
    {
        RiskRecords records = Records(Days(2, 100_00), Trade(2)) with
        {
            Merchant = [new(First, new MerchantEvent.Filed(Tutor with { Industry = "gym" }))],
        };
        RiskFile.Of(records).Latest!.RequiredFen.ShouldBeNull();
    }

    [Fact]
    public void A_merchant_that_records_nothing_is_silent_from_its_last_movement_unless_it_filed_that_it_is_shut()
    {
        RiskRecords records = Records(Days(20, 100_00), Trade(3));
        RiskFile.Of(records).Latest!.Day.ShouldBe(First.AddDays(2));
        Grade.Of(RiskFile.Of(records), First.AddDays(19), banListed: false)!.Caps.ShouldBe([Cap.Silent]);
        RiskRecords shut = records with
        {
            Merchant = [.. records.Merchant, new(First.AddDays(3), new MerchantEvent.EntryRecorded(
                EntryKind.ClosureFiled, First.AddDays(40), "works"))],
        };
        RiskFile.Of(shut).Latest!.Day.ShouldBe(First.AddDays(19));
        RiskFile.Of(Records(Days(20, 0), Trade(3))).Latest!.Day.ShouldBe(First.AddDays(19), "nothing is owed");
    }

    [Fact]
    public void Registers_and_lists_become_known_on_the_day_they_are_recorded()
    {
        RiskRecords records = Records(Days(60, 100_00), Trade(60)) with
        {
            Merchant =
            [
                new(First, new MerchantEvent.Filed(Tutor)),
                new(First.AddDays(50), new MerchantEvent.EntryRecorded(EntryKind.LawsuitOpened, null, "case 1")),
                new(First.AddDays(51), new MerchantEvent.BanListed("list", "power")),
                new(First.AddDays(52), new MerchantEvent.BranchChanged(
                    "north", BranchChange.Sold, First.AddDays(60), "other", "cards stay good")),
            ],
        };
        RiskFile.Of(records).Entries.ShouldBe(
        [
            new RegisterEntry(First, EntryKind.LeaseEnds, Tutor.LeaseEndsOn),
            new RegisterEntry(First.AddDays(50), EntryKind.LawsuitOpened),
            new RegisterEntry(First.AddDays(52), EntryKind.BranchClosed),
        ]);
        RiskFile.IsBanned(records).ShouldBeTrue();
        Grading.Assess(records, First.AddDays(59))!.Caps.ShouldContain("ban-listed");
    }

    [Fact]
    public void A_grade_carries_its_parts_reasons_figures_and_burn_down()
    {
        RiskEvent.Graded grade = Grading.Assess(Records(Days(60, 100_00), Trade(60)), First.AddDays(59))!;
        grade.Letter.ShouldBe(Letter.C);
        grade.Caps.ShouldBe(["half-covered"]);
        grade.Parts[0].ShouldBe(new GradedPart("coverage", 0, 350));
        grade.Figures.ShouldBe(new GradedFigures(First.AddDays(59), 100_00, 0, 0, 100_00, 2));
        grade.BurnDown.UncoveredFen.ShouldBe(100_00);
        grade.Reasons.Select(r => r.Signal).ShouldContain(Signal.ShortfallDays);
        Grading.Assess(Records([], []), First).ShouldBeNull("nothing was reported");
    }

    [Fact]
    public void A_granted_appeal_stands_beside_the_grade_until_its_last_day_and_changes_no_fact()
    {
        RiskEvent.Graded grade = Grading.Assess(Records(Days(60, 100_00), Trade(60)), First.AddDays(59))!;
        RatedMerchant rated = Apply(RatedMerchant.Initial, RatedMerchant.Record(RatedMerchant.Initial, grade));
        DateOnly today = First.AddDays(62);
        RatedMerchant.Appeal(rated, new(First, "late statement", null)).ShouldBeRefused(RatedMerchant.Missing);
        rated = Apply(rated, RatedMerchant.Appeal(rated, new(grade.Day, "late statement", null)));
        RatedMerchant.Appeal(rated, new(grade.Day, "again", null)).ShouldBeRefused(RatedMerchant.AppealOpen);
        RatedMerchant.Decide(rated, true, new(grade.Day, Letter.C, today, "no better"), today)
            .ShouldBeRefused(RatedMerchant.DecisionShape);
        RatedMerchant.Decide(rated, true, new(grade.Day, Letter.A, today.AddYears(2), "too long"), today)
            .ShouldBeRefused(RatedMerchant.DecisionShape);
        rated = Apply(rated, RatedMerchant.Decide(
            rated, true, new(grade.Day, Letter.A, today.AddDays(30), "the bank was late"), today));
        rated.Grade.ShouldBe(grade);
        rated.LetterOn(today.AddDays(30)).ShouldBe(Letter.A);
        rated.LetterOn(today.AddDays(31)).ShouldBe(Letter.C);
    }

    [Fact]
    public void An_alert_stays_open_until_somebody_deals_with_it()
    {
        RiskEvent.Graded grade = Grading.Assess(Records(Days(60, 100_00), Trade(60)), First.AddDays(59))! with { Raised = true };
        RatedMerchant rated = Apply(RatedMerchant.Initial, RatedMerchant.Record(RatedMerchant.Initial, grade));
        rated = Apply(rated, RatedMerchant.Record(rated, grade with { Day = grade.Day.AddDays(7), Raised = false }));
        rated.AlertSince.ShouldBe(grade.Day);
        rated = Apply(rated, RatedMerchant.Handle(rated, new RiskEvent.AlertHandled("asked", "called")));
        rated.AlertSince.ShouldBeNull();
        RatedMerchant.Handle(rated, new RiskEvent.AlertHandled("asked", "x")).ShouldBeRefused(RatedMerchant.AlertMissing);
        Apply(rated, RatedMerchant.Record(rated, grade)).ShouldBe(rated, "an older day is no news");
    }

    private static RatedMerchant Apply(RatedMerchant m, Decision<RiskEvent> decision) =>
        decision.ShouldBeOfType<Decision<RiskEvent>.Accepted>().Events.Aggregate(m, RatedMerchant.Evolve);

    private static RiskRecords Records(IReadOnlyList<ClosedBalance> days, Dictionary<DateOnly, TradeDay> trade) =>
        new(days, trade, [], [new(First, new MerchantEvent.Filed(Tutor with { LeaseEndsOn = null }))]);

    private static List<ClosedBalance> Days(int count, long owed) =>
        [.. Enumerable.Range(0, count).Select(i => new ClosedBalance(First.AddDays(i), owed, 2))];

    private static Dictionary<DateOnly, TradeDay> Trade(int days) =>
        Enumerable.Range(0, days).ToDictionary(First.AddDays, _ => new TradeDay(10_00, Movements: 2));

    private static CustodyEvent.StatementImported Statement(DateOnly day, long closing) =>
        new(new BankStatement($"s{day:MMdd}", "1", day, 0, closing, []), new string('a', 64));
}

/// <summary>What a refused decision says.</summary>
internal static class Refusals
{
    public static void ShouldBeRefused<T>(this Decision<T> decision, string rule) =>
        decision.ShouldBeOfType<Decision<T>.Refused>().Rule.ShouldBe(rule);
}
