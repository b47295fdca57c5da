using Chain.Client;
using Chain.Core;
using Shouldly;
using Xunit;

namespace Chain.Tests.Client;

public sealed class DurableSenderTests : IDisposable
{
    private static readonly byte[] Key = [.. Enumerable.Repeat((byte)0x11, 32)];
    private static readonly TransactionRequest Request = new() { To = default(Address), GasLimit = 21_000 };
    private readonly FlakyNode _node = new();
    private readonly MemorySentTransactionStore _store = new();
    private readonly CancellationToken _deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Fact]
    public async Task A_transaction_is_saved_before_it_is_sent()
    {
        _store.OnSave = () => _node.Sent.ShouldBeEmpty();
        SendOutcome outcome = await NewSender().SendAsync(Request, _deadline);
        outcome.Status.ShouldBe(SendStatus.Succeeded);
        _store.Open.ShouldBeNull();
        _store.Closed.ShouldHaveSingleItem().Outcome.Receipt!.BlockNumber.ShouldBe(1UL);
    }

    [Fact]
    public async Task A_lost_answer_leads_to_the_same_transaction_again_and_one_receipt()
    {
        int sends = 0;
        _node.MineAfterSends = 3;
        _node.Mood = method => method == "eth_sendRawTransaction" && ++sends < 3 ? NodeMood.LosesAnswer : NodeMood.Good;
        SendOutcome outcome = await NewSender().SendAsync(Request, _deadline);
        outcome.Status.ShouldBe(SendStatus.Succeeded);
        _node.Sent.Distinct().ShouldHaveSingleItem().ShouldBe(outcome.Hash);
        _node.MinedCount.ShouldBe(1);
    }

    [Fact]
    public async Task Nonce_too_low_after_a_lost_answer_means_look_for_the_receipt()
    {
        int sends = 0;
        int receipts = 0;
        _node.Mood = method => method switch
        {
            "eth_sendRawTransaction" when ++sends == 1 => NodeMood.LosesAnswer,
            "eth_getTransactionReceipt" when ++receipts == 1 => NodeMood.Dead,
            _ => NodeMood.Good,
        };
        SendOutcome outcome = await NewSender().SendAsync(Request, _deadline);
        outcome.Status.ShouldBe(SendStatus.Succeeded);
        sends.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task A_transaction_that_gets_no_receipt_is_sent_again()
    {
        _node.MineAfterSends = 3;
        SendOutcome outcome = await NewSender().SendAsync(Request, _deadline);
        outcome.Status.ShouldBe(SendStatus.Succeeded);
        _node.Sent.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_revert_is_reported_and_uses_its_nonce()
    {
        _node.Reverts = true;
        DurableSender sender = NewSender();
        (await sender.SendAsync(Request, _deadline)).Status.ShouldBe(SendStatus.Reverted);
        _node.Reverts = false;
        (await sender.SendAsync(Request, _deadline)).Status.ShouldBe(SendStatus.Succeeded);
        _store.Closed.Select(c => c.Transaction.Nonce).ShouldBe([0UL, 1UL]);
    }

    [Fact]
    public async Task A_foreign_use_of_the_key_is_told_as_superseded()
    {
        DurableSender sender = NewSender();
        _store.OnSave = () => _node.UseNonce(sender.Sender);
        (await sender.SendAsync(Request, _deadline)).Status.ShouldBe(SendStatus.Superseded);
    }

    [Fact]
    public async Task A_transaction_that_every_node_refuses_is_closed_with_the_reason()
    {
        _node.Refusal = "exceeds block gas limit";
        SendOutcome outcome = await NewSender().SendAsync(Request, _deadline);
        outcome.Status.ShouldBe(SendStatus.Refused);
        outcome.Reason.ShouldBe("exceeds block gas limit");
        _store.Open.ShouldBeNull();
    }

    [Fact]
    public async Task After_a_crash_the_open_transaction_is_settled_and_not_signed_again()
    {
        using (CancellationTokenSource crash = new())
        {
            _node.MineAfterSends = int.MaxValue;
            _node.Mood = method =>
            {
                if (method == "eth_getTransactionReceipt")
                {
                    crash.Cancel();
                }

                return NodeMood.Good;
            };
            await Should.ThrowAsync<OperationCanceledException>(NewSender().SendAsync(Request, crash.Token));
        }

        SentTransaction open = _store.Open.ShouldNotBeNull();
        _node.Mood = static _ => NodeMood.Good;
        _node.MineAfterSends = 1;
        SendOutcome? resumed = await NewSender().ResumeAsync(_deadline);
        resumed.ShouldNotBeNull().Hash.ShouldBe(open.Hash);
        resumed.Status.ShouldBe(SendStatus.Succeeded);
        (await NewSender().ResumeAsync(_deadline)).ShouldBeNull();
    }

    [Fact]
    public async Task An_open_transaction_is_settled_before_the_next_is_built()
    {
        DurableSender first = NewSender();
        _node.MineAfterSends = int.MaxValue;
        using CancellationTokenSource crash = new();
        _store.OnSave = crash.Cancel;
        await Should.ThrowAsync<OperationCanceledException>(first.SendAsync(Request, crash.Token));
        _store.OnSave = null;
        _node.MineAfterSends = 1;
        _ = await NewSender().SendAsync(
            _ =>
            {
                _store.Open.ShouldBeNull();
                _node.MinedCount.ShouldBe(1);
                return Task.FromResult<TransactionRequest?>(Request);
            },
            _deadline);
        _node.MinedCount.ShouldBe(2);
    }

    [Fact]
    public async Task Nothing_is_signed_when_there_is_nothing_to_send()
    {
        (await NewSender().SendAsync(_ => Task.FromResult<TransactionRequest?>(null), _deadline)).ShouldBeNull();
        _store.Closed.ShouldBeEmpty();
        _node.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Sends_of_one_key_wait_for_each_other()
    {
        DurableSender sender = NewSender();
        SendOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => sender.SendAsync(Request, _deadline)));
        outcomes.ShouldAllBe(o => o.Status == SendStatus.Succeeded);
        _store.Closed.Select(c => c.Transaction.Nonce).ShouldBe([0UL, 1, 2, 3, 4, 5, 6, 7]);
    }

    public void Dispose() => _node.Dispose();

    private DurableSender NewSender() => new(
        new ChainClient(new RpcClient(new HttpClient(_node, false), [new Uri("http://node-1/"), new Uri("http://node-2/")])),
        new TransactionSigner(1001, Key),
        _store,
        TimeProvider.System,
        new DurableSenderOptions
        {
            PollFirst = TimeSpan.FromMilliseconds(1),
            PollMost = TimeSpan.FromMilliseconds(5),
            ResendAfter = TimeSpan.FromMilliseconds(20),
        });

    private sealed class MemorySentTransactionStore : ISentTransactionStore
    {
        public SentTransaction? Open { get; private set; }

        public List<(SentTransaction Transaction, SendOutcome Outcome)> Closed { get; } = [];

        public Action? OnSave { get; set; }

        public Task<SentTransaction?> FindOpenAsync(ulong chainId, Address sender, CancellationToken cancellation) =>
            Task.FromResult(Open);

        public Task SaveAsync(SentTransaction transaction, CancellationToken cancellation)
        {
            Open.ShouldBeNull();
            Open = transaction;
            OnSave?.Invoke();
            return Task.CompletedTask;
        }

        public Task CloseAsync(SentTransaction transaction, SendOutcome outcome, CancellationToken cancellation)
        {
            Open = null;
            Closed.Add((transaction, outcome));
            return Task.CompletedTask;
        }
    }
}
