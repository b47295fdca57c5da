using Receivables.Vouchers;
using ServiceDefaults;
using Shouldly;
using Xunit;
using static Services.Tests.Receivables.Vouchers.FamilyScenario;

namespace Services.Tests.Receivables.Vouchers;

public class MaturityTests
{
    [Fact]
    public void The_cut_off_is_six_in_the_evening_in_Beijing_on_the_day_before_the_due_date() =>
        FamilyState.CutOffOf(DueDate).ShouldBe(new DateTimeOffset(2026, 6, 29, 10, 0, 0, TimeSpan.Zero));

    [Fact]
    public void At_the_cut_off_offers_lapse_and_nothing_is_passed_on_any_more()
    {
        FamilyScenario voucher = Held();
        voucher.Now = voucher.State.CutOff.AddMinutes(-1);
        Family.Snapshot(voucher.State, voucher.Now).ShouldBeEmpty();
        string offer = voucher.Transfer(A, B, 10);
        voucher.State.Offers[offer].Expires.ShouldBe(voucher.State.CutOff);
        voucher.Now = voucher.State.CutOff;
        // The clock forbids it, even before the worker has written the snapshot.
        voucher.Refused(new VoucherCommand.Accept("t", B, offer, [Root]), Refusal.PastCutOff);
        voucher.Refused(new VoucherCommand.Transfer("t", A, [new Part(Root, B, 1)]), Refusal.PastCutOff);
        voucher.Apply(Family.Snapshot(voucher.State, voucher.Now));
        voucher.State.Stage.ShouldBe(Stage.Presented);
        voucher.Picture.ShouldBe("0-100000 supplier-a");
        voucher.Events[^1].ShouldBeOfType<VoucherEvent.SnapshotTaken>().Fragments.ShouldBe(1);
        Family.Snapshot(voucher.State, voucher.Now).ShouldBeEmpty();
        voucher.Now = voucher.Now.AddDays(-30);
        voucher.Refused(new VoucherCommand.Transfer("t", A, [new Part(Root, B, 1)]), Refusal.PastCutOff);
    }

    [Fact]
    public void A_due_date_on_a_day_of_rest_moves_cut_off_and_default_to_the_day_fixed_at_issue()
    {
        DateOnly payDay = DueDate.AddDays(3);
        Decision<VoucherEvent> issue =
            Family.Decide(FamilyState.Initial, Issue(), Root, new(2026, 1, 5, 2, 0, 0, TimeSpan.Zero), null, payDay);
        FamilyState state = issue.ShouldBeOfType<Decision<VoucherEvent>.Accepted>().Events
            .Append(new VoucherEvent.Accepted("a", "issue", A)).Aggregate(FamilyState.Initial, FamilyState.Evolve);
        state.CutOff.ShouldBe(FamilyState.CutOffOf(payDay));
        Family.Tick(state, FamilyState.CutOffOf(DueDate), Unknown).ShouldBeEmpty();
        FamilyState presented = Family.Tick(state, state.CutOff, Unknown).Aggregate(state, FamilyState.Evolve);
        presented.Stage.ShouldBe(Stage.Presented);
        Family.Tick(presented, Morning(payDay), Unknown).ShouldBeEmpty();
        Family.Tick(presented, Morning(payDay.AddDays(1)), Unknown)
            .ShouldHaveSingleItem().ShouldBeOfType<VoucherEvent.FellOverdue>();

        static DateOnly? Unknown(DateOnly due) => null;
    }

    [Fact]
    public void Without_a_calendar_nothing_is_overdue_until_one_is_imported()
    {
        FamilyScenario voucher = Held();
        voucher.Now = voucher.State.CutOff;
        voucher.Apply(Family.Snapshot(voucher.State, voucher.Now));
        DateTimeOffset later = Morning(DueDate.AddDays(1));
        Family.Tick(voucher.State, later, _ => null).ShouldBeEmpty();
        Family.Tick(voucher.State, later, day => day.AddDays(1)).ShouldBeEmpty();
        Family.Tick(voucher.State, later, day => day).ShouldHaveSingleItem();
    }

