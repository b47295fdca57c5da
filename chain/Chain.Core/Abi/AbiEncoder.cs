using System.Collections;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Chain.Core;

/// <summary>Writes values of the ABI: heads first, then what is dynamic.</summary>
internal static class AbiEncoder
{
    internal static void WriteSequence(IReadOnlyList<AbiType> types, IReadOnlyList<object> values, List<byte> output)
    {
        if (types.Count != values.Count)
            throw new ArgumentException($"{types.Count} values are needed, {values.Count} are given.");
        int frame = output.Count;
        int heads = types.Sum(t => t.HeadBytes);
        CollectionsMarshal.SetCount(output, frame + heads);
        CollectionsMarshal.AsSpan(output)[frame..].Clear();
        int head = frame;
        for (int i = 0; i < types.Count; i++)
        {
            if (types[i].IsDynamic)
            {
                Abi.WriteLength(output.Count - frame, CollectionsMarshal.AsSpan(output).Slice(head, Abi.WordBytes));
                WriteTail(types[i], values[i], output);
            }
            else
            {
                // Static values are encoded behind and moved to their place, so that one method serves both.
                int end = output.Count;
                WriteStatic(types[i], values[i], output);
                var all = CollectionsMarshal.AsSpan(output);
                all[end..].CopyTo(all[head..]);
                CollectionsMarshal.SetCount(output, end);
            }
            head += types[i].HeadBytes;
        }
    }

    /// <summary>Numbers and bytes in their own width, elements of arrays as words, no lengths and offsets.</summary>
    internal static void WritePacked(AbiType type, object value, List<byte> output)
    {
        switch (type.Kind)
        {
            case AbiKind.Bytes:
                output.AddRange(Bytes(type, value));
                break;
            case AbiKind.String:
                output.AddRange(Encoding.UTF8.GetBytes(value as string ?? throw Mismatch(type, value)));
                break;
            case AbiKind.Array when type.Element!.Kind == AbiKind.Array:
                foreach (var item in Items(type, value)) WritePacked(type.Element, item, output);
                break;
            case AbiKind.Array when !type.Element!.IsDynamic && type.Element.Kind != AbiKind.Tuple:
                foreach (var item in Items(type, value)) WriteStatic(type.Element, item, output);
                break;
            case AbiKind.Array or AbiKind.Tuple:
                throw new ArgumentException($"{type} has no packed form.");
            default:
                Span<byte> word = stackalloc byte[Abi.WordBytes];
                word.Clear();
                WriteWord(type, value, word);
                output.AddRange(type.Kind switch
                {
                    AbiKind.FixedBytes => word[..type.Size],
                    AbiKind.Address => word[^Address.Length..],
                    AbiKind.Bool => word[^1..],
                    _ => word[^(type.Size / 8)..],
                });
                break;
        }
    }

    private static void WriteStatic(AbiType type, object value, List<byte> output)
    {
        switch (type.Kind)
        {
            case AbiKind.Array:
                var items = Items(type, value);
                WriteSequence(Repeat(type.Element!, items.Count), items, output);
                break;
            case AbiKind.Tuple:
                WriteSequence(type.Components, Items(type, value), output);
                break;
            default:
                Span<byte> word = stackalloc byte[Abi.WordBytes];
                word.Clear();
                WriteWord(type, value, word);
                output.AddRange(word);
                break;
        }
    }

    private static void WriteTail(AbiType type, object value, List<byte> output)
    {
        switch (type.Kind)
        {
            case AbiKind.Bytes:
                WriteBytes(Bytes(type, value), output);
                break;
            case AbiKind.String:
                WriteBytes(Encoding.UTF8.GetBytes(value as string ?? throw Mismatch(type, value)), output);
                break;
            case AbiKind.Array:
                var items = Items(type, value);
                if (type.Size < 0) AddLength(items.Count, output);
                WriteSequence(Repeat(type.Element!, items.Count), items, output);
                break;
            default:
                WriteSequence(type.Components, Items(type, value), output);
                break;
        }
    }

    private static void WriteWord(AbiType type, object value, Span<byte> word)
    {
        switch (type.Kind)
        {
            case AbiKind.Unsigned:
                var unsigned = Unsigned(type, value);
                if (unsigned.BitLength > type.Size) throw Mismatch(type, value);
                unsigned.WriteBigEndian(word);
                break;
            case AbiKind.Signed:
                WriteSigned(type, Signed(type, value), word);
                break;
            case AbiKind.Address:
                (value is Address address ? address : throw Mismatch(type, value)).CopyTo(word[12..]);
                break;
            case AbiKind.Bool:
                word[31] = value is bool truth ? (byte)(truth ? 1 : 0) : throw Mismatch(type, value);
                break;
            default:
                var bytes = Bytes(type, value);
                if (bytes.Length != type.Size) throw Mismatch(type, value);
                bytes.CopyTo(word);
                break;
        }
    }

    private static void WriteSigned(AbiType type, BigInteger value, Span<byte> word)
    {
        var limit = BigInteger.One << (type.Size - 1);
        if (value >= limit || value < -limit) throw Mismatch(type, value);
        int bytes = value.GetByteCount();
        word.Fill(value.Sign < 0 ? (byte)0xff : (byte)0);
        value.TryWriteBytes(word[(Abi.WordBytes - bytes)..], out _, isBigEndian: true);
    }

    private static void WriteBytes(ReadOnlySpan<byte> content, List<byte> output)
    {
        AddLength(content.Length, output);
        output.AddRange(content);
        CollectionsMarshal.SetCount(output, output.Count + Abi.RoundUp(content.Length) - content.Length);
        CollectionsMarshal.AsSpan(output)[^(Abi.RoundUp(content.Length) - content.Length)..].Clear();
    }

    private static void AddLength(int length, List<byte> output)
    {
        Span<byte> word = stackalloc byte[Abi.WordBytes];
        Abi.WriteLength(length, word);
        output.AddRange(word);
    }

    private static UInt256 Unsigned(AbiType type, object value) => value switch
    {
        UInt256 number => number,
        ulong number => number,
        uint number => number,
        byte number => number,
        int and >= 0 or long and >= 0 => (ulong)Convert.ToInt64(value, null),
        BigInteger { Sign: >= 0 } number when number.GetByteCount(isUnsigned: true) <= Abi.WordBytes => (UInt256)number,
        _ => throw Mismatch(type, value),
    };

    private static BigInteger Signed(AbiType type, object value) => value switch
    {
        BigInteger number => number,
        long number => number,
        int number => number,
        ulong number => number,
        UInt256 number => (BigInteger)number,
        _ => throw Mismatch(type, value),
    };

    private static byte[] Bytes(AbiType type, object value) => value switch
    {
        byte[] bytes => bytes,
        ReadOnlyMemory<byte> memory => memory.ToArray(),
        Hash32 hash => hash.ToArray(),
        _ => throw Mismatch(type, value),
    };

    private static List<object> Items(AbiType type, object value)
    {
        if (value is string or not IEnumerable) throw Mismatch(type, value);
        List<object> items = [.. ((IEnumerable)value).Cast<object>()];
        int expected = type.Kind == AbiKind.Tuple ? type.Components.Count : type.Size;
        return expected < 0 || items.Count == expected ? items : throw Mismatch(type, value);
    }

    private static AbiType[] Repeat(AbiType type, int count)
    {
        var types = new AbiType[count];
        Array.Fill(types, type);
        return types;
    }

    private static ArgumentException Mismatch(AbiType type, object value) =>
        new($"A value of {value?.GetType().Name ?? "nothing"} is not one of {type}.");
}
