using ServiceDefaults;
using Shouldly;
using Traceability.Alarms;
using Traceability.MasterData;
using Traceability.Scanning;
using Xunit;

namespace Services.Tests.Traceability.Alarms;

/// <summary>Who may do what to an alarm, and when.</summary>
public sealed class AlarmTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 4, 0, 0, TimeSpan.Zero);

    private static readonly AlarmEvent Raised = new AlarmEvent.Raised(new AlarmFinding(
        AlarmKind.Diversion, new AlarmSubject("urn:x", "06901234567892"), Diversion.Formula, SuspicionLimits.Default,
        new AlarmFacts(10, 10, 10, 2, 0, 0), [], new Wording("因", "why"), Now, Now));

    private static readonly AlarmEvent Put = new AlarmEvent.Put("dealer", Now.AddDays(15), null);
    private static readonly AlarmEvent Answer = new AlarmEvent.Answered("no", []);

    private static AlarmState After(params (string Tenant, AlarmEvent Event)[] history) => history.Aggregate(
        AlarmState.Evolve(AlarmState.Initial, "brand", Raised), (s, e) => AlarmState.Evolve(s, e.Tenant, e.Event));

    private static string? Refusal(
        AlarmState state, string tenant, AlarmEvent e, bool regulator = false, AlarmKind kind = AlarmKind.Diversion,
        DateTimeOffset? at = null) =>
        (Alarm.Decide(state, tenant, regulator, kind, e, at ?? Now) as Decision<AlarmEvent>.Refused)?.Rule;

    private static AlarmEvent.Closed Close(AlarmOutcome outcome) => new AlarmEvent.Closed(outcome, "grounds");

    [Fact]
    public void Nobody_else_learns_of_an_alarm_before_it_is_put_to_him()
    {
        Refusal(After(), "dealer", Answer).ShouldBe(Alarm.Missing);
        Refusal(After(), "stranger", new AlarmEvent.Commented("?")).ShouldBe(Alarm.Missing);
        Refusal(After(("brand", Put)), "stranger", Answer).ShouldBe(Alarm.Missing);
        Refusal(After(("brand", Put)), "dealer", Answer).ShouldBeNull();
        Refusal(After(), "authority", new AlarmEvent.Commented("seen"), regulator: true).ShouldBeNull();
    }

    [Fact]
    public void Only_the_owner_puts_and_closes_and_only_the_addressee_answers()
    {
        Refusal(After(("brand", Put)), "dealer", Close(AlarmOutcome.Withdrawn)).ShouldBe(Alarm.OwnerOnly);
        Refusal(After(("brand", Put)), "brand", Answer).ShouldBe(Alarm.AddresseeOnly);
        Refusal(After(), "authority", Close(AlarmOutcome.Withdrawn), regulator: true).ShouldBe(Alarm.OwnerOnly);
        Refusal(After(), "authority", Put, regulator: true).ShouldBe(Alarm.OwnerOnly);
    }

    [Fact]
    public void Nobody_is_found_against_unheard()
    {
        Refusal(After(), "brand", Close(AlarmOutcome.Upheld)).ShouldBe(Alarm.Unheard);
        AlarmState put = After(("brand", Put));
        Refusal(put, "brand", Close(AlarmOutcome.Upheld)).ShouldBe(Alarm.Unheard);
        Refusal(put, "brand", Close(AlarmOutcome.Upheld), at: Now.AddDays(15)).ShouldBeNull("the time has passed");
        Refusal(After(("brand", Put), ("dealer", Answer)), "brand", Close(AlarmOutcome.Upheld)).ShouldBeNull();
        Refusal(After(), "brand", Close(AlarmOutcome.Withdrawn)).ShouldBeNull();
        Refusal(After(), "brand", Close(AlarmOutcome.Upheld), kind: AlarmKind.Clone).ShouldBeNull("nobody is accused");
        Refusal(put, "brand", Close(AlarmOutcome.Upheld), kind: AlarmKind.Clone).ShouldBe(Alarm.Unheard);
    }

    [Fact]
    public void It_is_put_once_to_another_with_time_to_answer()
    {
        Refusal(After(("brand", Put)), "brand", Put).ShouldBe(Alarm.PutBefore);
        Refusal(After(), "brand", new AlarmEvent.Put("brand", Now.AddDays(15), null)).ShouldBe(Alarm.PutToOwner);
        Refusal(After(), "brand", new AlarmEvent.Put("dealer", Now.AddHours(23), null)).ShouldBe(Alarm.TooSoon);
        Refusal(After(), "brand", new AlarmEvent.Put("dealer", Now.AddDays(1), null)).ShouldBeNull();
    }

    [Fact]
    public void After_the_end_an_objection_finds_its_place_and_nothing_else()
    {
        AlarmState closed = After(("brand", Put), ("dealer", Answer), ("brand", Close(AlarmOutcome.Upheld)));
        Refusal(closed, "dealer", Answer).ShouldBe(Alarm.Over);
        Refusal(closed, "brand", Close(AlarmOutcome.Withdrawn)).ShouldBe(Alarm.Over);
        Refusal(closed, "dealer", new AlarmEvent.Commented("objection")).ShouldBeNull();
    }

    [Fact]
    public void What_it_stands_on_is_fixed_once_and_by_its_owner()
    {
        AlarmEvent evidence = new AlarmEvent.EvidenceFixed(new AlarmEvidence([], 0, [], [], []));
        Refusal(After(), "brand", evidence).ShouldBeNull();
        Refusal(After(("brand", evidence)), "brand", evidence).ShouldBe(Alarm.Exists);
        Refusal(After(), "brand", Raised).ShouldBe(Alarm.Exists);
    }
}
