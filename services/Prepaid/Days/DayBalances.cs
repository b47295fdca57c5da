using Npgsql;
using Prepaid.Cards;
using Proofs.Liabilities;

namespace Prepaid.Days;

/// <summary>Reads the balances of a merchant's cards at the end of a day.</summary>
internal static class DayBalances
{
    private const string Moved =
        """
        select distinct on (card) card, principal_fen, gift_fen, receipt from card_days
        where merchant = $1 and day <= $2 order by card, day desc
        """;

    private const string Timed =
        """
        select card, lot, paid_fen, gift_fen, units, starts, ends from timed_lots
        where merchant = $1 and sold_on <= $2 and (refunded_on is null or refunded_on > $2)
        """;

    /// <summary>Merchants that have cards at the end of a day.</summary>
    public static async Task<IReadOnlyList<string>> MerchantsAsync(
        NpgsqlDataSource database, DateOnly day, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            "select distinct merchant from card_days where day <= $1 order by merchant");
        query.Parameters.Add(new() { Value = day });
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        List<string> merchants = [];
        while (await rows.ReadAsync(cancellation))
            merchants.Add(rows.GetString(0));
        return merchants;
    }

    /// <summary>The balances, ascending by card.</summary>
    public static async Task<CardBalance[]> ReadAsync(
        NpgsqlDataSource database, string merchant, DateOnly day, CancellationToken cancellation)
    {
        Dictionary<Guid, Owed> timed = await TimedAsync(database, merchant, day, cancellation);
        await using NpgsqlCommand query = Query(database, Moved, merchant, day);
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        List<CardBalance> balances = [];
        while (await rows.ReadAsync(cancellation))
        {
            Guid card = rows.GetGuid(0);
            Owed owed = new Owed(rows.GetInt64(1), rows.GetInt64(2)) + timed.GetValueOrDefault(card);
            balances.Add(new CardBalance(card, new Liability(owed.PrincipalFen, owed.GiftFen), rows.GetInt64(3)));
        }
        return [.. balances];
    }

    private static async Task<Dictionary<Guid, Owed>> TimedAsync(
        NpgsqlDataSource database, string merchant, DateOnly day, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = Query(database, Timed, merchant, day);
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        Dictionary<Guid, Owed> owed = [];
        while (await rows.ReadAsync(cancellation))
        {
            Lot lot = new(
                rows.GetString(1), LotKind.Timed, day, rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4), null, rows.GetFieldValue<DateOnly>(5), rows.GetFieldValue<DateOnly>(6), DrawOrder.InProportion, "");
            Guid card = rows.GetGuid(0);
            owed[card] = owed.GetValueOrDefault(card) + Owed.For(new HeldLot(lot, 0, 0, 0, false), day);
        }
        return owed;
    }

    private static NpgsqlCommand Query(NpgsqlDataSource database, string sql, string merchant, DateOnly day)
    {
        NpgsqlCommand query = database.CreateCommand(sql);
        query.Parameters.Add(new() { Value = merchant });
        query.Parameters.Add(new() { Value = day });
        return query;
    }
}
