namespace Chain.Evm;

/// <summary>Instruction codes at Cancun (YP appendix H.2 and the EIPs named beside the instructions).</summary>
internal static class Opcode
{
    public const byte Stop = 0x00, Add = 0x01, Mul = 0x02, Sub = 0x03, Div = 0x04, SDiv = 0x05, Mod = 0x06, SMod = 0x07,
        AddMod = 0x08, MulMod = 0x09, Exp = 0x0a, SignExtend = 0x0b;

    public const byte Lt = 0x10, Gt = 0x11, Slt = 0x12, Sgt = 0x13, Eq = 0x14, IsZero = 0x15, And = 0x16, Or = 0x17,
        Xor = 0x18, Not = 0x19, Byte = 0x1a, Shl = 0x1b, Shr = 0x1c, Sar = 0x1d;

    public const byte Keccak256 = 0x20;

    public const byte Address = 0x30, Balance = 0x31, Origin = 0x32, Caller = 0x33, CallValue = 0x34,
        CallDataLoad = 0x35, CallDataSize = 0x36, CallDataCopy = 0x37, CodeSize = 0x38, CodeCopy = 0x39,
        GasPrice = 0x3a, ExtCodeSize = 0x3b, ExtCodeCopy = 0x3c, ReturnDataSize = 0x3d, ReturnDataCopy = 0x3e,
        ExtCodeHash = 0x3f;

    public const byte BlockHash = 0x40, Coinbase = 0x41, Timestamp = 0x42, Number = 0x43, PrevRandao = 0x44,
        GasLimit = 0x45, ChainId = 0x46, SelfBalance = 0x47, BaseFee = 0x48, BlobHash = 0x49, BlobBaseFee = 0x4a;

    public const byte Pop = 0x50, MLoad = 0x51, MStore = 0x52, MStore8 = 0x53, SLoad = 0x54, SStore = 0x55, Jump = 0x56,
        JumpI = 0x57, Pc = 0x58, MSize = 0x59, Gas = 0x5a, JumpDest = 0x5b, TLoad = 0x5c, TStore = 0x5d, MCopy = 0x5e,
        Push0 = 0x5f, Push1 = 0x60, Push32 = 0x7f, Dup1 = 0x80, Swap1 = 0x90, Log0 = 0xa0;

    public const byte Create = 0xf0, Call = 0xf1, CallCode = 0xf2, Return = 0xf3, DelegateCall = 0xf4, Create2 = 0xf5,
        StaticCall = 0xfa, Revert = 0xfd, SelfDestruct = 0xff;
}
