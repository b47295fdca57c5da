using Chain.Consensus;
using Chain.Core;
using Shouldly;
using Xunit;

namespace Chain.Simulation;

public class RoundChangeTests
{
    [Fact]
    public void A_dead_proposer_is_replaced_in_round_1()
    {
        var bench = Offered();
        var dead = bench.ProposerOf(0);
        dead.TakeSent();
        foreach (var node in bench.Nodes.Where(node => node != dead)) node.Fire(QbftTimer.Round);
        bench.Settle((from, to, _) => from != dead && to != dead);
        bench.Nodes.Where(node => node != dead).ShouldAllBe(node => node.Chain.Count == 1);
        bench.ProposerOf(1).Head.Coinbase.ShouldBe(bench.ProposerOf(1).Key.Address);
    }

    [Fact]
    public void A_block_prepared_twice_is_decided_by_the_third_proposer_as_first_made()
    {
        var bench = Offered();
        bench.Settle((_, _, message) => message is not Commit);
        bench.Nodes.ShouldAllBe(node => node.Validator.PreparedRound == 0);
        foreach (var node in bench.Nodes) node.Fire(QbftTimer.Round);
        bench.Settle((_, _, message) => message is not Commit);
        bench.Nodes.ShouldAllBe(node => node.Validator.PreparedRound == 1 && node.Chain.Count == 0);
        foreach (var node in bench.Nodes) node.Fire(QbftTimer.Round);
        bench.Settle();

        bench.Nodes.ShouldAllBe(node => node.Chain.Count == 1);
        var head = bench.Nodes[0].Head;
        head.Coinbase.ShouldBe(bench.ProposerOf(0).Key.Address);
        head.TryGetExtraData(out var extraData).ShouldBeTrue();
        extraData.Round.ShouldBe(2);
        SealCheck.Verify(head, new SealExpectation(1, bench.Set)).ShouldBe(SealVerdict.Valid);
        bench.Nodes.SelectMany(node => node.Refusals).ShouldBeEmpty();
    }

    [Fact]
    public void A_proposal_that_was_abandoned_gives_way_to_another()
    {
        var bench = Offered();
        bench.Settle((_, _, message) => message is Proposal);
        foreach (var node in bench.Nodes) node.Fire(QbftTimer.Round);
        bench.Settle();
        bench.Nodes.ShouldAllBe(node => node.Chain.Count == 1);
        bench.Nodes[0].Head.Coinbase.ShouldBe(bench.ProposerOf(1).Key.Address);
    }

    [Fact]
    public void A_timer_behind_the_last_commit_starts_nothing()
    {
        var bench = Offered();
        bench.Settle((_, _, message) => message is not Commit);
        var node = bench.Nodes[2];
        // The raw validator, so that the import stays under way.
        var outputs = bench.Nodes.Where(other => other != node)
            .Select(other => Commit.Sign(1, 0, Digest(other), other.Key))
            .SelectMany(commit => node.Validator.Step(new MessageReceived("peer", commit.Encode(), node.Now)));
        outputs.OfType<ImportBlock>().Count().ShouldBe(1);
        node.Validator.Step(new TimerFired(QbftTimer.Round, 1, 0, node.Now)).ShouldBeEmpty();
        var change = RoundChange.Sign(1, 1, null, bench.Keys[0]);
        node.Validator.Step(new MessageReceived("peer", change.Encode(), node.Now)).ShouldBeEmpty();
        node.Validator.Round.ShouldBe(0);
    }

    [Fact]
    public void The_own_commit_does_not_count_before_it_is_cast()
    {
        var bench = Offered();
        bench.Settle((_, _, message) => message is Proposal);
        var node = bench.Nodes.First(other => other != bench.ProposerOf(0));
        foreach (var other in bench.Nodes.Where(other => other != node).Take(2))
            node.Receive(Commit.Sign(1, 0, Digest(node), other.Key));
        node.Chain.ShouldBeEmpty();
        node.Receive(Commit.Sign(1, 0, Digest(node), bench.Nodes.Last(other => other != node).Key));
        node.Chain.Count.ShouldBe(1);
    }

