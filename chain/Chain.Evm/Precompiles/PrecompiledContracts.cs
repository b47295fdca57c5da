using Chain.Core;

namespace Chain.Evm.Precompiles;

/// <summary>The precompiled contracts of Cancun by address.</summary>
internal static class PrecompiledContracts
{
    private static readonly PrecompiledContract?[] ByNumber =
    [
        null,
        new EcRecover(),
        new Sha256(),
        new Ripemd160(),
        new Identity(),
        new ModExp(),
        new Bn254Add(),
        new Bn254Multiply(),
        new Bn254Pairing(),
        new Blake2F(),
        new PointEvaluation(),
    ];

    /// <summary>All their addresses, warm in every transaction (EIP-2929).</summary>
    public static IReadOnlyList<Address> Addresses { get; } =
        [.. Enumerable.Range(1, ByNumber.Length - 1).Select(AddressOf)];

    public static PrecompiledContract? Find(in Address address)
    {
        var bytes = address.Bytes;
        return bytes[19] < ByNumber.Length && bytes[..19].IndexOfAnyExcept((byte)0) < 0 ? ByNumber[bytes[19]] : null;
    }

    private static Address AddressOf(int number)
    {
        Span<byte> bytes = stackalloc byte[Address.Length];
        bytes.Clear();
        bytes[^1] = (byte)number;
        return new Address(bytes);
    }
}
