using Chain.Core;
using Shouldly;
using Xunit;

namespace Chain.Tests.Core;

public sealed class BlockTests
{
    private static readonly byte[] Key = Keccak256.Hash([1]).ToArray();

    [Theory]
    [InlineData(TransactionType.Legacy)]
    [InlineData(TransactionType.AccessList)]
    [InlineData(TransactionType.DynamicFee)]
    public void Receipts_are_read_back_and_their_bloom_is_checked(TransactionType type)
    {
        var log = new Log(Address.Parse("0x00000000000000000000000000000000000000aa"), [Keccak256.Hash([1])], new byte[40]);
        var receipt = new Receipt(type, true, 21_000, [log, log with { Topics = [] }]);
        var encoded = receipt.Encode();
        Receipt.TryDecode(encoded, out var read).ShouldBeTrue();
        read.ShouldBe(receipt);
        read.Bloom.MayContain(log.Address.Bytes).ShouldBeTrue();
        read.Bloom.MayContain(Keccak256.Hash([2]).Bytes).ShouldBeFalse();

        var without = new Receipt(type, true, 21_000, []).Encode();
        int bloomAt = without.AsSpan().IndexOf(new byte[256]);
        without[bloomAt] = 1;
        Receipt.TryDecode(without, out _).ShouldBeFalse();
        Receipt.TryDecode([.. encoded, 0], out _).ShouldBeFalse();
    }

    [Fact]
    public void Blocks_are_read_back()
    {
        var block = Sample();
        Block.TryDecode(block.Encode(), out var read).ShouldBeTrue();
        read.ShouldBe(block);
        read.Transactions[1].Hash.ShouldBe(block.Transactions[1].Hash);
        read.Transactions[1].TryGetSender(out var sender).ShouldBeTrue();
        sender.ShouldBe(Secp256k1.AddressOf(Key));
    }

    [Fact]
    public void The_withdrawals_list_is_there_exactly_when_the_header_has_its_root()
    {
        var block = Sample();
        var berlin = block.WithHeader(new BlockHeader { ExtraData = block.Header.ExtraData });
        Block.TryDecode(berlin.Encode(), out _).ShouldBeTrue();
        Block.TryDecode(Spliced(block.Header, withdrawals: false), out _).ShouldBeFalse();
        Block.TryDecode(Spliced(berlin.Header, withdrawals: true), out _).ShouldBeFalse();
    }

    [Fact]
    public void Moving_a_block_to_another_round_changes_its_digest_and_not_its_hash()
    {
        var header = Sample().Header;
        var moved = header.WithRound(3);
        moved.Hash.ShouldBe(header.Hash);
        moved.CommitHash.ShouldNotBe(header.CommitHash);
        moved.WithSeals([Secp256k1.Sign(moved.CommitHash, Key)]).CommitHash.ShouldBe(moved.CommitHash);
    }

    [Fact]
    public void The_first_bad_rule_is_named()
    {
        var validator = Secp256k1.AddressOf(Key);
        var header = Sample().Header with { Number = 5, Coinbase = validator };
        var sealedHeader = header.WithSeals([Secp256k1.Sign(header.CommitHash, Key)]);
        var expectation = new SealExpectation(5, [validator]);

        SealCheck.Verify(sealedHeader, expectation).ShouldBe(SealVerdict.Valid);
        SealCheck.Verify(header, expectation).ShouldBe(SealVerdict.TooFewSeals);
        SealCheck.Verify(sealedHeader.WithRound(1), expectation).ShouldBe(SealVerdict.ForeignSeal);
        SealCheck.Verify(sealedHeader, expectation with { Number = 6 }).ShouldBe(SealVerdict.WrongNumber);
        SealCheck.Verify(sealedHeader, expectation with { ParentHash = header.Hash }).ShouldBe(SealVerdict.WrongParent);
        SealCheck.Verify(sealedHeader with { Nonce = 1 }, expectation).ShouldBe(SealVerdict.NotQbft);
        SealCheck.Verify(sealedHeader, expectation with { Validators = [] }).ShouldBe(SealVerdict.WrongCoinbase);
        SealCheck.Verify(sealedHeader, expectation with { Source = ValidatorSource.Header })
            .ShouldBe(SealVerdict.WrongValidators);
        SealCheck.Verify(sealedHeader with { ExtraData = new byte[] { 1 } }, expectation)
            .ShouldBe(SealVerdict.MalformedExtraData);
        SealCheck.Verify([0xc0], expectation, out _).ShouldBe(SealVerdict.MalformedHeader);
    }

    private static Block Sample()
    {
        var legacy = new Transaction { ChainId = 1001, GasLimit = 21_000, To = Address.Zero, Value = 1 }.Sign(Key);
        var dynamic = new Transaction
        {
            Type = TransactionType.DynamicFee,
            ChainId = 1001,
            Nonce = 1,
            GasLimit = 100_000,
            Data = new byte[100],
            AccessList = [new AccessListEntry(Address.Zero, [Hash32.Zero])],
        }.Sign(Key);
        var header = new BlockHeader
        {
            Number = 1,
            GasLimit = 30_000_000,
            ExtraData = QbftExtraData.ForGenesis([]).Encode(),
            BaseFeePerGas = UInt256.Zero,
            WithdrawalsRoot = BlockHeader.EmptyTrieRoot,
            BlobGasUsed = 0,
            ExcessBlobGas = 0,
            ParentBeaconBlockRoot = Hash32.Zero,
            TransactionsRoot = OrderedTrieRoot.OfTransactions([legacy, dynamic]),
        };
        return new Block(header, [legacy, dynamic]);
    }

    private static byte[] Spliced(BlockHeader header, bool withdrawals)
    {
        var writer = new RlpWriter();
        int block = writer.StartList();
        header.WriteTo(writer);
        writer.WriteEmptyList();
        writer.WriteEmptyList();
        if (withdrawals) writer.WriteEmptyList();
        writer.EndList(block);
        return writer.ToArray();
    }
}
