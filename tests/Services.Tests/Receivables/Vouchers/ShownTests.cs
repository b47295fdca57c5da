using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults;
using Shouldly;
using Xunit;
using static Services.Tests.Receivables.Vouchers.FamilyScenario;

namespace Services.Tests.Receivables.Vouchers;

/// <summary>What the pages of answers show, and that an answer holds only while that is so.</summary>
public class ShownTests
{
    private const string Other = "V-00000000000000000000000002";
    private static readonly string Page = new('b', 64);

    [Fact]
    public void An_answer_shows_amount_counterparty_due_date_recourse_and_the_page_of_the_offer()
    {
        FamilyScenario voucher = Held();
        VoucherCommand.Sell sell = new("s", A, Bank, [new Source(Root, 300)], true, Digest);
        Signed(voucher, sell);
        Shown shown = Shown.In(voucher.State, new VoucherCommand.ConfirmSale("c", Bank, "s", [Root])).ShouldNotBeNull();
        shown.Fen.ShouldBe(300);
        shown.Counterparty.ShouldBe(A);
        shown.WithRecourse.ShouldBe(true);
        shown.OfferSha256.ShouldBe(Page);
        shown.Parts.ShouldBe([new ShownPart(Root, 300, DueDate)]);
        Shown.In(voucher.State, new VoucherCommand.ConfirmSale("c", B, "s", [Root])).ShouldBeNull();
    }

    [Fact]
    public void An_answer_that_shows_anything_else_than_the_ledger_has_is_refused()
    {
        FamilyScenario voucher = Held();
        Signed(voucher, new VoucherCommand.Sell("s", A, Bank, [new Source(Root, 300)], true, Digest));
        VoucherCommand.ConfirmSale confirm = new("c", Bank, "s", [Root]);
        Shown right = Shown.In(voucher.State, confirm)!;
        foreach (Shown wrong in new[]
        {
            right with { Fen = 299 }, right with { Counterparty = B }, right with { WithRecourse = false },
            right with { WithRecourse = null }, right with { OfferSha256 = new string('c', 64) },
            right with { OfferSha256 = null }, right with { Parts = [] },
            right with { Parts = [new ShownPart(Root, 300, DueDate.AddDays(1))] },
            right with { Fen = 301, Parts = [.. right.Parts, new ShownPart(Other, 1, DueDate)] },
        })
            voucher.Refused(confirm with { Shown = wrong }, Refusal.ShownDiffers);
        voucher.Accepted(confirm with { Shown = right });
    }

    [Fact]
    public void Release_recourse_repurchase_return_and_unfreeze_show_what_they_concern()
    {
        FamilyScenario voucher = Held();
        string pledge = voucher.Pledged(A, Bank, 400);
        string order = voucher.Frozen(A, 500);
        Of(new VoucherCommand.ReleasePledge("x", Bank, pledge, [Root])).ShouldBe((400, A));
        Of(new VoucherCommand.Unfreeze("x", Court, Root, order, "b", "c")).ShouldBe((500, A));
        Of(new VoucherCommand.Return("x", A, Root)).ShouldBe((Face, Maker));
        string sale = voucher.Sold(A, Bank, 600, recourse: true);
        voucher.Overdue();
        Of(new VoucherCommand.ClaimRecourse("x", Bank, Root, sale)).ShouldBe((600, A));
        voucher.Accepted(new VoucherCommand.ClaimRecourse("y", Bank, Root, sale));
        Of(new VoucherCommand.Repurchase("x", A, Root, sale)).ShouldBe((600, Bank));

        (long, string) Of(VoucherCommand command) =>
            Shown.In(voucher.State, command) is { } shown ? (shown.Fen, shown.Counterparty) : (0, "");
    }

    [Fact]
    public void A_payment_from_several_vouchers_is_accepted_in_all_of_them_or_in_none()
    {
        VoucherCommand.PayFromMany pay =
            new("p", A, B, 100, [new Source(Root, 60), new Source(Other, 40)]);
        FamilyScenario voucher = Held();
        voucher.Accepted(pay);
        voucher.Refused(new VoucherCommand.Accept("a", B, "p", [Root]), Refusal.PartOfPayment);
        voucher.Refused(new VoucherCommand.Accept("a", B, "p", [Root, Other, Root[..^1] + "9"]), Refusal.PartOfPayment);
        voucher.Accepted(new VoucherCommand.Accept("a", B, "p", [Other, Root]));
    }

    /// <summary>Decides a command and stores it as approved over <see cref="Page"/>.</summary>
    private static void Signed(FamilyScenario voucher, VoucherCommand command)
    {
        IReadOnlyList<VoucherEvent> events = Family.Decide(voucher.State, command, Root, voucher.Now)
            .ShouldBeOfType<Decision<VoucherEvent>.Accepted>().Events;
        voucher.Apply([events[0] with { Approved = new Approved(Page, []) }, .. events.Skip(1)]);
    }
}
