using Chain.Core;

namespace Chain.Ledger;

/// <summary>
/// Rules of a header against its parent, without execution and without seals (chain/docs/qbft.md). Stricter than Besu's
/// import, which skips nonce, ommersHash and base fee.
/// </summary>
internal static class HeaderRules
{
    /// <param name="header">The header, in any round.</param>
    /// <param name="parent">Header of the head.</param>
    /// <param name="validators">Who may propose and seal this height.</param>
    public static BlockVerdict Check(BlockHeader header, BlockHeader parent, IReadOnlyList<Address> validators)
    {
        if (header.Number != parent.Number + 1)
        {
            return Refuse(BlockFault.NotNext, $"number {header.Number} doesn't follow {parent.Number}");
        }

        if (header.ParentHash != parent.Hash)
        {
            return Refuse(BlockFault.NotNext, $"parent {header.ParentHash} is not the head {parent.Hash}");
        }

        if (!header.TryGetExtraData(out QbftExtraData extra))
        {
            return Refuse(BlockFault.ExtraData, "extraData is not the canonical five items");
        }

        // Vanity is 32 bytes by its encoding; zero because nothing here is to carry what nobody checks.
        if (extra.Validators.Count != 0 || extra.Vote is not null || !extra.Vanity.IsZero)
        {
            return Refuse(BlockFault.ExtraData, "extraData has validators, a vote or vanity");
        }

        if (!validators.Contains(header.Coinbase))
        {
            return Refuse(BlockFault.Coinbase, $"{header.Coinbase} is no validator");
        }

        return header.Timestamp < parent.Timestamp
            ? Refuse(BlockFault.Timestamp, $"{header.Timestamp} is before the parent's {parent.Timestamp}")
            : CheckConstants(header, parent);
    }

    /// <summary>A proposal may be ahead of the clock by that much; a block that a quorum sealed is not asked.</summary>
    public static BlockVerdict CheckClock(BlockHeader header, ulong nowSeconds, ulong aheadMaxSeconds) =>
        header.Timestamp > nowSeconds && header.Timestamp - nowSeconds > aheadMaxSeconds
            ? Refuse(BlockFault.Timestamp, $"{header.Timestamp} is more than {aheadMaxSeconds} s ahead of {nowSeconds}")
            : BlockVerdict.Valid;

    private static BlockVerdict CheckConstants(BlockHeader header, BlockHeader parent)
    {
        (BlockFault Fault, bool Holds, string Rule)[] rules =
        [
            (BlockFault.Ommers, header.OmmersHash == BlockHeader.EmptyOmmersHash, "ommersHash is of the empty list"),
            (BlockFault.Difficulty, header.Difficulty == UInt256.One, "difficulty is 1"),
            (BlockFault.GasLimit, header.GasLimit == parent.GasLimit, "gasLimit is the parent's"),
            (BlockFault.GasUsed, header.GasUsed <= header.GasLimit, "gasUsed is at most gasLimit"),
            (BlockFault.MixHash, header.MixHash == parent.MixHash, "mixHash is QBFT's constant"),
            (BlockFault.Nonce, header.Nonce == 0, "nonce is 0"),
            (BlockFault.BaseFee, header.BaseFeePerGas is { IsZero: true }, "baseFeePerGas is 0"),
            (BlockFault.Withdrawals, header.WithdrawalsRoot == BlockHeader.EmptyTrieRoot, "there are no withdrawals"),
            (BlockFault.BlobGas, header is { BlobGasUsed: 0, ExcessBlobGas: 0 }, "blob gas is 0"),
            (BlockFault.BeaconRoot, header.ParentBeaconBlockRoot is { IsZero: true }, "parentBeaconBlockRoot is 0"),
            (BlockFault.BeaconRoot, header.RequestsHash is null, "requestsHash is absent before Prague"),
        ];
        foreach ((BlockFault fault, bool holds, string rule) in rules)
        {
            if (!holds)
            {
                return Refuse(fault, $"it does not hold that {rule}");
            }
        }

        return BlockVerdict.Valid;
    }

    private static BlockVerdict Refuse(BlockFault fault, string detail) => new(fault, detail);
}