    [Fact]
    public void Nothing_is_overdue_before_the_bank_has_told_what_came_for_the_day()
    {
        FamilyScenario voucher = Presented();
        DateTimeOffset later = Morning(DueDate.AddDays(9));
        Family.Tick(voucher.State, later, day => day, _ => false).ShouldBeEmpty();
        Family.Tick(voucher.State, later, day => day, day => day == DueDate).ShouldHaveSingleItem();
    }

    [Fact]
    public void Each_receipt_is_recorded_once_and_no_leaf_gets_more_than_it_is_due()
    {
        FamilyScenario voucher = Held();
        voucher.Moved(A, B, 40_000);
        voucher.Overdue();
        Rule(voucher, "r1", new LeafPayment(0, 30_000, 1)).ShouldBe(Refusal.LeafDiffers);
        Rule(voucher, "r1", new LeafPayment(0, 40_000, 40_001)).ShouldBe(Refusal.LeafOverpaid);
        Rule(voucher, "r1", new LeafPayment(0, 40_000, 0)).ShouldBe(Refusal.AmountNotPositive);
        Pay(voucher, "r1", new LeafPayment(0, 40_000, 39_999));
        Rule(voucher, "r1", new LeafPayment(0, 40_000, 1)).ShouldBe(Refusal.ReceiptRepeated);
        voucher.Picture.ShouldBe("0-40000 supplier-b paid 39999 | 40000-100000 supplier-a");
        Pay(voucher, "r2", new LeafPayment(0, 40_000, 1), new LeafPayment(40_000, 100_000, 60_000));
        voucher.State.Stage.ShouldBe(Stage.Paid);
    }

    [Fact]
    public void After_a_default_the_interval_returns_to_its_seller_with_the_recourse_before()
    {
        FamilyScenario voucher = Held();
        string first = voucher.Sold(A, B, 1_000, recourse: true);
        string second = voucher.Sold(B, Bank, 1_000, recourse: true);
        voucher.Refused(new VoucherCommand.ClaimRecourse("r", Bank, Root, second), Refusal.NotOverdue);
        voucher.Overdue();
        voucher.Refused(new VoucherCommand.ClaimRecourse("r", B, Root, second), Refusal.NotHolder);
        voucher.Refused(new VoucherCommand.Repurchase("r", B, Root, second), Refusal.NoRecourse);
        voucher.Accepted(new VoucherCommand.ClaimRecourse("r", Bank, Root, second));
        voucher.Refused(new VoucherCommand.Repurchase("s", A, Root, second), Refusal.NotOffered);
        voucher.Accepted(new VoucherCommand.Repurchase("s", B, Root, second));
        voucher.Picture.ShouldBe("0-1000 supplier-b | 1000-100000 supplier-a");
        voucher.Accepted(new VoucherCommand.ClaimRecourse("t", B, Root, first));
        voucher.Accepted(new VoucherCommand.Repurchase("u", A, Root, first));
        voucher.BalanceOf(A).ShouldBe(Face);
        voucher.State.Fragments[0].Claim.Recourse.ShouldBeNull();
    }

    [Fact]
    public void Without_recourse_the_buyer_bears_the_default()
    {
        FamilyScenario voucher = Held();
        string sale = voucher.Sold(A, Bank, 1_000, recourse: false);
        voucher.Overdue();
        voucher.Refused(new VoucherCommand.ClaimRecourse("r", Bank, Root, sale), Refusal.NoRecourse);
    }

