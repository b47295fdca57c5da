using Receivables.Reconciliation;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Reconciliation;

/// <summary>Several institutions deliver files of one day; what none of them has is missing, what two have is twice.</summary>
public sealed class ThreeWayTests
{
    private static readonly DateOnly Day = new(2027, 1, 15);

    [Fact]
    public void A_receipt_in_another_institutions_file_is_not_missing_in_this_one()
    {
        LedgerLine[] ledger = [Ledger("1/A"), Ledger("2/B")];
        Kinds(ThreeWay.Compare([Bank("1/A")], ledger)).ShouldBe(["2/B ledger-only"]);
        Kinds(ThreeWay.Compare([Bank("1/A")], ledger, new HashSet<string> { "2/B" })).ShouldBeEmpty();
        Kinds(ThreeWay.Compare([Bank("1/A")], ledger, new HashSet<string>(), last: false)).ShouldBeEmpty();
        Kinds(ThreeWay.Compare([Bank("1/A"), Bank("2/B")], ledger, new HashSet<string> { "2/B" }))
            .ShouldBe(["2/B in-two-files"]);
        Kinds(ThreeWay.Compare([Bank("3/C")], [], new HashSet<string>(), last: false)).ShouldBe(["3/C bank-only"]);
    }

    private static BankLine Bank(string receipt) => new(receipt, "V", 5, Day);

    private static LedgerLine Ledger(string receipt) => new(receipt, "V", 5, Day, 5, 5, Anchored: true);

    private static IEnumerable<string> Kinds(IReadOnlyList<Break> breaks) => breaks.Select(b => $"{b.Receipt} {b.Kind}");
}
