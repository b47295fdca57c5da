using Chain.Consensus;
using Chain.Core;
using Shouldly;
using Xunit;

namespace Chain.Simulation;

public class NormalCaseTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(13)]
    public void A_waiting_transaction_becomes_a_sealed_block_everywhere(int validators)
    {
        var bench = new Bench(validators);
        foreach (var node in bench.Nodes)
        {
            node.Now += 200;
            node.Offer();
        }
        bench.Settle();

        foreach (var node in bench.Nodes)
        {
            node.Chain.Count.ShouldBe(1);
            SealCheck.Verify(node.Head, new SealExpectation(1, bench.Set, ParentHash: ToyLedger.Genesis.Hash))
                .ShouldBe(SealVerdict.Valid);
            node.Head.Hash.ShouldBe(bench.Nodes[0].Head.Hash);
            node.Refusals.ShouldBeEmpty();
            node.Validator.IsAtRest.ShouldBeTrue();
        }
    }

    [Fact]
    public void A_group_without_transactions_sets_no_timer_and_says_nothing()
    {
        var bench = new Bench(4);
        bench.Settle();
        bench.Nodes.SelectMany(node => node.Outputs).ShouldBeEmpty();
    }

    [Fact]
    public void A_block_is_proposed_no_sooner_than_the_pause_after_the_last()
    {
        var bench = new Bench(1);
        var node = bench.Nodes[0];
        node.Now += 30;
        node.Offer();
        node.Outputs.ShouldBe([new SetTimer(QbftTimer.Block, 1, 0, 70)]);
        node.Fire(QbftTimer.Block);
        node.Chain.Count.ShouldBe(1);
    }

    [Fact]
    public void A_pool_that_turns_out_empty_puts_the_group_to_rest_again()
    {
        var bench = new Bench(4);
        var proposer = bench.ProposerOf(0);
        proposer.Now += 200;
        proposer.HasTransaction = false;
        foreach (var output in proposer.Validator.Step(new TransactionPending(proposer.Now)))
        {
            if (output is BuildBlock build)
                proposer.Validator.Step(new BlockBuilt(build.Height, build.Round, null, proposer.Now));
        }
        proposer.Validator.IsAtRest.ShouldBeTrue();
        proposer.Offer();
        proposer.Sent<Proposal>().Count().ShouldBe(1);
    }

    [Fact]
    public void A_vote_is_on_the_disk_before_it_is_sent()
    {
        var bench = new Bench(4);
        foreach (var node in bench.Nodes)
        {
            node.Now += 200;
            node.Offer();
        }
        bench.Settle();
        foreach (var node in bench.Nodes)
        {
            DurableRecord? durable = null;
            foreach (var output in node.Outputs)
            {
                if (output is Persist persist)
                {
                    DurableRecord.TryDecode(persist.Record.Span, out durable).ShouldBeTrue();
                    durable.Encode().ShouldBe(persist.Record.ToArray());
                }
                if (output is not Broadcast broadcast) continue;
                QbftMessage.TryRead(broadcast.Message.Span, out var message).ShouldBeTrue();
                QbftMessage? stored = message switch
                {
                    Prepare => durable!.Prepare,
                    Commit => durable!.Commit,
                    _ => durable!.Proposal,
                };
                stored!.Encode().ShouldBe(message.Encode());
                if (message is Commit) durable.Certificate!.Round.ShouldBe(message.Round);
            }
            durable.ShouldNotBeNull();
        }
    }

    [Fact]
    public void A_slow_executor_keeps_back_the_vote_and_nothing_else()
    {
        var bench = new Bench(4);
        var slow = bench.Nodes.First(node => node != bench.ProposerOf(0));
        slow.AnswersValidation = false;
        foreach (var node in bench.Nodes)
        {
            node.Now += 200;
            node.Offer();
        }
        bench.Settle();
        slow.Outputs.OfType<ValidateBlock>().Count().ShouldBe(1);
        slow.Outputs.OfType<Broadcast>().ShouldBeEmpty();
        // The decision of a quorum of others is taken all the same.
        bench.Nodes.ShouldAllBe(node => node.Chain.Count == 1);
    }

    [Fact]
    public void A_validator_of_another_group_has_no_voice_here()
    {
        var bench = new Bench(4);
        var stranger = Keys.Take(5).Single(key => !bench.Set.Contains(key.Address));
        var node = bench.Nodes[0];
        node.Receive(Prepare.Sign(1, 0, default, stranger));
        node.Receive(RoundChange.Sign(1, 1, null, stranger));
        node.Refusals.ShouldBe([Refusal.UnknownAuthor, Refusal.UnknownAuthor]);
        node.Validator.IsAtRest.ShouldBeTrue();
    }

    [Fact]
    public void Malformed_bytes_are_dropped_with_a_report()
    {
        var bench = new Bench(4);
        foreach (var node in bench.Nodes)
        {
            node.Now += 200;
            node.Offer();
        }
        var random = new Random(7);
        var sent = bench.ProposerOf(0).TakeSent();
        var receiver = bench.Nodes.First(node => node != bench.ProposerOf(0));
        foreach (byte[] original in sent)
        {
            for (int i = 0; i < 2_000; i++)
            {
                byte[] bytes = [.. original[..random.Next(original.Length + 1)]];
                for (int flips = random.Next(1, 4); flips > 0 && bytes.Length > 0; flips--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                if (!bytes.SequenceEqual(original)) receiver.Receive(bytes);
            }
        }
        receiver.Outputs.OfType<ValidateBlock>().ShouldBeEmpty();
        receiver.Refusals.ShouldContain(Refusal.Malformed);
    }
}
