using System.Text.Json;

namespace Traceability.Epcis.Documents;

/// <summary>
/// Checks one event of the 2.0 JSON form against the standard's schema and rules in one pass and gathers its facts.
/// The pass says what <c>Schema/epcis-event.json</c> says; tests hold the two together.
/// </summary>
internal sealed partial class EventReader
{
    [Flags]
    private enum Kinds
    {
        Object = 1,
        Aggregation = 2,
        Transaction = 4,
        Transformation = 8,
        Association = 16,
        WithParent = Aggregation | Association,
        WithAction = Object | Aggregation | Transaction | Association,
        All = WithAction | Transformation
    }

    private readonly JsonPointer _path = new();
    private readonly Identifiers _ids;
    private readonly PrefixScope _scope;
    private Kinds _kind;
    private string _type = "";
    private string? _action;
    private DateTimeOffset? _eventTime;
    private string? _offset;
    private string? _eventId;
    private string? _bizStep;
    private string? _disposition;
    private string? _readPoint;
    private string? _bizLocation;
    private string? _transformationId;
    private ErrorDeclaration? _errorDeclaration;
    private List<string> _set = [];
    private List<string> _unset = [];
    private IReadOnlyList<EventLink> _transactions = [];
    private IReadOnlyList<EventLink> _sources = [];
    private IReadOnlyList<EventLink> _destinations = [];
    private readonly List<EventEpc> _epcs = [];
    private readonly List<EventQuantity> _quantities = [];
    private readonly Dictionary<string, int> _lengths = new(StringComparer.Ordinal);

    private EventReader(PrefixScope scope, Identifiers ids) => (_scope, _ids) = (scope, ids);

