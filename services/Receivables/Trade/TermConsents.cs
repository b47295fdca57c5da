using System.Collections.Immutable;
using System.Text.Json.Serialization;
using EventStore;
using Receivables.Signatures;

namespace Receivables.Trade;

/// <summary>A creditor's people signed that it may be paid later.</summary>
/// <param name="Command">The signed command.</param>
/// <param name="Debtor">Who may pay later.</param>
/// <param name="FaceFen">Up to which amount of one voucher.</param>
/// <param name="DueDate">The latest day of payment.</param>
/// <param name="Free">Whether nothing was made to depend on it.</param>
/// <param name="PageSha256">SHA-256 of the page that its maker signed.</param>
public sealed record TermConsented(
    string Command, string Debtor, long FaceFen, DateOnly DueDate, bool Free, string PageSha256);

/// <summary>What one creditor signed for one debtor.</summary>
public sealed record TermConsents(ImmutableList<(TermConsented Consent, DateTimeOffset At)> Signed)
{
    private const string Name = "receivables.term-consented.v1";

    /// <summary>Nothing.</summary>
    public static readonly TermConsents Initial = new([]);

    /// <summary>The stream of a pair.</summary>
    public static string Stream(string creditor, string debtor) => $"term-consent/{creditor}/{debtor}";

    /// <summary>The consent that covers a voucher, the first of those that do; null where none does.</summary>
    public Rules.Consent? For(long faceFen, DateOnly due) => Signed
        .Where(s => s.Consent.FaceFen >= faceFen && s.Consent.DueDate >= due)
        .Select(s => new Rules.Consent(s.At, s.Consent.Free, s.Consent.PageSha256)).FirstOrDefault();

    /// <summary>Its events.</summary>
    public static EventModel Add(EventModel model) => model
        .Event(Name, TermConsentJson.Default.TermConsented)
        .Aggregate(Initial, (state, e) => new TermConsents(
            state.Signed.Add(((TermConsented)e.Data, e.OccurredAt))));

    /// <summary>What a signed command comes to.</summary>
    internal static NewEvent Of(EventContext context, ConsentCommand c, string pageSha256) => context.Stamp(
        Name, new TermConsented(c.CommandId, c.Debtor, c.FaceFen, c.DueDate, c.Free, pageSha256));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TermConsented))]
internal sealed partial class TermConsentJson : JsonSerializerContext;
