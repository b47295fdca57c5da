using Chain.Consensus;
using Shouldly;
using Xunit;

namespace Chain.Simulation;

public class OutageTests
{
    private static readonly QbftOptions Options = new();
    private static readonly long Cap = Options.RoundLengthMs(int.MaxValue);

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    public void After_seventy_failed_rounds_the_first_block_comes_within_one_capped_round(int validators)
    {
        var world = new Simulator(new Settings { Validators = validators }, seed: 70) { Loses = m => m is Proposal };
        world.Boot();
        world.Offer(everywhere: true);
        world.RunUntil(() => world.Honest.All(node => node.Round >= 70), 80 * Cap).ShouldBeTrue();
        world.Checker.Decided.ShouldBeEmpty();

        world.Loses = null;
        world.Heal();
        world.RunUntil(() => world.Checker.Decided.Count > 0, Cap + 1_000).ShouldBeTrue();
    }

    [Theory]
    [InlineData(70, 68, 65, 60)]
    [InlineData(70, 69, 69, null)]
    [InlineData(33, 33, 32, null)]
    [InlineData(5_000, 60, 60, 12)]
    public void Validators_that_wake_in_different_rounds_meet_within_one_capped_round(
        int first, int second, int third, int? fourth)
    {
        var settings = new Settings { Faulty = fourth is null ? 1 : 0, AdversaryActs = false };
        var world = new Simulator(settings, seed: 1);
        int?[] rounds = [first, second, third, fourth];
        foreach (var (node, round) in world.Honest.Zip(rounds))
            node.Boot(new DurableRecord(1, round!.Value, null, null, null, null).Encode());
        world.Offer(everywhere: true);
        // A dead proposer may cost one round more.
        world.RunUntil(() => world.Checker.Decided.Count > 0, (1 + settings.Faulty) * (Cap + 1_000)).ShouldBeTrue();
    }

    [Fact]
    public void A_minority_that_is_cut_off_does_not_run_through_rounds()
    {
        var world = new Simulator(new Settings { Faulty = 1, AdversaryActs = false }, seed: 3);
        world.Boot();
        var alone = world.Honest[0];
        world.Loses = _ => true;
        world.Offer(everywhere: true);
        world.RunUntil(() => false, 100 * Cap);
        alone.Round.ShouldBe(1);
        world.Loses = null;
        world.RunUntil(() => world.Checker.Decided.Count > 0, 2 * Cap).ShouldBeTrue();
    }

    [Fact]
    public void A_transaction_known_to_one_validator_only_is_included_though_the_proposer_is_dead()
    {
        for (int seed = 1; seed <= 8; seed++)
        {
            var world = new Simulator(new Settings { Faulty = 1, AdversaryActs = false }, seed);
            world.Boot();
            int transaction = world.Offer(everywhere: false);
            world.RunUntil(() => world.Checker.IsIncluded(transaction), 4 * Cap).ShouldBeTrue($"seed {seed}");
            world.RunUntil(() => world.Honest.All(node => node.IsAtRest), Cap).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_group_at_rest_makes_no_blocks()
    {
        var world = new Simulator(new Settings(), seed: 5);
        world.Boot();
        world.Offer(everywhere: true);
        world.RunUntil(() => false, 10_000);
        world.Checker.Decided.Count.ShouldBe(1);
        world.RunUntil(() => false, 1_000_000_000);
        world.Checker.Decided.Count.ShouldBe(1);
        world.Honest.ShouldAllBe(node => node.IsAtRest);
    }

    [Fact]
    public void Blocks_follow_each_other_at_the_pause_while_transactions_wait()
    {
        var world = new Simulator(new Settings { MaxDelayMs = 5, MaxExecutionMs = 2 }, seed: 6);
        world.Boot();
        for (int i = 0; i < 50; i++) world.Offer(everywhere: true);
        world.RunUntil(() => world.Checker.Decided.Count == 50, 50 * 200).ShouldBeTrue();
        world.Now.ShouldBeGreaterThan(50 * Options.BlockPacingMs);
    }
}
