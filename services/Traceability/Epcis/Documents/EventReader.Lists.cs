using System.Text.Json;

namespace Traceability.Epcis.Documents;

/// <summary>Lists of an event.</summary>
internal sealed partial class EventReader
{
    private void ReadEpcs(string name, JsonElement list, EpcRole role, bool once)
    {
        HashSet<string>? seen = once ? new(StringComparer.Ordinal) : null;
        Each(list, item =>
        {
            _epcs.Add(new EventEpc(role, Id(item)));
            if (seen?.Add(item.GetString()!) == false) throw Twice();
        });
        _lengths[name] = list.GetArrayLength();
    }

    private void ReadQuantities(string name, JsonElement list, EpcRole role)
    {
        Each(list, item => _quantities.Add(Quantity(item, role)));
        _lengths[name] = list.GetArrayLength();
    }

    private EventQuantity Quantity(JsonElement value, EpcRole role)
    {
        Require(value, JsonValueKind.Object, "object");
        string? epcClass = null, uom = null;
        decimal? quantity = null;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            _path.Push(member.Name);
            switch (member.Name)
            {
                case "epcClass":
                    epcClass = Id(member.Value);
                    break;
                case "quantity":
                    quantity = Number(member.Value);
                    if (quantity < 0) throw Fail("quantity-negative", "A quantity is not less than zero.");
                    break;
                case "uom":
                    uom = Text(member.Value);
                    if (uom.Length is < 2 or > 3 || !uom.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c)))
                    {
                        throw Fail("uom-form", "A unit is a code of UN/ECE Recommendation 20, such as KGM.");
                    }

                    break;
                default:
                    throw Unknown(member.Name);
            }

            _path.Pop();
        }

        if (epcClass is null) throw Missing("epcClass");
        if (uom is not null && quantity is null) throw Fail("uom-without-quantity", "A unit needs a quantity.");
        return new EventQuantity(role, epcClass, quantity, uom);
    }

    private decimal Number(JsonElement value)
    {
        Require(value, JsonValueKind.Number, "number");
        return value.TryGetDecimal(out decimal number)
            ? number
            : throw Fail("number-range", "The number is too large.");
    }

    private List<EventLink> Links(string name, JsonElement list, string idName, WordSet types, bool typed)
    {
        var links = new List<EventLink>();
        Each(list, item => links.Add(Link(item, idName, types, typed)));
        _lengths[name] = links.Count;
        return links;
    }

    private EventLink Link(JsonElement value, string idName, WordSet types, bool typed)
    {
        Require(value, JsonValueKind.Object, "object");
        string? type = null, id = null;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            _path.Push(member.Name);
            if (member.Name == "type") type = Word(member.Value, types);
            else if (member.Name == idName) id = Id(member.Value);
            else throw Unknown(member.Name);
            _path.Pop();
        }

        if (id is null) throw Missing(idName);
        if (typed && type is null) throw Missing("type");
        return new EventLink(type, id);
    }

    private void ReadSensorElements(string name, JsonElement list)
    {
        Each(list, item =>
        {
            Require(item, JsonValueKind.Object, "object");
            bool reported = false;
            foreach (JsonProperty member in item.EnumerateObject())
            {
                _path.Push(member.Name);
                if (member.Name == "sensorMetadata") ReadSensorMetadata(member.Value);
                else if (member.Name == "sensorReport") reported = ReadSensorReports(member.Value);
                else ReadExtension(member.Name, member.Value);
                _path.Pop();
            }

            if (!reported) throw Missing("sensorReport");
        });
        _lengths[name] = list.GetArrayLength();
    }

    private void ReadSensorMetadata(JsonElement value)
    {
        Require(value, JsonValueKind.Object, "object");
        DateTimeOffset? start = null, end = null;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            _path.Push(member.Name);
            switch (member.Name)
            {
                case "time":
                    Time(member.Value);
                    break;
                case "startTime":
                    start = Time(member.Value);
                    break;
                case "endTime":
                    end = Time(member.Value);
                    break;
                case "deviceID":
                    Id(member.Value);
                    break;
                case "deviceMetadata" or "rawData" or "dataProcessingMethod" or "bizRules":
                    Uri(member.Value);
                    break;
                default:
                    ReadExtension(member.Name, member.Value);
                    break;
            }

            _path.Pop();
        }

        if (start > end) throw Fail("sensor-interval", "The interval ends before it starts.");
    }

    private bool ReadSensorReports(JsonElement list)
    {
        Each(list, item =>
        {
            Require(item, JsonValueKind.Object, "object");
            bool typed = false;
            foreach (JsonProperty member in item.EnumerateObject())
            {
                _path.Push(member.Name);
                typed |= member.Name is "type" or "exception";
                ReadSensorValue(member.Name, member.Value);
                _path.Pop();
            }

            if (!typed) throw Missing("type");
        });
        return list.GetArrayLength() > 0 ? true : throw Fail("list-empty", "At least one report is needed.");
    }

    private void ReadSensorValue(string name, JsonElement value)
    {
        switch (name)
        {
            case "type":
                MeasurementType(value);
                break;
            case "exception":
                Word(value, Vocabulary.Alerts);
                break;
            case "component":
                Word(value, Vocabulary.Components);
                break;
            case "time":
                Time(value);
                break;
            case "deviceID":
                Id(value);
                break;
            case "deviceMetadata" or "rawData" or "dataProcessingMethod" or "bizRules" or "microorganism"
                or "chemicalSubstance" or "coordinateReferenceSystem" or "uriValue":
                Uri(value);
                break;
            case "value" or "minValue" or "maxValue" or "meanValue" or "sDev" or "percRank" or "percValue":
                Require(value, JsonValueKind.Number, "number");
                break;
            case "stringValue" or "uom":
                Text(value);
                break;
            case "booleanValue":
                if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                {
                    throw Fail("value-type", "A value of type truth is needed here.");
                }

                break;
            case "hexBinaryValue":
                string hex = Text(value);
                if (hex.Length == 0 || !hex.All(char.IsAsciiHexDigit)) throw Fail("hex-form", "Hex digits are needed.");
                break;
            default:
                ReadExtension(name, value);
                break;
        }
    }


    /// <summary>The list of measurement types in the GS1 Web Vocabulary grows, so bare words of its form are let
    /// through.</summary>
    private void MeasurementType(JsonElement value)
    {
        string text = Text(value);
        bool isWord = char.IsAsciiLetterUpper(text.FirstOrDefault())
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
        if (!isWord) Word(value, Vocabulary.Measurements);
    }
}
