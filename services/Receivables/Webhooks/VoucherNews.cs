using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using Receivables.Vouchers;
using ServiceDefaults.Webhooks;

namespace Receivables.Webhooks;

/// <summary>One event as its parties are told of it; everything else is read at <c>/vouchers/{voucher}</c>.</summary>
/// <param name="Event">Its id: <c>/events/{id}/proof</c> has its proof for the organisation that it belongs to.</param>
/// <param name="Type">Its stable name, for example <c>receivables.transfer-offered.v1</c>.</param>
/// <param name="Voucher">The voucher.</param>
/// <param name="Version">The voucher's version with it.</param>
/// <param name="At">When.</param>
/// <param name="Command">The command, offer or receipt that led to it.</param>
public sealed record NewsItem(Guid Event, string Type, string Voucher, long Version, DateTimeOffset At, string Command);

/// <summary>The body of a delivery.</summary>
/// <param name="Subscription">The subscriber's name of it.</param>
/// <param name="Party">The organisation.</param>
/// <param name="Events">In the order in which they happened.</param>
public sealed record NewsDelivery(string Subscription, string Party, IReadOnlyList<NewsItem> Events);

/// <summary>Tells organisations what happens to vouchers that they have to do with, and nothing of others.</summary>
internal sealed class VoucherNews(Store store) : IWebhookFeed
{
    private const int EventsMax = 500;

    /// <inheritdoc/>
    public async Task<WebhookNews> AfterAsync(
        string tenant, long after, long head, CancellationToken cancellation)
    {
        IReadOnlyList<StoredEvent> read = await store.ReadEventsAsync(after, EventsMax, cancellation);
        StoredEvent[] page = [.. read.TakeWhile(e => e.Position <= head)];
        if (page.Length == 0)
            return new WebhookNews(null, head);
        (HashSet<string> roots, HashSet<(string, string)> offers) = await OwnAsync(
            tenant, [.. page.Where(e => e.Data is VoucherEvent).Select(e => e.Stream).Distinct()], cancellation);
        NewsItem[] items = [.. page.Where(e => e.Data is VoucherEvent data && Concerns(data, tenant,
                whole: roots.Contains(e.Stream), offer => offers.Contains((e.Stream, offer))))
            .Select(e => new NewsItem(
                e.Id, e.Type, e.Stream, e.Version, e.OccurredAt, ((VoucherEvent)e.Data).Command))];
        return new WebhookNews(
            items.Length == 0 ? null : s => JsonSerializer.SerializeToUtf8Bytes(
                new NewsDelivery(s.Name, tenant, items), NewsJson.Default.NewsDelivery),
            page[^1].Position);
    }

    /// <summary>
    /// Whether an organisation is told of an event: it is named in it, it made or got the offer that the event answers, or
    /// the event is about the whole voucher and it takes part in that. Pure.
    /// </summary>
    /// <param name="e">The event.</param>
    /// <param name="party">The organisation.</param>
    /// <param name="whole">Whether it takes part in the voucher.</param>
    /// <param name="offered">Whether it made or got an offer, by the offer's name.</param>
    internal static bool Concerns(VoucherEvent e, string party, bool whole, Func<string, bool> offered) => e switch
    {
        VoucherEvent.Issued x => x.Issuer == party || x.Debtor == party || x.Holder == party,
        VoucherEvent.TakenOver x => whole || x.Stated.Any(p => p.To == party),
        VoucherEvent.StatementConfirmed x => x.Holder == party || offered(x.Offer),
        VoucherEvent.StatementDisputed x => x.Holder == party || offered(x.Offer),
        VoucherEvent.Accepted x => x.Holder == party || offered(x.Offer),
        VoucherEvent.TransferOffered x => x.From == party || x.Parts.Any(p => p.To == party),
        VoucherEvent.Transferred x => x.From == party || x.To == party,
        VoucherEvent.OfferRejected x => x.By == party || offered(x.Offer),
        VoucherEvent.OfferWithdrawn x => offered(x.Offer),
        VoucherEvent.OfferLapsed x => offered(x.Offer),
        VoucherEvent.PledgeOffered x => x.Holder == party || x.Pledgee == party,
        VoucherEvent.Pledged x => x.Holder == party || x.Pledgee == party,
        VoucherEvent.PledgeReleased x => offered(x.Pledge),
        VoucherEvent.SaleOffered x => x.Seller == party || x.Buyer == party,
        VoucherEvent.Sold x => x.Seller == party || x.Buyer == party,
        VoucherEvent.RecourseClaimed x => x.Holder == party || x.Seller == party,
        VoucherEvent.Repurchased x => x.Holder == party || x.Seller == party,
        VoucherEvent.Frozen x => x.Holder == party || x.By == party,
        VoucherEvent.Merged x => x.Holder == party,
        VoucherEvent.PaymentRecorded x => x.Payments.Any(p => p.Holder == party || p.Payee == party),
        VoucherEvent.HandoverAgreed or VoucherEvent.HandoverFiled or VoucherEvent.HandoverEnded or VoucherEvent.Moved
            or VoucherEvent.Unfrozen or VoucherEvent.ReturnOffered or VoucherEvent.Returned or VoucherEvent.Voided
            or VoucherEvent.SnapshotTaken or VoucherEvent.FellOverdue => whole,
        _ => false,
    };

    /// <summary>Of some vouchers those that the organisation takes part in, and its offers in them.</summary>
    private async Task<(HashSet<string> Roots, HashSet<(string, string)> Offers)> OwnAsync(
        string tenant, string[] roots, CancellationToken cancellation)
    {
        (HashSet<string> own, HashSet<(string, string)> offers) = ([], []);
        if (roots.Length == 0)
            return (own, offers);
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select root, '' from voucher_parties where party = $1 and root = any($2)
            union all
            select root, offer from voucher_offers where root = any($2) and (sender = $1 or receiver = $1)
            """);
        query.Parameters.Add(new() { Value = tenant });
        query.Parameters.Add(new() { Value = roots });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            if (reader.GetString(1) is { Length: > 0 } offer)
                offers.Add((reader.GetString(0), offer));
            else
                own.Add(reader.GetString(0));
        }
        return (own, offers);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(NewsDelivery))]
internal sealed partial class NewsJson : JsonSerializerContext;
