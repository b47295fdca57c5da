using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Evidence.Files;

/// <summary>Digests of the clear bytes.</summary>
internal sealed record FileDigests(byte[] Sha256, byte[] Sm3, long Bytes);

/// <summary>
/// A file encrypted in chunks by AES-256-GCM under a key of its own (the STREAM construction): the nonce is the chunk's
/// number and whether it is the last, so that chunks can't be exchanged, dropped or cut off. A key seals one file only.
/// </summary>
internal static class SealedStream
{
    public const int KeyBytes = 32;
    public const int ChunkBytes = 256 * 1024;
    private const int TagBytes = 16;
    private const int NonceBytes = 12;

    /// <summary>Seals a source into a target, computing digests of the clear bytes on the way.</summary>
    /// <exception cref="FileTooLargeException">The source is longer than the limit.</exception>
    public static async Task<FileDigests> SealAsync(
        Stream source, Stream target, ReadOnlyMemory<byte> key, long bytesMax, CancellationToken cancellationToken)
    {
        using IncrementalHash sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using Sm3 sm3 = new();
        using AesGcm cipher = new(key.Span, TagBytes);
        byte[] clear = new byte[ChunkBytes], next = new byte[ChunkBytes], sealedChunk = new byte[ChunkBytes + TagBytes];
        long total = 0;
        uint number = 0;
        int length = await source.ReadAtLeastAsync(clear, ChunkBytes, throwOnEndOfStream: false, cancellationToken);
        while (true)
        {
            int following = length < ChunkBytes
                ? 0
                : await source.ReadAtLeastAsync(next, ChunkBytes, throwOnEndOfStream: false, cancellationToken);
            total += length;
            if (total > bytesMax)
                throw new FileTooLargeException();
            sha256.AppendData(clear, 0, length);
            sm3.Append(clear.AsSpan(0, length));
            cipher.Encrypt(Nonce(number++, following == 0), clear.AsSpan(0, length),
                sealedChunk.AsSpan(0, length), sealedChunk.AsSpan(length, TagBytes));
            await target.WriteAsync(sealedChunk.AsMemory(0, length + TagBytes), cancellationToken);
            if (following == 0)
                return new FileDigests(sha256.GetHashAndReset(), sm3.Finish(), total);
            (clear, next) = (next, clear);
            length = following;
        }
    }

    /// <summary>Opens a sealed file into a target.</summary>
    /// <exception cref="CryptographicException">The file was altered, cut off or sealed by another key.</exception>
    public static async Task OpenAsync(
        Stream source, Stream target, ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        using AesGcm cipher = new(key.Span, TagBytes);
        byte[] chunk = new byte[ChunkBytes + TagBytes], next = new byte[ChunkBytes + TagBytes];
        byte[] clear = new byte[ChunkBytes];
        uint number = 0;
        int length = await source.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, cancellationToken);
        while (true)
        {
            if (length < TagBytes)
                throw new CryptographicException("The file is cut off.");
            int following = length < chunk.Length
                ? 0
                : await source.ReadAtLeastAsync(next, next.Length, throwOnEndOfStream: false, cancellationToken);
            int clearLength = length - TagBytes;
            cipher.Decrypt(Nonce(number++, following == 0), chunk.AsSpan(0, clearLength),
                chunk.AsSpan(clearLength, TagBytes), clear.AsSpan(0, clearLength));
            await target.WriteAsync(clear.AsMemory(0, clearLength), cancellationToken);
            if (following == 0)
                return;
            (chunk, next) = (next, chunk);
            length = following;
        }
    }

    private static byte[] Nonce(uint number, bool last)
    {
        byte[] nonce = new byte[NonceBytes];
        BinaryPrimitives.WriteUInt32BigEndian(nonce.AsSpan(7), number);
        nonce[11] = last ? (byte)1 : (byte)0;
        return nonce;
    }
}

/// <summary>A file is larger than this service takes.</summary>
internal sealed class FileTooLargeException : Exception;
