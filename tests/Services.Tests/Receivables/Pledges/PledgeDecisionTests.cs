using FsCheck;
using FsCheck.Fluent;
using Receivables.Pledges;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Pledges;

/// <summary>The rules of a claim without chain and database.</summary>
public sealed class PledgeDecisionTests
{
    private const string Key = "0x00000000000000000000000000000000000000000000000000000000000000aa";

    [Fact]
    public void A_claim_begins_with_its_secret_before_anything_is_sent_and_needs_the_chain_next()
    {
        PledgeState state = Given(Request("V1", 10, 100));
        (state.Stage, state.Terms!.Salt, state.LeftFen).ShouldBe((PledgeStage.Claiming, "salt", 90));
        Pledge.Next(state).ShouldBe((PledgeStep.Claim, null));
        Pledge.Next(Then(state, new PledgeEvent.Claimed(1))).ShouldBe((PledgeStep.Bind, "V1"));
    }

    [Fact]
    public void A_voucher_is_issued_only_once_the_chain_knows_it()
    {
        PledgeState claimed = Then(Given(Request("V1", 10, 100)), new PledgeEvent.Claimed(1));
        Rule(Pledge.Issue(claimed, "V1")).ShouldBe("pledge-not-bound");
        Rule(Pledge.Issue(claimed, "V2")).ShouldBe("pledge-not-bound");
        PledgeState bound = Then(claimed, new PledgeEvent.Bound("V1"));
        Pledge.Next(bound).ShouldBe((PledgeStep.None, null));
        Events(Pledge.Issue(bound, "V1")).ShouldBe([new PledgeEvent.Issued("V1")]);
        Events(Pledge.Issue(Then(bound, new PledgeEvent.Issued("V1")), "V1")).ShouldBeEmpty();
    }

    [Fact]
    public void A_refused_claim_frees_its_amounts_and_may_be_tried_again()
    {
        PledgeState refused = Then(Given(Request("V1", 10, 100)), new PledgeEvent.Refused("0xother", 5, 9, "0xblock", null));
        (refused.Stage, refused.UsedFen).ShouldBe((PledgeStage.Free, 0));
        Pledge.Next(refused).Step.ShouldBe(PledgeStep.None);
        Events(Lock(refused, Request("V2", 10, 100)))[0].ShouldBeOfType<PledgeEvent.Claiming>();
    }

    [Fact]
    public void A_claim_with_no_voucher_left_is_given_up()
    {
        PledgeState bound = Then(
            Given(Request("V1", 10, 100)), new PledgeEvent.Claimed(1), new PledgeEvent.Bound("V1"),
            new PledgeEvent.Unlocked("V1"));
        Pledge.Next(bound).ShouldBe((PledgeStep.Release, null));
        Pledge.Next(Then(bound, new PledgeEvent.Released())).Step.ShouldBe(PledgeStep.None);
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(-1, 100)]
    [InlineData(1, 0)]
    [InlineData(1, -1)]
    public void Amounts_are_above_zero(long fen, long gross) =>
        Rule(Lock(PledgeState.Initial, Request("V1", fen, gross))).ShouldBe("pledge-amount-form");

    [Fact]
    public void A_claim_is_handed_on_only_when_every_voucher_is_issued_and_also_when_nothing_is_left()
    {
        PledgeState claimed = Then(Given(Request("V1", 10, 100)), new PledgeEvent.Claimed(1), new PledgeEvent.Bound("V1"));
        Rule(Pledge.HandOn(claimed, "0xb", "{}", "0x")).ShouldBe("pledge-issue-pending");
        PledgeState issued = Then(claimed, new PledgeEvent.Issued("V1"));
        PledgeState used = Then(issued, new PledgeEvent.CreditNote("n", 90, 0));
        used.LeftFen.ShouldBe(0);
        Pledge.HandOn(used, "0xb", "{}", "0x").ShouldBeOfType<Decision<PledgeEvent>.Accepted>();
        PledgeState moving = Then(issued, new PledgeEvent.Moving("0xb", "{}", "0x"));
        Pledge.Next(moving).Step.ShouldBe(PledgeStep.Move);
        Rule(Lock(moving, Request("V2", 1, 100))).ShouldBe("pledge-moving");
        Rule(Pledge.Unlock(moving, "V1")).ShouldBe("pledge-moving");
    }

    [Fact]
    public void Whatever_is_asked_in_whatever_order_no_more_is_used_than_the_thing_is_worth()
    {
        Gen<(int, int, int)> command =
            from kind in Gen.Choose(0, 4)
            from voucher in Gen.Choose(1, 6)
            from fen in Gen.Choose(-5, 120)
            select (kind, voucher, fen);
        Prop.ForAll(Gen.ListOf(command).ToArbitrary(), commands =>
        {
            PledgeState state = PledgeState.Initial;
            long overdrawn = 0;
            foreach ((int kind, int voucher, int fen) in commands)
            {
                Decision<PledgeEvent> decision = kind switch
                {
                    0 or 1 => Lock(state, Request($"V{voucher}", fen, 100)),
                    2 => Pledge.Issue(state, $"V{voucher}"),
                    3 => Pledge.Unlock(state, $"V{voucher}"),
                    _ => Pledge.Credit(state, $"N{voucher}", fen),
                };
                if (decision is not Decision<PledgeEvent>.Accepted accepted)
                    continue;
                state = Then(state, [.. accepted.Events]);
                overdrawn = Math.Max(0, accepted.Events.OfType<PledgeEvent.CreditNote>().Sum(n => n.OverdrawnFen)
                    + (accepted.Events.Any(e => e is PledgeEvent.CreditNote) ? 0 : overdrawn));
                // Only a credit note of afterwards can leave less than is used, and it says how much.
                if (accepted.Events.Any(e => e is PledgeEvent.Locked))
                    state.UsedFen.ShouldBeLessThanOrEqualTo(state.WorthFen);
                if (accepted.Events.OfType<PledgeEvent.CreditNote>().SingleOrDefault() is { } note)
                    (note.OverdrawnFen == 0 || state.UsedFen - state.WorthFen <= note.OverdrawnFen).ShouldBeTrue();
                state.WorthFen.ShouldBeGreaterThanOrEqualTo(0);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    private static PledgeRequest Request(string voucher, long fen, long gross) =>
        new("maker", voucher, fen, gross, "0x00000000000000000000000000000000000000aa");

    private static Decision<PledgeEvent> Lock(PledgeState state, PledgeRequest request) =>
        Pledge.Lock(state, request, "cn-einvoice/1", [Key], 1, "salt");

    private static PledgeState Given(PledgeRequest request) =>
        Then(PledgeState.Initial, [.. Events(Lock(PledgeState.Initial, request))]);

    private static PledgeState Then(PledgeState state, params PledgeEvent[] events) =>
        events.Aggregate(state, (s, e) => PledgeState.Evolve(s, e, "maker", DateTimeOffset.UnixEpoch));

    private static IReadOnlyList<PledgeEvent> Events(Decision<PledgeEvent> decision) =>
        decision.ShouldBeOfType<Decision<PledgeEvent>.Accepted>().Events;

    private static string Rule(Decision<PledgeEvent> decision) =>
        decision.ShouldBeOfType<Decision<PledgeEvent>.Refused>().Rule;
}
