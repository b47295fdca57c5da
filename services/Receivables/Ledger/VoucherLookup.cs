using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using NpgsqlTypes;
using Receivables.Vouchers;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Receivables.Ledger;

/// <summary>A line of a party's vouchers.</summary>
/// <param name="Root">The voucher.</param>
/// <param name="Issuer">Who issued it.</param>
/// <param name="Debtor">Who owes it.</param>
/// <param name="FirstHolder">Whom it was issued to.</param>
/// <param name="FaceFen">What was promised in all.</param>
/// <param name="IssueDate">Day of issue.</param>
/// <param name="DueDate">Day of payment.</param>
/// <param name="Stage">Where it stands.</param>
/// <param name="HeldFen">What the party holds of it.</param>
public sealed record VoucherSummary(
    string Root, string Issuer, string Debtor, string FirstHolder, long FaceFen, DateOnly IssueDate, DateOnly DueDate,
    string Stage, long HeldFen);

/// <summary>What falls due on a day.</summary>
/// <param name="DueDate">The day.</param>
/// <param name="ReceivableFen">What the party holds.</param>
/// <param name="PayableFen">What it owes.</param>
/// <param name="Vouchers">How many vouchers.</param>
public sealed record DueSum(DateOnly DueDate, long ReceivableFen, long PayableFen, int Vouchers);

/// <summary>An open offer.</summary>
public sealed record OfferSummary(
    string Root, string Offer, string Kind, string Sender, string Receiver, long Fen, DateTimeOffset OfferedAt,
    DateTimeOffset? ExpiresAt)
{
    /// <summary>Its place in a list.</summary>
    [JsonIgnore]
    public string Place => $"{Root}/{Offer}/{Receiver}";
}

/// <summary>One movement of one interval.</summary>
public sealed record Movement(
    long Position, DateTimeOffset At, string Kind, string Command, string? Sender, string? Receiver, long Start,
    long End, long Fen)
{
    /// <summary>The event that records it, where the reader's organisation may have its proof.</summary>
    public Guid? Event { get; init; }

    /// <summary>Its number among those of its event, for cursors.</summary>
    [JsonIgnore]
    public int Number { get; init; }
}

/// <summary>Reads the tables of the ledger.</summary>
internal sealed class VoucherLookup(Store store)
{
    /// <summary>Who may see a family: whoever takes part, and the regulator.</summary>
    /// <exception cref="ProblemException">To anybody else it is not there.</exception>
    public async Task RequireAsync(Caller caller, string root, CancellationToken cancellation)
    {
        if (caller.Is(Role.Regulator))
            return;
        await using NpgsqlCommand query = Query("select 1 from voucher_parties where party = $1 and root = $2",
            caller.Tenant, root);
        if (await query.ExecuteScalarAsync(cancellation) is null)
            throw new ProblemException(Problem.Of(Refusal.NotFound, ("root", root)));
    }

