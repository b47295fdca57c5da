using System.Text.Json;
using Chain.Core;

namespace Chain.JsonRpc;

/// <summary>Positional parameters of a call, read strictly; everything malformed is error −32602.</summary>
public readonly struct RpcParams(JsonElement[] items)
{
    /// <summary>How many were given, trailing nulls not counted.</summary>
    public int Count { get; } = Trimmed(items);

    /// <summary>Refuses a call with fewer than <paramref name="least"/> or more than <paramref name="most"/> parameters.</summary>
    public void Expect(int least, int most)
    {
        if (Count < least)
        {
            throw RpcException.Params($"missing value for required argument {Count}");
        }

        if (Count > most)
        {
            throw RpcException.Params($"too many arguments, want at most {most}");
        }
    }

    /// <summary>Whether parameter <paramref name="index"/> is there and not null.</summary>
    public bool Has(int index) => index < Count && items[index].ValueKind != JsonValueKind.Null;

    /// <summary>The JSON value at an index.</summary>
    public JsonElement this[int index] => Has(index)
        ? items[index]
        : throw RpcException.Params($"missing value for required argument {index}");

    /// <summary>A text.</summary>
    public string Text(int index) => Text(this[index], $"argument {index}");

    /// <summary>A truth value; <paramref name="absent"/> if not given.</summary>
    public bool Boolean(int index, bool absent) => !Has(index)
        ? absent
        : this[index].ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw RpcException.Params($"invalid argument {index}: not a boolean"),
        };

    /// <summary>A 20-byte address.</summary>
    public Address Address(int index) => Address(this[index], $"argument {index}");

    /// <summary>A 32-byte hash.</summary>
    public Hash32 Hash(int index) => Hash(this[index], $"argument {index}");

    /// <summary>A quantity of at most 64 bits.</summary>
    public ulong Quantity(int index) => Quantity64(this[index], $"argument {index}");

    /// <summary>Bytes.</summary>
    public byte[] Bytes(int index) => Bytes(this[index], $"argument {index}");

    internal static string Text(JsonElement value, string name) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw RpcException.Params($"invalid {name}: not a string");

    internal static Address Address(JsonElement value, string name) =>
        Text(value, name) is { Length: 42 } text && Prefixed(text) && Core.Address.TryParse(text, out Address address)
            ? address
            : throw RpcException.Params($"invalid {name}: not a 20-byte address");

    internal static Hash32 Hash(JsonElement value, string name) =>
        Text(value, name) is { Length: 66 } text && Prefixed(text) && Hash32.TryParse(text, out Hash32 hash)
            ? hash
            : throw RpcException.Params($"invalid {name}: not a 32-byte hash");

    internal static byte[] Bytes(JsonElement value, string name) =>
        Text(value, name) is { } text && Prefixed(text) && Hex.TryParse(text, out byte[] bytes)
            ? bytes
            : throw RpcException.Params($"invalid {name}: not hex data of whole bytes with 0x");

    internal static ulong Quantity64(JsonElement value, string name) => Quantity256(value, name) is { IsUInt64: true } quantity
        ? (ulong)quantity
        : throw RpcException.Params($"invalid {name}: hex number > 64 bits");

    /// <summary>EIP-1474 quantity: 0x, then digits without leading zeros.</summary>
    internal static UInt256 Quantity256(JsonElement value, string name)
    {
        string text = Text(value, name);
        if (!Prefixed(text) || text.Length == 2)
        {
            throw RpcException.Params($"invalid {name}: hex string without 0x prefix or digits");
        }

        if (text.Length > 3 && text[2] == '0')
        {
            throw RpcException.Params($"invalid {name}: hex number with leading zero digits");
        }

        return text.Length <= 66 && UInt256.TryParseHex(text, out UInt256 quantity)
            ? quantity
            : throw RpcException.Params($"invalid {name}: not a hex number of at most 256 bits");
    }

    internal static bool Prefixed(string text) => text.StartsWith("0x", StringComparison.Ordinal);

    private static int Trimmed(JsonElement[] items)
    {
        int count = items.Length;
        while (count > 0 && items[count - 1].ValueKind == JsonValueKind.Null)
        {
            count--;
        }

        return count;
    }
}
