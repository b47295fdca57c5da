using System.Security.Cryptography;
using Evidence.Files;
using Shouldly;
using Xunit;

namespace Services.Tests.Evidence;

public class SealedStreamTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, SealedStream.KeyBytes).Select(i => (byte)i)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(SealedStream.ChunkBytes - 1)]
    [InlineData(SealedStream.ChunkBytes)]
    [InlineData(SealedStream.ChunkBytes + 1)]
    [InlineData(SealedStream.ChunkBytes * 3)]
    public async Task A_file_comes_back_as_it_was_with_both_digests(int length)
    {
        byte[] clear = Bytes(length);
        (byte[] sealedBytes, FileDigests digests) = await Seal(clear);
        digests.Bytes.ShouldBe(length);
        digests.Sha256.ShouldBe(SHA256.HashData(clear));
        digests.Sm3.ShouldBe(Sm3.HashData(clear));
        (await Open(sealedBytes)).ShouldBe(clear);
        if (length > 64)
            sealedBytes.AsSpan().IndexOf(clear.AsSpan(0, 32)).ShouldBe(-1);
    }

    [Fact]
    public async Task A_changed_cut_or_reordered_file_is_refused()
    {
        const int sealedChunk = SealedStream.ChunkBytes + 16;
        (byte[] bytes, _) = await Seal(Bytes(SealedStream.ChunkBytes * 2 + 5));
        byte[] changed = [.. bytes];
        changed[sealedChunk + 3] ^= 1;
        byte[] reordered = [.. bytes[sealedChunk..(2 * sealedChunk)], .. bytes[..sealedChunk], .. bytes[(2 * sealedChunk)..]];
        foreach (byte[] wrong in (byte[][])
                 [changed, bytes[..sealedChunk], bytes[..(2 * sealedChunk)], bytes[..^1], [], reordered])
            await Should.ThrowAsync<CryptographicException>(() => Open(wrong));
    }

    [Fact]
    public async Task A_file_over_the_limit_is_refused() =>
        await Should.ThrowAsync<FileTooLargeException>(() => SealedStream.SealAsync(
            new MemoryStream(Bytes(100)), new MemoryStream(), Key, 99, default));

    [Theory]
    [InlineData("", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b")]
    [InlineData("abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")]
    public void SM3_is_that_of_the_standard(string text, string expected) =>
        Convert.ToHexStringLower(Sm3.HashData(System.Text.Encoding.ASCII.GetBytes(text))).ShouldBe(expected);

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    private static async Task<(byte[], FileDigests)> Seal(byte[] clear)
    {
        using MemoryStream target = new();
        FileDigests digests = await SealedStream.SealAsync(new MemoryStream(clear), target, Key, long.MaxValue, default);
        return (target.ToArray(), digests);
    }

    private static async Task<byte[]> Open(byte[] bytes)
    {
        using MemoryStream target = new();
        await SealedStream.OpenAsync(new MemoryStream(bytes), target, Key, default);
        return target.ToArray();
    }
}
