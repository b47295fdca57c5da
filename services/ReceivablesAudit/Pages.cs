using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ReceivablesAudit;

/// <summary>
/// Makes the bytes of a signed page again (<c>signed-page/1</c>). Titles, labels and words are read from the published
/// document, services/docs/signed-pages.md, which is part of this program.
/// </summary>
internal static class Pages
{
    private static readonly string Document = ReadDocument();

    private static readonly Dictionary<string, string[]> Words =
        Rows(Between("\n## Words\n", "\n## ")).Skip(1).ToDictionary(r => r[0], r => r[1..]);

    private static readonly Dictionary<string, string[]> Labels =
        Rows(Between("| line | zh | en |", "\n\n")).ToDictionary(r => r[0], r => r[1..]);

    private static readonly Dictionary<string, Form> Forms =
        Document.Split("\n## Kinds of commands\n")[1].Split("\n### ").Skip(1).ToDictionary(
            part => part[..part.IndexOf('\n')].Trim(), Form.Read);

    /// <summary>The page that an approval says was signed.</summary>
    /// <exception cref="InvalidOperationException">The page would not show everything that the command has.</exception>
    public static byte[] Render(JsonElement command, JsonElement names, JsonElement approval)
    {
        int l = approval.Text("language") == "zh" ? 0 : 1;
        Form form = Forms[command.Text("kind")];
        string colon = l == 0 ? "：" : ": ";
        StringBuilder page = new();
        page.Append(CultureInfo.InvariantCulture, $"signed-page/1 {approval.Text("language")}\n{form.Title[l]}\n");
        Line(Labels["party"][l], Party(command.Text("party"), names, l));
        Line(Labels["command"][l], Escape(command.Text("commandId")));
        HashSet<string> shown = ["kind", "commandId", "party"];
        foreach ((string label, string value) in Values(form, command, names, l, shown))
            Line(label, value);
        if (Paths(command, "").FirstOrDefault(p => !shown.Contains(p)) is { } hidden)
            throw new InvalidOperationException($"the page does not show {hidden}");
        Line(Labels["consequence"][l], form.Consequence[l]);
        Line(Labels["role"][l], Word(approval.Text("role"), l));
        Line(Labels["key"][l], Escape(approval.Text("keyId")));
        Line(Labels["previous"][l], approval.TextOr("previous") ?? (l == 0 ? "无" : "none"));
        Line(Labels["time"][l], Time(approval.Text("at"), l));
        return Encoding.UTF8.GetBytes(page.ToString());

        void Line(string label, string value) => page.Append(label).Append(colon).Append(value).Append('\n');
    }

    private static IEnumerable<(string, string)> Values(
        Form form, JsonElement command, JsonElement names, int l, HashSet<string> shown)
    {
        for (int i = 0; i < form.Fields.Length; i++)
        {
            Field field = form.Fields[i];
            shown.Add(field.Path);
            int bracket = field.Path.IndexOf("[]", StringComparison.Ordinal);
            if (bracket < 0)
            {
                if (At(command, field.Path) is { } value)
                    yield return (field.Label[l], Written(field.As, value, names, l));
                continue;
            }
            // Fields of one list stand together and are written element by element.
            string list = field.Path[..(bracket + 2)];
            Field[] same = [.. form.Fields.Skip(i).TakeWhile(f => f.Path.StartsWith(list, StringComparison.Ordinal))];
            shown.UnionWith(same.Select(f => f.Path));
            i += same.Length - 1;
            int number = 0;
            foreach (JsonElement item in At(command, list[..^2])?.EnumerateArray() ?? default)
            {
                number++;
                foreach (Field f in same)
                {
                    string inner = f.Path[list.Length..].TrimStart('.');
                    if ((inner.Length == 0 ? item : At(item, inner)) is { } value)
                        yield return ($"{f.Label[l]} {number}", Written(f.As, value, names, l));
                }
            }
        }
    }

    private static string Written(string form, JsonElement value, JsonElement names, int l) => form switch
    {
        "text" => Escape(value.GetString()!),
        "fen" => Amount(value.GetInt64(), l),
        "integer" => value.GetInt64().ToString(CultureInfo.InvariantCulture),
        "flag" => value.GetBoolean() ? l == 0 ? "是" : "yes" : l == 0 ? "否" : "no",
        "word" => Word(value.GetString()!, l),
        "party" => Party(value.GetString()!, names, l),
        _ => throw new InvalidOperationException($"unknown form {form}"),
    };

