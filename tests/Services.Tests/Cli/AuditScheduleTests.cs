using System.Runtime.Versioning;
using Cli;
using Cli.Supervision;
using Shouldly;
using Xunit;

namespace Services.Tests.Cli;

[SupportedOSPlatform("linux")]
public sealed class AuditScheduleTests
{
    private static readonly AuditSchedule Three = AuditSchedule.Default;

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse($"2026-11-22T{time}+08:00");

    [Theory]
    [InlineData("02:59:00", 1)]
    [InlineData("00:00:00", 180)]
    [InlineData("03:00:00", 24 * 60)]
    [InlineData("15:00:00", 12 * 60)]
    [InlineData("23:59:00", 181)]
    public void An_audit_waits_for_the_next_time_of_day(string now, int minutes)
    {
        Three.AtStart(At(now), last: null).ShouldBe(TimeSpan.FromMinutes(minutes));
        Three.After(At(now), ran: true).ShouldBe(TimeSpan.FromMinutes(minutes));
    }

    [Fact]
    public void Every_day_has_exactly_one_audit()
    {
        var now = At("14:30:00");
        var end = now.AddDays(30);
        List<DateTimeOffset> runs = [];
        for (now += Three.AtStart(now, last: null); now < end; now += Three.After(now, ran: true))
        {
            runs.Add(now);
            now = now.AddMinutes(7);
        }

        runs.Count.ShouldBe(30);
        runs.ShouldAllBe(run => run.TimeOfDay == new TimeSpan(3, 0, 0));
    }

    [Fact]
    public void An_instance_that_slept_through_its_night_is_audited_soon_after_its_start()
    {
        Three.AtStart(At("15:00:00"), last: At("15:00:00").AddHours(-25)).ShouldBe(TimeSpan.FromMinutes(2));
        Three.AtStart(At("15:00:00"), last: At("03:00:00")).ShouldBe(TimeSpan.FromHours(12));
        Three.AtStart(At("02:59:00"), last: At("03:00:00").AddDays(-3)).ShouldBe(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void An_audit_that_could_not_run_is_tried_again_before_the_next_night()
    {
        Three.After(At("03:05:00"), ran: false).ShouldBe(TimeSpan.FromHours(1));
        Three.After(At("02:30:00"), ran: false).ShouldBe(TimeSpan.FromMinutes(30));
    }

    [Theory]
    [InlineData(null, "03:00")]
    [InlineData("", "03:00")]
    [InlineData("23:45", "23:45")]
    [InlineData("off", null)]
    public void The_time_is_a_setting(string? setting, string? time) => AuditSchedule.Parse(setting)?.ToString().ShouldBe(time);

    [Theory]
    [InlineData("3")]
    [InlineData("24:00")]
    [InlineData("03:00:00")]
    [InlineData("never")]
    public void A_setting_that_is_no_time_of_day_is_refused(string setting) =>
        Should.Throw<UserException>(() => AuditSchedule.Parse(setting)).Message.ShouldContain(setting);
}
