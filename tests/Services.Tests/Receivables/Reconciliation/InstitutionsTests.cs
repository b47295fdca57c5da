using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Receivables.Reconciliation;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Reconciliation;

/// <summary>Two institutions' books of one day: every difference is told with its reason, and only differences.</summary>
public sealed class InstitutionsTests
{
    [Fact]
    public void Equal_books_have_no_break_and_one_change_has_one_that_names_it() =>
        Prop.ForAll<PositiveInt[], NonNegativeInt>((amounts, pick) =>
        {
            HoldingLine[] books = [.. amounts.Take(30).Select((a, i) =>
                new HoldingLine($"V{i / 3}", $"h{i % 3}", a.Get)).DefaultIfEmpty(new("V", "h", 1))];
            if (Institutions.Compare(books, books).Count != 0)
                return false;
            int at = pick.Get % books.Length;
            HoldingLine[] other = [.. books.Select((b, i) => i == at ? b with { Fen = b.Fen + 1 } : b)];
            return Institutions.Compare(other, books) is [{ Kind: "amount" } wrong]
                && (wrong.Voucher, wrong.Receipt, wrong.Bank, wrong.Ledger)
                    == (books[at].Voucher, books[at].Holder, $"{books[at].Fen + 1}", $"{books[at].Fen}");
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Each_kind_of_difference_has_its_own_reason()
    {
        HoldingLine a = new("V1", "seats", 5), b = new("V2", "seats", 7), c = new("V3", "bank", 9);
        Kinds([a], []).ShouldBe(["theirs-only seats V1"]);
        Kinds([], [b]).ShouldBe(["ours-only seats V2"]);
        Kinds([a, a], [a]).ShouldBe(["twice-in-file seats V1"]);
        // All of the voucher's fen are known on both sides: only who holds them differs.
        Kinds([c], [c with { Holder = "fabric" }]).ShouldBe(["other-holder bank V3", "other-holder fabric V3"]);
    }

    [Theory]
    [InlineData("voucher,holder,fen\nV1,seats,5\n", null)]
    [InlineData("voucher,holder,fen\r\nV1,\"seats, inc\",5", null)]
    [InlineData("<holdings><holding voucher=\"V1\" holder=\"seats\" fen=\"5\"/></holdings>", null)]
    [InlineData("voucher,fen\nV1,5\n", 1)]
    [InlineData("voucher,holder,fen\nV1,seats,5.5\n", 2)]
    [InlineData("voucher,holder,fen\nV1,seats,-5\n", 2)]
    [InlineData("voucher,holder,fen\nV1,seats,5\nV2,\"seats,6\n", 3)]
    [InlineData("<holdings><holding voucher=\"V1\" holder=\"seats\" fen=\"5\" more=\"1\"/></holdings>", 1)]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"b\">]><holdings/>", 1)]
    public void A_file_is_read_whole_or_refused_by_its_first_wrong_line(string text, int? fault)
    {
        (IReadOnlyList<HoldingLine> lines, int? found) = Institutions.Read(Encoding.UTF8.GetBytes(text));
        found.ShouldBe(fault);
        lines.Count.ShouldBe(fault is null ? 1 : 0);
    }

    private static IEnumerable<string> Kinds(HoldingLine[] theirs, HoldingLine[] ours) =>
        Institutions.Compare(theirs, ours).Select(b => $"{b.Kind} {b.Receipt} {b.Voucher}");
}
