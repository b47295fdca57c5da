using Chain.Core;

namespace Proofs.Json;

/// <summary>A file does not have the form that its format demands.</summary>
internal sealed class MisshapenException : Exception;

/// <summary>
/// Reads the members of one object strictly: the named ones must be there with the right type, and
/// <see cref="End"/> refuses any that were not asked for.
/// </summary>
/// <exception cref="MisshapenException">By every method, where the form is another.</exception>
internal sealed class Members
{
    private readonly IReadOnlyDictionary<string, JsonValue> _members;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public Members(JsonValue value) => _members = As<JsonObject>(value).Members;

    public bool Has(string name) => _members.ContainsKey(name);

    public string Text(string name) => As<JsonString>(Value(name)).Value;

    public void Constant(string name, string text) => Require(Text(name) == text);

    public long Number(string name)
    {
        var value = As<JsonInteger>(Value(name)).Value;
        Require(value >= 0);
        return value;
    }

    public byte[] Base64(string name) => Base64(Value(name));

    public byte[] Base64(string name, int length)
    {
        var bytes = Base64(name);
        Require(bytes.Length == length);
        return bytes;
    }

    public byte[] Hex(string name, int length) => Hex(Value(name), length);

    public Hash32 Hash(string name) => new(Hex(Value(name), Hash32.Length));

    public Address Address(string name) => new(Hex(Value(name), Chain.Core.Address.Length));

    public Members Object(string name) => new(Value(name));

    public IReadOnlyList<T> List<T>(string name, Func<JsonValue, T> read, int max = int.MaxValue)
    {
        var items = As<JsonArray>(Value(name)).Items;
        Require(items.Count <= max);
        return [.. items.Select(read)];
    }

    public void End() => Require(_read.Count == _members.Count);

    public static byte[] Base64(JsonValue value) =>
        Base64Text.Decode(As<JsonString>(value).Value) ?? throw new MisshapenException();

    public static byte[] Hex(JsonValue value, int length) =>
        HexText.Decode(As<JsonString>(value).Value, length) ?? throw new MisshapenException();

    public static void Require(bool condition)
    {
        if (!condition)
            throw new MisshapenException();
    }

    private JsonValue Value(string name)
    {
        Require(_members.ContainsKey(name));
        _read.Add(name);
        return _members[name];
    }

    private static T As<T>(JsonValue value) where T : JsonValue => value as T ?? throw new MisshapenException();
}
