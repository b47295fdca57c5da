using Chain.Core;
using Chain.Ledger;
using Shouldly;
using Xunit;
using static Chain.Tests.Ledger.OneValidatorChain;

namespace Chain.Tests.Ledger;

public sealed class TransactionPoolTests
{
    private readonly OneValidatorChain _chain = new(options: new LedgerOptions
    {
        Pool = new PoolLimits { MaxCount = 6, SenderMaxCount = 4, NonceMaxAhead = 10 },
    });

    private TransactionPool Pool => _chain.Ledger.Pool;

    [Fact]
    public void Transactions_of_a_sender_are_executable_in_nonce_order_up_to_the_first_gap()
    {
        _chain.Send(Transfer(1));
        Pool.HasExecutable.ShouldBeFalse();
        _chain.Send(Transfer(3));
        _chain.Send(Transfer(0));
        Pool.HasExecutable.ShouldBeTrue();
        Pool.Executable().ShouldHaveSingleItem().Select(t => t.Nonce).ShouldBe([0UL, 1UL]);
        Pool.NextNonce(Rich).ShouldBe(2UL);
        _chain.SealNext().Transactions.Count.ShouldBe(2);
        Pool.Count.ShouldBe(1);
        Pool.HasExecutable.ShouldBeFalse();
    }

    [Fact]
    public void The_higher_tip_goes_first_and_equal_ones_by_arrival()
    {
        byte[] poor = KeyOf(0x61);
        byte[] other = KeyOf(0x62);
        _chain.Send(Transfer(0, key: poor));
        _chain.Send(Transfer(0, key: other));
        _chain.Send(Transfer(0, fee: 3));
        Pool.Executable().Select(r => PoolRules.SenderOf(r[0]))
            .ShouldBe([Rich, Secp256k1.AddressOf(poor), Secp256k1.AddressOf(other)]);
    }

    [Fact]
    public void A_known_transaction_is_told_so()
    {
        Transaction transaction = Transfer(0);
        _chain.Send(transaction);
        Pool.Add(transaction).ShouldBe(new PoolAnswer(PoolStatus.AlreadyKnown, "already known"));
    }

    [Fact]
    public void A_replacement_needs_both_fees_a_tenth_higher()
    {
        _chain.Send(Transfer(0));
        Pool.Add(Transfer(0, value: 1)).Message.ShouldBe("replacement transaction underpriced");
        _chain.Send(Transfer(0, value: 1, fee: 100));
        Pool.Add(Transfer(0, value: 2, fee: 109)).Message.ShouldBe("replacement transaction underpriced");
        _chain.Send(Transfer(0, value: 2, fee: 110));
        Pool.Count.ShouldBe(1);
        _chain.SealNext().Transactions[0].Value.ShouldBe((UInt256)2);
    }

    [Fact]
    public void What_cannot_be_included_is_refused_in_geths_words()
    {
        _chain.Send(Transfer(0));
        _chain.SealNext();
        Refusal(Transfer(0, value: 1)).ShouldBe("nonce too low: next nonce 1, tx nonce 0");
        Refusal(Transfer(12)).ShouldStartWith("nonce too high");
        Refusal(Transfer(1, gas: GasLimit + 1)).ShouldBe("exceeds block gas limit");
        Refusal(Transfer(1, gas: 20_999)).ShouldBe("intrinsic gas too low: gas 20999, minimum needed 21000");
        Refusal(Transfer(0, key: KeyOf(0x63), value: 1)).ShouldStartWith("insufficient funds for gas * price + value");
        Refusal(new Transaction { Type = TransactionType.Legacy, GasLimit = 21_000, To = Rich }.Sign(RichKey))
            .ShouldStartWith("only replay-protected");
        Refusal(new Transaction { Type = TransactionType.DynamicFee, ChainId = 5, GasLimit = 21_000, To = Rich }.Sign(RichKey))
            .ShouldStartWith("invalid chain id");
        Pool.Add([1, 2, 3]).Status.ShouldBe(PoolStatus.Refused);
        Pool.Add(new byte[200_000]).Message.ShouldStartWith("oversized data");
    }

    [Fact]
    public void Limits_hold_and_a_full_pool_gives_up_what_waits_behind_a_gap()
    {
        for (ulong nonce = 0; nonce < 4; nonce++)
        {
            _chain.Send(Transfer(nonce));
        }

        Refusal(Transfer(4)).ShouldBe("account limit exceeded");
        byte[] gapped = KeyOf(0x64);
        _chain.Send(Transfer(5, key: gapped));
        _chain.Send(Transfer(6, key: gapped));
        Refusal(Transfer(3, key: KeyOf(0x65))).ShouldBe("txpool is full");
        _chain.Send(Transfer(0, key: KeyOf(0x65)));
        Pool.Count.ShouldBe(6);
        Pool.NextNonce(Rich).ShouldBe(4UL);
    }

    [Fact]
    public void A_new_head_drops_what_it_made_impossible()
    {
        OneValidatorChain other = new();
        Transaction first = Transfer(0, value: 1);
        _chain.Send(first);
        other.Send(Transfer(0, value: 2));
        _chain.Ledger.Import(other.SealNext()).Status.ShouldBe(ImportStatus.Imported);
        Pool.Count.ShouldBe(0);
        Pool.Find(first.Hash).ShouldBeNull();
    }

    [Fact]
    public void Each_added_transaction_is_announced_once()
    {
        List<Hash32> announced = [];
        Pool.Added += t => announced.Add(t.Hash);
        Transaction transaction = Transfer(0);
        _chain.Send(transaction);
        Pool.Add(transaction);
        announced.ShouldBe([transaction.Hash]);
    }

    [Fact]
    public void A_full_block_leaves_the_rest_for_the_next()
    {
        _chain.Send(Transfer(0, gas: GasLimit));
        _chain.Send(Transfer(1, gas: GasLimit));
        _chain.SealNext().Transactions.Count.ShouldBe(1);
        _chain.SealNext().Transactions.Count.ShouldBe(1);
    }

    private string Refusal(Transaction transaction)
    {
        PoolAnswer answer = Pool.Add(transaction);
        answer.Status.ShouldBe(PoolStatus.Refused);
        return answer.Message;
    }
}
