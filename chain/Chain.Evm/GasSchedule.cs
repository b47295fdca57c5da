namespace Chain.Evm;

/// <summary>Gas prices at Cancun (YP appendix G and the EIPs named).</summary>
internal static class GasSchedule
{
    public const int Base = 2;
    public const int VeryLow = 3;
    public const int Low = 5;
    public const int Mid = 8;
    public const int High = 10;
    public const int JumpDest = 1;
    public const int Exp = 10;
    public const int ExpByte = 50;
    public const int Keccak = 30;
    public const int KeccakWord = 6;
    public const int CopyWord = 3;
    public const int BlockHash = 20;
    public const int Log = 375;
    public const int LogTopic = 375;
    public const int LogByte = 8;
    public const int Create = 32_000;
    public const int CodeDepositByte = 200;
    public const int SelfDestruct = 5_000;
    public const int CallValue = 9_000;
    public const int CallStipend = 2_300;
    public const int NewAccount = 25_000;

    // EIP-2929
    public const int ColdAccount = 2_600;
    public const int ColdSlot = 2_100;
    public const int Warm = 100;

    // EIP-2200 as changed by EIP-2929 and EIP-3529
    public const int SlotSet = 20_000;
    public const int SlotReset = 5_000 - ColdSlot;
    public const int SlotSentry = 2_300;
    public const int SlotClearRefund = SlotReset + AccessListSlot;

    // Transactions: EIP-2028, EIP-2930, EIP-3529, EIP-3860
    public const int Transaction = 21_000;
    public const int TransactionCreate = 32_000;
    public const int ZeroByte = 4;
    public const int NonZeroByte = 16;
    public const int AccessListAddress = 2_400;
    public const int AccessListSlot = 1_900;
    public const int RefundQuotient = 5;
    public const int InitCodeWord = 2;

    public const int MaxCodeSize = 24_576;
    public const int MaxInitCodeSize = 2 * MaxCodeSize;
    public const int MaxCallDepth = 1024;

    /// <summary>Number of 32-byte words that hold so many bytes.</summary>
    public static long Words(int bytes) => (bytes + 31L) / 32;
}
