using Chain.Core;

namespace Chain.State;

/// <summary>An account in memory during a block: what the trie holds, what it is now, and marks of the current
/// transaction, valid while their number is the current one.</summary>
internal sealed class LiveAccount(Address address, Account? stored)
{
    public readonly Address Address = address;

    /// <summary>What the trie holds; null when absent.</summary>
    public Account? Stored = stored;

    public bool Exists = stored is not null;
    public ulong Nonce = stored?.Nonce ?? 0;
    public UInt256 Balance = stored?.Balance ?? UInt256.Zero;
    public Hash32 CodeHash = stored?.CodeHash ?? Keccak256.Empty;
    public byte[]? Code;

    /// <summary>The stored slots were dropped, so slots not in <see cref="Slots"/> are zero.</summary>
    public bool StorageCleared = stored is null;

    /// <summary>The storage trie, once it was needed.</summary>
    public Trie? Storage;

    /// <summary>Listed for the next commit.</summary>
    public bool Dirty;

    public readonly Dictionary<UInt256, LiveSlot> Slots = [];

    public int WarmIn;
    public int CreatedIn;
    public int TouchedIn;
    public bool Destroyed;

    public bool IsEmpty => Nonce == 0 && Balance.IsZero && CodeHash == Keccak256.Empty;
}

/// <summary>A storage slot in memory during a block.</summary>
internal sealed class LiveSlot(UInt256 stored)
{
    /// <summary>What the trie holds.</summary>
    public UInt256 Stored = stored;

    public UInt256 Current = stored;

    /// <summary>Value when transaction <see cref="SeenIn"/> began.</summary>
    public UInt256 Original;

    public UInt256 Transient;
    public int SeenIn;
    public bool Warm;
}
