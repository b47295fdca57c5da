using Receivables.Vouchers;
using Receivables.Webhooks;
using ServiceDefaults.Webhooks;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Webhooks;

/// <summary>Who is told of what.</summary>
public sealed class VoucherNewsTests
{
    private static readonly DateTimeOffset Far = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Interval[] Some = [new(0, 5)];

    [Fact]
    public void A_transfer_is_told_to_its_two_sides_and_to_nobody_else_in_the_voucher()
    {
        VoucherEvent offered = new VoucherEvent.TransferOffered("t", "seats", [new OfferedPart(0, 5, "fabric")], Far);
        VoucherEvent moved = new VoucherEvent.Transferred("a", "t", "seats", "fabric", Some);
        foreach (VoucherEvent e in new[] { offered, moved })
        {
            Told(e, "seats").ShouldBeTrue();
            Told(e, "fabric").ShouldBeTrue();
            Told(e, "carmaker", whole: true).ShouldBeFalse();
        }
    }

    [Fact]
    public void What_becomes_of_an_offer_is_told_to_those_who_made_or_got_it()
    {
        VoucherEvent lapsed = new VoucherEvent.OfferLapsed("clock:1", "t", Some);
        Told(lapsed, "fabric", offers: "t").ShouldBeTrue();
        Told(lapsed, "fabric", whole: true, offers: "u").ShouldBeFalse();
        Told(new VoucherEvent.PledgeReleased("r", "p", Some), "bank", offers: "p").ShouldBeTrue();
    }

    [Fact]
    public void What_happens_to_the_whole_voucher_is_told_to_all_who_take_part_and_to_no_stranger()
    {
        foreach (VoucherEvent e in new VoucherEvent[]
        {
            new VoucherEvent.SnapshotTaken("clock:2", 1, ""), new VoucherEvent.FellOverdue("clock:3"),
            new VoucherEvent.Voided("v", "reason"), new VoucherEvent.HandoverAgreed("h", "carmaker", "south", 5),
            new VoucherEvent.HandoverFiled("handover:south/1", "south", "1"), new VoucherEvent.HandoverEnded("w", "h", "withdrawn"),
            new VoucherEvent.Moved("moved:south/1", "south", "1", "", []),
        })
        {
            Told(e, "fabric", whole: true).ShouldBeTrue();
            Told(e, "stranger").ShouldBeFalse();
        }
    }

    [Fact]
    public void Every_kind_of_event_is_told_to_somebody_but_the_alarm_of_who_watches()
    {
        // A new kind of event must be thought of here.
        string[] known = [.. typeof(VoucherEvent).GetNestedTypes().Select(t => t.Name).Order()];
        known.Length.ShouldBe(31, string.Join(", ", known));
        Told(new VoucherEvent.SplittingAlarmed("c", "seats", "deep", 9), "seats", whole: true).ShouldBeFalse();
    }

    [Fact]
    public void Pauses_double_up_to_a_quarter_of_an_hour()
    {
        WebhookPatience.After(0).ShouldBe(TimeSpan.FromSeconds(1));
        WebhookPatience.After(3).ShouldBe(TimeSpan.FromSeconds(8));
        WebhookPatience.After(10).ShouldBe(TimeSpan.FromMinutes(15));
        WebhookPatience.After(int.MaxValue).ShouldBe(TimeSpan.FromMinutes(15));
    }

    private static bool Told(VoucherEvent e, string party, bool whole = false, string? offers = null) =>
        VoucherNews.Concerns(e, party, whole, offer => offer == offers);
}
