using System.Globalization;
using System.Text.Json;

namespace Traceability.Epcis.Queries;

/// <summary>
/// Parameters about extension members, ilmd and sensors. They are answered from the event's body, so they see exactly
/// what the viewer may see.
/// </summary>
internal static class BodyParameters
{
    private static readonly HashSet<string> SensorMembers = new(StringComparer.Ordinal)
    {
        "type", "deviceID", "dataProcessingMethod", "microorganism", "chemicalSubstance", "bizRules", "stringValue",
        "hexBinaryValue", "uriValue", "booleanValue", "time", "startTime", "endTime", "percRank", "percValue", "value",
        "minValue", "maxValue", "meanValue", "sDev", "deviceMetadata", "rawData", "component",
    };

    private static readonly string[] Comparisons = ["EQ", "GT", "GE", "LT", "LE"];

    /// <summary>Reads a parameter of the form <c>EQ_…</c>, <c>GT_…</c>, <c>EXISTS_…</c>.</summary>
    /// <exception cref="QueryParameterException">It is none.</exception>
    public static BodyCriterion Read(string name, IReadOnlyList<string> values)
    {
        int underscore = name.IndexOf('_', StringComparison.Ordinal);
        if (underscore < 0)
            throw new QueryParameterException(name);
        string comparison = name[..underscore];
        string field = name[(underscore + 1)..];
        bool exists = comparison == "EXISTS";
        if (!exists && !Comparisons.Contains(comparison))
            throw new QueryParameterException(name);
        Func<JsonElement, bool> test = exists
            ? Existence(name, values)
            : value => values.Any(wanted => Compare(comparison, value, wanted));

        if (SensorMembers.Contains(field))
            return new BodyCriterion("sensorElementList", e => In(e, "sensorElementList", field, deep: true, test));
        (string section, bool inner, string member) = Place(name, field);
        if (exists && values is ["false" or "0"])
            return new BodyCriterion(member, _ => true);
        return section.Length > 0
            ? new BodyCriterion(section, e => In(e, section, member, inner, test))
            : new BodyCriterion(member, e => Found(e, member, inner, test));
    }

    /// <summary>An extension member by the name that parameters have for it.</summary>
    /// <exception cref="QueryParameterException">It is none.</exception>
    public static BodyField Field(string parameter, string field)
    {
        (string section, bool inner, string member) = Place(parameter, field);
        return new BodyField(section.Length > 0 ? section : member, e =>
        {
            string? value = null;
            bool Take(JsonElement found) => (value = Scalar(found)) is not null;
            _ = section.Length > 0 ? In(e, section, member, inner, Take) : Found(e, member, inner, Take);
            return value;
        });
    }

    /// <summary>Order of two values: by number or time where both are, else as texts; what is missing comes last.
    /// </summary>
    public static int Order(string? a, string? b)
    {
        if (a is null || b is null)
            return (a is null).CompareTo(b is null);
        if (decimal.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
            && decimal.TryParse(b, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal other))
            return number.CompareTo(other);
        return DateTimeOffset.TryParse(
                a, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            && DateTimeOffset.TryParse(
                b, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset until)
            ? time.CompareTo(until)
            : string.CompareOrdinal(a, b);
    }

    /// <summary>Which part of the event a field name means: <c>INNER_ILMD_ex:farm</c> is anywhere below ilmd.</summary>
    private static (string Section, bool Inner, string Member) Place(string name, string field)
    {
        bool inner = field.StartsWith("INNER_", StringComparison.Ordinal);
        if (inner)
            field = field["INNER_".Length..];
        string section = "";
        foreach ((string prefix, string member) in new[]
                 {
                     ("ILMD_", "ilmd"), ("ERROR_DECLARATION_", "errorDeclaration"),
                     ("SENSORELEMENT_", "sensorElementList"),
                     ("SENSORMETADATA_", "sensorElementList"), ("SENSORREPORT_", "sensorElementList"),
                 })
        {
            if (field.StartsWith(prefix, StringComparison.Ordinal))
                (section, field) = (member, field[prefix.Length..]);
        }
        // An extension's name is qualified; anything else is no parameter of the standard.
        if (!field.Contains(':', StringComparison.Ordinal) && !field.Contains('#', StringComparison.Ordinal))
            throw new QueryParameterException(name);
        return (section, inner || section == "sensorElementList", field);
    }

    private static Func<JsonElement, bool> Existence(string name, IReadOnlyList<string> values) => values switch
    {
        ["" or "true" or "1"] => _ => true,
        ["false" or "0"] => _ => true,
        _ => throw new QueryParameterException(name),
    };

    private static bool In(JsonElement e, string section, string member, bool deep, Func<JsonElement, bool> test) =>
        e.TryGetProperty(section, out JsonElement part) && Found(part, member, deep, test);

    private static bool Found(JsonElement part, string member, bool deep, Func<JsonElement, bool> test)
    {
        switch (part.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in part.EnumerateObject())
                {
                    if (Same(property.Name, member) && Holds(property.Value, test))
                        return true;
                    if (deep && Found(property.Value, member, deep, test))
                        return true;
                }
                return false;
            case JsonValueKind.Array:
                return part.EnumerateArray().Any(item => Found(item, member, deep, test));
            default:
                return false;
        }
    }

    private static bool Holds(JsonElement value, Func<JsonElement, bool> test) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Any(test) : test(value);

    /// <summary>A qualified name as it stands, or with the standard's own prefixes written out.</summary>
    private static bool Same(string stands, string wanted) => stands == wanted || Full(stands) == Full(wanted);

    private static string Full(string name) =>
        name.StartsWith("cbvmda:", StringComparison.Ordinal) ? "urn:epcglobal:cbv:mda:" + name["cbvmda:".Length..]
        : name.StartsWith("urn:epcglobal:cbv:mda#", StringComparison.Ordinal)
            ? "urn:epcglobal:cbv:mda:" + name["urn:epcglobal:cbv:mda#".Length..]
        : name.StartsWith("gs1:", StringComparison.Ordinal) ? "https://gs1.org/voc/" + name["gs1:".Length..]
        : name;

    private static bool Compare(string comparison, JsonElement value, string wanted)
    {
        if (Scalar(value) is not { } text)
            return false;
        if (comparison == "EQ" && (text == wanted || Bare(text) == Bare(wanted)))
            return true;
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
            && decimal.TryParse(wanted, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal limit))
            return Holds(comparison, number.CompareTo(limit));
        if (DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            && DateTimeOffset.TryParse(
                wanted.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
                out DateTimeOffset until))
            return Holds(comparison, time.CompareTo(until));
        return false;
    }

    private static bool Holds(string comparison, int order) => comparison switch
    {
        "EQ" => order == 0,
        "GT" => order > 0,
        "GE" => order >= 0,
        "LT" => order < 0,
        _ => order <= 0,
    };

    private static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        JsonValueKind.Object when value.TryGetProperty("@value", out JsonElement typed) => Scalar(typed),
        _ => null,
    };

    /// <summary>Measurement types stand bare (<c>Temperature</c>), as <c>gs1:Temperature</c> or in full.</summary>
    private static string Bare(string text)
    {
        foreach (string prefix in new[] { "gs1:", "https://gs1.org/voc/", "https://www.gs1.org/voc/" })
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
                return text[prefix.Length..];
        }
        return text;
    }
}