    /// <summary>Reads an event inside a document whose contexts are in force.</summary>
    /// <exception cref="EpcisFormatException">A rule is broken.</exception>
    public static EpcisEvent Read(JsonElement element, PrefixScope outer, Identifiers ids, HashRules rules)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new EpcisFormatException("value-type", "", "An event is an object.");
        }

        PrefixScope scope = element.TryGetProperty("@context"u8, out JsonElement context)
            ? outer.Enter(context, "/@context", out _)
            : outer;
        var reader = new EventReader(scope, ids);
        reader.ReadType(element);
        foreach (JsonProperty member in element.EnumerateObject()) reader.ReadMember(member);
        reader.CheckRules();
        return reader.ToEvent(element, rules);
    }

    private void ReadType(JsonElement element)
    {
        if (!element.TryGetProperty("type"u8, out JsonElement type)) throw Missing("type");
        _type = type.ValueKind == JsonValueKind.String ? type.GetString()! : "";
        _kind = _type switch
        {
            "ObjectEvent" => Kinds.Object,
            "AggregationEvent" => Kinds.Aggregation,
            "TransactionEvent" => Kinds.Transaction,
            "TransformationEvent" => Kinds.Transformation,
            "AssociationEvent" => Kinds.Association,
            _ => throw new EpcisFormatException("event-type-unknown", "/type",
                "An event is an Object-, Aggregation-, Transaction-, Transformation- or AssociationEvent.")
        };
    }

    private void ReadMember(JsonProperty member)
    {
        string name = member.Name;
        JsonElement value = member.Value;
        _path.Push(name);
        switch (name)
        {
            case "@context" or "type":
                break;
            case "eventTime":
                _eventTime = Time(value);
                break;
            case "recordTime":
                Time(value);
                break;
            case "eventTimeZoneOffset":
                _offset = Text(value);
                if (!EpcisTime.IsOffset(_offset)) throw Fail("offset-form", "An offset reads ±hh:mm, up to 14:00.");
                break;
            case "eventID":
                _eventId = Uri(value);
                break;
            case "certificationInfo":
                if (value.ValueKind == JsonValueKind.Array) Each(value, item => Uri(item));
                else Uri(value);
                break;
            case "errorDeclaration":
                ReadErrorDeclaration(value);
                break;
            default:
                ReadTypedMember(name, value);
                break;
        }

        _path.Pop();
    }

    private void ReadTypedMember(string name, JsonElement value)
    {
        switch (name)
        {
            case "action" when In(Kinds.WithAction):
                _action = Text(value);
                if (_action is not ("ADD" or "OBSERVE" or "DELETE"))
                {
                    throw Fail("value-unknown", "An action is ADD, OBSERVE or DELETE.");
                }

                break;
            case "bizStep":
                _bizStep = Word(value, Vocabulary.BizSteps);
                break;
            case "disposition":
                _disposition = Word(value, Vocabulary.Dispositions);
                break;
            case "persistentDisposition":
                ReadPersistentDisposition(value);
                break;
            case "readPoint":
                _readPoint = Place(value);
                break;
            case "bizLocation":
                _bizLocation = Place(value);
                break;
            case "parentID" when In(Kinds.WithParent | Kinds.Transaction):
                _epcs.Add(new EventEpc(EpcRole.Parent, Id(value)));
                break;
            case "transformationID" when In(Kinds.Transformation):
                _transformationId = Id(value);
                break;
            case "ilmd" when In(Kinds.Object | Kinds.Transformation):
                ReadIlmd(value);
                break;
            default:
                if (!TryReadList(name, value)) ReadExtension(name, value);
                break;
        }
    }

    private bool TryReadList(string name, JsonElement value)
    {
        switch (name)
        {
            case "epcList" when In(Kinds.Object | Kinds.Transaction):
                ReadEpcs(name, value, EpcRole.Epc, once: In(Kinds.Object));
                return true;
            case "childEPCs" when In(Kinds.WithParent):
                ReadEpcs(name, value, EpcRole.Child, once: false);
                return true;
            case "inputEPCList" when In(Kinds.Transformation):
                ReadEpcs(name, value, EpcRole.Input, once: true);
                return true;
            case "outputEPCList" when In(Kinds.Transformation):
                ReadEpcs(name, value, EpcRole.Output, once: true);
                return true;
            case "quantityList" when In(Kinds.Object | Kinds.Transaction):
                ReadQuantities(name, value, EpcRole.Epc);
                return true;
            case "childQuantityList" when In(Kinds.WithParent):
                ReadQuantities(name, value, EpcRole.Child);
                return true;
            case "inputQuantityList" when In(Kinds.Transformation):
                ReadQuantities(name, value, EpcRole.Input);
                return true;
            case "outputQuantityList" when In(Kinds.Transformation):
                ReadQuantities(name, value, EpcRole.Output);
                return true;
            case "bizTransactionList":
                _transactions = Links(name, value, "bizTransaction", Vocabulary.TransactionTypes, typed: false);
                return true;
            case "sourceList":
                _sources = Links(name, value, "source", Vocabulary.SourceDestinationTypes, typed: true);
                return true;
            case "destinationList":
                _destinations = Links(name, value, "destination", Vocabulary.SourceDestinationTypes, typed: true);
                return true;
            case "sensorElementList":
                ReadSensorElements(name, value);
                return true;
            default:
                return false;
        }
    }

    private EpcisEvent ToEvent(JsonElement element, HashRules rules) => new()
    {
        Body = EventBody.Write(element, _scope),
        Type = _type,
        Action = _action,
        EventTime = _eventTime!.Value,
        EventTimeZoneOffset = _offset!,
        EventId = _eventId,
        ErrorDeclaration = _errorDeclaration,
        BizStep = _bizStep,
        Disposition = _disposition,
        PersistentDispositionSet = _set,
        PersistentDispositionUnset = _unset,
        ReadPoint = _readPoint,
        BizLocation = _bizLocation,
        Epcs = _epcs,
        Quantities = _quantities,
        Transactions = _transactions,
        Sources = _sources,
        Destinations = _destinations,
        TransformationId = _transformationId,
        HasSensorElements = Length("sensorElementList") > 0,
        Hash = EventHash.Compute(element, _scope, _ids, rules)
    };

    private bool In(Kinds kinds) => (_kind & kinds) != 0;

    private int Length(string list) => _lengths.GetValueOrDefault(list, -1);
}
