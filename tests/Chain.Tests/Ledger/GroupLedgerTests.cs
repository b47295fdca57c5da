using Chain.Core;
using Chain.Ledger;
using Chain.State;
using Shouldly;
using Xunit;
using static Chain.Tests.Ledger.OneValidatorChain;

namespace Chain.Tests.Ledger;

public sealed class GroupLedgerTests
{
    private readonly OneValidatorChain _chain = new();

    [Fact]
    public void A_transaction_goes_from_the_pool_into_a_sealed_block()
    {
        Transaction transaction = Transfer(0, value: 5);
        _chain.Send(transaction);
        Block block = _chain.SealNext();
        block.Transactions.ShouldHaveSingleItem().Hash.ShouldBe(transaction.Hash);
        _chain.Ledger.Head.Hash.ShouldBe(block.Hash);
        _chain.Ledger.Pool.Count.ShouldBe(0);
        _chain.Ledger.Blocks.FindTransaction(transaction.Hash).ShouldBe(new TransactionPlace(1, 0));
        _chain.Ledger.Blocks.ReceiptsOf(1).ShouldHaveSingleItem().Succeeded.ShouldBeTrue();
        _chain.Ledger.StateAt(block.Header).Balance(transaction.To!.Value).ShouldBe((UInt256)5);
        _chain.Ledger.StateAt(block.Header).Nonce(Rich).ShouldBe(1UL);
    }

    [Fact]
    public void The_chain_is_the_same_after_opening_its_store_again()
    {
        _chain.Send(Transfer(0, value: 5));
        Block block = _chain.SealNext(round: 3);
        OneValidatorChain again = new(_chain.Store);
        again.Ledger.Head.ShouldBe(block);
        again.Ledger.GenesisHash.ShouldBe(_chain.Ledger.GenesisHash);
        again.Send(Transfer(1));
        again.SealNext().Header.ParentHash.ShouldBe(block.Hash);
    }

    [Fact]
    public void A_store_of_another_genesis_is_not_opened() =>
        Should.Throw<InvalidOperationException>(() => new OneValidatorChain(_chain.Store, change: g => g["timestamp"] = "0x1"));

    [Fact]
    public void Two_nodes_build_the_same_block_from_the_same_pool()
    {
        OneValidatorChain other = new();
        foreach (OneValidatorChain chain in new[] { _chain, other })
        {
            chain.Send(Transfer(0));
            chain.Send(Transfer(1, to: BlockReader));
        }

        other.Build().ShouldBe(_chain.Build());
    }

    [Fact]
    public void A_block_proposed_again_in_a_later_round_keeps_its_hash_and_is_not_executed_again()
    {
        _chain.Send(Transfer(0));
        Block block = _chain.Build();
        Block later = block.WithHeader(block.Header.WithRound(4));
        later.Hash.ShouldBe(block.Hash);
        later.Header.CommitHash.ShouldNotBe(block.Header.CommitHash);
        _chain.Ledger.Import(Seal(later)).Status.ShouldBe(ImportStatus.Imported);
    }

    [Fact]
    public void Checking_a_proposal_writes_nothing_so_another_block_may_follow()
    {
        _chain.Send(Transfer(0, to: BlockReader));
        OneValidatorChain other = new() { Now = _chain.Now + 1 };
        other.Send(Transfer(0, to: BlockReader));
        other.Send(Transfer(1, to: BlockReader));
        Block abandoned = other.Build();
        _chain.Ledger.ValidateProposal(abandoned, _chain.Now).ShouldBe(BlockVerdict.Valid);
        _chain.Ledger.Head.Header.Number.ShouldBe(0UL);
        _chain.SealNext().Hash.ShouldNotBe(abandoned.Hash);
    }

    [Fact]
    public void Prevrandao_is_mixHash_when_building_and_when_importing_at_another_node()
    {
        OneValidatorChain other = new();
        _chain.Send(Transfer(0, to: BlockReader));
        Block block = _chain.SealNext();
        other.Ledger.Import(block).Status.ShouldBe(ImportStatus.Imported);
        StateView state = other.Ledger.StateAt(block.Header);
        state.Storage(BlockReader, 0).ToBigEndian().ShouldBe(_chain.Ledger.GenesisHash.ToArray());
        state.Storage(BlockReader, 1).ToBigEndian().ShouldBe(BlockHeader.QbftMixHash.ToArray());
        state.Storage(BlockReader, 2).ShouldBe((UInt256)block.Header.Timestamp);
        state.Storage(BlockReader, 3).ShouldBe(UInt256.Zero);
    }

    [Fact]
    public void Blockhash_is_the_hash_without_round_and_seals()
    {
        Block first = _chain.SealNext(round: 2);
        _chain.Send(Transfer(0, to: BlockReader));
        Block second = _chain.SealNext();
        _chain.Ledger.StateAt(second.Header).Storage(BlockReader, 0).ToBigEndian().ShouldBe(first.Hash.ToArray());
        second.Header.ParentHash.ShouldBe(first.Hash);
    }

