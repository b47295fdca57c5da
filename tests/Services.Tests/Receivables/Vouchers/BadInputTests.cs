using Receivables.Vouchers;
using Shouldly;
using Xunit;
using static Services.Tests.Receivables.Vouchers.FamilyScenario;

namespace Services.Tests.Receivables.Vouchers;

public class BadInputTests
{
    public static TheoryData<string, VoucherCommand> Refusals => new()
    {
        { Refusal.AmountNotPositive, Transfer(A, B, 0) },
        { Refusal.AmountNotPositive, Transfer(A, B, -1) },
        { Refusal.AmountNotPositive, Transfer(A, B, long.MinValue, 0) },
        { Refusal.AmountNotPositive, new VoucherCommand.Freeze("x", Court, Root, A, 0, "b", "c", "d") },
        { Refusal.AmountAboveHolding, Transfer(A, B, Face + 1) },
        { Refusal.AmountAboveHolding, Transfer(A, B, long.MaxValue) },
        { Refusal.OutsideVoucher, Transfer(A, B, Face + 1, 0) },
        { Refusal.OutsideVoucher, Transfer(A, B, long.MaxValue, 5) },
        { Refusal.OutsideVoucher, Transfer(A, B, 1, Face) },
        { Refusal.OutsideVoucher, Transfer(A, B, 1, -1) },
        { Refusal.OutsideVoucher, Transfer(A, B, 1, long.MinValue) },
        { Refusal.NotHolder, Transfer(B, C, 1) },
        { Refusal.NotHolder, Transfer(B, C, 1, 5) },
        { Refusal.NotHolder, Transfer(Maker, C, Face) },
        { Refusal.ToSelf, Transfer(A, A, 1) },
        { Refusal.ToSelf, new VoucherCommand.PayFromMany("x", A, A, 1, [new Source(Root, 1)]) },
        { Refusal.ToSelf, new VoucherCommand.Sell("x", A, A, [new Source(Root, 1)], true, Digest) },
        { Refusal.ToSelf, new VoucherCommand.OfferPledge("x", A, A, [new Source(Root, 1)], Digest) },
        { Refusal.SumDiffers, new VoucherCommand.PayFromMany("x", A, B, 1,
            [new Source(Root, long.MaxValue), new Source(Root, long.MaxValue), new Source(Root, 3)]) },
        { Refusal.Repeated, new VoucherCommand.Accept("c1", A, "issue", [Root]) },
        { Refusal.Repeated, new VoucherCommand.Transfer("issue", A, [new Part(Root, B, 1)]) },
        { Refusal.Exists, Issue() with { CommandId = "again" } },
        { Refusal.OfferNotFound, new VoucherCommand.Accept("x", A, "issue", [Root]) },
        { Refusal.OfferNotFound, new VoucherCommand.ConfirmSale("x", Bank, "nothing", [Root]) },
        { Refusal.PledgeNotFound, new VoucherCommand.ReleasePledge("x", Bank, "nothing", [Root]) },
        { Refusal.OrderNotFound, new VoucherCommand.Unfreeze("x", Court, Root, "nothing", "b", "c") },
        { Refusal.OutsideVoucher, new VoucherCommand.Merge("x", A, Root, 5, 5) },
        { Refusal.OutsideVoucher, new VoucherCommand.Merge("x", A, Root, -1, 5) },
        { Refusal.Form, Transfer("", B, 1) },
        { Refusal.Form, Transfer("支 付", B, 1) },
        { Refusal.Form, Transfer(A, new string('x', 65), 1) },
        { Refusal.Form, new VoucherCommand.Transfer("x", A, []) },
        { Refusal.Form, new VoucherCommand.Transfer("receipt:1", A, [new Part(Root, B, 1)]) },
        { Refusal.Form, new VoucherCommand.Sell("x", A, Bank, [new Source(Root, 1)], true, "A1") },
        { Refusal.Form, new VoucherCommand.Freeze("x", Court, Root, A, 1, " ", "c", "d") },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Bad_input_is_refused_by_its_code(string rule, VoucherCommand command) => Held().Refused(command, rule);

    public static TheoryData<string, VoucherCommand> BadIssues => new()
    {
        { Refusal.AmountNotPositive, Issue() with { FaceFen = 0 } },
        { Refusal.AmountNotPositive, Issue() with { FaceFen = -100 } },
        { Refusal.Form, Issue() with { FaceFen = long.MaxValue } },
        { Refusal.Form, Issue() with { Root = "V-1" } },
        { Refusal.Form, Issue() with { Trade = [] } },
        { Refusal.Form, Issue() with { Terms = new Terms(0) } },
        { Refusal.ToSelf, Issue() with { Holder = Maker } },
        { Refusal.PastDue, Issue() with { DueDate = IssueDate } },
        { Refusal.PastDue, Issue() with { IssueDate = IssueDate.AddDays(-9), DueDate = IssueDate.AddDays(-1) } },
        { Refusal.PastDue, Issue() with { IssueDate = IssueDate.AddDays(1) } },
        { Refusal.Term, Issue() with { DueDate = IssueDate.AddYears(1).AddDays(1) } },
    };

    [Theory]
    [MemberData(nameof(BadIssues))]
    public void A_bad_issue_is_refused_by_its_code(string rule, VoucherCommand command) =>
        new FamilyScenario().Refused(command, rule);

    [Fact]
    public void A_command_about_a_voucher_that_does_not_exist_is_refused() =>
        new FamilyScenario().Refused(Transfer(A, B, 1), Refusal.NotFound);

    [Fact]
    public void The_terms_of_the_voucher_bound_splitting()
    {
        FamilyScenario voucher = Held(new Terms(MinPartFen: 1_000, MaxDepth: 2, MaxFragments: 3));
        voucher.Refused(Transfer(A, B, 999), Refusal.BelowMinimum);
        voucher.Refused(Transfer(A, B, 999, 0), Refusal.BelowMinimum);
        voucher.Moved(A, B, 1_000);
        voucher.Moved(B, C, 1_000);
        voucher.Events.OfType<VoucherEvent.SplittingAlarmed>().Select(e => e.Reason).ShouldContain("deep");
        voucher.Refused(Transfer(C, B, 1_000, 0), Refusal.TooDeep);
        voucher.Pledged(C, Bank, 1_000);
        voucher.Refused(Transfer(A, B, 2_000, 50_000), Refusal.TooMany);
        voucher.State.Fragments.Count.ShouldBe(2);
    }

    [Fact]
    public void Many_small_parts_in_one_command_raise_an_alarm()
    {
        FamilyScenario voucher = Held();
        voucher.Accepted(new VoucherCommand.Transfer(
            "t", A, [.. Enumerable.Range(0, 20).Select(i => new Part(Root, i % 2 == 0 ? B : C, 100))]));
        voucher.Events[^1].ShouldBeOfType<VoucherEvent.SplittingAlarmed>().Reason.ShouldBe("many-small-parts");
    }

    private static VoucherCommand.Transfer Transfer(string from, string to, long fen, long? start = null) =>
        new("x", from, [new Part(Root, to, fen, start)]);
}
