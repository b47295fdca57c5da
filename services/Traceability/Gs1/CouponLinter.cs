namespace Traceability.Gs1;

/// <summary>Checks of the North American coupon formats, AI (8110) and (8112).</summary>
internal static class CouponLinter
{
    public static Lint Code(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        Cursor at = new(data, prefixes);
        _ = at.Digits()
            && at.Vli("gcp-vli", "gcp-length", "gcp", 0, 6, extra: 6, isPrefix: true)
            && at.Fixed("truncated-offer-code", 6)
            && at.Vli("save-value-vli", "save-value-length", "save-value", 1, 5)
            && at.Purchase("1st")
            && Optional(ref at)
            && at.End();
        return at.Found;
    }

    public static Lint PositiveOffer(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        Cursor at = new(data, prefixes);
        _ = at.Digits()
            && at.Choice("format-code", "01")
            && at.Vli("funder-vli", "funder-length", "funder", 0, 6, extra: 6, isPrefix: true)
            && at.Fixed("truncated-offer-code", 6)
            && at.Vli("serial-number-vli", "serial-number-length", "serial-number", 0, 9, extra: 6)
            && at.End();
        return at.Found;
    }

    // Optional fields follow each other in the order of the digits that name them.
    private static bool Optional(ref Cursor at) =>
        (!at.Field('1') || (at.Choice("additional-purchase-rules-code", "0123") && at.Purchase("2nd") && at.Gcp("2nd")))
        && (!at.Field('2') || (at.Purchase("3rd") && at.Gcp("3rd")))
        && (!at.Field('3') || at.Date("expiration", "exipiration"))
        && (!at.Field('4') || at.Date("start", "start"))
        && (!at.Field('5') || at.Vli("serial-number-vli", "serial-number-length", "serial-number", 0, 9, extra: 6))
        && (!at.Field('6') || at.Vli(
            "retailer-gcp-or-gln-vli", "retailer-gcp-or-gln-length", "retailer-gcp-or-gln", 1, 7, extra: 6,
            isPrefix: true))
        && (!at.Field('9') || (at.Choice("save-value-code", "01256") && at.Choice("save-value-applies-to-item", "012")
            && at.Choice("store-coupon-flag", "0123456789") && at.Choice("dont-multiply-flag", "01")));

    private ref struct Cursor(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        private readonly ReadOnlySpan<char> _data = data;
        private readonly CompanyPrefixes _prefixes = prefixes;
        private int _at;

        public Lint Found { get; private set; } = Lint.None;

        private readonly ReadOnlySpan<char> Rest => _data[_at..];

        public bool Digits()
        {
            Found = CharacterLinters.Digits(_data, _prefixes);
            return Found.IsNone;
        }

        public bool Field(char name)
        {
            if (Rest.IsEmpty || Rest[0] != name)
                return false;
            _at++;
            return true;
        }

        public bool End() => Rest.IsEmpty || Fail("excess-data");

        /// <summary>One digit, one of some.</summary>
        public bool Choice(string what, string allowed)
        {
            if (Rest.IsEmpty)
                return Fail("missing-" + what);
            if (!allowed.Contains(Rest[0], StringComparison.Ordinal))
                return Fail("invalid-" + what, 1);
            _at++;
            return true;
        }

        public bool Fixed(string truncated, int length)
        {
            if (Rest.Length < length)
                return Fail(truncated);
            _at += length;
            return true;
        }

        /// <summary>A digit that gives a length, and as many digits.</summary>
        public bool Vli(
            string missing, string invalid, string truncated, int min, int max, int extra = 0, bool isPrefix = false)
        {
            if (Rest.IsEmpty)
                return Fail("missing-" + missing);
            int length = Rest[0] - '0';
            if (length < min || length > max)
                return Fail("invalid-" + invalid, 1);
            _at++;
            length += extra;
            if (Rest.Length < length)
                return Fail("truncated-" + truncated);
            if (isPrefix && !Prefix(length))
                return false;
            _at += length;
            return true;
        }

        public bool Purchase(string nth) =>
            Vli($"{nth}-purchase-requirement-vli", $"{nth}-purchase-requirement-length", $"{nth}-purchase-requirement",
                1, 5)
            && Choice($"{nth}-purchase-requirement-code", "012349")
            && Fixed($"truncated-{nth}-purchase-family-code", 3);

        /// <summary>A company prefix that may be left out, which nine says.</summary>
        public bool Gcp(string nth) =>
            Field('9')
            || Vli($"{nth}-purchase-gcp-vli", $"{nth}-purchase-gcp-length", $"{nth}-purchase-gcp", 0, 6, extra: 6,
                isPrefix: true);

        public bool Date(string name, string nameWhenInvalid)
        {
            if (Rest.Length < 6)
                return Fail($"too-short-for-{name}-date");
            if (!TimeLinters.Date(Rest[..6], yearDigits: 2, dayMayBeZero: false).IsNone)
                return Fail($"invalid-{nameWhenInvalid}-date", 6);
            _at += 6;
            return true;
        }

        private bool Prefix(int length)
        {
            Lint lint = NumberLinters.Prefix(Rest[..length], 0, _prefixes);
            Found = lint.IsNone ? lint : lint with { Start = _at };
            return lint.IsNone;
        }

        // What is missing at the very end is shown by the whole text, for there is nothing else to show.
        private bool Fail(string code, int? length = null)
        {
            string name = code.StartsWith("coupon-", StringComparison.Ordinal) ? code : "coupon-" + code;
            Found = Rest.IsEmpty
                ? Linters.Whole(name, _data)
                : new Lint(name, _at, length ?? Rest.Length);
            return false;
        }
    }
}
