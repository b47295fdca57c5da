using System.Text.Json.Serialization;

namespace Traceability.Simple;

/// <summary>One thing that happened, in everyday words; <see cref="SimpleMapping"/> makes an EPCIS event of it.</summary>
/// <param name="What">An <see cref="Activity"/> by either name.</param>
/// <param name="When">Time with or without offset from UTC; without one it is local at the place (see <see cref="Offset"/>).</param>
/// <param name="Where">Global location number (GLN) of 13 digits, or a URI.</param>
/// <param name="Items">Single items: GS1 Digital Link, EPC URN, element string such as <c>(01)…(21)…</c>.</param>
/// <param name="Quantities">Amounts of a product or lot.</param>
/// <param name="Outputs">What came out, for a process; items and quantities are then what went in.</param>
/// <param name="OutputQuantities">Amounts that came out.</param>
/// <param name="Parent">The box or pallet, for packing.</param>
/// <param name="From">GLN of the organisation that owned it before.</param>
/// <param name="To">GLN of the organisation that owns it afterwards.</param>
/// <param name="Documents">Orders, delivery notes, customs declarations.</param>
/// <param name="Details">Facts about the items, for what makes them: variety, plot, batch of feed.</param>
/// <param name="Note">Free text; no personal data.</param>
/// <param name="Id">The sender's own id of the event, a URI.</param>
/// <param name="Offset">Offset from UTC of a time without one, as <c>+08:00</c>, which it is unless said otherwise.</param>
/// <param name="Lot">Lot of single items that come to be; their labels may name it too (AI 10).</param>
public sealed record SimpleEvent(
    string? What = null,
    string? When = null,
    string? Where = null,
    IReadOnlyList<string?>? Items = null,
    IReadOnlyList<SimpleQuantity?>? Quantities = null,
    IReadOnlyList<string?>? Outputs = null,
    IReadOnlyList<SimpleQuantity?>? OutputQuantities = null,
    string? Parent = null,
    string? From = null,
    string? To = null,
    IReadOnlyList<SimpleDocument?>? Documents = null,
    IReadOnlyDictionary<string, string?>? Details = null,
    string? Note = null,
    string? Id = null,
    string? Offset = null,
    string? Lot = null);

/// <summary>An amount of a product, or of a lot of it.</summary>
/// <param name="Product">GTIN of 8, 12, 13 or 14 digits, or a class URI.</param>
/// <param name="Lot">Lot number, GS1 application identifier 10.</param>
/// <param name="Amount">Decimal text above zero.</param>
/// <param name="Unit">UN/CEFACT Recommendation 20 code such as <c>KGM</c>; none for pieces.</param>
public sealed record SimpleQuantity(string? Product = null, string? Lot = null, string? Amount = null, string? Unit = null);

/// <summary>A business document.</summary>
/// <param name="Type">CBV 2.0 §7.3: <c>po</c>, <c>desadv</c>, <c>inv</c>, <c>cert</c> …</param>
/// <param name="Number">Its number, or a URI.</param>
public sealed record SimpleDocument(string? Type = null, string? Number = null);

/// <summary>Several of them, written all or nothing.</summary>
public sealed record SimpleCapture(IReadOnlyList<SimpleEvent?>? Events = null);

[JsonSerializable(typeof(SimpleCapture))]
[JsonSerializable(typeof(SimpleAnswer))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
internal sealed partial class SimpleJson : JsonSerializerContext;
