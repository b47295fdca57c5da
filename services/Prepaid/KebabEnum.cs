using System.Text.Json;
using System.Text.Json.Serialization;

namespace Prepaid;

/// <summary>Names of an enumeration as they stand in events and requests: <c>page-key</c>.</summary>
internal sealed class KebabEnum<T>()
    : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
