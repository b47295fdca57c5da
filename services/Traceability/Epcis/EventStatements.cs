using System.Text;
using System.Text.Json;
using Proofs;
using Traceability.Epcis.Documents;

namespace Traceability.Epcis;

/// <summary>
/// Cuts an EPCIS event into the statements that are shown one by one: every member is one, except that each element of
/// the lists of items, quantities, transactions, sources, destinations and sensor elements and each member of ilmd is one.
/// Before them stands the event's CBV hash, a statement too: in clear it would let anybody try what the others say.
/// </summary>
public static class EventStatements
{
    private static readonly HashSet<string> CutFurther = new(StringComparer.Ordinal)
    {
        "epcList", "childEPCs", "inputEPCList", "outputEPCList", "quantityList", "childQuantityList",
        "inputQuantityList", "outputQuantityList", "bizTransactionList", "sourceList", "destinationList",
        "sensorElementList", "ilmd",
    };

    /// <summary>
    /// Pointers of what tells an event from others without naming goods, parties, places or documents: that is shown with
    /// the goods that a proof is about.
    /// </summary>
    public static readonly IReadOnlySet<string> WhatHappened = new HashSet<string>(StringComparer.Ordinal)
    {
        "/type", "/action", "/bizStep", "/disposition", "/eventTime", "/eventTimeZoneOffset", "/parentID",
    };

    /// <summary>Pointer of the statement of the hash, which stands nowhere in the event: no JSON pointer.</summary>
    public const string HashPointer = "#hash";

    /// <summary>
    /// Begins the pointer of a statement of how many events about an item there were before, and ends in the pointer of
    /// the statement that names the item.
    /// </summary>
    public const string BeforePointer = "#before";

    private static readonly Dictionary<string, string> Before = new string[]
    {
        "/parentID", "/epcList/-", "/childEPCs/-", "/inputEPCList/-", "/outputEPCList/-",
    }.ToDictionary(p => p, p => BeforePointer + p, StringComparer.Ordinal);

    /// <summary>All statements of an event: its hash, those of the body, and what was there before.</summary>
    /// <param name="hash">The CBV event hash.</param>
    /// <param name="body">UTF-8 JSON object without doubled members.</param>
    /// <param name="before">
    /// Of each item, in the order of the event, how many events there were; zeros at the end are left out. Null where the
    /// event does not say.
    /// </param>
    /// <exception cref="JsonException">The body is no such object.</exception>
    public static IReadOnlyList<Statement> Of(string hash, ReadOnlySpan<byte> body, byte[]? before)
    {
        List<Statement> statements = [new Statement(HashPointer, $"\"{hash}\"")];
        Cut(body, statements);
        int end = before is null ? 0 : statements.Count;
        for (int i = 0, item = 0; i < end; i++)
        {
            if (Before.TryGetValue(statements[i].Pointer, out string? pointer))
            {
                int count = item < before!.Length ? before[item] : 0;
                statements.Add(new Statement(pointer, $"{{\"count\":{count},\"of\":{statements[i].Value}}}"));
                item++;
            }
        }
        return statements;
    }

    /// <summary>Whether an event's statements can be committed to; few are so long that they must be counted.</summary>
    /// <param name="body">The event.</param>
    /// <param name="counted">Of how many items it says what was there before.</param>
    public static bool Fit(ReadOnlySpan<byte> body, int counted) =>
        body.Length < Statements.Max || Cut(body).Count + counted < Statements.Max;

    /// <summary>
    /// The statements of an event's body, in its order. Values keep their text. An element of a list stands under
    /// <c>-</c>, RFC 6902's place for adding one: its number would tell how many there are before it.
    /// </summary>
    /// <param name="body">UTF-8 JSON object without doubled members.</param>
    /// <exception cref="JsonException">It is not.</exception>
    public static IReadOnlyList<Statement> Cut(ReadOnlySpan<byte> body)
    {
        List<Statement> statements = [];
        Cut(body, statements);
        return statements;
    }

    private static void Cut(ReadOnlySpan<byte> body, List<Statement> statements)
    {
        Utf8JsonReader json = new(body);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            throw new JsonException("An event is a JSON object.");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            json.Read();
            if (!CutFurther.Contains(name) || !CutInto(ref json, body, JsonPointer.Of(name), statements))
                statements.Add(new Statement(JsonPointer.Of(name), Text(ref json, body)));
        }
    }

    /// <summary>Whether the value at the reader was cut; scalars and what is empty stay one statement.</summary>
    private static bool CutInto(
        ref Utf8JsonReader json, ReadOnlySpan<byte> body, string pointer, List<Statement> statements)
    {
        if (json.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject) || IsEmpty(json))
            return false;
        bool list = json.TokenType == JsonTokenType.StartArray;
        string element = pointer + "/-";
        while (json.Read() && json.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject))
        {
            string at = element;
            if (!list)
            {
                at = JsonPointer.Of(json.GetString()!, pointer);
                json.Read();
            }
            statements.Add(new Statement(at, Text(ref json, body)));
        }
        return true;
    }

    private static bool IsEmpty(Utf8JsonReader ahead) =>
        ahead.Read() && ahead.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject;

    /// <summary>The text of the value at the reader, which is left at the value's end.</summary>
    private static string Text(ref Utf8JsonReader json, ReadOnlySpan<byte> body)
    {
        int start = (int)json.TokenStartIndex;
        json.Skip();
        return Encoding.UTF8.GetString(body[start..(int)json.BytesConsumed]);
    }
}
