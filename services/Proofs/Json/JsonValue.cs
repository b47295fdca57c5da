namespace Proofs.Json;

/// <summary>A JSON value of the restricted kind that proofs are made of: numbers are integers.</summary>
public abstract record JsonValue;

/// <summary>An object; its members are written in RFC 8785 order whatever their order here.</summary>
/// <param name="Members">Members by name.</param>
public sealed record JsonObject(IReadOnlyDictionary<string, JsonValue> Members) : JsonValue
{
    /// <summary>An object of the given members.</summary>
    public static JsonObject Of(params IEnumerable<(string Name, JsonValue Value)> members) =>
        new(members.ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal));
}

/// <summary>An array.</summary>
/// <param name="Items">Its values.</param>
public sealed record JsonArray(IReadOnlyList<JsonValue> Items) : JsonValue;

/// <summary>A string without lone surrogates.</summary>
/// <param name="Value">Its characters.</param>
public sealed record JsonString(string Value) : JsonValue;

/// <summary>An integer within ±<see cref="Max"/>.</summary>
/// <param name="Value">Its value.</param>
public sealed record JsonInteger(long Value) : JsonValue
{
    /// <summary>2⁵³−1, the largest integer that every JSON reader keeps exact.</summary>
    public const long Max = (1L << 53) - 1;
}

/// <summary>True or false.</summary>
/// <param name="Value">Which.</param>
public sealed record JsonBoolean(bool Value) : JsonValue;

/// <summary>Null.</summary>
public sealed record JsonNull : JsonValue
{
    /// <summary>The only value.</summary>
    public static readonly JsonNull Instance = new();
}
