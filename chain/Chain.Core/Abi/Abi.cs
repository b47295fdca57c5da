using System.Buffers.Binary;
using System.Text;

namespace Chain.Core;

/// <summary>
/// The contract ABI: arguments and results as bytes. Decoding takes the canonical encoding only, in which every
/// dynamic part begins where the one before it ended; it is what compilers write, and its reading is linear in size.
/// </summary>
public static class Abi
{
    internal const int WordBytes = 32;

    /// <summary>The four bytes that select a function of this canonical signature, as in <c>transfer(address,uint256)</c>.</summary>
    public static byte[] Selector(string signature) =>
        Keccak256.Hash(Encoding.ASCII.GetBytes(signature)).Bytes[..4].ToArray();

    /// <summary>The first topic of an event of this canonical signature.</summary>
    public static Hash32 Topic(string signature) => Keccak256.Hash(Encoding.ASCII.GetBytes(signature));

    /// <summary>Encodes values of these types one after the other, as arguments of a function.</summary>
    /// <exception cref="ArgumentException">A value is not of its type or out of range.</exception>
    public static byte[] Encode(IReadOnlyList<AbiType> types, params IReadOnlyList<object> values)
    {
        var output = new List<byte>(WordBytes * types.Count);
        AbiEncoder.WriteSequence(types, values, output);
        return [.. output];
    }

    /// <summary>
    /// Encodes values as Solidity's <c>abi.encodePacked</c>: without padding and lengths, so different values may have
    /// one encoding.
    /// </summary>
    /// <exception cref="ArgumentException">A value is not of its type, or the type has no packed form.</exception>
    public static byte[] EncodePacked(IReadOnlyList<AbiType> types, params IReadOnlyList<object> values)
    {
        if (types.Count != values.Count) throw new ArgumentException("There are other values than types.", nameof(values));
        var output = new List<byte>();
        for (int i = 0; i < types.Count; i++) AbiEncoder.WritePacked(types[i], values[i], output);
        return [.. output];
    }

    /// <summary>Decodes values of these types; see <see cref="AbiKind"/> for what stands for which type.</summary>
    public static bool TryDecode(IReadOnlyList<AbiType> types, ReadOnlySpan<byte> encoded, out object[] values) =>
        AbiDecoder.TryReadSequence(types, encoded, out values, out int consumed) && consumed == encoded.Length;

    internal static int RoundUp(int bytes) => checked(bytes + WordBytes - 1) / WordBytes * WordBytes;

    internal static void WriteLength(int length, Span<byte> word)
    {
        word.Clear();
        BinaryPrimitives.WriteInt32BigEndian(word[^sizeof(int)..], length);
    }
}
