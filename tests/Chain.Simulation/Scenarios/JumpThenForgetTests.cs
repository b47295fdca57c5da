using Chain.Consensus;
using Shouldly;
using Xunit;

namespace Chain.Simulation;

/// <summary>
/// Seven validators, two faulty. In round 0 the finaliser, the jumper, a helper and both faulty ones prepare, and the
/// finaliser alone sees the COMMITs and decides. The jumper leaves for round 1 on the word of others. Round 1 fails.
/// The quorum for round 2 holds, of those who prepared, only the jumper and the faulty ones, who deny it.
/// </summary>
public class JumpThenForgetTests
{
    [Fact]
    public void A_certificate_survives_a_jump_to_a_later_round()
    {
        var (finaliser, others) = Play((key, options) => new BenchNode(key, options));
        others.ShouldAllBe(node => node.Chain.Count == 1 && node.Head.Hash == finaliser.Head.Hash);
    }

    [Fact]
    public void A_mutant_that_records_the_certificate_on_its_own_timeout_only_decides_two_blocks()
    {
        var (finaliser, others) = Play((key, options) => new ForgetfulNode(key, options));
        others.ShouldAllBe(node => node.Chain.Count == 1 && node.Head.Hash != finaliser.Head.Hash);
    }

    private static (BenchNode Finaliser, BenchNode[] Others) Play(Func<ValidatorKey, QbftOptions, BenchNode> make)
    {
        var bench = new Bench(7, null, make);
        var (helper, faulty1, late1) = (bench.ProposerOf(0), bench.ProposerOf(1), bench.ProposerOf(2));
        var (jumper, finaliser, late2, faulty2) =
            (bench.ProposerOf(3), bench.ProposerOf(4), bench.ProposerOf(5), bench.ProposerOf(6));
        BenchNode[] prepared = [helper, jumper, finaliser, faulty1, faulty2];
        bench.OfferAll();

        bench.Settle((_, to, message) => message is Commit ? to == finaliser : prepared.Contains(to));
        finaliser.Chain.Count.ShouldBe(1);
        jumper.Validator.PreparedRound.ShouldBe(0);

        foreach (var node in (BenchNode[])[helper, late1, late2]) node.Fire(QbftTimer.Round);
        foreach (var node in (BenchNode[])[helper, late1, late2, jumper])
        {
            node.Receive(Deny(1, faulty1));
            node.Receive(Deny(1, faulty2));
        }
        bench.Settle((from, to, _) => from != jumper && from != finaliser && to != finaliser && to != faulty1);
        jumper.Validator.Round.ShouldBe(1);
        jumper.Chain.ShouldBeEmpty();

        foreach (var node in (BenchNode[])[jumper, late1, late2]) node.Fire(QbftTimer.Round);
        foreach (var node in (BenchNode[])[jumper, late1, late2])
        {
            node.Receive(Deny(2, faulty1));
            node.Receive(Deny(2, faulty2));
        }
        bench.Settle((from, to, _) => from != helper && to != helper && from != finaliser && to != finaliser);
        return (finaliser, [jumper, late1, late2]);
    }

    private static RoundChange Deny(int target, BenchNode faulty) => RoundChange.Sign(1, target, null, faulty.Key);
}
