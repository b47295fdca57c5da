using Chain.Core;
using Chain.Ledger;
using Shouldly;
using Xunit;
using static Chain.Tests.Ledger.OneValidatorChain;

namespace Chain.Tests.Ledger;

/// <summary>Every rule of a header broken alone, in a block that is otherwise good and sealed by the validator.</summary>
public sealed class HeaderRulesTests
{
    private readonly OneValidatorChain _chain = new();

    public static TheoryData<BlockFault, string> Broken => new()
    {
        { BlockFault.NotNext, "number" },
        { BlockFault.NotNext, "parent" },
        { BlockFault.Ommers, "ommers" },
        { BlockFault.Coinbase, "coinbase" },
        { BlockFault.Difficulty, "difficulty" },
        { BlockFault.GasLimit, "gasLimit" },
        { BlockFault.GasUsed, "gasUsed" },
        { BlockFault.GasUsed, "gasUsedAboveLimit" },
        { BlockFault.Timestamp, "beforeParent" },
        { BlockFault.MixHash, "mixHash" },
        { BlockFault.Nonce, "nonce" },
        { BlockFault.BaseFee, "baseFee" },
        { BlockFault.BaseFee, "noBaseFee" },
        { BlockFault.Withdrawals, "withdrawals" },
        { BlockFault.BlobGas, "blobGas" },
        { BlockFault.BlobGas, "excessBlobGas" },
        { BlockFault.BeaconRoot, "beaconRoot" },
        { BlockFault.BeaconRoot, "requests" },
        { BlockFault.TransactionsRoot, "transactionsRoot" },
        { BlockFault.Receipts, "receiptsRoot" },
        { BlockFault.Receipts, "bloom" },
        { BlockFault.StateRoot, "stateRoot" },
        { BlockFault.ExtraData, "vanity" },
        { BlockFault.ExtraData, "validators" },
        { BlockFault.ExtraData, "vote" },
        { BlockFault.ExtraData, "noExtraData" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_header_that_breaks_a_rule_is_refused(BlockFault fault, string rule)
    {
        _chain.Send(Transfer(0, to: Logger, data: [.. ((UInt256)7).ToBigEndian(), .. ((UInt256)1).ToBigEndian()]));
        Block good = _chain.Build();
        Block bad = good.WithHeader(Break(good.Header, rule));
        BlockVerdict proposal = _chain.Ledger.ValidateProposal(bad, _chain.Now);
        proposal.Fault.ShouldBe(fault, proposal.Detail);
        proposal.Detail.ShouldNotBeEmpty();
        if (rule != "noExtraData")
        {
            ImportResult import = _chain.Ledger.Import(Seal(bad));
            import.Status.ShouldBe(ImportStatus.Refused);
            import.Verdict.Fault.ShouldBe(fault);
        }

        _chain.Ledger.Head.Header.Number.ShouldBe(0UL);
        _chain.Ledger.Import(Seal(good)).Status.ShouldBe(ImportStatus.Imported);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void A_proposal_may_be_two_seconds_ahead_of_the_clock(ulong ahead, bool valid)
    {
        ulong clock = _chain.Now;
        _chain.Now += ahead;
        _chain.Ledger.ValidateProposal(_chain.Build(), clock).IsValid.ShouldBe(valid);
    }

    [Fact]
    public void Equal_timestamps_are_allowed_and_a_clock_behind_the_parent_is_not_followed()
    {
        ulong first = _chain.SealNext().Header.Timestamp;
        _chain.SealNext().Header.Timestamp.ShouldBe(first);
        _chain.Now -= 5;
        Block block = _chain.Build();
        block.Header.Timestamp.ShouldBe(first);
    }

    [Fact]
    public void Seals_must_be_a_quorum_of_the_validators_each_once()
    {
        Block block = _chain.Build();
        byte[] stranger = KeyOf(0x44);
        Fault(block).ShouldBe(BlockFault.Seals);
        Fault(Seal(block, stranger)).ShouldBe(BlockFault.Seals);
        Fault(Seal(block, ValidatorKey, stranger)).ShouldBe(BlockFault.Seals);
        Fault(Seal(block, ValidatorKey, ValidatorKey)).ShouldBe(BlockFault.Seals);
        // A seal made for round 0 doesn't seal round 1 of the same block.
        Block sealedBlock = Seal(block);
        sealedBlock.Header.TryGetExtraData(out QbftExtraData extra).ShouldBeTrue();
        Fault(block.WithHeader(block.Header.WithRound(1).WithSeals(extra.Seals))).ShouldBe(BlockFault.Seals);
        Fault(sealedBlock).ShouldBe(BlockFault.None);
    }

    [Fact]
    public void A_header_of_another_group_is_refused()
    {
        OneValidatorChain other = new(change: g =>
            g["alloc"]![Logger.ToString()]!["balance"] = "0x1");
        _chain.Ledger.Import(other.SealNext()).Verdict.Fault.ShouldBe(BlockFault.NotNext);
    }

    [Fact]
    public void A_known_block_is_known_and_a_made_up_one_of_that_height_is_refused()
    {
        Block block = _chain.SealNext();
        _chain.Ledger.Import(block).Status.ShouldBe(ImportStatus.AlreadyKnown);
        Block other = block.WithHeader(block.Header with { Timestamp = block.Header.Timestamp + 1 });
        Fault(other).ShouldBe(BlockFault.NotNext);
    }

    [Fact]
    public void Two_sealed_blocks_of_one_height_are_told_as_a_conflict()
    {
        OneValidatorChain twin = new() { Now = _chain.Now + 1 };
        _chain.SealNext();
        Fault(twin.SealNext()).ShouldBe(BlockFault.ConflictsWithFinal);
    }

    [Fact]
    public void A_block_too_far_ahead_is_not_next()
    {
        OneValidatorChain ahead = new();
        ahead.SealNext();
        Fault(ahead.SealNext()).ShouldBe(BlockFault.NotNext);
    }

    [Fact]
    public void A_block_with_a_transaction_that_cannot_run_is_refused()
    {
        Block empty = _chain.Build();
        foreach (Transaction transaction in (Transaction[])[
            Transfer(1), Transfer(0, value: ulong.MaxValue, key: KeyOf(0x55)), Transfer(0, gas: 20_000),
            new Transaction { Type = TransactionType.Legacy, Nonce = 0, GasLimit = 21_000, To = Rich }.Sign(RichKey)])
        {
            Block block = new(
                empty.Header with { TransactionsRoot = OrderedTrieRoot.OfTransactions([transaction]) }, [transaction]);
            _chain.Ledger.ValidateProposal(block, _chain.Now).Fault.ShouldBe(BlockFault.Transaction);
        }
    }

    [Fact]
    public void A_foreign_body_behind_a_header_that_was_checked_is_refused()
    {
        _chain.Send(Transfer(0, value: 1));
        Block block = _chain.Build();
        _chain.Ledger.ValidateProposal(block, _chain.Now).ShouldBe(BlockVerdict.Valid);
        Block sealedBlock = Seal(block);
        Fault(sealedBlock with { Transactions = [Transfer(0, value: 2)] }).ShouldBe(BlockFault.TransactionsRoot);
        Fault(sealedBlock with { Transactions = [] }).ShouldBe(BlockFault.TransactionsRoot);
        Fault(sealedBlock).ShouldBe(BlockFault.None);
    }

    private BlockFault Fault(Block block) => _chain.Ledger.Import(block).Verdict.Fault;

    private static BlockHeader Break(BlockHeader header, string rule)
    {
        header.TryGetExtraData(out QbftExtraData extra);
        return rule switch
        {
            "number" => header with { Number = 2 },
            "parent" => header with { ParentHash = Hash32.Zero },
            "ommers" => header with { OmmersHash = Hash32.Zero },
            "coinbase" => header with { Coinbase = Rich },
            "difficulty" => header with { Difficulty = 2 },
            "gasLimit" => header with { GasLimit = header.GasLimit + 1 },
            "gasUsed" => header with { GasUsed = header.GasUsed + 1 },
            "gasUsedAboveLimit" => header with { GasUsed = header.GasLimit + 1 },
            "beforeParent" => header with { Timestamp = GenesisTime - 1 },
            "mixHash" => header with { MixHash = Hash32.Zero },
            "nonce" => header with { Nonce = 1 },
            "baseFee" => header with { BaseFeePerGas = UInt256.One },
            "noBaseFee" => header with
            {
                BaseFeePerGas = null,
                WithdrawalsRoot = null,
                BlobGasUsed = null,
                ExcessBlobGas = null,
                ParentBeaconBlockRoot = null,
            },
            "withdrawals" => header with { WithdrawalsRoot = Hash32.Zero },
            "blobGas" => header with { BlobGasUsed = 131_072 },
            "excessBlobGas" => header with { ExcessBlobGas = 1 },
            "beaconRoot" => header with { ParentBeaconBlockRoot = BlockHeader.EmptyTrieRoot },
            "requests" => header with { RequestsHash = Hash32.Zero },
            "transactionsRoot" => header with { TransactionsRoot = Hash32.Zero },
            "receiptsRoot" => header with { ReceiptsRoot = Hash32.Zero },
            "bloom" => header with { LogsBloom = LogsBloom.Empty },
            "stateRoot" => header with { StateRoot = Hash32.Zero },
            "vanity" => header.WithExtraData(extra with { Vanity = BlockHeader.EmptyTrieRoot }),
            "validators" => header.WithExtraData(extra with { Validators = [Validator] }),
            "vote" => header.WithExtraData(extra with { Vote = new QbftVote(Validator, true) }),
            _ => header with { ExtraData = new byte[32] },
        };
    }
}
