using FsCheck;
using FsCheck.Fluent;
using Portal.Components.Pages.Vouchers;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal;

/// <summary>What pages of vouchers read and write: amounts, numbers, families, the words of a signed page.</summary>
public class VoucherPagesTests
{
    [Fact]
    public void An_amount_that_is_written_is_read_as_the_same_fen() => Prop.ForAll<uint>(fen =>
    {
        long amount = 1L + fen;
        return Yuan.TryRead(Yuan.Write(amount), out long shown) && shown == amount
            && Yuan.TryRead(Yuan.Typed(amount), out long typed) && typed == amount;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("120,000.5", 12_000_050)]
    [InlineData(" ¥1 000 ", 100_000)]
    [InlineData("４００，０００．０１", 40_000_001)]
    [InlineData("90071992547409.91", 9_007_199_254_740_991)]
    public void An_amount_is_read_however_people_type_it(string typed, long fen)
    {
        Yuan.TryRead(typed, out long read).ShouldBeTrue();
        read.ShouldBe(fen);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.005")]
    [InlineData("1e5")]
    [InlineData("1.2.3")]
    [InlineData("90071992547409.92")]
    public void What_is_no_amount_is_refused(string? typed) => Yuan.TryRead(typed, out _).ShouldBeFalse();

    [Fact]
    public void A_vouchers_number_follows_from_the_forms_key()
    {
        VoucherNumber.Of("ffffffff-ffff-ffff-ffff-ffffffffffff").ShouldBe("V-7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
        VoucherNumber.Of("00000000-0000-0000-0000-000000000001").ShouldBe("V-00000000000000000000000001");
    }

    [Theory]
    [InlineData("signed-page/1 zh\n转让\n操作方：甲（a: b）\n后果：完\n签署身份：经办\n签署密钥：k\n上一次签署：无\n签署时间：t\n", "操作方", "甲（a: b）")]
    [InlineData("signed-page/1 en\nTransfer\nActing party: 甲：乙 (a)\nConsequence: done\nSigns as: maker\nSigning key: k\nPrevious signature: none\nTime of signing: t\n", "Acting party", "甲：乙 (a)")]
    public void A_pages_lines_are_taken_apart_at_their_label(string text, string label, string value)
    {
        CommandPage page = CommandPage.Read(text);
        page.Lines.Count.ShouldBe(2);
        page.Lines[0].ShouldBe((label, value));
    }

    [Fact]
    public void A_part_hangs_below_the_one_that_it_came_from()
    {
        Family family = new(0, 1_000,
            [new(0, 0, 1_000, 1_000, 1, "a"), new(1, 0, 400, 400, 1, "b"), new(1, 600, 1_000, 400, 1, "c"), new(2, 600, 700, 100, 1, "d")],
            [new(0, 1_000, 4, null, null)]);
        FamilyPart root = family.Roots().ShouldHaveSingleItem();
        root.Children.Select(c => c.Holder).ShouldBe(["b", "c"]);
        root.Children[1].Children.ShouldHaveSingleItem().Holder.ShouldBe("d");
        family.SumFen.ShouldBe(1_000);
    }
}
