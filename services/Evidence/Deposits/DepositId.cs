using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Evidence.Deposits;

/// <summary>
/// A deposit's public number: <c>D-</c> and the 26 Crockford base32 characters of a UUID (the encoding of ULID, so that
/// numbers sort by time). It is typed and read aloud, hence an alphabet without I, L, O and U; it opens nothing by itself.
/// </summary>
[JsonConverter(typeof(DepositIdConverter))]
public readonly record struct DepositId(Guid Value)
{
    /// <summary>Length in characters.</summary>
    public const int Length = 28;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>
    /// The number of a deposit made without an idempotency key. It follows from what makes two such deposits the same,
    /// so that two processes that record it at once meet at one stream (a UUIDv8, RFC 9562 §5.8).
    /// </summary>
    public static DepositId Natural(string tenant, string sha256, string? businessId)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"deposit\n{tenant}\n{sha256}\n{businessId}"), hash);
        hash[6] = (byte)(hash[6] & 0x0F | 0x80);
        hash[8] = (byte)(hash[8] & 0x3F | 0x80);
        return new DepositId(new Guid(hash[..16], bigEndian: true));
    }

    /// <summary>Reads a number; lower case and the look-alikes I, L and O are accepted.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DepositId id)
    {
        id = default;
        if (text is not { Length: Length } || text[0] is not ('D' or 'd') || text[1] != '-')
            return false;
        UInt128 value = 0;
        foreach (char c in text.AsSpan(2))
        {
            int digit = Alphabet.IndexOf(char.ToUpperInvariant(c) switch { 'I' or 'L' => '1', 'O' => '0', var u => u });
            if (digit < 0 || value >> 123 != 0)
                return false;
            value = value << 5 | (UInt128)digit;
        }
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        id = new DepositId(new Guid(bytes, bigEndian: true));
        return true;
    }

    /// <summary>Binds a route value; an unreadable number is a deposit that is not there.</summary>
    public static bool TryParse(string? text, IFormatProvider? provider, out DepositId id) => TryParse(text, out id);

    /// <inheritdoc />
    public override string ToString() => string.Create(Length, Value, static (text, value) =>
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        UInt128 rest = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        text[0] = 'D';
        text[1] = '-';
        for (int i = Length - 1; i >= 2; i--, rest >>= 5)
            text[i] = Alphabet[(int)(rest & 31)];
    });
}

/// <summary>A deposit's number as a JSON string.</summary>
public sealed class DepositIdConverter : JsonConverter<DepositId>
{
    /// <inheritdoc />
    public override DepositId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && DepositId.TryParse(reader.GetString(), out DepositId id)
            ? id
            : throw new JsonException();

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, DepositId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