    [Fact]
    public void A_block_timer_of_a_height_that_came_by_synchronisation_starts_nothing()
    {
        var bench = Offered();
        bench.Settle((_, to, _) => to != bench.Nodes[3]);
        var late = new BenchNode(bench.Keys[3], new QbftOptions());
        late.Boot(bench.Set, default);
        late.Offer();
        late.Validator.IsAtRest.ShouldBeFalse();
        late.HasTransaction = false;
        late.Synchronise(bench.Nodes[0]);
        late.Outputs[^1].ShouldBe(new CancelTimer(QbftTimer.Block));
        late.Validator.Step(new TimerFired(QbftTimer.Block, 1, 0, late.Now)).ShouldBeEmpty();
        late.Validator.IsAtRest.ShouldBeTrue();
    }

    [Fact]
    public void One_author_of_a_huge_round_moves_nobody_and_two_of_four_move_to_the_lower()
    {
        var bench = Offered();
        var node = bench.Nodes[3];
        node.Receive(RoundChange.Sign(1, int.MaxValue, null, bench.Keys[0]));
        node.Validator.Round.ShouldBe(0);
        node.Receive(RoundChange.Sign(1, 7, null, bench.Keys[1]));
        node.Validator.Round.ShouldBe(7);
        node.Refusals.ShouldBeEmpty();
    }

    [Fact]
    public void A_hundred_thousand_rounds_of_one_author_are_one_entry()
    {
        var bench = Offered();
        var node = bench.Nodes[3];
        for (int round = 1; round <= 100_000; round++)
        {
            QbftMessage message = (round % 4) switch
            {
                0 => Prepare.Sign(1, round, default, bench.Keys[0]),
                1 => Prepare.Sign((ulong)(1 + round % 10), round, default, bench.Keys[0]),
                _ => RoundChange.Sign(1, round, null, bench.Keys[0]),
            };
            node.Validator.Step(new MessageReceived("peer", message.Encode(), node.Now));
        }
        node.Validator.KnownRoundChanges.ShouldBe(1);
        node.Validator.KnownVotes.ShouldBeLessThanOrEqualTo(12);
        node.Validator.Round.ShouldBe(0);
    }

    [Fact]
    public void The_time_of_a_block_is_never_before_its_parent_and_at_most_two_seconds_ahead()
    {
        var proposer = new Bench(4).ProposerOf(0);
        proposer.Now = 1_000;
        proposer.Offer();
        proposer.Fire(QbftTimer.Block);
        proposer.Sent<Proposal>().Single().Block.Header.Timestamp.ShouldBe(ToyLedger.Genesis.Timestamp);

        foreach (var (ahead, refused) in new[] { (2_000, false), (3_000, true) })
        {
            var bench = new Bench(4);
            var fast = bench.ProposerOf(0);
            fast.Now += ahead + 200;
            fast.Offer();
            var receiver = bench.Nodes[2];
            receiver.Receive(fast.Sent<Proposal>().Single());
            receiver.Refusals.Contains(Refusal.WrongTime).ShouldBe(refused);
            receiver.Sent<Prepare>().Any().ShouldBe(!refused);
        }
    }

    [Fact]
    public void A_bad_seal_does_not_count_and_does_not_spoil_the_header()
    {
        var bench = Offered();
        bench.Settle((_, _, message) => message is not Commit);
        var node = bench.Nodes[2];
        var digest = Digest(node);
        node.Receive(Commit.Sign(1, 0, digest, bench.Keys[0].Sign(Keccak256.Hash([1])), bench.Keys[0]));
        node.Refusals.ShouldBe([Refusal.WrongSeal]);
        node.Receive(Commit.Sign(1, 0, digest, bench.Keys[0]));
        node.Receive(Commit.Sign(1, 0, digest, bench.Keys[1]));
        node.Chain.Count.ShouldBe(1);
        SealCheck.Verify(node.Head, new SealExpectation(1, bench.Set)).ShouldBe(SealVerdict.Valid);
    }

    private static Bench Offered()
    {
        var bench = new Bench(4);
        bench.OfferAll();
        return bench;
    }

    private static Hash32 Digest(BenchNode node)
    {
        DurableRecord.TryDecode(node.Record, out var record).ShouldBeTrue();
        return record.Proposal!.Block.Header.CommitHash;
    }
}