    [Fact]
    public void A_crash_while_a_block_is_written_leaves_all_or_nothing_of_it()
    {
        for (int failAt = 0; failAt < 3; failAt++)
        {
            FailingStore store = new(new MemoryStore());
            OneValidatorChain chain = new(store);
            chain.Send(Transfer(0, value: 1, to: BlockReader));
            Block sealedBlock = Seal(chain.Build());
            store.FailAt = failAt == 2 ? null : (FailingStore.Moment)failAt;
            try
            {
                chain.Ledger.Import(sealedBlock);
            }
            catch (IOException)
            {
                // The node dies here.
            }

            store.FailAt = null;
            OneValidatorChain again = new(store);
            if (again.Ledger.Head.Header.Number == 0)
            {
                failAt.ShouldNotBe(2);
                again.Ledger.Blocks.ByNumber(1).ShouldBeNull();
                again.Ledger.Blocks.FindTransaction(sealedBlock.Transactions[0].Hash).ShouldBeNull();
                again.Ledger.Import(sealedBlock).Status.ShouldBe(ImportStatus.Imported);
            }

            again.Ledger.Head.ShouldBe(sealedBlock);
            again.Ledger.StateAt(again.Ledger.Head.Header).Nonce(Rich).ShouldBe(1UL);
        }
    }

    [Fact]
    public void The_validator_set_follows_the_governance_contract_from_the_next_height()
    {
        byte[] secondKey = KeyOf(0x33);
        Address second = Secp256k1.AddressOf(secondKey);
        OneValidatorChain chain = new(change: g => g["alloc"]![Genesis.DefaultGovernance.ToString()]!["code"] =
            // SSTORE(0, 2); SSTORE(keccak(0) + 1, calldata word 0)
            "0x" + "6002600055600035" + "7f290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e564" + "5500");
        chain.Ledger.NextValidators.ShouldBe([Validator]);
        chain.Send(Transfer(0, to: Genesis.DefaultGovernance, data: second.ToWord().ToArray()));
        chain.SealNext();
        Address[] both = [.. new[] { Validator, second }.Order()];
        chain.Ledger.NextValidators.ShouldBe(both);
        chain.Ledger.ValidatorsAt(1).ShouldBe([Validator]);
        Block block = chain.Build();
        chain.Ledger.Import(Seal(block)).Verdict.Fault.ShouldBe(BlockFault.Seals);
        chain.Ledger.Import(Seal(block, ValidatorKey, secondKey)).Status.ShouldBe(ImportStatus.Imported);
        chain.Ledger.ValidatorsAt(2).ShouldBe(both);
    }

    [Fact]
    public void A_transaction_that_would_leave_no_validators_is_not_built_in_and_refused_from_others()
    {
        OneValidatorChain chain = new(change: g =>
            g["alloc"]![Genesis.DefaultGovernance.ToString()]!["code"] = "0x600060005500");
        Transaction last = Transfer(0, to: Genesis.DefaultGovernance);
        chain.Send(last);
        Block empty = chain.Build();
        empty.Transactions.ShouldBeEmpty();
        chain.Ledger.Pool.Count.ShouldBe(0);
        Block block = new(
            empty.Header with
            {
                TransactionsRoot = OrderedTrieRoot.OfTransactions([last]),
                GasUsed = 26_106,
                ReceiptsRoot = OrderedTrieRoot.OfReceipts([new Receipt(TransactionType.DynamicFee, true, 26_106, [])]),
            },
            [last]);
        BlockVerdict verdict = chain.Ledger.ValidateProposal(block, chain.Now);
        verdict.Fault.ShouldBeOneOf(BlockFault.ValidatorSet, BlockFault.GasUsed, BlockFault.StateRoot);
    }

    [Fact]
    public void Head_changes_are_told_with_receipts_and_next_validators()
    {
        List<HeadChange> changes = [];
        _chain.Ledger.HeadChanged += changes.Add;
        _chain.Send(Transfer(0));
        Block block = _chain.SealNext();
        HeadChange change = changes.ShouldHaveSingleItem();
        change.Block.ShouldBe(block);
        change.Receipts.Count.ShouldBe(1);
        change.NextValidators.ShouldBe([Validator]);
    }

    [Fact]
    public void Logs_are_found_by_address_and_topic()
    {
        _chain.Send(Transfer(0, to: Logger, data: [.. ((UInt256)7).ToBigEndian(), .. ((UInt256)1).ToBigEndian()]));
        _chain.SealNext();
        _chain.SealNext();
        _chain.Send(Transfer(1));
        _chain.Send(Transfer(2, to: Logger, data: [.. ((UInt256)8).ToBigEndian(), .. ((UInt256)2).ToBigEndian()]));
        Block third = _chain.SealNext();
        LogFilter all = new() { FromBlock = 0, ToBlock = 9, Addresses = [Logger] };
        _chain.Ledger.FindLogs(all).Select(l => l.BlockNumber).ShouldBe([1UL, 3UL]);
        LocatedLog log = _chain.Ledger
            .FindLogs(all with { Topics = [[Hash32.LeftPadded([9]), Hash32.LeftPadded([8])]] }).ShouldHaveSingleItem();
        log.TransactionHash.ShouldBe(third.Transactions[1].Hash);
        log.TransactionIndex.ShouldBe(1);
        _chain.Ledger.FindLogs(all with { Topics = [[], []] }).ShouldBeEmpty();
        _chain.Ledger.FindLogs(all with { Addresses = [BlockReader] }).ShouldBeEmpty();
    }

    [Fact]
    public void An_account_proof_verifies_under_the_state_root()
    {
        Block block = _chain.SealNext();
        AccountProof proof = _chain.Ledger.StateAt(block.Header).Prove(Genesis.DefaultGovernance, [Hash32.Zero]);
        TrieProof.TryVerifyAccount(block.Header.StateRoot, Genesis.DefaultGovernance, proof.Nodes, out _).ShouldBeTrue();
        proof.Storage.ShouldHaveSingleItem().Value.ShouldBe(UInt256.One);
    }
}
