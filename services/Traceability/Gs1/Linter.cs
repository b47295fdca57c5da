using System.Collections.Frozen;

namespace Traceability.Gs1;

/// <summary>What a check of content found: nothing, or a code with the bad characters.</summary>
internal readonly record struct Lint(string? Code, int Start, int Length)
{
    public static readonly Lint None;

    public bool IsNone => Code is null;
}

/// <summary>A check of content, pure.</summary>
internal delegate Lint Linter(ReadOnlySpan<char> data, CompanyPrefixes prefixes);

/// <summary>What is known of a GS1 Company Prefix.</summary>
internal enum CompanyPrefixAnswer
{
    /// <summary>It was allocated, or nobody can tell.</summary>
    Accepted,

    /// <summary>No GS1 organisation allocated it.</summary>
    Invalid,

    /// <summary>Whoever knows can't be asked now.</summary>
    Offline,
}

/// <summary>Looks a company prefix up; there is no public list, so the default accepts all.</summary>
internal delegate CompanyPrefixAnswer CompanyPrefixes(ReadOnlySpan<char> key);

/// <summary>
/// The checks that the syntax dictionary names. Each one's meaning is defined by GS1's reference procedure of the same
/// name; error codes are those of the reference without its prefix.
/// </summary>
internal static class Linters
{
    public static readonly CompanyPrefixes AnyPrefix = static _ => CompanyPrefixAnswer.Accepted;

    private static readonly FrozenDictionary<string, Linter> ByName = new Dictionary<string, Linter>
    {
        ["cset39"] = CharacterLinters.Set39,
        ["cset64"] = CharacterLinters.Set64,
        ["cset82"] = CharacterLinters.Set82,
        ["csetnumeric"] = CharacterLinters.Digits,
        ["hasnondigit"] = CharacterLinters.HasNonDigit,
        ["hyphen"] = CharacterLinters.Hyphen,
        ["importeridx"] = CharacterLinters.ImporterIndex,
        ["nonzero"] = CharacterLinters.NonZero,
        ["nozeroprefix"] = CharacterLinters.NoZeroPrefix,
        ["pcenc"] = CharacterLinters.PercentEncoding,
        ["zero"] = CharacterLinters.Zero,
        ["yesno"] = static (data, _) => CharacterLinters.OneOf(data, "01", "not-zero-or-one"),
        ["winding"] = static (data, _) => CharacterLinters.OneOf(data, "019", "invalid-winding-direction"),
        ["iso5218"] = static (data, _) => CharacterLinters.OneOf(data, "0129", "invalid-biological-sex-code"),
        ["csum"] = NumberLinters.CheckDigit,
        ["csumalpha"] = NumberLinters.CheckPair,
        ["gcppos1"] = static (data, prefixes) => NumberLinters.Prefix(data, 0, prefixes),
        ["gcppos2"] = static (data, prefixes) => NumberLinters.Prefix(data, 1, prefixes),
        ["iban"] = NumberLinters.Iban,
        ["latitude"] = static (data, _) =>
            NumberLinters.Angle(data, 1_800_000_000, "latitude-invalid-length", "invalid-latitude"),
        ["longitude"] = static (data, _) =>
            NumberLinters.Angle(data, 3_600_000_000, "longitude-invalid-length", "invalid-longitude"),
        ["pieceoftotal"] = NumberLinters.PieceOfTotal,
        ["posinseqslash"] = NumberLinters.PositionInSequence,
        ["hh"] = static (data, _) => TimeLinters.Part(data, "hour", 23),
        ["mi"] = static (data, _) => TimeLinters.Part(data, "minute", 59),
        ["ss"] = static (data, _) => TimeLinters.Part(data, "second", 59),
        ["hhmi"] = TimeLinters.HourMinute,
        ["yymmd0"] = static (data, _) => TimeLinters.Date(data, yearDigits: 2, dayMayBeZero: true),
        ["yymmdd"] = static (data, _) => TimeLinters.Date(data, yearDigits: 2, dayMayBeZero: false),
        ["yyyymmd0"] = static (data, _) => TimeLinters.Date(data, yearDigits: 4, dayMayBeZero: true),
        ["yyyymmdd"] = static (data, _) => TimeLinters.Date(data, yearDigits: 4, dayMayBeZero: false),
        ["iso3166"] = static (data, _) => ListLinters.Contains("iso3166", data, "not-iso3166"),
        ["iso3166999"] = static (data, _) =>
            data is "999" ? Lint.None : ListLinters.Contains("iso3166", data, "not-iso3166-or-999"),
        ["iso3166alpha2"] = static (data, _) => ListLinters.Contains("iso3166alpha2", data, "not-iso3166-alpha2"),
        ["iso4217"] = static (data, _) => ListLinters.Contains("iso4217", data, "not-iso4217"),
        ["packagetype"] = static (data, _) => ListLinters.Contains("packagetype", data, "invalid-package-type"),
        ["mediatype"] = static (data, _) => ListLinters.Contains("mediatype", data, "invalid-media-type"),
        ["couponcode"] = CouponLinter.Code,
        ["couponposoffer"] = CouponLinter.PositiveOffer,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <exception cref="FormatException">There is none of this name.</exception>
    public static Linter Named(string name) => ByName.TryGetValue(name, out Linter? linter)
        ? linter
        : throw new FormatException($"There is no linter '{name}'.");

    public static Linter OfSet(char set) => set switch
    {
        'N' => CharacterLinters.Digits,
        'X' => CharacterLinters.Set82,
        'Y' => CharacterLinters.Set39,
        'Z' => CharacterLinters.Set64,
        _ => throw new FormatException($"There is no character set '{set}'."),
    };

    public static Lint Whole(string code, ReadOnlySpan<char> data) => new(code, 0, data.Length);
}
