using Chain.Core;

namespace Chain.State;

public sealed partial class WorldState
{
    /// <summary>Every account that exists in memory, with its slots.</summary>
    internal IEnumerable<(Address Address, Account Account, IReadOnlyDictionary<UInt256, UInt256> Storage)> Accounts() =>
        from account in _accounts.Values
        where account.Exists
        select (
            account.Address,
            new Account(account.Nonce, account.Balance, BlockHeader.EmptyTrieRoot, account.CodeHash),
            (IReadOnlyDictionary<UInt256, UInt256>)account.Slots.ToDictionary(slot => slot.Key, slot => slot.Value.Current));

    private static Account? LoadAccount(Address address) => null;

    private static UInt256 LoadSlot(LiveAccount account, in UInt256 slot) => default;

    private static byte[] LoadCode(in Hash32 codeHash) => [];
}