    private static string Word(string word, int l) => Words.TryGetValue(word, out string[]? words) ? words[l]
        : Escape(word);

    private static string Party(string id, JsonElement names, int l) =>
        l == 0 ? $"{Escape(names.Text(id))}（{Escape(id)}）" : $"{Escape(names.Text(id))} ({Escape(id)})";

    private static string Time(string at, int l)
    {
        DateTimeOffset time = DateTimeOffset.Parse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        string there = time.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd HH:mm:ss",
            CultureInfo.InvariantCulture);
        return l == 0 ? $"{there}（北京时间，{at}）" : $"{at} ({there} in Beijing)";
    }

    private static string Escape(string text)
    {
        StringBuilder escaped = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool hidden = rune.Value == '\\' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
                or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            escaped.Append(hidden ? string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}")
                : rune.ToString());
        }
        return escaped.ToString();
    }

    private static string Amount(long fen, int l)
    {
        string figures = (fen / 100).ToString("N0", CultureInfo.InvariantCulture)
            + string.Create(CultureInfo.InvariantCulture, $".{fen % 100:00}");
        return l == 0 ? $"{figures}元（人民币{Capitals(fen)}）" : $"CNY {figures}";
    }

    private static string Capitals(long fen)
    {
        const string Digits = "零壹贰叁肆伍陆柒捌玖";
        (long yuan, int jiao, int cent) = (fen / 100, (int)(fen / 10 % 10), (int)(fen % 10));
        string text = yuan > 0 ? Whole(yuan) + "元" : jiao + cent == 0 ? "零元" : "";
        if (jiao > 0)
            text += $"{Digits[jiao]}角";
        else if (cent > 0 && yuan > 0)
            text += "零";
        return text + (cent > 0 ? $"{Digits[cent]}分" : jiao == 0 ? "整" : "");

        string Whole(long n) => n >= 100_000_000 ? Joined(n, 100_000_000, "亿") : n >= 10_000 ? Joined(n, 10_000, "万")
            : Group(n);

        string Joined(long n, long unit, string name)
        {
            long rest = n % unit;
            return Whole(n / unit) + name + (rest == 0 ? "" : (rest < unit / 10 ? "零" : "") + Whole(rest));
        }

        string Group(long n)
        {
            string four = n.ToString("0000", CultureInfo.InvariantCulture), out4 = "";
            for (int i = 0; i < 4; i++)
                out4 += four[i] == '0' ? "零" : Digits[four[i] - '0'] + new[] { "仟", "佰", "拾", "" }[i];
            while (out4.Contains("零零", StringComparison.Ordinal))
                out4 = out4.Replace("零零", "零", StringComparison.Ordinal);
            return out4.Trim('零');
        }
    }

    private static JsonElement? At(JsonElement from, string path)
    {
        foreach (string name in path.Split('.'))
        {
            if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(name, out from)
                || from.ValueKind == JsonValueKind.Null)
                return null;
        }
        return from;
    }

    private static IEnumerable<string> Paths(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject()
            .SelectMany(m => Paths(m.Value, path.Length == 0 ? m.Name : $"{path}.{m.Name}")),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(v => Paths(v, $"{path}[]")),
        JsonValueKind.Null => [],
        _ => [path],
    };

    private static string Between(string after, string before) => Document.Split(after)[1].Split(before)[0];

    private static IEnumerable<string[]> Rows(string text) => text.Split('\n')
        .Where(r => r.StartsWith('|') && !r.StartsWith("| ---", StringComparison.Ordinal))
        .Select(r => r.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries));

    private static string ReadDocument()
    {
        using Stream stream = typeof(Pages).Assembly.GetManifestResourceStream("signed-pages.md")
            ?? throw new InvalidOperationException("The document of signed pages is missing.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private sealed record Field(string Path, string As, string[] Label);

    private sealed record Form(string[] Title, string[] Consequence, Field[] Fields)
    {
        public static Form Read(string part)
        {
            string[][] rows = [.. Rows(part)];
            return new Form(
                rows.First(r => r[0] == "title")[1..], rows.First(r => r[0] == "consequence")[1..],
                [.. rows.SkipWhile(r => r[0] != "member").Skip(1).Select(r => new Field(r[0], r[1], r[2..]))]);
        }
    }
}
