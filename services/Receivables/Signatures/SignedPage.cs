using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Receivables.Parties;

namespace Receivables.Signatures;

/// <summary>What a page says beyond the command: who signs, when, and after what.</summary>
/// <param name="Role">In what capacity.</param>
/// <param name="KeyId">The signer's key.</param>
/// <param name="Previous">SHA-256 of the page that the key signed before; null for its first.</param>
/// <param name="At">When, as the signer states it.</param>
public sealed record Signing(SignerRole Role, string KeyId, string? Previous, string At);

/// <summary>
/// The exact bytes that a person is shown and signs: <c>signed-page/1</c> (services/docs/signed-pages.md). Pure: the same
/// command, names and signing make the same bytes for ever.
/// </summary>
public static class SignedPage
{
    /// <summary>The format's name, which begins every page.</summary>
    public const string Format = "signed-page/1";

    /// <summary>The form of times: <c>2026-11-22T18:40:05.123Z</c>.</summary>
    public const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Languages that pages are written in.</summary>
    public static readonly IReadOnlyList<string> Languages = ["zh", "en"];

    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    /// <summary>SHA-256 of a page, 64 lower-case hexadecimal characters.</summary>
    public static string Hash(ReadOnlySpan<byte> page) => Convert.ToHexStringLower(SHA256.HashData(page));

    /// <summary>Reads a time of a page.</summary>
    public static bool TryReadTime(string? text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, TimeForm, CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    /// <summary>Writes a time for a page.</summary>
    public static string WriteTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture);

