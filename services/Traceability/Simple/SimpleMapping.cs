using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Traceability.Simple;

/// <summary>
/// Makes EPCIS 2.0 events of everyday words, and says of each field that can't be read what is wrong with it. Pure; what it
/// makes still passes through the checks of every capture.
/// </summary>
/// <param name="problems">Collects what is wrong, up to <paramref name="problemsMax"/>.</param>
/// <param name="problemsMax">How many problems are worth telling.</param>
/// <param name="corrected">The identity of an item that was typed in other letters; null where it is right.</param>
internal sealed partial class SimpleMapping(
    List<ProblemItem> problems, int problemsMax, Func<string, string?>? corrected = null)
{
    /// <summary>The most items, quantities, documents or details that one event may list.</summary>
    public const int ListMax = 1000;

    private const int TextMax = 500;
    private const string ChinaOffset = "+08:00";

    private int _index;
    private int _before;

    /// <summary>The EPCIS event; null where something is wrong with it.</summary>
    /// <param name="e">What was sent; null for an empty place in a list.</param>
    /// <param name="index">Its place in the request, from 0.</param>
    public JsonObject? Map(SimpleEvent? e, int index)
    {
        (_index, _before) = (index, problems.Count);
        if (e is null)
        {
            Wrong("", "field-required");
            return null;
        }
        Activity? what = Needed("what", e.What) is { } name ? Activity.Find(name) : null;
        if (what is null && e.What is not null)
            Wrong("what", "simple-what", ("value", Shown(e.What)));
        (string Time, string Offset)? when = When(e);
        if (what is null || when is null)
            return null;

        JsonObject epcis = new() { ["type"] = what.Type };
        if (e.Id is { } id && Text("id", id) is not null)
            epcis["eventID"] = id;
        epcis["eventTime"] = when.Value.Time;
        epcis["eventTimeZoneOffset"] = when.Value.Offset;
        What(e, what, epcis);
        if (what.Action is not null)
            epcis["action"] = what.Action;
        epcis["bizStep"] = what.BizStep;
        if (what.Disposition is not null)
            epcis["disposition"] = what.Disposition;
        Where(e, what, epcis);
        Why(e, epcis);
        Details(e, what, epcis);
        return problems.Count == _before ? epcis : null;
    }

    private void What(SimpleEvent e, Activity what, JsonObject epcis)
    {
        JsonArray items = Items("items", e.Items), quantities = Quantities("quantities", e.Quantities);
        if (what.Transforms)
        {
            JsonArray outputs = Items("outputs", e.Outputs), made = Quantities("outputQuantities", e.OutputQuantities);
            Put(epcis, "inputEPCList", items);
            Put(epcis, "inputQuantityList", quantities);
            Put(epcis, "outputEPCList", outputs);
            Put(epcis, "outputQuantityList", made);
            if (items.Count + quantities.Count == 0)
                Wrong("items", "field-required");
            if (outputs.Count + made.Count == 0)
                Wrong("outputs", "field-required");
            return;
        }
        if (what.NeedsParent)
        {
            if (Needed("parent", e.Parent) is { } parent)
                epcis["parentID"] = Read("parent", parent, SimpleIds.TryItem, "simple-item") is { } box ? Right(box) : null;
            Put(epcis, "childEPCs", items);
            Put(epcis, "childQuantityList", quantities);
            // Taking a box apart needs no list: everything comes out (EPCIS 2.0 §7.4.3).
            if (items.Count + quantities.Count == 0 && what.Action == "ADD")
                Wrong("items", "field-required");
        }
        else
        {
            Put(epcis, "epcList", items);
            Put(epcis, "quantityList", quantities);
            if (items.Count + quantities.Count == 0)
                Wrong("items", "field-required");
            Unused("parent", e.Parent, what);
        }
        Unused("outputs", e.Outputs, what);
        Unused("outputQuantities", e.OutputQuantities, what);
    }

    private void Where(SimpleEvent e, Activity what, JsonObject epcis)
    {
        if (Needed("where", e.Where) is not { } where)
            return;
        string? place = Read("where", where, SimpleIds.TryPlace, "simple-place");
        epcis["readPoint"] = new JsonObject { ["id"] = place };
        if (what.Stays)
            epcis["bizLocation"] = new JsonObject { ["id"] = place };
    }

    private void Why(SimpleEvent e, JsonObject epcis)
    {
        JsonArray documents = [];
        foreach ((SimpleDocument? document, int i) in Limited("documents", e.Documents))
        {
            if (Needed($"documents[{i}].number", document?.Number) is not { } number)
                continue;
            JsonObject transaction = [];
            if (document!.Type is { } type && Text($"documents[{i}].type", type) is not null)
                transaction["type"] = type;
            transaction["bizTransaction"] = SimpleIds.Document(number);
            documents.Add(transaction);
        }
        Put(epcis, "bizTransactionList", documents);
        Party("from", e.From, "sourceList", "source", epcis);
        Party("to", e.To, "destinationList", "destination", epcis);
    }

    private void Party(string field, string? gln, string list, string member, JsonObject epcis)
    {
        if (gln is not null && Read(field, gln, SimpleIds.TryParty, "simple-party") is { } party)
            epcis[list] = new JsonArray(new JsonObject { ["type"] = "owning_party", [member] = party });
    }

    /// <summary>What is said about new items is theirs for good (ilmd); what is said at any other time is the event's.</summary>
    private void Details(SimpleEvent e, Activity what, JsonObject epcis)
    {
        JsonObject details = [];
        foreach ((KeyValuePair<string, string?> detail, int _) in Limited("details", e.Details?.ToList()))
        {
            string field = $"details.{Shown(detail.Key)}";
            if (!DetailName().IsMatch(detail.Key))
                Wrong(field, "simple-detail-name");
            else if (Needed(field, detail.Value) is { } value)
                details[SimpleVocabulary.Prefix + ":" + detail.Key] = value;
        }
        if (what.Begins && LotOf(e, what) is { } lot)
            details["cbvmda:lotNumber"] = lot;
        if (e.Note is { } note && Text("note", note) is not null)
            epcis[SimpleVocabulary.Prefix + ":note"] = note;
        if (details.Count == 0)
            return;
        if (what.Begins)
        {
            epcis["ilmd"] = details;
            return;
        }
        foreach ((string name, JsonNode? value) in details)
            epcis[name] = value!.DeepClone();
    }

    /// <summary>
    /// The one lot of the items that come to be, so that a recall of the lot finds them; one event has one (ilmd).
    /// </summary>
    private string? LotOf(SimpleEvent e, Activity what)
    {
        (string field, IReadOnlyList<string?>? items) = what.Transforms ? ("outputs", e.Outputs) : ("items", e.Items);
        string? lot = e.Lot is { } said ? Text("lot", said.Trim()) : null;
        (string? Lot, int Index)[] named = [.. (items ?? []).Take(ListMax)
            .Select((item, i) => (Lot: item is null ? null : SimpleIds.LotOf(item), i))];
        lot ??= named.FirstOrDefault(n => n.Lot is not null).Lot;
        if (named.FirstOrDefault(n => (n.Lot ?? e.Lot?.Trim()) != lot, (null, -1)) is { Index: >= 0 } other)
            Wrong($"{field}[{other.Index}]", "simple-lots", ("lot", Shown(lot ?? "")), ("value", Shown(other.Lot ?? "—")));
        return lot;
    }

    private JsonArray Items(string field, IReadOnlyList<string?>? items)
    {
        JsonArray list = [];
        foreach ((string? item, int i) in Limited(field, items))
        {
            if (Needed($"{field}[{i}]", item) is { } text
                && Read($"{field}[{i}]", text, SimpleIds.TryItem, "simple-item") is { } uri)
                list.Add(Right(uri));
        }
        return list;
    }

    private string Right(string uri) => corrected?.Invoke(uri) ?? uri;

    private JsonArray Quantities(string field, IReadOnlyList<SimpleQuantity?>? quantities)
    {
        JsonArray list = [];
        foreach ((SimpleQuantity? quantity, int i) in Limited(field, quantities))
        {
            if (Needed($"{field}[{i}].product", quantity?.Product) is not { } product)
                continue;
            if (!SimpleIds.TryClass(product, quantity!.Lot, out string? uri))
            {
                Wrong($"{field}[{i}].product", "simple-product", ("value", Shown(product)));
                continue;
            }
            JsonObject one = new() { ["epcClass"] = uri };
            if (quantity.Amount is { } amount)
            {
                if (Amount().IsMatch(amount.Trim()) && decimal.TryParse(
                        amount, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal number) && number > 0)
                    one["quantity"] = number;
                else
                    Wrong($"{field}[{i}].amount", "simple-amount", ("value", Shown(amount)));
            }
            if (quantity.Unit is { Length: > 0 } unit)
            {
                string uom = Units.GetValueOrDefault(unit.Trim(), unit);
                if (uom.Length == 0)
                {
                    list.Add(one);
                    continue;
                }
                if (Unit().IsMatch(uom))
                    one["uom"] = uom;
                else
                    Wrong($"{field}[{i}].unit", "simple-unit", ("value", Shown(unit)));
            }
            list.Add(one);
        }
        return list;
    }

    private (string Time, string Offset)? When(SimpleEvent e)
    {
        if (Needed("when", e.When) is not { } text)
            return null;
        string offset = e.Offset ?? ChinaOffset;
        Match match = Time().Match(text.Trim());
        bool known = match.Groups["offset"].Success;
        string written = match.Groups["offset"].Value is "Z" or "z" ? "+00:00" : match.Groups["offset"].Value;
        if (match.Success && Offset().IsMatch(known ? written : offset))
        {
            string zone = known ? written : offset;
            string time = $"{match.Groups["date"].Value.Replace('/', '-')}T{match.Groups["time"].Value}";
            if (match.Groups["seconds"].Length == 0)
                time += ":00";
            if (DateTimeOffset.TryParse(
                    time + zone, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset moment))
                return (moment.ToString("yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture), zone);
        }
        Wrong("when", "simple-when", ("value", Shown(text)));
        return null;
    }

    private delegate bool Reader(string text, out string? uri);

    private string? Read(string field, string text, Reader read, string code)
    {
        if (read(text, out string? uri))
            return uri;
        Wrong(field, code, ("value", Shown(text)));
        return null;
    }

    private IEnumerable<(T Item, int Index)> Limited<T>(string field, IReadOnlyList<T>? list)
    {
        if (list?.Count > ListMax)
        {
            Wrong(field, "field-range", ("min", 0), ("max", ListMax));
            return [];
        }
        return (list ?? []).Select((item, i) => (item, i));
    }

    private void Unused(string field, object? value, Activity what)
    {
        if (value is not null)
            Wrong(field, "simple-unused", ("what", what.Name));
    }

    private string? Needed(string field, string? text)
    {
        if (!string.IsNullOrWhiteSpace(text))
            return Text(field, text);
        Wrong(field, "field-required");
        return null;
    }

    private string? Text(string field, string text)
    {
        if (text.Length is 0 or > TextMax)
            Wrong(field, "field-length", ("min", 1), ("max", TextMax), ("length", text.Length));
        else if (text.Contains('\0') || !RequestValidation.IsWellFormed(text))
            Wrong(field, "field-characters");
        else
            return text;
        return null;
    }

    private void Wrong(string field, string code, params ReadOnlySpan<(string Name, object Value)> values)
    {
        if (problems.Count >= problemsMax)
            return;
        Dictionary<string, object?> words = new(StringComparer.Ordinal) { ["field"] = field };
        foreach ((string name, object value) in values)
            words[name] = value;
        problems.Add(new ProblemItem(field, code, words, _index));
    }

    private static void Put(JsonObject epcis, string member, JsonArray list)
    {
        if (list.Count > 0)
            epcis[member] = list;
    }

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";

    [GeneratedRegex(
        @"^(?<date>\d{4}[-/]\d{2}[-/]\d{2})[T ](?<time>\d{2}:\d{2}(?<seconds>:\d{2}(\.\d{1,3})?)?)\s?(?<offset>Z|z|[+-]\d{2}:\d{2})?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Time();

    [GeneratedRegex(@"^[+-](0\d|1[0-4]):[0-5]\d$", RegexOptions.CultureInvariant)]
    private static partial Regex Offset();

    [GeneratedRegex(@"^\d{1,15}(\.\d{1,9})?$", RegexOptions.CultureInvariant)]
    private static partial Regex Amount();

    /// <summary>Units in the words of the form (UN/CEFACT Recommendation 20); pieces have none.</summary>
    private static readonly Dictionary<string, string> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["件"] = "",
        ["个"] = "",
        ["pieces"] = "",
        ["千克"] = "KGM",
        ["公斤"] = "KGM",
        ["kg"] = "KGM",
        ["克"] = "GRM",
        ["g"] = "GRM",
        ["吨"] = "TNE",
        ["t"] = "TNE",
        ["升"] = "LTR",
        ["l"] = "LTR",
        ["毫升"] = "MLT",
        ["ml"] = "MLT",
    };

    // UN/CEFACT Recommendation 20: two or three upper-case letters or digits.
    [GeneratedRegex("^[A-Z0-9]{2,3}$", RegexOptions.CultureInvariant)]
    private static partial Regex Unit();

    [GeneratedRegex(@"^[\p{L}][\p{L}\p{Nd}_-]{0,39}$", RegexOptions.CultureInvariant)]
    private static partial Regex DetailName();
}

/// <summary>The name space of details that have no word in CBV.</summary>
internal static class SimpleVocabulary
{
    /// <summary>Prefix of members in events.</summary>
    public const string Prefix = "detail";

    /// <summary>What the prefix stands for.</summary>
    public const string Namespace = "urn:apps:trace:detail:";
}
