using System.Security.Cryptography;

namespace Traceability.Codes.Serials;

/// <summary>One version of the keys that serials are made with. Immutable, safe for many threads.</summary>
public sealed class SerialKey
{
    /// <summary>Bytes of a secret.</summary>
    public const int SecretLength = 32;

    private const int CheckLength = 8;

    /// <summary>First version; a serial's first character is its version, and none begins with zero.</summary>
    public const int VersionMin = 1;

    /// <summary>Last version: five bits.</summary>
    public const int VersionMax = 31;

    /// <summary>Last version that numeric serials can carry: three bits.</summary>
    public const int NumericVersionMax = 7;

    /// <summary>Derives the keys by HKDF-SHA256 (RFC 5869), each for one purpose.</summary>
    /// <param name="version">1 to 31.</param>
    /// <param name="secret">32 random bytes.</param>
    public SerialKey(int version, ReadOnlySpan<byte> secret)
        : this(version, secret, processor: true)
    {
    }

    internal SerialKey(int version, ReadOnlySpan<byte> secret, bool processor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, VersionMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(version, VersionMax);
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, SecretLength);
        Version = version;
        Tag = new Cmac(Derived(secret, "serial tag"u8, processor));
        Mask = Derived(secret, "serial mask"u8, processor);
        Numeric = Derived(secret, "numeric serial"u8, processor);
        Check = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.ToArray(), CheckLength, info: "key check"u8.ToArray());
    }

    /// <summary>Tells this key from others, and nothing about it: eight bytes derived for this alone.</summary>
    public byte[] Check { get; }

    /// <summary>1 to 31.</summary>
    public int Version { get; }

    internal Cmac Tag { get; }

    internal AesBlock Mask { get; }

    internal AesBlock Numeric { get; }

    private static AesBlock Derived(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> purpose, bool processor)
    {
        Span<byte> key = stackalloc byte[AesBlock.Length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: default, purpose);
        AesBlock aes = new(key, processor);
        CryptographicOperations.ZeroMemory(key);
        return aes;
    }
}
