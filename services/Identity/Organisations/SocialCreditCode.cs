namespace Identity.Organisations;

/// <summary>
/// Unified social credit code of legal entities, GB 32100-2015: 17 characters of a 31-letter alphabet and a check
/// character so that the weighted sum, weights 3^(i−1) mod 31, is a multiple of 31.
/// </summary>
public static class SocialCreditCode
{
    /// <summary>Length in characters.</summary>
    public const int Length = 18;

    // Digits and capital letters without I, O, S, V and Z.
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    /// <summary>Whether the text is a code with a right check character.</summary>
    public static bool IsValid(string? code)
    {
        if (code is null || code.Length != Length)
            return false;
        int sum = 0, weight = 1;
        foreach (char c in code.AsSpan(0, Length - 1))
        {
            int value = Alphabet.IndexOf(c);
            if (value < 0)
                return false;
            sum += value * weight;
            weight = weight * 3 % 31;
        }
        return code[^1] == Alphabet[(31 - sum % 31) % 31];
    }
}
