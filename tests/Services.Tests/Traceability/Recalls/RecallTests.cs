using System.Text.Json;
using ServiceDefaults;
using Shouldly;
using Traceability.MasterData;
using Traceability.Recalls;
using Xunit;

namespace Services.Tests.Traceability.Recalls;

public class RecallTests
{
    private static readonly JsonSerializerOptions s_words = new() { Converters = { new RecallWording() } };
    private static readonly DateTimeOffset Friday = new(2026, 11, 20, 9, 0, 0, TimeSpan.FromHours(8));

    [Theory]
    [InlineData("food", 1, 24)]
    [InlineData("food", 2, 48)]
    [InlineData("food", 3, 72)]
    public void A_food_recall_begins_within_the_hours_of_its_class(string domain, int @class, int hours)
    {
        RecallDeadline plan = RecallRules.Deadlines(Opened(domain, @class), Friday).Single(d => d.Step == "plan");
        plan.Due.ShouldBe(Friday.AddHours(hours));
        plan.Law.ShouldBe("食品召回管理办法（2015）");
        plan.Status.ShouldBe("unknown", "a revision is out whose text was not at hand");
        plan.Article.ShouldBe("第十三条");
        plan.Met.ShouldBeNull();
    }

    [Fact]
    public void A_deadline_is_met_by_the_first_of_its_kind_and_missed_by_the_clock()
    {
        RecallState state = Opened("food", 1);
        RecallRules.Deadlines(state, Friday.AddHours(25)).Single(d => d.Step == "plan").Met.ShouldBe(false);
        state = RecallState.Evolve(state, new RecallEvent.PlanFiled("x"), Friday.AddHours(23));
        state = RecallState.Evolve(state, new RecallEvent.PlanFiled("y"), Friday.AddHours(30));
        RecallRules.Deadlines(state, Friday.AddHours(40)).Single(d => d.Step == "plan").Met.ShouldBe(true);
    }

    [Fact]
    public void Working_days_leave_weekends_out()
    {
        RecallState state = RecallState.Evolve(Opened("food", 1), new RecallEvent.NoticeGiven(new(En: "x")), Friday);
        // Ten working days after Friday 20 November end with Friday 4 December.
        RecallRules.Deadlines(state, Friday).Single(d => d.Step == "end").Due
            .ShouldBe(new DateTimeOffset(2026, 12, 5, 0, 0, 0, TimeSpan.FromHours(8)));
    }

    [Fact]
    public void The_rule_of_the_day_counts()
    {
        DateTimeOffset before = new(2022, 10, 31, 23, 0, 0, TimeSpan.FromHours(8));
        RecallRules.Find("drug", 2, before)!.Law.ShouldBe("药品召回管理办法（2007）");
        RecallRules.Find("drug", 2, before.AddHours(1))!.Law.ShouldBe("药品召回管理办法（2022）");
        RecallRules.Find("drug", 4, before).ShouldBeNull();
        RecallRules.Find("food", 1, new(2026, 2, 10, 23, 0, 0, TimeSpan.FromHours(8)))!.Status.ShouldBeNull();
        RecallRules.Find("food", 1, new(2026, 2, 11, 0, 0, 0, TimeSpan.FromHours(8)))!.Note!.ShouldContain("ask counsel");
        RecallRules.Find("food", 1, new(2014, 1, 1, 0, 0, 0, TimeSpan.Zero)).ShouldBeNull();
    }

    [Fact]
    public void Progress_is_due_again_after_each_report()
    {
        RecallState state = RecallState.Evolve(Opened("drug", 1), new RecallEvent.NoticeGiven(new(En: "x")), Friday);
        Due(state).ShouldBe(Friday.AddDays(1));
        state = RecallState.Evolve(state, new RecallEvent.ProgressReported(1, "x"), Friday.AddHours(20));
        Due(state).ShouldBe(Friday.AddHours(44));

        DateTimeOffset? Due(RecallState s) => RecallRules.Deadlines(s, Friday).Single(d => d.Step == "progress").Due;
    }

