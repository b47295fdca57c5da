using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ServiceDefaults.Webhooks;
using Shouldly;
using Traceability.Epcis.Subscriptions;
using Xunit;

namespace Services.Tests.Traceability.Epcis;

/// <summary>When scheduled queries run, and where webhooks may go.</summary>
public sealed class SubscriptionRuleTests
{
    [Theory]
    [InlineData("""{"hour":"1","minute":"5"}""", "2026-11-22T01:05:00Z", "2026-11-23T01:05:00Z")]
    [InlineData("""{"hour":"1","minute":"5"}""", "2026-11-22T01:04:59Z", "2026-11-22T01:05:00Z")]
    [InlineData("""{"minute":"0,30"}""", "2026-11-22T10:10:10Z", "2026-11-22T10:30:00Z")]
    [InlineData("""{"second":"[10-12]"}""", "2026-11-22T10:10:12Z", "2026-11-22T10:11:10Z")]
    [InlineData("""{"dayOfWeek":"1","hour":"8"}""", "2026-11-22T10:00:00Z", "2026-11-23T08:00:00Z")]
    [InlineData("""{"dayOfMonth":"31"}""", "2026-11-22T10:00:00Z", "2026-12-31T00:00:00Z")]
    [InlineData("""{"dayOfMonth":"29","month":"2"}""", "2026-11-22T10:00:00Z", "2028-02-29T00:00:00Z")]
    public void A_schedule_runs_next_at_the_first_time_that_matches(string schedule, string after, string next)
    {
        QuerySchedule.TryParse((JsonObject)JsonNode.Parse(schedule)!, out QuerySchedule? parsed).ShouldBeTrue();
        parsed!.Next(DateTimeOffset.Parse(after, CultureInfo.InvariantCulture))
            .ShouldBe(DateTimeOffset.Parse(next, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_day_that_never_comes_is_never_due()
    {
        QuerySchedule.TryParse(new JsonObject { ["dayOfMonth"] = "30", ["month"] = "2" }, out QuerySchedule? parsed)
            .ShouldBeTrue();
        parsed!.Next(DateTimeOffset.UnixEpoch).ShouldBeNull();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"minute":"60"}""")]
    [InlineData("""{"dayOfMonth":"0"}""")]
    [InlineData("""{"hour":"[5-1]"}""")]
    [InlineData("""{"hour":"*"}""")]
    [InlineData("""{"week":"1"}""")]
    [InlineData("""{"second":"-1"}""")]
    public void A_schedule_that_is_none_is_not_read(string schedule) =>
        QuerySchedule.TryParse((JsonObject)JsonNode.Parse(schedule)!, out _).ShouldBeFalse();

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2400:3200::1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.8.8.8", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.100.100.200", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2001::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd12:3456::1", false)]
    [InlineData("ff02::1", false)]
    public void Webhooks_go_to_public_addresses_only(string address, bool allowed)
    {
        WebhookTarget.IsAllowed(IPAddress.Parse(address), allowLoopback: false).ShouldBe(allowed);
        if (address is "127.0.0.1" or "::1")
            WebhookTarget.IsAllowed(IPAddress.Parse(address), allowLoopback: true).ShouldBeTrue();
    }

    [Theory]
    [InlineData("https://localhost:9100/x", false)]
    [InlineData("https://api.localhost/x", false)]
    [InlineData("https://printer/x", false)]
    [InlineData("https://db.internal/x", false)]
    [InlineData("https://nas.local./x", false)]
    [InlineData("https://partner.example/x", true)]
    public void A_name_within_a_network_is_refused_when_it_is_subscribed(string address, bool allowed) =>
        WebhookTarget.IsAllowed(address, allowLoopback: false).ShouldBe(allowed);
}
