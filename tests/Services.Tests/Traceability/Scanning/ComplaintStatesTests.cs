using ServiceDefaults;
using Shouldly;
using Traceability.Scanning;
using Xunit;

namespace Services.Tests.Traceability.Scanning;

public class ComplaintStatesTests
{
    private static readonly ComplaintFiled Filed = new("C-1", "/01/x", "00", null);
    private static readonly ComplaintReceived Received = new("C-1");
    private static readonly ComplaintAnswered Answered = new("C-1", "00");
    private static readonly ComplaintClosed Closed = new("C-1");

    [Fact]
    public void A_complaint_is_taken_up_answered_as_often_as_needed_and_closed() =>
        After(Filed, Received, Answered, Answered, Closed).ShouldBe(ComplaintStage.Closed);

    [Fact]
    public void It_may_be_answered_at_once() => After(Filed, Answered, Closed).ShouldBe(ComplaintStage.Closed);

    [Fact]
    public void What_is_out_of_turn_is_refused()
    {
        Refused(ComplaintStage.None, Answered, ComplaintStates.Missing);
        Refused(After(Filed), Closed, ComplaintStates.Unanswered);
        Refused(After(Filed, Received), Closed, ComplaintStates.Unanswered);
        Refused(After(Filed, Received), Received, ComplaintStates.Taken);
        Refused(After(Filed, Answered), Received, ComplaintStates.Taken);
        foreach (object late in new object[] { Received, Answered, Closed })
            Refused(After(Filed, Answered, Closed), late, ComplaintStates.Over);
    }

    private static ComplaintStage After(params object[] facts)
    {
        ComplaintStage stage = ComplaintStates.Evolve(ComplaintStage.None, facts[0]);
        foreach (object fact in facts.Skip(1))
            stage = ComplaintStates.Evolve(stage, ComplaintStates.Decide(stage, fact).EventsOrProblem()[0]);
        return stage;
    }

    private static void Refused(ComplaintStage stage, object proposed, string rule) =>
        ComplaintStates.Decide(stage, proposed).ShouldBe(new Decision<object>.Refused(rule));
}