    [Fact]
    public void A_recall_ends_only_after_notice_and_disposal()
    {
        RecallState state = Opened("food", 1);
        Refused(state, new RecallEvent.Ended("x"), Recall.NoNotice);
        Refused(state, new RecallEvent.ProgressReported(1, "x"), Recall.NoNotice);
        state = RecallState.Evolve(state, new RecallEvent.NoticeGiven(new(En: "x")), Friday);
        Refused(state, new RecallEvent.Ended("x"), Recall.NoDisposal);
        state = RecallState.Evolve(state, new RecallEvent.Disposed("x", 1, "x", null), Friday);
        Accepted(state, new RecallEvent.Ended("x"));
        state = RecallState.Evolve(state, new RecallEvent.Ended("x"), Friday);
        Refused(state, new RecallEvent.PlanFiled("x"), Recall.Over);
    }

    [Fact]
    public void No_more_comes_back_than_the_recall_reaches()
    {
        RecallState state = RecallState.Evolve(Opened("food", 1), new RecallEvent.NoticeGiven(new(En: "x")), Friday);
        foreach (RecallEvent e in new RecallEvent[]
                 { new RecallEvent.ProgressReported(16, "x"), new RecallEvent.Disposed("x", 16, "x", null) })
        {
            Recall.Decide(state, e, 16).ShouldBeOfType<Decision<RecallEvent>.Accepted>();
            Recall.Decide(state, e, 15).ShouldBe(new Decision<RecallEvent>.Refused(Recall.TooMany));
            Recall.Decide(state, e).ShouldBeOfType<Decision<RecallEvent>.Accepted>("known by amount only");
        }
    }

    [Fact]
    public void A_drill_ends_without_disposal()
    {
        RecallState state = RecallState.Evolve(RecallState.Initial, Open("food", 1, drill: true), Friday);
        Accepted(state, new RecallEvent.Ended("x"));
    }

    [Fact]
    public void What_has_no_rule_or_does_not_exist_is_refused()
    {
        Refused(RecallState.Initial, Open("toys", 1), Recall.NoRule);
        Refused(RecallState.Initial, new RecallEvent.PlanFiled("x"), Recall.Missing);
        Refused(Opened("food", 1), Open("food", 1), Recall.Exists);
        Accepted(RecallState.Initial, Open("food", 1));
    }

    [Theory]
    [InlineData("\"停止食用\"", "停止食用", null)]
    [InlineData("\"Stop\"", null, "Stop")]
    [InlineData("""{"zh":"停","en":"Stop"}""", "停", "Stop")]
    [InlineData("""{"en":"Stop"}""", null, "Stop")]
    public void A_notice_of_one_language_says_which(string stored, string? zh, string? en)
    {
        Wording read = JsonSerializer.Deserialize<Wording>(stored, s_words)!;
        read.ShouldBe(new Wording(zh, en));
        JsonSerializer.Deserialize<Wording>(JsonSerializer.Serialize(read, s_words), s_words).ShouldBe(read);
        (read.Lacks(chinese: true), read.Lacks(chinese: false)).ShouldBe((zh is null, en is null));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("""{"de":"Halt"}""")]
    [InlineData("""{"zh":1}""")]
    public void Words_of_another_shape_are_refused(string json) => Should.Throw<JsonException>(() =>
        JsonSerializer.Deserialize<Wording>(json, s_words));

    private static RecallEvent.Opened Open(string domain, int @class, bool drill = false) =>
        new(new(En: "x"), "x", domain, @class, drill, Friday, ["x"]);

    private static RecallState Opened(string domain, int @class) =>
        RecallState.Evolve(RecallState.Initial, Open(domain, @class), Friday);

    private static void Refused(RecallState state, RecallEvent e, string rule) =>
        Recall.Decide(state, e).ShouldBe(new Decision<RecallEvent>.Refused(rule));

    private static void Accepted(RecallState state, RecallEvent e) =>
        Recall.Decide(state, e).ShouldBeOfType<Decision<RecallEvent>.Accepted>().Events.ShouldBe([e]);
}
