using Chain.Core;

namespace Chain.State;

/// <summary>The accounts and storage a transaction reads and writes, with the journal that undoes a failed call. All
/// that the EVM knows of state is here.</summary>
/// <remarks>Order of use: <see cref="BeginTransaction"/>, reads and writes, nested <see cref="Snapshot"/> and
/// <see cref="Revert"/>, <see cref="EndTransaction"/>. Not safe for concurrent use.</remarks>
public interface IWorldState
{
    /// <summary>Starts a transaction: warm sets, original values, transient storage and logs become empty.</summary>
    void BeginTransaction();

    /// <summary>Ends a transaction: removes accounts that destroyed themselves and touched empty ones
    /// (EIP-161).</summary>
    void EndTransaction();

    /// <summary>Logs written since <see cref="BeginTransaction"/> and not reverted.</summary>
    IReadOnlyList<Log> Logs { get; }

    /// <summary>A mark to which <see cref="Revert"/> can return.</summary>
    int Snapshot();

    /// <summary>Undoes everything since the mark, warmth of addresses and slots included (EIP-2929).</summary>
    void Revert(int snapshot);

    /// <summary>Whether the account is absent or empty: nonce 0, balance 0, no code (EIP-161).</summary>
    bool IsDead(Address address);

    /// <summary>Balance in wei; zero for an absent account.</summary>
    UInt256 GetBalance(Address address);

    /// <summary>Adds wei and touches the account, creating it if absent.</summary>
    void AddBalance(Address address, in UInt256 amount);

    /// <summary>Takes wei.</summary>
    /// <returns>False, and nothing changed, when the balance is smaller.</returns>
    bool TrySubtractBalance(Address address, in UInt256 amount);

    /// <summary>Nonce; zero for an absent account.</summary>
    ulong GetNonce(Address address);

    /// <summary>Sets the nonce.</summary>
    void SetNonce(Address address, ulong nonce);

    /// <summary>Code; empty for an absent account.</summary>
    byte[] GetCode(Address address);

    /// <summary>Keccak-256 of the code; that of no bytes when there is none.</summary>
    Hash32 GetCodeHash(Address address);

    /// <summary>Sets the code.</summary>
    void SetCode(Address address, byte[] code);

    /// <summary>Whether nonce, code or storage stand in the way of a contract creation here
    /// (EIP-684, EIP-7610).</summary>
    bool IsOccupied(Address address);

    /// <summary>Makes the address a contract created by this transaction, with nonce 1 (EIP-161) and its balance
    /// kept.</summary>
    void CreateContract(Address address);

    /// <summary>Marks the account for removal at the end of the transaction if this transaction created it
    /// (EIP-6780).</summary>
    /// <returns>Whether it will be removed.</returns>
    bool Destroy(Address address);

    /// <summary>Value of a storage slot.</summary>
    UInt256 GetStorage(Address address, in UInt256 slot);

    /// <summary>Value of a storage slot when the transaction began (EIP-2200).</summary>
    UInt256 GetOriginalStorage(Address address, in UInt256 slot);

    /// <summary>Sets a storage slot; zero removes it.</summary>
    void SetStorage(Address address, in UInt256 slot, in UInt256 value);

    /// <summary>Value of a transient slot (EIP-1153).</summary>
    UInt256 GetTransient(Address address, in UInt256 slot);

    /// <summary>Sets a transient slot (EIP-1153).</summary>
    void SetTransient(Address address, in UInt256 slot, in UInt256 value);

    /// <summary>Adds the address to the warm set (EIP-2929).</summary>
    /// <returns>Whether it was cold.</returns>
    bool WarmAddress(Address address);

    /// <summary>Adds the slot to the warm set (EIP-2929).</summary>
    /// <returns>Whether it was cold.</returns>
    bool WarmSlot(Address address, in UInt256 slot);

    /// <summary>Appends a log.</summary>
    void AddLog(Log log);
}
