using Receivables.Rules;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Rules;

public sealed class WorkCalendarTests
{
    private static readonly WorkCalendar Calendar = WorkCalendar.BuiltIn;

    private static CalendarYear Year2027(params DateOnly[] work) => new(2027, "test", "text", [], work);

    [Theory]
    [InlineData("2026-09-25", "2026-09-28")] // Mid-autumn, then Monday
    [InlineData("2026-10-03", "2026-10-08")] // within the National Day week
    [InlineData("2026-10-10", "2026-10-10")] // a Saturday on which one works
    [InlineData("2026-10-11", "2026-10-12")] // an ordinary Sunday
    [InlineData("2026-02-14", "2026-02-14")] // worked Saturday before the Spring Festival
    [InlineData("2026-02-15", "2026-02-24")] // nine days
    [InlineData("2026-03-02", "2026-03-02")]
    public void Civil_code_203_moves_a_due_day_to_the_next_working_day(string agreed, string day)
    {
        DueDay due = Calendar.Due(DateOnly.Parse(agreed, null));
        due.Day.ShouldBe(DateOnly.Parse(day, null));
        due.MissingYear.ShouldBeNull();
        due.Notices.ShouldBe(["国办发明电〔2025〕7号"]);
    }

    [Fact]
    public void A_year_without_a_notice_is_said_to_be_missing_and_never_guessed()
    {
        DueDay due = Calendar.Due(new DateOnly(2027, 3, 1));
        due.Day.ShouldBeNull();
        due.MissingYear.ShouldBe(2027);
        Calendar.IsRestDay(new DateOnly(2027, 3, 1)).ShouldBeNull();
        Calendar.With(Year2027()).Due(new DateOnly(2027, 3, 1)).Day.ShouldBe(new DateOnly(2027, 3, 1));
    }

    [Fact]
    public void The_last_days_of_december_wait_for_the_next_years_notice()
    {
        Calendar.Due(new DateOnly(2026, 12, 28)).Day.ShouldBe(new DateOnly(2026, 12, 28));
        Calendar.Due(new DateOnly(2026, 12, 31)).MissingYear.ShouldBe(2027);
        CalendarYear bridge = Year2027() with { Rest = [[new(2026, 12, 31), new(2027, 1, 3)]] };
        bridge.Fault().ShouldBeNull();
        DueDay due = Calendar.With(bridge).Due(new DateOnly(2026, 12, 31));
        due.Day.ShouldBe(new DateOnly(2027, 1, 4));
        due.Notices.ShouldBe(["国办发明电〔2025〕7号", "test"]);
    }

    [Fact]
    public void Notices_that_contradict_themselves_are_refused()
    {
        Year2027(new DateOnly(2027, 3, 1)).Fault().ShouldBe("swap"); // a Monday is worked anyway
        (Year2027() with { Rest = [[new(2027, 5, 5), new(2027, 5, 1)]] }).Fault().ShouldBe("order");
        (Year2027() with { Rest = [[new(2028, 1, 1), new(2028, 1, 1)]] }).Fault().ShouldBe("days");
        foreach (CalendarYear year in Calendar.Years)
            year.Fault().ShouldBeNull();
    }

    [Fact]
    public void A_calendar_is_read_from_csv()
    {
        CalendarYear year = CalendarYear.FromCsv(2027, "n", "day,kind\r\n2027-01-01,rest\r\n2027-01-02,work\r\n")!;
        year.Rest.ShouldHaveSingleItem().ShouldBe([new(2027, 1, 1), new(2027, 1, 1)]);
        year.Work.ShouldBe([new(2027, 1, 2)]);
        CalendarYear.FromCsv(2027, "n", "2027-01-01,off").ShouldBeNull();
        CalendarYear.FromCsv(2027, "n", "1.1.2027,rest").ShouldBeNull();
    }

    [Fact]
    public void The_lpr_is_known_only_as_far_as_its_table_was_checked()
    {
        LprTable.BuiltIn.On(new DateOnly(2024, 10, 20)).ShouldBeNull();
        LprTable.BuiltIn.On(new DateOnly(2025, 5, 19)).ShouldBe(31_000);
        LprTable.BuiltIn.On(new DateOnly(2025, 5, 20)).ShouldBe(30_000);
        DateOnly next = LprTable.BuiltIn.CheckedThrough.AddDays(1);
        LprTable.BuiltIn.On(next).ShouldBeNull();
        LprTable more = LprTable.BuiltIn.With(new LprRate(next, 29_000));
        more.On(next).ShouldBe(29_000);
        more.On(next.AddDays(1)).ShouldBeNull();
    }
}
