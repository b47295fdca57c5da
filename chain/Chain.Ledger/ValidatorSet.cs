using Chain.Core;

namespace Chain.Ledger;

/// <summary>The validators as the governance contract stores them: <c>address[] validators</c> at slot 0.</summary>
internal static class ValidatorSet
{
    /// <summary>Most validators; a message of consensus grows with them.</summary>
    public const int MaxCount = 100;

    private static readonly UInt256 FirstElement = UInt256.FromBigEndian(Keccak256.Hash(new byte[32]).Bytes);

    /// <summary>Reads the set, ascending.</summary>
    /// <param name="storage">Reads a storage word of the governance contract.</param>
    /// <returns>Null when it is empty, too large, or names an address twice or the zero address.</returns>
    public static IReadOnlyList<Address>? Read(Func<UInt256, UInt256> storage)
    {
        UInt256 length = storage(UInt256.Zero);
        if (length.IsZero || length > MaxCount)
        {
            return null;
        }

        SortedSet<Address> validators = [];
        Span<byte> word = stackalloc byte[32];
        for (ulong i = 0; i < (ulong)length; i++)
        {
            storage(FirstElement + i).WriteBigEndian(word);
            Address validator = Address.FromWord(word);
            if (word[..12].ContainsAnyExcept((byte)0) || validator.IsZero || !validators.Add(validator))
            {
                return null;
            }
        }

        return [.. validators];
    }
}
