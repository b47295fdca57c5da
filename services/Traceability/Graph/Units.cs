namespace Traceability.Graph;

/// <summary>Units of UN/ECE Recommendation 20 that a balance can add up.</summary>
internal static class Units
{
    /// <summary>What pieces are counted in.</summary>
    public const string Piece = "H87";

    private static readonly Dictionary<string, (string Base, decimal Factor)> Known = new(StringComparer.Ordinal)
    {
        ["KGM"] = ("KGM", 1),
        ["GRM"] = ("KGM", 0.001m),
        ["MGM"] = ("KGM", 0.000001m),
        ["TNE"] = ("KGM", 1000),
        ["LBR"] = ("KGM", 0.45359237m),
        ["ONZ"] = ("KGM", 0.028349523125m),
        ["LTR"] = ("LTR", 1),
        ["MLT"] = ("LTR", 0.001m),
        ["HLT"] = ("LTR", 100),
        ["MTQ"] = ("LTR", 1000),
        ["EA"] = (Piece, 1),
        [Piece] = (Piece, 1),
    };

    /// <summary>
    /// An amount in the unit that all of its kind are added in; an unknown unit is a kind of its own.
    /// </summary>
    public static (string Unit, decimal Amount) Normal(decimal amount, string? unit) =>
        Known.TryGetValue(unit ?? Piece, out (string Base, decimal Factor) known)
            ? (known.Base, amount * known.Factor)
            : (unit!, amount);
}
