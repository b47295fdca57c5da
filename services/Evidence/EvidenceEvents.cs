using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;
using Evidence.Deposits;

namespace Evidence;

/// <summary>The stable names and stored forms of this service's events.</summary>
internal static class EvidenceEvents
{
    public const string Deposited = "evidence.deposited.v1";
    private const string HandedOver = "evidence.handed-over.v1";
    private const string Accessed = "evidence.accessed.v1";
    private const string Supplemented = "evidence.supplemented.v1";
    private const string Superseded = "evidence.superseded.v1";
    private const string FileErased = "evidence.file-erased.v1";

    public static string NameOf(DepositEvent e) => e switch
    {
        DepositEvent.Deposited => Deposited,
        DepositEvent.HandedOver => HandedOver,
        DepositEvent.Accessed => Accessed,
        DepositEvent.Supplemented => Supplemented,
        DepositEvent.Superseded => Superseded,
        DepositEvent.FileErased => FileErased,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddDepositEvents(this EventModel model) => model
        .Event(Deposited, EventJson.Default.Deposited)
        .Event(HandedOver, EventJson.Default.HandedOver)
        .Event(Accessed, EventJson.Default.Accessed)
        .Event(Supplemented, EventJson.Default.Supplemented)
        .Event(Superseded, EventJson.Default.Superseded)
        .Event(FileErased, EventJson.Default.FileErased)
        .Aggregate(DepositState.Initial, (state, e) => DepositState.Evolve(state, (DepositEvent)e));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(MethodConverter), typeof(InstantConverter)])]
[JsonSerializable(typeof(DepositEvent.Deposited))]
[JsonSerializable(typeof(DepositEvent.HandedOver))]
[JsonSerializable(typeof(DepositEvent.Accessed))]
[JsonSerializable(typeof(DepositEvent.Supplemented))]
[JsonSerializable(typeof(DepositEvent.Superseded))]
[JsonSerializable(typeof(DepositEvent.FileErased))]
internal sealed partial class EventJson : JsonSerializerContext;

/// <summary>Names of collection methods: <c>api-push</c>.</summary>
internal sealed class MethodConverter()
    : JsonStringEnumConverter<CollectionMethod>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary>Times in the one form that events have: <c>yyyy-MM-ddTHH:mm:ss.fffZ</c>.</summary>
internal sealed class InstantConverter : JsonConverter<DateTimeOffset>
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTimeOffset.ParseExact(reader.GetString()!, Form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture));
}