    /// <summary>Parties that the page names, the acting one first.</summary>
    public static IReadOnlyList<string> Parties(JsonElement command)
    {
        List<string> parties = [command.GetProperty("party").GetString()!];
        foreach (PageField field in PageForms.Of(command).Fields.Where(f => f.Kind == FieldKind.Party))
            parties.AddRange(Values(command, field.Path).Select(v => v.Value.GetString()!));
        return [.. parties.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Renders a page.</summary>
    /// <param name="command">The command as JSON, with <c>kind</c>, <c>commandId</c> and <c>party</c>.</param>
    /// <param name="names">Registered names of every party that it names.</param>
    /// <param name="language"><c>zh</c> or <c>en</c>.</param>
    /// <param name="signing">Who signs, when, and after what.</param>
    /// <exception cref="InvalidOperationException">The command has a member that the page would not show.</exception>
    public static byte[] Render(
        JsonElement command, IReadOnlyDictionary<string, string> names, string language, Signing signing)
    {
        PageForm form = PageForms.Of(command);
        RequireComplete(command, form);
        bool zh = language == "zh";
        PageWords words = zh ? form.Zh : form.En;
        Writer page = new(zh, names);
        page.Raw($"{Format} {language}");
        page.Raw(words.Title);
        page.Line("操作方", "Acting party", page.Party(command.GetProperty("party").GetString()!));
        page.Line("命令编号", "Command", Writer.Escape(command.GetProperty("commandId").GetString()!));
        foreach (IReadOnlyList<PageField> group in Groups(form))
            Parameters(page, command, group);
        page.Line("后果", "Consequence", words.Consequence);
        page.Line("签署身份", "Signs as", page.Word(KebabName(signing.Role)));
        page.Line("签署密钥", "Signing key", Writer.Escape(signing.KeyId));
        page.Line("上一次签署", "Previous signature", signing.Previous ?? (zh ? "无" : "none"));
        page.Line("签署时间", "Time of signing", Time(signing.At, zh));
        return page.ToBytes();
    }

    /// <summary>A role as requests and events write it.</summary>
    public static string KebabName(SignerRole role) => JsonNamingPolicy.KebabCaseLower.ConvertName(role.ToString());

    private static void Parameters(Writer page, JsonElement command, IReadOnlyList<PageField> fields)
    {
        if (!fields[0].Path.Contains("[]", StringComparison.Ordinal))
        {
            foreach ((_, JsonElement value) in Values(command, fields[0].Path))
                page.Line(fields[0].Zh, fields[0].En, page.Value(fields[0].Kind, value));
            return;
        }
        var rows =
            from field in fields
            from item in Values(command, field.Path)
            group (Field: field, item.Value) by item.Index into element
            orderby element.Key
            select element;
        foreach (var element in rows)
        {
            foreach ((PageField field, JsonElement value) in element)
                page.Line($"{field.Zh} {element.Key + 1}", $"{field.En} {element.Key + 1}", page.Value(field.Kind, value));
        }
    }

    /// <summary>Fields of one list belong together: they are written element by element.</summary>
    private static IEnumerable<IReadOnlyList<PageField>> Groups(PageForm form)
    {
        List<PageField> group = [];
        foreach (PageField field in form.Fields)
        {
            if (group.Count > 0 && (ListOf(field) is not { } list || list != ListOf(group[0])))
            {
                yield return group;
                group = [];
            }
            group.Add(field);
        }
        if (group.Count > 0)
            yield return group;
    }

    private static string? ListOf(PageField field) =>
        field.Path.IndexOf("[]", StringComparison.Ordinal) is >= 0 and var at ? field.Path[..at] : null;

    /// <summary>Values at a path, with the element's number where it goes through a list. What is null is not there.</summary>
    private static IEnumerable<(int Index, JsonElement Value)> Values(JsonElement from, string path)
    {
        int dot = path.IndexOf('.', StringComparison.Ordinal);
        string head = dot < 0 ? path : path[..dot];
        bool list = head.EndsWith("[]", StringComparison.Ordinal);
        if (!from.TryGetProperty(list ? head[..^2] : head, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            yield break;
        JsonElement[] elements = list ? [.. value.EnumerateArray()] : [value];
        for (int i = 0; i < elements.Length; i++)
        {
            if (dot < 0)
                yield return (i, elements[i]);
            else
            {
                foreach ((int index, JsonElement inner) in Values(elements[i], path[(dot + 1)..]))
                    yield return (list ? i : index, inner);
            }
        }
    }

    private static void RequireComplete(JsonElement command, PageForm form)
    {
        HashSet<string> shown = [.. form.Fields.Select(f => f.Path), "kind", "commandId", "party"];
        foreach (string path in Leaves(command, ""))
        {
            if (!shown.Contains(path))
                throw new InvalidOperationException($"The page of {form.Kind} does not show {path}.");
        }
    }

    private static IEnumerable<string> Leaves(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject()
            .SelectMany(m => Leaves(m.Value, path.Length == 0 ? m.Name : $"{path}.{m.Name}")),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(v => Leaves(v, $"{path}[]")),
        JsonValueKind.Null => [],
        _ => [path],
    };

    private static string Time(string at, bool zh)
    {
        if (!TryReadTime(at, out DateTimeOffset time))
            throw new InvalidOperationException("A page's time has another form.");
        string there = time.ToOffset(Beijing).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        return zh ? $"{there}（北京时间，{at}）" : $"{at} ({there} in Beijing)";
    }

    private sealed class Writer(bool zh, IReadOnlyDictionary<string, string> names)
    {
        private readonly StringBuilder _text = new();

        public void Raw(string line) => _text.Append(line).Append('\n');

        public void Line(string labelZh, string labelEn, string value) =>
            Raw(zh ? $"{labelZh}：{value}" : $"{labelEn}: {value}");

        public string Value(FieldKind kind, JsonElement value) => kind switch
        {
            FieldKind.Text => Escape(value.GetString()!),
            FieldKind.Fen => Amount(value.GetInt64()),
            FieldKind.Party => Party(value.GetString()!),
            FieldKind.Integer => value.GetInt64().ToString(CultureInfo.InvariantCulture),
            FieldKind.Flag => value.GetBoolean() ? zh ? "是" : "yes" : zh ? "否" : "no",
            FieldKind.Word => Word(value.GetString()!),
            _ => throw new InvalidOperationException($"{kind} is not written on pages."),
        };

        public string Party(string id) =>
            zh ? $"{Escape(names[id])}（{Escape(id)}）" : $"{Escape(names[id])} ({Escape(id)})";

        public string Word(string word) =>
            PageForms.Words.TryGetValue(word, out (string Zh, string En) words) ? zh ? words.Zh : words.En : Escape(word);

        public byte[] ToBytes() => Encoding.UTF8.GetBytes(_text.ToString());

        private string Amount(long fen) => zh
            ? $"{ChineseAmount.Figures(fen)}元（人民币{ChineseAmount.Capitals(fen)}）"
            : $"CNY {ChineseAmount.Figures(fen)}";

        /// <summary>What could forge a line, turn the direction of writing or hide is written by its number.</summary>
        public static string Escape(string text)
        {
            StringBuilder escaped = new(text.Length);
            foreach (Rune rune in text.EnumerateRunes())
            {
                bool hidden = rune.Value == '\\' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
                    or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
                if (hidden)
                    escaped.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
                else
                    escaped.Append(rune);
            }
            return escaped.ToString();
        }
    }
}
