using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Chain.Core;

namespace Receivables.Pledges;

/// <summary>
/// What the old platform says when it hands the unused rest of a thing on. The chain keeps the SHA-256 of the text; the
/// supplier signs it with the transfer and gives the text to the new platform.
/// </summary>
/// <param name="Format"><c>pledge-rest/1</c>.</param>
/// <param name="Id">The claim, hex.</param>
/// <param name="From">The old platform.</param>
/// <param name="To">The new one.</param>
/// <param name="GrossFen">Worth of the thing.</param>
/// <param name="TakenFen">Credit notes, and use on platforms before.</param>
/// <param name="UsedFen">What vouchers of the old platform use.</param>
public sealed record RestStatement(
    string Format, string Id, string From, string To, long GrossFen, long TakenFen, long UsedFen)
{
    /// <summary>The form written here.</summary>
    public const string Form = "pledge-rest/1";

    /// <summary>The text.</summary>
    public string ToText() => JsonSerializer.Serialize(this, PledgeJson.Default.RestStatement);

    /// <summary>Reads a text; null when it is none.</summary>
    public static RestStatement? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, PledgeJson.Default.RestStatement) is
            { Format: Form, GrossFen: > 0, TakenFen: >= 0, UsedFen: >= 0 } statement
                ? statement
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>SHA-256 of a text: what the chain keeps.</summary>
    public static Hash32 Digest(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
