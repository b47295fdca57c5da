using Receivables.Vouchers;
using Shouldly;
using Xunit;
using static Services.Tests.Receivables.Vouchers.FamilyScenario;

namespace Services.Tests.Receivables.Vouchers;

public class FamilyTests
{
    [Fact]
    public void An_issued_voucher_waits_for_its_first_holder()
    {
        FamilyScenario voucher = Issued();
        voucher.Picture.ShouldBe("0-100000 supplier-a >supplier-a");
        voucher.Refused(new VoucherCommand.Transfer("t", A, [new Part(Root, B, 1)]), Refusal.NotAccepted);
        voucher.Refused(new VoucherCommand.Accept("t", B, "issue", [Root]), Refusal.NotOffered);
        voucher.Accepted(new VoucherCommand.Accept("t", A, "issue", [Root]));
        voucher.Picture.ShouldBe("0-100000 supplier-a");
        voucher.State.Stage.ShouldBe(Stage.Active);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_voucher_refused_or_withdrawn_before_acceptance_is_void(bool rejected)
    {
        FamilyScenario voucher = Issued();
        voucher.Accepted(rejected
            ? new VoucherCommand.Reject("t", A, "issue", [Root])
            : new VoucherCommand.Withdraw("t", Maker, "issue", [Root]));
        voucher.State.Stage.ShouldBe(Stage.Void);
        voucher.Refused(new VoucherCommand.Accept("u", A, "issue", [Root]), Refusal.Closed);
    }

    [Fact]
    public void A_voucher_not_accepted_in_seven_days_is_void()
    {
        FamilyScenario voucher = Issued();
        Family.Lapse(voucher.State, voucher.Now.AddDays(7).AddTicks(-1)).ShouldBeEmpty();
        voucher.Now = voucher.Now.AddDays(7);
        voucher.Refused(new VoucherCommand.Accept("t", A, "issue", [Root]), Refusal.OfferLapsed);
        voucher.Apply(Family.Lapse(voucher.State, voucher.Now));
        voucher.State.Stage.ShouldBe(Stage.Void);
    }

    [Fact]
    public void An_operation_on_part_of_a_fragment_splits_it_in_the_same_step()
    {
        FamilyScenario voucher = Held();
        string offer = voucher.Transfer(A, B, 30_000, start: 10_000);
        voucher.Picture.ShouldBe("0-10000 supplier-a | 10000-40000 supplier-a >supplier-b | 40000-100000 supplier-a");
        voucher.Accepted(new VoucherCommand.Accept("t", B, offer, [Root]));
        voucher.Picture.ShouldBe("0-10000 supplier-a | 10000-40000 supplier-b | 40000-100000 supplier-a");
    }

    [Fact]
    public void Receivers_of_one_transfer_answer_for_themselves()
    {
        FamilyScenario voucher = Held();
        string offer = voucher.Accepted(new VoucherCommand.Transfer(
            "t", A, [new Part(Root, B, 10), new Part(Root, C, 20), new Part(Root, B, 5)]));
        voucher.Accepted(new VoucherCommand.Accept("u", B, offer, [Root]));
        voucher.Refused(new VoucherCommand.Accept("v", B, offer, [Root]), Refusal.NotOffered);
        voucher.Accepted(new VoucherCommand.Reject("v", C, offer, [Root]));
        voucher.Picture.ShouldBe("0-10 supplier-b | 10-30 supplier-a | 30-35 supplier-b | 35-100000 supplier-a");
        voucher.Refused(new VoucherCommand.Withdraw("w", A, offer, [Root]), Refusal.OfferNotFound);
    }

    [Theory]
    [InlineData("lapse")]
    [InlineData("reject")]
    [InlineData("withdraw")]
    public void An_offer_without_success_restores_its_intervals_byte_for_byte(string how)
    {
        FamilyScenario voucher = Held();
        voucher.Moved(A, B, 50_000);
        Fragment[] before = [.. voucher.State.Fragments];
        string offer = voucher.Transfer(B, C, 20_000, start: 15_000);
        string part = voucher.Transfer(B, C, 7);
        voucher.State.Fragments.Count.ShouldBe(5);
        foreach (string id in new[] { offer, part })
        {
            switch (how)
            {
                case "reject": voucher.Accepted(new VoucherCommand.Reject(voucher.Id(), C, id, [Root])); break;
                case "withdraw": voucher.Accepted(new VoucherCommand.Withdraw(voucher.Id(), B, id, [Root])); break;
                default: voucher.Now = voucher.Now.AddDays(7); break;
            }
        }
        voucher.Apply(Family.Lapse(voucher.State, voucher.Now));
        voucher.State.Fragments.ToArray().ShouldBe(before);
        voucher.State.Offers.ShouldBeEmpty();
    }

    [Fact]
    public void One_payment_takes_many_fragments_or_nothing()
    {
        FamilyScenario voucher = Held();
        voucher.Moved(A, B, 100, start: 50);
        voucher.Moved(A, B, 100, start: 5_000);
        voucher.Refused(new VoucherCommand.PayFromMany("p", B, C, 201, [new Source(Root, 100, 50), new Source(Root,
            101)]),
            Refusal.AmountNotFree);
        voucher.Refused(new VoucherCommand.PayFromMany("p", B, C, 300, [new Source(Root, 300)]),
            Refusal.AmountAboveHolding);
        voucher.Refused(new VoucherCommand.PayFromMany("p", B, C, 199, [new Source(Root, 200)]), Refusal.SumDiffers);
        voucher.Accepted(new VoucherCommand.PayFromMany("p", B, C, 150, [new Source(Root, 150)]));
        voucher.Accepted(new VoucherCommand.Accept("q", C, "p", [Root]));
        voucher.BalanceOf(C).ShouldBe(150);
        voucher.BalanceOf(B).ShouldBe(50);
    }

    [Fact]
    public void A_sold_interval_has_a_new_holder_and_a_pledged_one_a_new_payee()
    {
        FamilyScenario voucher = Held();
        voucher.Sold(A, Bank, 1_000, recourse: false);
        string pledge = voucher.Pledged(A, Bank, 2_000);
        voucher.Picture.ShouldBe("0-1000 bank | 1000-3000 supplier-a pledged bank | 3000-100000 supplier-a");
        voucher.State.Fragments.Select(f => f.Claim.Payee).ShouldBe([Bank, Bank, A]);
        voucher.Refused(new VoucherCommand.Transfer("t", A, [new Part(Root, B, 1, 1_000)]), Refusal.Pledged);
        voucher.Refused(new VoucherCommand.ReleasePledge("t", A, pledge, [Root]), Refusal.NotPledgee);
        voucher.Accepted(new VoucherCommand.ReleasePledge("t", Bank, pledge, [Root]));
        voucher.Picture.ShouldBe("0-1000 bank | 1000-100000 supplier-a");
    }

    [Fact]
    public void A_freeze_takes_an_exact_amount_and_later_ones_queue()
    {
        FamilyScenario voucher = Held();
        string first = voucher.Frozen(A, 60_000, "court-1");
        string second = voucher.Frozen(A, 50_000, "court-2");
        // The second takes the 40,000 that are left and waits behind the first for 10,000.
        voucher.Picture.ShouldBe("0-10000 supplier-a frozen court-1 | 10000-60000 supplier-a frozen court-1"
            + " | 60000-100000 supplier-a frozen court-2");
        voucher.Refused(new VoucherCommand.Transfer("t", A, [new Part(Root, B, 1)]), Refusal.AmountNotFree);
        voucher.Refused(new VoucherCommand.Freeze("t", Court, Root, A, Face + 1, "b", "c", "d"),
            Refusal.AmountAboveHolding);
        voucher.Refused(new VoucherCommand.Unfreeze("t", Bank, Root, first, "b", "c"), Refusal.OtherOrder);
        voucher.Accepted(new VoucherCommand.Unfreeze("t", Court, Root, first, "b", "c"));
        voucher.State.Fragments.Where(f => f.Claim.Payee == "court-2").Sum(f => f.Fen).ShouldBe(50_000);
        voucher.Accepted(new VoucherCommand.Unfreeze("u", Court, Root, second, "b", "c"));
        voucher.Picture.ShouldBe("0-100000 supplier-a");
    }

    [Fact]
    public void What_was_frozen_while_on_offer_does_not_change_hands()
    {
        FamilyScenario voucher = Held();
        string offer = voucher.Transfer(A, B, Face);
        voucher.Frozen(A, 1);
        voucher.Refused(new VoucherCommand.Accept("t", B, offer, [Root]), Refusal.Frozen);
        voucher.Accepted(new VoucherCommand.Reject("t", B, offer, [Root]));
        voucher.Picture.ShouldBe("0-1 supplier-a frozen court-1 | 1-100000 supplier-a");
    }

    [Fact]
    public void A_voucher_is_returned_only_when_every_fragment_is_home_and_clean()
    {
        FamilyScenario voucher = Held();
        voucher.Moved(A, B, 1);
        voucher.Refused(new VoucherCommand.Return("r", A, Root), Refusal.NotHome);
        voucher.Refused(new VoucherCommand.Return("r", B, Root), Refusal.NotFirstHolder);
        voucher.Moved(B, A, 1);
        string pledge = voucher.Pledged(A, Bank, 5);
        voucher.Refused(new VoucherCommand.Return("r", A, Root), Refusal.NotHome);
        voucher.Accepted(new VoucherCommand.ReleasePledge("x", Bank, pledge, [Root]));
        voucher.Accepted(new VoucherCommand.Return("r", A, Root));
        voucher.Accepted(new VoucherCommand.Accept("s", Maker, "r", [Root]));
        voucher.State.Stage.ShouldBe(Stage.Returned);
    }

    [Fact]
    public void A_voucher_is_voided_only_when_every_fragment_has_come_home_to_its_issuer()
    {
        FamilyScenario voucher = Held();
        voucher.Moved(A, Maker, Face - 1);
        voucher.Refused(new VoucherCommand.Void("v", Maker, Root, "set off"), Refusal.NotHome);
        voucher.Moved(A, Maker, 1);
        voucher.Refused(new VoucherCommand.Void("v", A, Root, "set off"), Refusal.NotIssuer);
        voucher.Accepted(new VoucherCommand.Void("v", Maker, Root, "set off"));
        voucher.State.Stage.ShouldBe(Stage.Void);
    }

    [Fact]
    public void Neighbours_of_one_holder_merge_and_keep_the_greater_depth()
    {
        FamilyScenario voucher = Held();
        voucher.Moved(A, B, 100, start: 0);
        voucher.Moved(A, C, 100, start: 100);
        voucher.Moved(C, B, 100, start: 100);
        voucher.State.Fragments.Count.ShouldBe(3);
        voucher.Refused(new VoucherCommand.Merge("m", B, Root, 0, 150), Refusal.NotAdjacent);
        voucher.Refused(new VoucherCommand.Merge("m", B, Root, 0, 201), Refusal.NotHolder);
        voucher.Refused(new VoucherCommand.Merge("m", B, Root, 0, 100), Refusal.NotAdjacent);
        voucher.Accepted(new VoucherCommand.Merge("m", B, Root, 0, 200));
        voucher.Picture.ShouldBe("0-200 supplier-b | 200-100000 supplier-a");
        voucher.State.Fragments[0].Claim.Depth.ShouldBe(2);
    }
}
