namespace Cli.Demos;

/// <summary>Unified social credit codes of organisations that demos make up (GB 32100-2015).</summary>
internal static class CreditCode
{
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    /// <summary>A code of seventeen characters with its check character behind it.</summary>
    public static string WithCheck(string code)
    {
        var (sum, weight) = (0, 1);
        foreach (var c in code)
        {
            sum += Alphabet.IndexOf(c, StringComparison.Ordinal) * weight;
            weight = weight * 3 % Alphabet.Length;
        }

        return code + Alphabet[(Alphabet.Length - sum % Alphabet.Length) % Alphabet.Length];
    }
}