    [Fact]
    public void A_freeze_after_the_cut_off_splits_a_leaf_and_payments_of_the_leaf_fill_its_parts()
    {
        FamilyScenario voucher = Presented();
        string order = voucher.Frozen(A, 30_000);
        voucher.Picture.ShouldBe("0-30000 supplier-a frozen court-1 | 30000-100000 supplier-a");
        Pay(voucher, "r1", new LeafPayment(0, Face, 50_000));
        voucher.Picture.ShouldBe("0-30000 supplier-a frozen court-1 paid 30000 | 30000-100000 supplier-a paid 20000");
        voucher.Events[^1].ShouldBeOfType<VoucherEvent.PaymentRecorded>().Payments.Select(p => (p.Payee, p.Fen))
            .ShouldBe([("court-1", 30_000), (A, 20_000)]);
        voucher.Accepted(new VoucherCommand.Unfreeze("u", Court, Root, order, "民事诉讼法 253", "(2026)沪01执1号"));
        Rule(voucher, "r2", new LeafPayment(0, Face, 50_001)).ShouldBe(Refusal.LeafOverpaid);
        Pay(voucher, "r2", new LeafPayment(0, Face, 50_000));
        voucher.State.Stage.ShouldBe(Stage.Paid);
    }

    [Fact]
    public void Fragments_that_are_alike_again_after_the_cut_off_stay_apart_and_are_paid_as_the_snapshot_has_them()
    {
        FamilyScenario voucher = Held();
        string order = voucher.Frozen(A, 30_000);
        string pledge = voucher.Pledged(A, Bank, 20_000);
        voucher.Now = voucher.State.CutOff;
        voucher.Apply(Family.Snapshot(voucher.State, voucher.Now));
        voucher.Accepted(new VoucherCommand.Unfreeze("u", Court, Root, order, "民事诉讼法 253", "(2026)沪01执1号"));
        voucher.Accepted(new VoucherCommand.ReleasePledge("v", Bank, pledge, [Root]));
        voucher.Picture.ShouldBe("0-30000 supplier-a | 30000-50000 supplier-a | 50000-100000 supplier-a");
        Pay(voucher, "r1", new LeafPayment(0, 30_000, 1), new LeafPayment(30_000, 50_000, 20_000));
        voucher.Picture.ShouldBe(
            "0-30000 supplier-a paid 1 | 30000-50000 supplier-a paid 20000 | 50000-100000 supplier-a");
    }

    [Fact]
    public void A_freeze_of_a_part_paid_voucher_takes_of_what_is_unpaid_to_the_fen()
    {
        FamilyScenario voucher = Presented();
        Pay(voucher, "r1", new LeafPayment(0, Face, 40_000));
        voucher.Refused(new VoucherCommand.Freeze(
            "f", Court, Root, A, 60_001, "民事诉讼法 253", "(2026)沪01执1号", "court-1"), Refusal.AmountAboveHolding);
        voucher.Frozen(A, 25_000);
        voucher.Picture.ShouldBe(
            "0-40000 supplier-a paid 40000 | 40000-65000 supplier-a frozen court-1 | 65000-100000 supplier-a");
        voucher.State.Fragments.PaidFen.ShouldBe(40_000);
        Pay(voucher, "r2", new LeafPayment(40_000, 65_000, 25_000), new LeafPayment(65_000, Face, 35_000));
        voucher.State.Stage.ShouldBe(Stage.Paid);
    }

    private static FamilyScenario Presented()
    {
        FamilyScenario voucher = Held();
        voucher.Now = voucher.State.CutOff;
        voucher.Apply(Family.Snapshot(voucher.State, voucher.Now));
        return voucher;
    }

    private static string Rule(FamilyScenario voucher, string receipt, params LeafPayment[] payments) =>
        Family.Pay(voucher.State, receipt, payments).ShouldBeOfType<Decision<VoucherEvent>.Refused>().Rule;

    private static void Pay(FamilyScenario voucher, string receipt, params LeafPayment[] payments) =>
        voucher.Apply(Family.Pay(voucher.State, receipt,
            payments).ShouldBeOfType<Decision<VoucherEvent>.Accepted>().Events);

    private static DateTimeOffset Morning(DateOnly day) => new(day, new TimeOnly(1, 0), TimeSpan.FromHours(8));
}
