using Chain.Consensus;
using Shouldly;
using Xunit;

namespace Chain.Simulation;

public class RestartTests
{
    [Fact]
    public void No_crash_point_lets_a_validator_vote_twice_differently()
    {
        int points = CrashAtEveryOutput(keepsRecord: true, out var doubleVotes);
        points.ShouldBeGreaterThanOrEqualTo(8);
        doubleVotes.ShouldBeEmpty();
    }

    [Fact]
    public void A_mutant_that_does_not_store_its_record_votes_twice_differently()
    {
        CrashAtEveryOutput(keepsRecord: false, out var doubleVotes);
        doubleVotes.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_proposer_that_crashes_never_proposes_a_second_block_for_the_round()
    {
        for (int point = 0; point < 12; point++)
        {
            var bench = new Bench(4);
            var proposer = bench.ProposerOf(0);
            proposer.Now += 200;
            proposer.CrashBefore(point);
            proposer.Offer();
            proposer.Now += 5_000;
            proposer.Offer();
            proposer.Fire(QbftTimer.Block);
            proposer.Sent<Proposal>().Select(proposal => proposal.Block.Hash).Distinct().Count().ShouldBe(1);
        }
    }

    [Fact]
    public void A_single_validator_takes_up_its_own_block_after_a_crash_at_any_point()
    {
        for (int point = 0; point < 12; point++)
        {
            var bench = new Bench(1);
            var node = bench.Nodes[0];
            node.Now += 200;
            node.CrashBefore(point);
            node.Offer();
            node.Offer();
            node.Fire(QbftTimer.Block);
            node.Chain.Count.ShouldBeGreaterThanOrEqualTo(1, $"crash point {point}");
        }
    }

    [Fact]
    public void Validators_that_restart_after_voting_in_a_later_round_time_it_and_go_on()
    {
        var bench = new Bench(4);
        bench.OfferAll();
        foreach (var node in bench.Nodes)
        {
            node.TakeSent();
            node.Fire(QbftTimer.Round);
        }
        bench.Settle((_, _, message) => message is not Commit);
        bench.Nodes.ShouldAllBe(node => node.Validator.PreparedRound == 1);
        var last = bench.Nodes[3];
        last.Fire(QbftTimer.Round);
        last.TakeSent();
        foreach (var node in bench.Nodes[..3])
        {
            node.Restart();
            // The COMMITs said again are lost once more.
            node.TakeSent();
            node.Fire(QbftTimer.Round);
        }
        bench.Settle();
        bench.Nodes[..3].ShouldAllBe(node => node.Chain.Count == 1);
    }

    [Fact]
    public void A_record_ahead_of_the_head_keeps_a_validator_from_voting_until_it_caught_up()
    {
        var bench = new Bench(4);
        bench.OfferAll();
        bench.Settle();
        bench.OfferAll();
        bench.Settle((_, _, message) => message is not Commit);
        var node = bench.Nodes[2];
        var lost = new BenchNode(node.Key, new QbftOptions());
        lost.Boot(bench.Set, node.Record);
        lost.Refusals.ShouldBe([Refusal.RecordAheadOfHead]);
        lost.Offer();
        lost.Validator.IsAtRest.ShouldBeTrue();
        lost.Synchronise(bench.Nodes[0]);
        lost.Sent<Prepare>().Single().Encode().ShouldBe(Stored(node).Prepare!.Encode());
        lost.Sent<Commit>().Single().Encode().ShouldBe(Stored(node).Commit!.Encode());
    }

    [Fact]
    public void An_unreadable_record_keeps_a_validator_from_voting()
    {
        var bench = new Bench(4);
        var node = bench.Nodes[0];
        node.Boot(bench.Set, new byte[] { 1, 2, 3 });
        node.Refusals.ShouldBe([Refusal.UnreadableRecord]);
        node.Offer();
        node.Fire(QbftTimer.Block);
        node.Sent<QbftMessage>().ShouldBeEmpty();
    }

    [Fact]
    public void Two_of_four_with_empty_disks_come_back_and_the_group_goes_on()
    {
        var bench = new Bench(4);
        for (int block = 0; block < 3; block++)
        {
            bench.OfferAll();
            bench.Settle();
        }
        BenchNode[] wiped = [bench.Nodes[1], bench.Nodes[2]];
        foreach (var node in wiped)
        {
            node.Chain.Clear();
            node.Boot(bench.Set, default);
        }
        bench.OfferAll();
        bench.Settle();
        foreach (var node in wiped)
        {
            node.Outputs.OfType<RequestSync>().ShouldContain(sync => sync.Height == 3);
            node.Synchronise(bench.Nodes[0]);
        }
        bench.Settle();
        // Whatever round the others are in by now, the votes said again bring everyone together.
        for (int second = 0; second < 3 && bench.Nodes.Any(node => node.Chain.Count < 4); second++)
        {
            foreach (var node in bench.Nodes) node.Fire(QbftTimer.Round);
            bench.Settle();
        }
        bench.Nodes.ShouldAllBe(node => node.Chain.Count == 4 && node.Head.Hash == bench.Nodes[0].Head.Hash);
    }

    // A faulty proposer gives the victim another block after the crash than before it.
    private static int CrashAtEveryOutput(bool keepsRecord, out List<string> doubleVotes)
    {
        doubleVotes = [];
        for (int point = 0; ; point++)
        {
            var bench = new Bench(4);
            var faulty = bench.ProposerOf(0);
            var victim = bench.Nodes.First(node => node != faulty);
            victim.KeepsRecord = keepsRecord;
            victim.Now += 200;
            victim.CrashBefore(point);
            foreach (int transaction in new[] { 1, 2 })
            {
                var block = ToyLedger.Build(
                    ToyLedger.Genesis, faulty.Key.Address, 0, ToyLedger.Genesis.Timestamp + 1, transaction);
                var digest = block.Header.CommitHash;
                victim.Receive(Proposal.Sign(0, block, [], [], faulty.Key));
                foreach (var other in bench.Nodes.Where(node => node != victim))
                    victim.Receive(Prepare.Sign(1, 0, digest, other.Key));
            }
            if (victim.Restarts == 0) return point;
            bool twice = victim.Sent<Prepare>().Select(vote => (vote.Round, vote.Digest)).Distinct()
                    .GroupBy(vote => vote.Round).Any(votes => votes.Count() > 1)
                || victim.Sent<Commit>().Select(vote => (vote.Round, vote.Digest)).Distinct()
                    .GroupBy(vote => vote.Round).Any(votes => votes.Count() > 1);
            if (twice) doubleVotes.Add($"crash before output {point}");
        }
    }

    private static DurableRecord Stored(BenchNode node)
    {
        DurableRecord.TryDecode(node.Record, out var record).ShouldBeTrue();
        return record;
    }
}
