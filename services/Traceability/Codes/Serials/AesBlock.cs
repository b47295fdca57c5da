using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;
using X86Sse2 = System.Runtime.Intrinsics.X86.Sse2;

namespace Traceability.Codes.Serials;

/// <summary>
/// AES-128 of single blocks under one key, safe for many threads (FIPS 197). With the processor's instructions a block
/// costs no allocation and no call into a library; without them the platform's implementation does it.
/// </summary>
internal sealed class AesBlock : IDisposable
{
    public const int Length = 16;

    private readonly Vector128<byte>[]? _rounds;
    private readonly ThreadLocal<Aes>? _aes;

    /// <param name="key">16 bytes.</param>
    /// <param name="processor">Whether to use the processor's instructions when it has them.</param>
    public AesBlock(ReadOnlySpan<byte> key, bool processor = true)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Length);
        if (processor && X86Aes.IsSupported)
        {
            _rounds = Expand(Vector128.Create(key));
            return;
        }
        byte[] copy = key.ToArray();
        _aes = new ThreadLocal<Aes>(() =>
        {
            Aes aes = Aes.Create();
            aes.Key = copy;
            return aes;
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<byte> Encrypt(Vector128<byte> block)
    {
        Vector128<byte>[]? rounds = _rounds;
        if (rounds is null)
            return Platform(block);
        block ^= rounds[0];
        for (int i = 1; i < 10; i++)
            block = X86Aes.Encrypt(block, rounds[i]);
        return X86Aes.EncryptLast(block, rounds[10]);
    }

    public void Dispose() => _aes?.Dispose();

    private Vector128<byte> Platform(Vector128<byte> block)
    {
        Span<byte> bytes = stackalloc byte[Length];
        block.CopyTo(bytes);
        _aes!.Value!.EncryptEcb(bytes, bytes, PaddingMode.None);
        return Vector128.Create((ReadOnlySpan<byte>)bytes);
    }

    // FIPS 197 section 5.2. The round constant must be an immediate, hence no loop.
    private static Vector128<byte>[] Expand(Vector128<byte> key)
    {
        Vector128<byte>[] k = new Vector128<byte>[11];
        k[0] = key;
        k[1] = Next(k[0], X86Aes.KeygenAssist(k[0], 0x01));
        k[2] = Next(k[1], X86Aes.KeygenAssist(k[1], 0x02));
        k[3] = Next(k[2], X86Aes.KeygenAssist(k[2], 0x04));
        k[4] = Next(k[3], X86Aes.KeygenAssist(k[3], 0x08));
        k[5] = Next(k[4], X86Aes.KeygenAssist(k[4], 0x10));
        k[6] = Next(k[5], X86Aes.KeygenAssist(k[5], 0x20));
        k[7] = Next(k[6], X86Aes.KeygenAssist(k[6], 0x40));
        k[8] = Next(k[7], X86Aes.KeygenAssist(k[7], 0x80));
        k[9] = Next(k[8], X86Aes.KeygenAssist(k[8], 0x1b));
        k[10] = Next(k[9], X86Aes.KeygenAssist(k[9], 0x36));
        return k;
    }

    private static Vector128<byte> Next(Vector128<byte> key, Vector128<byte> assist)
    {
        Vector128<byte> word = X86Sse2.Shuffle(assist.AsUInt32(), 0xff).AsByte();
        key ^= X86Sse2.ShiftLeftLogical128BitLane(key, 4);
        key ^= X86Sse2.ShiftLeftLogical128BitLane(key, 4);
        key ^= X86Sse2.ShiftLeftLogical128BitLane(key, 4);
        return key ^ word;
    }
}
