using Shouldly;
using Traceability.Scanning;
using Xunit;

namespace Services.Tests.Traceability.Scanning;

public class ComplaintRulesTests
{
    private static readonly DateTimeOffset Friday = new(2026, 11, 20, 9, 0, 0, TimeSpan.FromHours(8));

    // Seven working days after Friday the 20th end with Tuesday the 1st.
    private static readonly DateTimeOffset Due = new(2026, 12, 2, 0, 0, 0, TimeSpan.FromHours(8));

    [Fact]
    public void An_answer_within_seven_working_days_is_in_time()
    {
        ComplaintRules.Deadline(Friday, null, Due)!.Met.ShouldBeNull();
        ComplaintRules.Deadline(Friday, Due, Due.AddDays(9))!.Met.ShouldBe(true);
        ComplaintRules.Deadline(Friday, Due.AddSeconds(1), Due.AddDays(9))!.Met.ShouldBe(false);
    }

    [Fact]
    public void What_nobody_answered_is_overdue_after_them()
    {
        ComplaintDeadline deadline = ComplaintRules.Deadline(Friday, null, Due.AddSeconds(1))!;
        deadline.Due.ShouldBe(Due);
        deadline.Met.ShouldBe(false);
        deadline.Binds.ShouldBe("authority", "the number of days is no duty of the business");
    }

    [Theory]
    [InlineData("2014-03-14T23:59:59+08:00", null)]
    [InlineData("2014-03-15T00:00:00+08:00", "第四十六条")]
    [InlineData("2024-06-30T23:59:59+08:00", "第四十六条")]
    [InlineData("2024-07-01T00:00:00+08:00", "第四十四条第一款、第四十六条第二款")]
    public void A_complaint_goes_by_the_rule_of_its_day(string filed, string? article)
    {
        DateTimeOffset at = DateTimeOffset.Parse(filed, System.Globalization.CultureInfo.InvariantCulture);
        ComplaintRules.Deadline(at, null, at)?.Article.ShouldBe(article);
        (ComplaintRules.Deadline(at, null, at) is null).ShouldBe(article is null);
    }

    [Fact]
    public void What_is_in_force_and_was_not_read_is_named()
    {
        Unread("2026-04-14").ShouldBeNull();
        Unread("2026-04-15").ShouldNotBeNull().ShouldContain("第121号");

        static string? Unread(string day)
        {
            DateTimeOffset at = DateTimeOffset.Parse(day + "T12:00:00+08:00", System.Globalization.CultureInfo.InvariantCulture);
            return ComplaintRules.Deadline(at, null, at)!.Unread;
        }
    }
}
