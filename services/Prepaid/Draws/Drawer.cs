using EventStore;
using Npgsql;
using NpgsqlTypes;
using Prepaid.Cards;
using Prepaid.Days;
using Prepaid.Receipts;
using Proofs.Liabilities;
using ServiceDefaults.Anchoring;

namespace Prepaid.Draws;

/// <summary>What shows that a drawn card is counted, or not.</summary>
/// <param name="Receipt">Its last receipt of the day, a signed note.</param>
/// <param name="Number">That receipt's number.</param>
/// <param name="Proof">File <c>prepaid-liability/1</c>; null where the tree does not hold the card.</param>
/// <param name="Root">File <c>prepaid-root/1</c>; null where the chain has no root.</param>
internal sealed record DrawFiles(string Receipt, long Number, byte[]? Proof, byte[]? Root);

/// <summary>
/// Draws cards and checks each like its holder would. Cards are taken from the feed, where every opening is anchored, and not
/// from the trees that are checked: a card that a tree leaves out is drawn like any other.
/// </summary>
internal sealed class Drawer(Store store, TreeRows trees, ReceiptSigner signer, AnchorClient anchor)
{
    private const string OpenedType = "prepaid.card-opened.v1";

    /// <summary>Draws and checks by a seed.</summary>
    public async Task<DrawEvent.Checked> DrawAsync(
        DrawEvent.Announced plan, byte[] seed, CancellationToken cancellation)
    {
        long population = await PopulationAsync(plan.Position, cancellation);
        byte[]? trust = await anchor.TrustAsync(cancellation);
        List<DrawnCard> cards = [];
        foreach (long[] places in ReceiptDraw.Places(seed, population).Chunk(plan.Count))
        {
            Dictionary<long, (Guid Card, string Merchant)> found =
                await CardsAsync(plan.Position, places, cancellation);
            foreach (long place in places.TakeWhile(_ => cards.Count < plan.Count))
            {
                (Guid card, string merchant) = found[place];
                // One that was opened after the day is in no tree of it, rightly: the next place takes its turn.
                if (await FilesAsync(merchant, card, plan.Day, cancellation) is { } files)
                    cards.Add(Check(place, merchant, card, files, trust));
            }
            if (cards.Count == plan.Count)
                break;
        }
        return new DrawEvent.Checked(Convert.ToHexStringLower(seed), population, cards);
    }

    /// <summary>The files of a card's day; null where it had no receipt by then.</summary>
    public async Task<DrawFiles?> FilesAsync(
        string merchant, Guid card, DateOnly day, CancellationToken cancellation)
    {
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(CardEvents.Stream(card), cancellation);
        if (events.Where(e => CardRun.Day(e.OccurredAt) <= day).Select(e => Receipt.NumberOf((CardEvent)e.Data))
                .LastOrDefault(n => n is not null) is not { } number
            || await signer.NoteAsync(card, number, store, cancellation) is not { } note)
            return null;
        LiabilityProofFile? proof = await trees.ProveAsync(merchant, day, card, cancellation, byHolder: false);
        DayRow? row = await trees.FindAsync(merchant, day, cancellation);
        return new DrawFiles(note.ToString(), number, proof?.ToBytes(), row?.State);
    }

    private static DrawnCard Check(long place, string merchant, Guid card, DrawFiles files, byte[]? trust)
    {
        (string verdict, string reason) = files switch
        {
            { Proof: null } => ("refuted", "not-counted"),
            { Root: null } => ("incomplete", "no-root"),
            _ when trust is null => ("incomplete", "trust-file"),
            _ => Said(LiabilityAudit.Check(files.Receipt, files.Proof, files.Root, trust)),
        };
        return new DrawnCard(place, merchant, card, files.Number, verdict, reason);
    }

    private static (string, string) Said(LiabilityResult result) =>
        (result.Verdict.ToString().ToLowerInvariant(), result.Reason);

    private async Task<long> PopulationAsync(long position, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            "select count(*) from store.events where type = $1 and position <= $2");
        query.Parameters.Add(new() { Value = OpenedType });
        query.Parameters.Add(new() { Value = position });
        return (long)(await query.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<Dictionary<long, (Guid, string)>> CardsAsync(
        long position, long[] places, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select place, stream, tenant from (
                select row_number() over (order by stream) - 1 as place, stream, tenant from store.events
                where type = $1 and position <= $2) cards
            where place = any($3)
            """);
        query.Parameters.Add(new() { Value = OpenedType });
        query.Parameters.Add(new() { Value = position });
        query.Parameters.Add(new() { Value = places, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        Dictionary<long, (Guid, string)> cards = [];
        while (await rows.ReadAsync(cancellation))
            cards.Add(rows.GetInt64(0), (CardEvents.CardOf(rows.GetString(1)), rows.GetString(2)));
        return cards;
    }
}