    /// <summary>A party's vouchers in order of their names, after a cursor.</summary>
    /// <param name="party">Whose.</param>
    /// <param name="show"><c>held</c> what it holds of, <c>issued</c> what it issued or owes; otherwise all.</param>
    /// <param name="after">The last name of the page before.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<List<VoucherSummary>> ListAsync(string party, string show, string after, int limit,
        CancellationToken cancellation) => ReadAsync(
        Query(
            """
            select v.root, v.issuer, v.debtor, v.first_holder, v.face_fen, v.issue_date, v.due_date, v.stage, coalesce(b.fen, 0)
            from voucher_parties p join vouchers v using (root)
            left join voucher_balances b on b.party = p.party and b.root = p.root
            where p.party = $1 and p.root > $2 and ($4 <> 'held' or b.fen > 0)
            and ($4 <> 'issued' or v.issuer = $1 or v.debtor = $1) order by p.root limit $3
            """, party, after, limit, show),
        r => new VoucherSummary(
            r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetInt64(4), r.GetFieldValue<DateOnly>(5),
            r.GetFieldValue<DateOnly>(6), r.GetString(7), r.GetInt64(8)), cancellation);

    /// <summary>Sums of a party's open vouchers by due date.</summary>
    public Task<List<DueSum>> DueAsync(string party, CancellationToken cancellation) => ReadAsync(
        Query(
            """
            select v.due_date, coalesce(sum(b.fen), 0)::bigint,
                coalesce(sum(v.face_fen) filter (where v.debtor = $1), 0)::bigint, count(*)::int
            from voucher_parties p join vouchers v using (root)
            left join voucher_balances b on b.party = p.party and b.root = p.root
            where p.party = $1 and v.closed_at is null and (b.fen > 0 or v.debtor = $1)
            group by v.due_date order by v.due_date
            """, party),
        r => new DueSum(r.GetFieldValue<DateOnly>(0), r.GetInt64(1), r.GetInt64(2), r.GetInt32(3)), cancellation);

    /// <summary>Open offers to or from a party, oldest first.</summary>
    /// <param name="party">Whose.</param>
    /// <param name="sent">From it, not to it.</param>
    /// <param name="after">The last offer of the page before, as <see cref="OfferSummary.Place"/>; null for the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<List<OfferSummary>> OffersAsync(
        string party, bool sent, string? after, int limit, CancellationToken cancellation) => ReadAsync(
        Query(
            $"""
            select root, offer, kind, sender, receiver, fen, offered_at, expires_at from voucher_offers
            where {(sent ? "sender" : "receiver")} = $1 and state = 'open'
            and ($3::text is null or (offered_at, root, offer, receiver) > (
                select offered_at, root, offer, receiver from voucher_offers
                where root || '/' || offer || '/' || receiver = $3 and root = split_part($3, '/', 1)))
            order by offered_at, root, offer, receiver limit $2
            """, party, limit,
            new NpgsqlParameter { Value = (object?)after ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }),
        r => new OfferSummary(
            r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetInt64(5),
            r.GetFieldValue<DateTimeOffset>(6),
            r.IsDBNull(7) ? null : r.GetFieldValue<DateTimeOffset>(7)), cancellation);

    /// <summary>Movements of a family in order; of one party's alone unless it may see all.</summary>
    public Task<List<Movement>> MovementsAsync(
        string root, string? party, Interval window, (long Position, int Number) after, int limit,
            CancellationToken cancellation) => ReadAsync(
        Query(
            """
            select position, at, kind, command, sender, receiver, start_fen, end_fen, fen, number
            from voucher_movements
            where root = $1 and ($2::text is null or sender = $2 or receiver = $2)
            and start_fen < $4 and end_fen > $3 and (position, number) > ($5, $7)
            order by position, number limit $6
            """,
            root, new NpgsqlParameter { Value = (object?)party ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            window.Start, window.End, after.Position, limit, after.Number),
        r => new Movement(
            r.GetInt64(0), r.GetFieldValue<DateTimeOffset>(1), r.GetString(2), r.GetString(3),
            r.IsDBNull(4) ? null : r.GetString(4), r.IsDBNull(5) ? null : r.GetString(5), r.GetInt64(6), r.GetInt64(7),
            r.GetInt64(8))
        {
            Number = r.GetInt32(9),
        }, cancellation);

    /// <summary>Events of a party by their positions: those that it can prove.</summary>
    public async Task<Dictionary<long, Guid>> EventsAsync(
        string party, IEnumerable<long> positions, CancellationToken cancellation) =>
        (await ReadAsync(
            Query("select position, id from store.events where position = any($1) and tenant = $2",
                positions.Distinct().ToArray(), party),
            r => (r.GetInt64(0), r.GetGuid(1)), cancellation)).ToDictionary(e => e.Item1, e => e.Item2);

    /// <summary>What a party held at an instant, by voucher: vouchers that were closed by then are worth nothing
    /// more.</summary>
    public Task<List<(string Root, long Fen)>> BalancesAsync(
        string party, DateTimeOffset at, CancellationToken cancellation) => ReadAsync(
        Query(
            """
            select b.root, h.fen from voucher_balances b
            join vouchers v on v.root = b.root and v.issued_at <= $2 and (v.closed_at is null or v.closed_at > $2)
            cross join lateral (
                select fen from voucher_holdings h where h.party = b.party and h.root = b.root and h.at <= $2
                order by h.at desc, h.position desc limit 1) h
            where b.party = $1 and h.fen <> 0 order by b.root
            """, party, at.UtcDateTime),
        r => (r.GetString(0), r.GetInt64(1)), cancellation);

    /// <summary>What a party holds now, by voucher.</summary>
    public Task<List<(string Root, long Fen)>> BalancesAsync(string party, CancellationToken cancellation) => ReadAsync(
        Query(
            """
            select b.root, b.fen from voucher_balances b join vouchers v using (root)
            where b.party = $1 and b.fen > 0 and v.closed_at is null order by b.root
            """, party),
        r => (r.GetString(0), r.GetInt64(1)), cancellation);

    private NpgsqlCommand Query(string sql, params ReadOnlySpan<object> values)
    {
        NpgsqlCommand query = store.DataSource.CreateCommand(sql);
        foreach (object value in values)
            query.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        return query;
    }

    private static async Task<List<T>> ReadAsync<T>(
        NpgsqlCommand query, Func<NpgsqlDataReader, T> row, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = query;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<T> rows = [];
        while (await reader.ReadAsync(cancellation))
            rows.Add(row(reader));
        return rows;
    }
}
