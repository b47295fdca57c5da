using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Traceability.Epcis.Capture;

/// <summary>
/// When two events are the same one. The CBV hash leaves out the event's id, certification and error declaration, so
/// events that differ in those are two although their hashes agree.
/// </summary>
internal static class EventIdentity
{
    /// <summary>
    /// Whether an id is made from what an event says (RFC 6920 names, or anything that holds the event's hash), so that
    /// whoever sees it can try what he may not see.
    /// </summary>
    /// <param name="id">The id.</param>
    /// <param name="hash">The event's CBV hash, where it is known.</param>
    public static bool TellsContent(string id, ReadOnlySpan<byte> hash = default) =>
        id.StartsWith("ni:", StringComparison.OrdinalIgnoreCase)
        || id.StartsWith("nih:", StringComparison.OrdinalIgnoreCase)
        || id.Contains("/.well-known/ni/", StringComparison.OrdinalIgnoreCase)
        || (!hash.IsEmpty && id.Contains(Convert.ToHexStringLower(hash), StringComparison.OrdinalIgnoreCase));

    /// <summary>The id of an event for those who may not see all of it, where its own tells its content.</summary>
    /// <param name="record">Id of the recording event.</param>
    public static string Neutral(Guid record) => $"urn:uuid:{record}";

    /// <summary>The id under which the event is returned: the client's, or the hash.</summary>
    public static string IdOf(EpcisEvent e) => e.EventId ?? e.Hash;

    /// <summary>
    /// Equal exactly for true duplicates of one organisation; null for an error declaration, which never is a
    /// duplicate.
    /// </summary>
    public static byte[]? Of(string tenant, EpcisEvent e)
    {
        if (e.ErrorDeclaration is not null)
            return null;
        using IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in new[] { tenant, e.Hash, IdOf(e), LeftOut(e.Body.Span) })
        {
            sha.AppendData(Encoding.UTF8.GetBytes(part));
            sha.AppendData([0]);
        }
        return sha.GetHashAndReset();
    }

    /// <summary>The certification as it stands in the body; empty where there is none.</summary>
    private static string LeftOut(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader json = new(body);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool found = json.ValueTextEquals("certificationInfo"u8);
            json.Read();
            int start = (int)json.TokenStartIndex;
            json.Skip();
            if (found)
                return Encoding.UTF8.GetString(body[start..(int)json.BytesConsumed]);
        }
        return "";
    }
}
