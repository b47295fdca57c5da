using Receivables.Vouchers;
using Receivables.Watch;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Watch;

/// <summary>Who loses what when a debtor fails.</summary>
public sealed class StressTests
{
    private static readonly WatchedMovement Issued = new("v", "issued", "i", null, "a", 0, 1_000, 1_000);

    [Fact]
    public void Recourse_passes_a_loss_back_through_every_sale_of_the_chain()
    {
        StressLoss[] losses = Of(Issued, Sold("s1", "a", "b", 0, 600, true), Sold("s2", "b", "c", 0, 400, true));
        losses.ShouldBe(
        [
            new StressLoss("a", 400, 0, 600, 0), new StressLoss("c", 400, 400, 0, 0),
            new StressLoss("b", 200, 600, 400, 0),
        ]);
        losses[0].LossFen.ShouldBe(1_000);
        losses.Skip(1).ShouldAllBe(l => l.LossFen == 0);
    }

    [Fact]
    public void A_sale_without_recourse_or_a_transfer_ends_the_chain()
    {
        Final(Issued, Sold("s1", "a", "b", 0, 1_000, true), Sold("s2", "b", "c", 0, 500, false),
            new("v", "transferred", "t", "b", "d", 500, 1_000, 500)).ShouldBe(["c 500", "d 500"], ignoreOrder: true);
    }

    [Fact]
    public void A_repurchase_gives_the_seller_back_the_recourse_that_it_had()
    {
        Final(Issued, Sold("s1", "a", "b", 0, 1_000, true), Sold("s2", "b", "c", 0, 1_000, true),
            new("v", "repurchased", "s2", "c", "b", 0, 1_000, 1_000)).ShouldBe(["a 1000", "b 0"], ignoreOrder: true);
    }

    [Fact]
    public void A_pledgee_loses_its_security_and_the_pledgor_the_claim()
    {
        Of(Issued, new("v", "pledged", "p1", "a", "b", 0, 300, 300), new("v", "pledged", "p2", "a", "c", 300, 500, 200),
            new("v", "released", "p2", null, null, 300, 500, 200)).ShouldBe(
        [
            new StressLoss("a", 1_000, 0, 0, 0), new StressLoss("b", 0, 0, 0, 300),
        ]);
    }

    [Fact]
    public void What_is_paid_is_not_lost() =>
        Final(Issued, Sold("s1", "a", "b", 0, 600, true), new("v", "paid", "r", "b", null, 0, 600, 450),
            new("v", "paid", "r2", "b", null, 0, 600, 50), new("v", "paid", "r", "a", null, 600, 1_000, 400))
            .ShouldBe(["a 100", "b 0"], ignoreOrder: true);

    private static WatchedMovement Sold(string sale, string from, string to, long start, long end, bool recourse) =>
        new("v", "sold", sale, from, to, start, end, end - start, recourse);

    private static StressLoss[] Of(params WatchedMovement[] movements)
    {
        Fragments family = Stress.Replay(1_000, movements);
        StressLoss[] losses = [.. Stress.Of([family]).Losses];
        losses.Sum(l => l.LossFen).ShouldBe(family.Fen - family.PaidFen);
        return losses;
    }

    private static IEnumerable<string> Final(params WatchedMovement[] movements) =>
        Of(movements).Select(l => $"{l.Party} {l.LossFen}");
}
