using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServiceDefaults;

/// <summary>Names of an enumeration as they stand in events and requests: <c>second-checker</c>.</summary>
public sealed class KebabEnum<T>()
    : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
