using Chain.Core;
using Chain.State;

namespace Chain.Ledger;

/// <summary>Block 0.</summary>
public static class GenesisBlock
{
    /// <summary>Hash of the block that a genesis file describes; network generation publishes it.</summary>
    public static Hash32 HashOf(Genesis genesis) => Build(genesis).Block.Hash;

    internal static (Block Block, StateWrites State) Build(Genesis genesis)
    {
        WorldState state = new(new StateWrites(), BlockHeader.EmptyTrieRoot);
        state.BeginTransaction();
        foreach (GenesisAccount account in genesis.Accounts)
        {
            state.AddBalance(account.Address, account.Balance);
            state.SetNonce(account.Address, account.Nonce);
            if (!account.Code.IsEmpty)
            {
                state.SetCode(account.Address, account.Code.ToArray());
            }

            foreach ((UInt256 slot, UInt256 value) in account.Storage)
            {
                state.SetStorage(account.Address, slot, value);
            }
        }

        state.EndTransaction();
        StateWrites writes = new();
        BlockHeader header = new()
        {
            StateRoot = state.Commit(writes),
            GasLimit = genesis.GasLimit,
            Timestamp = genesis.Timestamp,
            ExtraData = genesis.ExtraData,
            MixHash = genesis.MixHash,
            BaseFeePerGas = UInt256.Zero,
            WithdrawalsRoot = BlockHeader.EmptyTrieRoot,
            BlobGasUsed = 0,
            ExcessBlobGas = 0,
            ParentBeaconBlockRoot = Hash32.Zero,
        };
        return (new Block(header, []), writes);
    }
}
