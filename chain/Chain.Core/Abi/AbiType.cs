namespace Chain.Core;

/// <summary>The kinds of types of the contract ABI.</summary>
public enum AbiKind
{
    /// <summary>uintN: <see cref="UInt256"/>.</summary>
    Unsigned,

    /// <summary>intN: <see cref="System.Numerics.BigInteger"/>.</summary>
    Signed,

    /// <summary>address: <see cref="Core.Address"/>.</summary>
    Address,

    /// <summary>bool.</summary>
    Bool,

    /// <summary>bytesN: <see cref="Hash32"/> for bytes32, an array of bytes for others.</summary>
    FixedBytes,

    /// <summary>bytes: an array of bytes.</summary>
    Bytes,

    /// <summary>string of UTF-8.</summary>
    String,

    /// <summary>T[k] or T[]: an array of values.</summary>
    Array,

    /// <summary>(T1,T2,…): an array of values.</summary>
    Tuple,
}

/// <summary>A type of the contract ABI (Solidity documentation, "Contract ABI Specification").</summary>
public sealed class AbiType
{
    private AbiType(AbiKind kind, int size, AbiType? element, IReadOnlyList<AbiType> components)
    {
        (Kind, Size, Element, Components) = (kind, size, element, components);
        IsDynamic = kind switch
        {
            AbiKind.Bytes or AbiKind.String => true,
            AbiKind.Array => size < 0 || element!.IsDynamic,
            AbiKind.Tuple => components.Any(c => c.IsDynamic),
            _ => false,
        };
        HeadBytes = IsDynamic ? Abi.WordBytes : kind switch
        {
            AbiKind.Array => checked(size * element!.HeadBytes),
            AbiKind.Tuple => components.Sum(c => c.HeadBytes),
            _ => Abi.WordBytes,
        };
    }

    /// <summary>The kind.</summary>
    public AbiKind Kind { get; }

    /// <summary>Bits of a number, bytes of bytesN, length of a fixed array, −1 for an array of any length.</summary>
    public int Size { get; }

    /// <summary>Type of an array's elements.</summary>
    public AbiType? Element { get; }

    /// <summary>Types of a tuple's components.</summary>
    public IReadOnlyList<AbiType> Components { get; }

    /// <summary>True when values lie behind the heads and are found by an offset.</summary>
    public bool IsDynamic { get; }

    /// <summary>Bytes a value takes among the heads.</summary>
    internal int HeadBytes { get; }

    /// <summary>Parses a type such as <c>uint256</c>, <c>bytes32[]</c> or <c>(address,uint64)[2]</c>.</summary>
    /// <exception cref="FormatException">Not a type.</exception>
    public static AbiType Parse(string text)
    {
        var parser = new AbiParser(text);
        var type = parser.ReadType();
        parser.RequireEnd();
        return type;
    }

    internal static AbiType Number(bool signed, int bits) =>
        new(signed ? AbiKind.Signed : AbiKind.Unsigned, bits, null, []);

    internal static AbiType Simple(AbiKind kind, int size = 0) => new(kind, size, null, []);

    internal static AbiType ArrayOf(AbiType element, int length) => new(AbiKind.Array, length, element, []);

    internal static AbiType TupleOf(IReadOnlyList<AbiType> components) => new(AbiKind.Tuple, 0, null, components);

    /// <summary>The canonical name that selectors are computed from.</summary>
    public override string ToString() => Kind switch
    {
        AbiKind.Unsigned => $"uint{Size}",
        AbiKind.Signed => $"int{Size}",
        AbiKind.Address => "address",
        AbiKind.Bool => "bool",
        AbiKind.FixedBytes => $"bytes{Size}",
        AbiKind.Bytes => "bytes",
        AbiKind.String => "string",
        AbiKind.Array => Size < 0 ? $"{Element}[]" : $"{Element}[{Size}]",
        _ => $"({string.Join(',', Components)})",
    };
}
