using System.Security.Cryptography;
using Prepaid.Liabilities;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>The tree's own hash function.</summary>
public sealed class ShaTests
{
    [Fact]
    public void It_is_SHA_256_at_every_length_around_its_blocks()
    {
        byte[] data = [.. Enumerable.Range(0, 300).Select(i => (byte)(i * 7))];
        byte[] hash = new byte[32];
        for (int length = 0; length <= data.Length; length++)
        {
            Sha.Hash(data.AsSpan(0, length), hash);
            hash.ShouldBe(SHA256.HashData(data.AsSpan(0, length)));
        }
    }
}
