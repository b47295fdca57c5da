using Chain.Consensus;
using Chain.Core;
using Shouldly;
using Xunit;

namespace Chain.Simulation;

public class ValidatorChangeTests
{
    [Fact]
    public void A_removed_proposer_is_followed_by_the_next_address_and_says_nothing_more()
    {
        var bench = new Bench(5);
        var removed = bench.ProposerOf(0);
        var after = new ValidatorSet(bench.Set.Where(address => address != removed.Key.Address));
        DecideOne(bench, after);
        removed.Head.Coinbase.ShouldBe(removed.Key.Address);
        removed.Outputs.Clear();

        bench.OfferAll();
        bench.Settle();
        removed.Outputs.OfType<Broadcast>().ShouldBeEmpty();
        foreach (var node in bench.Nodes.Where(node => node != removed))
        {
            node.Chain.Count.ShouldBe(2);
            node.Head.Coinbase.ShouldBe(after[0]);
            SealCheck.Verify(node.Head, new SealExpectation(2, after)).ShouldBe(SealVerdict.Valid);
        }
        // It goes on following: the blocks of the others come by synchronisation.
        removed.Synchronise(bench.Nodes.First(node => node != removed));
        removed.Validator.Height.ShouldBe(3UL);
    }

    [Fact]
    public void A_validator_that_was_added_votes_from_the_next_height()
    {
        var bench = new Bench(5);
        var before = new ValidatorSet(bench.Set.Take(4));
        foreach (var node in bench.Nodes) node.Boot(before, default);
        var added = bench.Nodes.Single(node => !before.Contains(node.Key.Address));
        DecideOne(bench, bench.Set);
        added.Outputs.OfType<Broadcast>().ShouldBeEmpty();

        added.Chain.AddRange(bench.Nodes[0].Chain);
        added.Boot(bench.Set, default);
        bench.OfferAll();
        bench.Settle();
        added.Outputs.OfType<Broadcast>().ShouldNotBeEmpty();
        bench.Nodes.ShouldAllBe(node => node.Chain.Count == 2);
    }

    private static void DecideOne(Bench bench, ValidatorSet next)
    {
        foreach (var node in bench.Nodes) node.SetFromNextBlock = next;
        bench.OfferAll();
        bench.Settle();
    }
}
