namespace Traceability.Gs1;

/// <summary>Check digits and check characters of the GS1 General Specifications, sections 7.9.1 and 7.9.5.</summary>
public static class CheckDigit
{
    /// <summary>The 82 characters of GS1 AI encodable character set 82, in the order of their values.</summary>
    internal const string Set82 =
        "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

    private const string Set32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    private static readonly int[] Primes =
        [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
         109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227, 229,
         233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307, 311, 313, 317, 331, 337, 347, 349, 353, 359,
         367, 373, 379, 383, 389, 397, 401, 409, 419, 421, 431, 433, 439, 443, 449, 457, 461, 463, 467, 479, 487, 491,
         499, 503, 509];

    /// <summary>The modulo-10 check digit that follows the digits given.</summary>
    /// <param name="digits">ASCII digits without the check digit.</param>
    public static char Of(ReadOnlySpan<char> digits)
    {
        int sum = 0;
        int weight = 3;
        for (int i = digits.Length - 1; i >= 0; i--)
        {
            sum += (digits[i] - '0') * weight;
            weight = 4 - weight;
        }
        return (char)('0' + ((10 - (sum % 10)) % 10));
    }

    /// <summary>Whether the last character is the check digit of the ones before it; all must be digits.</summary>
    public static bool IsValid(ReadOnlySpan<char> key) =>
        key.Length > 1 && key.IndexOfAnyExceptInRange('0', '9') < 0 && Of(key[..^1]) == key[^1];

    /// <summary>
    /// A GTIN of 8, 12, 13 or 14 digits in its 14-digit form; false when the length, a character or the check digit is
    /// wrong.
    /// </summary>
    public static bool TryGtin14(ReadOnlySpan<char> gtin, out string gtin14)
    {
        gtin14 = "";
        if (gtin.Length is not (8 or 12 or 13 or 14) || !IsValid(gtin))
            return false;
        gtin14 = new string('0', 14 - gtin.Length) + gtin.ToString();
        return true;
    }

    /// <summary>The pair of check characters that follows a GMN or the like.</summary>
    /// <param name="value">Characters of set 82, at most 97.</param>
    public static (char First, char Second) PairOf(ReadOnlySpan<char> value)
    {
        int sum = 0;
        for (int i = 0; i < value.Length; i++)
            sum += Set82.IndexOf(value[i], StringComparison.Ordinal) * Primes[value.Length - 1 - i];
        sum %= 1021;
        return (Set32[sum >> 5], Set32[sum & 31]);
    }
}
