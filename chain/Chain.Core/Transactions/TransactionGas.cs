namespace Chain.Core;

/// <summary>Gas of a transaction before its first instruction, Cancun.</summary>
internal static class TransactionGas
{
    private const ulong Base = 21_000;
    private const ulong Creation = 32_000;
    private const ulong ZeroByte = 4;
    private const ulong NonZeroByte = 16;
    private const ulong InitCodeWord = 2;
    private const ulong AccessListAddress = 2_400;
    private const ulong AccessListKey = 1_900;

    // Lengths are bounded by memory, so no sum can leave 64 bits.
    internal static ulong Intrinsic(Transaction transaction)
    {
        ulong zeros = (ulong)transaction.Data.Span.Count((byte)0);
        ulong length = (ulong)transaction.Data.Length;
        ulong gas = Base + (zeros * ZeroByte) + ((length - zeros) * NonZeroByte);
        if (transaction.IsCreation) gas += Creation + (InitCodeWord * ((length + 31) / 32));
        foreach (var entry in transaction.AccessList)
            gas += AccessListAddress + (AccessListKey * (ulong)entry.StorageKeys.Count);
        return gas;
    }
}
