using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Portal.Components;
using Portal.Components.Pages.Goods;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal.Goods;

public sealed class AlarmDutiesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 4, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_dealer_is_told_first_of_what_is_put_to_it_with_the_deadline()
    {
        IReadOnlyList<Duty> duties = Of("dealer", 0, Alarm("put", "2026-12-05T04:00:00Z"), Alarm("put", "2026-12-01T04:00:00Z"));
        duties.Count.ShouldBe(2);
        duties[0].Words.ShouldStartWith("Answer: ");
        duties[0].Why.ShouldContain("By 2026-12-01 12:00:00 (Beijing time)", Case.Sensitive, "the earlier deadline first");
        Of("dealer", 0, Alarm("answered", "2026-12-01T04:00:00Z")).ShouldBeEmpty("it has answered");
        Of("dealer", 0, Alarm("put", "2026-11-20T04:00:00Z"))[0].Why.ShouldContain("has passed");
    }

    [Fact]
    public void An_owner_closes_what_is_answered_or_whose_deadline_passed_and_sees_new_alarms()
    {
        Of("owner", 0, Alarm("put", "2026-12-01T04:00:00Z")).ShouldBeEmpty("the dealer may still answer");
        Of("owner", 0, Alarm("answered", "2026-12-01T04:00:00Z")).Single().Words.ShouldBe("The dealer has answered; close the alarm");
        Of("owner", 0, Alarm("put", "2026-11-21T04:00:00Z")).Single().Words.ShouldContain("may close");
        Of("owner", 2).Single().Words.ShouldBe("2 new alarms");
    }

    private static JsonObject Alarm(string state, string answerBy) => new JsonObject
    {
        ["id"] = "019aabbb-0000-7000-8000-000000000001",
        ["kind"] = "diversion",
        ["state"] = state,
        ["owner"] = "owner",
        ["reason"] = new JsonObject { ["zh"] = "区域外", ["en"] = "outside" },
        ["answerBy"] = answerBy,
    };

    private static IReadOnlyList<Duty> Of(string mine, int open, params JsonNode[] alarms)
    {
        DefaultHttpContext context = new();
        context.Request.QueryString = new QueryString("?lang=en");
        return AlarmDuties.Of(alarms, open, mine, new Language(new HttpContextAccessor { HttpContext = context }), Now);
    }
}
