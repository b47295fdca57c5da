using System.Text.Json;

namespace Traceability.Epcis.Documents;

/// <summary>Single values and objects of an event.</summary>
internal sealed partial class EventReader
{
    private void ReadErrorDeclaration(JsonElement value)
    {
        Require(value, JsonValueKind.Object, "object");
        DateTimeOffset? time = null;
        string? reason = null;
        List<string> corrective = [];
        foreach (JsonProperty member in value.EnumerateObject())
        {
            _path.Push(member.Name);
            switch (member.Name)
            {
                case "declarationTime":
                    time = Time(member.Value);
                    break;
                case "reason":
                    reason = Word(member.Value, Vocabulary.ErrorReasons);
                    break;
                case "correctiveEventIDs":
                    Each(member.Value, item => corrective.Add(Uri(item)));
                    break;
                default:
                    ReadExtension(member.Name, member.Value);
                    break;
            }

            _path.Pop();
        }

        _errorDeclaration = new ErrorDeclaration(time ?? throw Missing("declarationTime"), reason, corrective);
    }

    private void ReadPersistentDisposition(JsonElement value)
    {
        Require(value, JsonValueKind.Object, "object");
        foreach (JsonProperty member in value.EnumerateObject())
        {
            _path.Push(member.Name);
            if (member.Name is not ("set" or "unset")) throw Unknown(member.Name);
            var words = new List<string>();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            Each(member.Value, item =>
            {
                words.Add(Word(item, Vocabulary.Dispositions));
                if (!seen.Add(item.GetString()!)) throw Twice();
            });
            if (words.Count == 0) throw Fail("list-empty", "At least one disposition is needed.");
            if (member.Name == "set") _set = words;
            else _unset = words;
            _path.Pop();
        }

        if (_set.Count + _unset.Count == 0) throw Missing("set");
    }

    private string Place(JsonElement value)
    {
        Require(value, JsonValueKind.Object, "object");
        string? id = null;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            _path.Push(member.Name);
            if (member.Name == "id") id = Id(member.Value);
            else ReadExtension(member.Name, member.Value);
            _path.Pop();
        }

        return id ?? throw Missing("id");
    }

    private void ReadIlmd(JsonElement value)
    {
        Require(value, JsonValueKind.Object, "object");
        foreach (JsonProperty member in value.EnumerateObject())
        {
            _path.Push(member.Name);
            ReadExtension(member.Name, member.Value);
            _path.Pop();
        }

        _lengths["ilmd"] = 1;
    }

    /// <summary>Members beyond the standard are named by a CURIE or a URI; their values are free.</summary>
    private void ReadExtension(string name, JsonElement value)
    {
        if (!UriForm.IsUri(name)) throw Unknown(name);
        RefuseContexts(value);
    }

    private void RefuseContexts(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in value.EnumerateObject())
            {
                if (member.NameEquals("@context"u8))
                {
                    throw Fail("context-unsupported", "A context stands in the document or in the event.");
                }

                RefuseContexts(member.Value);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in value.EnumerateArray()) RefuseContexts(item);
        }
    }

    private string Text(JsonElement value)
    {
        Require(value, JsonValueKind.String, "text");
        return value.GetString()!;
    }

    private string Uri(JsonElement value)
    {
        string text = Text(value);
        return UriForm.IsUri(text) ? text : throw Fail("uri-form", "A URI is needed here.");
    }

    private string Id(JsonElement value)
    {
        string text = Uri(value);
        string canonical = _ids.ToCanonical(_scope.Expand(text), out string? fault);
        return fault is null ? canonical : throw Fail("gs1-id", fault);
    }

    private DateTimeOffset Time(JsonElement value) =>
        EpcisTime.TryParse(Text(value), out DateTimeOffset time)
            ? time
            : throw Fail("time-form", "A time reads yyyy-mm-ddThh:mm:ss with fraction and offset, and exists.");

    private string Word(JsonElement value, WordSet words)
    {
        string text = Text(value);
        if (words.TryGetUri(text, out string uri)) return uri;
        if (UriForm.IsUri(text) && !words.IsReserved(text)) return _scope.Expand(text);
        throw Fail("value-unknown", $"{Shown(text)} is not a standard {words.Name}, nor a URI of one's own.");
    }

    private void Each(JsonElement list, Action<JsonElement> read)
    {
        Require(list, JsonValueKind.Array, "list");
        int index = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            _path.Push(index++);
            read(item);
            _path.Pop();
        }
    }

    private void Require(JsonElement value, JsonValueKind kind, string name)
    {
        if (value.ValueKind != kind) throw Fail("value-type", $"A value of type {name} is needed here.");
    }

    private EpcisFormatException Fail(string code, string detail) => new(code, _path.ToString(), detail);

    private EpcisFormatException Missing(string name) => Fail("member-missing", $"{name} is missing.");

    private EpcisFormatException Unknown(string name) => Fail("member-unknown",
        $"{Shown(name)} is not a member of this object; extensions are named with a prefix or a URI.");

    private EpcisFormatException Twice() => Fail("value-twice", "The same value stands twice in the list.");

    /// <summary>Foreign text in a message: short and on one line.</summary>
    private static string Shown(string text)
    {
        string line = new([.. text.Take(60).Select(c => char.IsControl(c) ? ' ' : c)]);
        return text.Length > 60 ? line + "…" : line;
    }
}
