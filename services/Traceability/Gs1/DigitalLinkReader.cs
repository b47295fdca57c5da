using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Traceability.Gs1;

/// <summary>Reads and composes Digital Links.</summary>
internal static class DigitalLinkReader
{
    internal static readonly SearchValues<char> HostCharacters = SearchValues.Create(
        "-._:[]0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly FrozenDictionary<string, string> Names =
        ("gtin 01 itip 8006 cpid 8010 gln 414 party 417 gsrnp 8017 gsrn 8018 gcn 255 sscc 00 gdti 253 ginc 401 "
            + "gsin 402 grai 8003 giai 8004 gmn 8013 cpv 22 lot 10 ser 21 cpsn 8011 glnx 254 refno 8020 srin 8019")
        .Split(' ').Chunk(2).ToFrozenDictionary(p => p[0], p => p[1], StringComparer.Ordinal);

    public static bool TryRead(
        string uri, DigitalLinkReading reading, [NotNullWhen(true)] out DigitalLink? link, out Gs1Error error)
    {
        ArgumentNullException.ThrowIfNull(uri);
        link = null;
        if (uri.Length > DigitalLink.LengthMax)
            return Epc.Fail("uri-too-long", "The URI is too long.", DigitalLink.LengthMax, out error);
        int bad = uri.AsSpan().IndexOfAnyExcept(UriText.Allowed);
        if (bad >= 0)
            return Epc.Fail("uri-character", "A character must not stand in a URI.", bad, out error);
        int host = HostStart(uri, reading);
        if (host < 0)
            return Epc.Fail("uri-scheme", "The URI must begin with http:// or https://.", 0, out error);
        int path = uri.AsSpan(host).IndexOfAny('/', '?', '#') + host;
        if (path <= host || uri[path] != '/')
            return Epc.Fail("uri-path", "A host and a path must follow.", host, out error);
        bad = uri.AsSpan(host, path - host).IndexOfAnyExcept(HostCharacters);
        if (bad >= 0)
            return Epc.Fail("uri-host", "A character must not stand in a host name.", host + bad, out error);
        int fragment = uri.IndexOf('#', path);
        ReadOnlySpan<char> rest = fragment < 0 ? uri : uri.AsSpan(0, fragment);
        int query = rest.IndexOf('?');
        ReadOnlySpan<char> head = query < 0 ? rest : rest[..query];

        if (!TryReadPath(head, path, reading, out int stem, out List<(string, string)>? elements, out error))
            return false;
        List<(string, string)> attributes = [];
        if (query >= 0 && !TryReadQuery(rest[(query + 1)..], query + 1, reading, elements, attributes, out error))
            return false;
        link = new DigitalLink(uri[..stem], elements[0], elements.GetRange(1, elements.Count - 1), attributes);
        return true;
    }

    // Only all lower and all upper case are allowed: QR codes use upper case to be smaller.
    private static int HostStart(string uri, DigitalLinkReading reading)
    {
        StringComparison comparison = (reading & DigitalLinkReading.AnyContent) != 0
            ? StringComparison.OrdinalIgnoreCase
            : StringComparison.Ordinal;
        ReadOnlySpan<string> schemes = ["https://", "http://", "HTTPS://", "HTTP://"];
        foreach (string scheme in schemes)
        {
            if (uri.StartsWith(scheme, comparison))
                return scheme.Length;
        }
        return -1;
    }

    // The key is found from the end, because a stem may hold anything.
    private static bool TryReadPath(
        ReadOnlySpan<char> head, int path, DigitalLinkReading reading, out int stem,
        [NotNullWhen(true)] out List<(string, string)>? elements, out Gs1Error error)
    {
        elements = null;
        stem = -1;
        List<(ApplicationIdentifier Ai, Range Value)> pairs = [];
        int end = head.Length;
        while (stem < 0)
        {
            int valueStart = head[..end].LastIndexOf('/') + 1;
            int aiEnd = valueStart - 1;
            int aiStart = aiEnd <= path ? -1 : head[..aiEnd].LastIndexOf('/') + 1;
            if (aiStart <= path || !TryFind(head[aiStart..aiEnd], reading, out ApplicationIdentifier? ai))
                return Epc.Fail("no-primary-key", "The path holds no GS1 primary key.", path, out error);
            if (valueStart == end)
                return Epc.Fail("value-missing", $"AI ({ai.Code}) has no value.", valueStart, out error);
            pairs.Add((ai, valueStart..end));
            end = aiStart - 1;
            if (ai.IsKey)
                stem = end;
        }
        pairs.Reverse();
        if (!IsSequence(pairs[0].Ai, pairs.Skip(1).Select(p => p.Ai.Code)))
            return Epc.Fail("key-qualifiers", $"What follows AI ({pairs[0].Ai.Code}) in the path is not allowed there.",
                stem, out error);
        List<(string, string)> found = new(pairs.Count);
        foreach ((ApplicationIdentifier ai, Range range) in pairs)
        {
            string value = Padded(ai, UriText.Unescape(head[range], inQuery: false), reading);
            if (!TryCheck(ai, value, range.Start.Value, reading, out error))
                return false;
            found.Add((ai.Code, value));
        }
        // A company prefix has at least four digits; without this any address whose path holds "401" would be a key.
        if ((reading & DigitalLinkReading.AnyContent) != 0
            && (found[0].Item2.Length < 4 || found[0].Item2.AsSpan(0, 4).IndexOfAnyExceptInRange('0', '9') >= 0))
            return Epc.Fail("no-primary-key", "The key has no company prefix.", stem, out error);
        elements = found;
        error = default;
        return true;
    }

    private static bool TryReadQuery(
        ReadOnlySpan<char> query, int offset, DigitalLinkReading reading, List<(string Ai, string Value)> path,
        List<(string Ai, string Value)> attributes, out Gs1Error error)
    {
        error = default;
        foreach (Range range in query.Split('&'))
        {
            ReadOnlySpan<char> part = query[range];
            int at = offset + range.Start.Value;
            int equals = part.IndexOf('=');
            if (equals <= 0 || part[..equals].IndexOfAnyExceptInRange('0', '9') >= 0)
                continue;
            string code = part[..equals].ToString();
            if (!SyntaxDictionary.Gs1.TryFind(code, out ApplicationIdentifier? ai))
            {
                if ((reading & DigitalLinkReading.UnknownAttributes) == 0 || code.Length is < 2 or > 4)
                    return Epc.Fail("unknown-ai", $"There is no AI ({code}).", at, out error);
                ai = ApplicationIdentifier.Unknown(code);
            }
            if (equals == part.Length - 1)
                return Epc.Fail("value-missing", $"AI ({code}) has no value.", at, out error);
            if (path.Exists(e => e.Ai == code) || attributes.Exists(e => e.Ai == code))
                return Epc.Fail("ai-repeated", $"AI ({code}) stands more than once.", at, out error);
            if (!ai.IsAttribute && !ai.IsUnknown)
                return Epc.Fail("ai-not-attribute", $"AI ({code}) can't be an attribute.", at, out error);
            if (BelongsInPath(path, code))
                return Epc.Fail("ai-belongs-in-path", $"AI ({code}) belongs in the path.", at, out error);
            string value = Padded(ai, UriText.Unescape(part[(equals + 1)..], inQuery: true), reading);
            if (!TryCheck(ai, value, at + equals + 1, reading, out error))
                return false;
            attributes.Add((code, value));
        }
        return true;
    }

    public static bool TryCompose(
        IEnumerable<(string Ai, string Value)> elements, string stem, DigitalLinkReading reading,
        [NotNullWhen(true)] out DigitalLink? link, out Gs1Error error)
    {
        link = null;
        List<(ApplicationIdentifier Ai, string Value)> all = [];
        foreach ((string code, string value) in elements)
        {
            if (!SyntaxDictionary.Gs1.TryFind(code, out ApplicationIdentifier? ai))
            {
                if ((reading & DigitalLinkReading.UnknownAttributes) == 0)
                    return Epc.Fail("unknown-ai", $"There is no AI ({code}).", 0, out error);
                ai = ApplicationIdentifier.Unknown(code);
            }
            int same = all.FindIndex(e => e.Ai.Code == code);
            if (same >= 0 && all[same].Value != value)
                return Epc.Fail("ai-repeated", $"AI ({code}) has two values.", 0, out error);
            if (!TryCheck(ai, value, 0, reading, out error))
                return false;
            if (same < 0)
                all.Add((ai, value));
        }
        int key = all.FindIndex(e => e.Ai.IsKey);
        if (key < 0)
            return Epc.Fail("no-primary-key", "There is no primary key.", 0, out error);
        IReadOnlyList<string> sequence =
            all[key].Ai.KeyQualifiers!.MaxBy(s => s.Count(q => all.Exists(e => e.Ai.Code == q)))!;
        List<(string, string)> qualifiers =
            [.. sequence.SelectMany(q => all.Where(e => e.Ai.Code == q)).Select(e => (e.Ai.Code, e.Value))];
        List<(string, string)> attributes = [];
        // Values of predefined length come first, as in a symbol, where they need no separator.
        foreach ((ApplicationIdentifier ai, string value) in all.OrderBy(e => e.Ai.Predefined ? 0 : 1))
        {
            if (ai == all[key].Ai || sequence.Contains(ai.Code))
                continue;
            if (!ai.IsAttribute && !ai.IsUnknown)
                return Epc.Fail("ai-not-attribute", $"AI ({ai.Code}) can't be an attribute.", 0, out error);
            attributes.Add((ai.Code, value));
        }
        link = new DigitalLink(stem.TrimEnd('/'), (all[key].Ai.Code, all[key].Value), qualifiers, attributes);
        error = default;
        return true;
    }

    private static bool TryFind(
        ReadOnlySpan<char> code, DigitalLinkReading reading, [NotNullWhen(true)] out ApplicationIdentifier? ai)
    {
        if ((reading & DigitalLinkReading.Names) != 0
            && Names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(code, out string? named))
            return SyntaxDictionary.Gs1.TryFind(named, out ai);
        return SyntaxDictionary.Gs1.TryFind(code, out ai);
    }

    private static bool TryCheck(
        ApplicationIdentifier ai, string value, int offset, DigitalLinkReading reading, out Gs1Error error)
    {
        int length = ai.Check(
            value, Linters.AnyPrefix, out error, contentToo: (reading & DigitalLinkReading.AnyContent) == 0);
        if (error.IsNone && length < value.Length)
            error = new Gs1Error("value-too-long", $"AI ({ai.Code}) is too long.", length, value.Length - length);
        if (error.IsNone)
            return true;
        error = error with { Position = error.Position + offset };
        return false;
    }

    private static string Padded(ApplicationIdentifier ai, string value, DigitalLinkReading reading) =>
        ai.Code == "01" && (reading & DigitalLinkReading.ShortGtins) != 0 && value.Length is 8 or 12 or 13
            ? value.PadLeft(14, '0')
            : value;

    private static bool IsSequence(ApplicationIdentifier key, IEnumerable<string> codes)
    {
        foreach (IReadOnlyList<string> allowed in key.KeyQualifiers!)
        {
            int at = 0;
            bool fits = true;
            foreach (string code in codes)
            {
                while (at < allowed.Count && allowed[at] != code)
                    at++;
                fits &= at++ < allowed.Count;
            }
            if (fits)
                return true;
        }
        return false;
    }

    private static bool BelongsInPath(List<(string Ai, string Value)> path, string code)
    {
        if (!SyntaxDictionary.Gs1.TryFind(path[0].Ai, out ApplicationIdentifier? key))
            return false;
        List<string> codes = [.. path.Skip(1).Select(e => e.Ai)];
        for (int i = 0; i <= codes.Count; i++)
        {
            codes.Insert(i, code);
            if (IsSequence(key, codes))
                return true;
            codes.RemoveAt(i);
        }
        return false;
    }
}
