using EventStore;
using Npgsql;

namespace Traceability.Sensors;

/// <summary>What is known of a device's series around a block that is about to be recorded.</summary>
/// <param name="Place">How many of the device's blocks were recorded before.</param>
/// <param name="EventId">The event of the block before it, where that ended outside of the range.</param>
/// <param name="Open">The excursion that it ended in.</param>
/// <param name="Following">Blocks that follow without a gap in numbers and came first, for the same subject.</param>
internal sealed record BlockTrail(
    long Place, Guid? EventId, Excursion? Open, IReadOnlyList<(Guid EventId, IReadOnlyList<Reading> Readings)> Following);

/// <summary>
/// Reads what a block joins on to, so that an excursion is as long as it was in however many blocks it is sent, and in
/// whatever order.
/// </summary>
internal sealed class BlockTrails(Store store)
{
    /// <summary>Most blocks that came before the one that they follow; more make a new excursion.</summary>
    private const int FollowingMax = 200;

    public async Task<BlockTrail> ReadAsync(
        string tenant, string device, long sequence, string subject, CancellationToken cancellation)
    {
        (long place, Guid? id, Excursion? open) =
            await BeforeAsync(tenant, device, sequence, subject, cancellation);
        return new BlockTrail(place, id, open, await FollowingAsync(tenant, device, sequence, subject, cancellation));
    }

    private async Task<(long Place, Guid? EventId, Excursion? Open)> BeforeAsync(
        string tenant, string device, long sequence, string subject, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select (select coalesce(max(place), 0) from sensor_blocks where tenant = $1 and device = $2),
                p.event_id, p.open_from, p.open_to, p.open_peak, p.open_high, p.open_count
            from (select 1) one left join sensor_blocks p on p.tenant = $1 and p.device = $2 and p.sequence = $3 - 1
                and p.subject = $4 and p.open_from is not null
            """);
        foreach (object value in (object[])[tenant, device, sequence, subject])
            command.Parameters.Add(new() { Value = value });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        long place = reader.GetInt64(0);
        return reader.IsDBNull(1) ? (place, null, null) : (place, reader.GetGuid(1), new Excursion(
            reader.GetDateTime(2), reader.GetDateTime(3), reader.GetDecimal(4), reader.GetBoolean(5),
            reader.GetInt32(6), false));
    }

    /// <summary>Blocks after this one up to the first that does not end outside of the range.</summary>
    private async Task<List<(Guid EventId, IReadOnlyList<Reading> Readings)>> FollowingAsync(
        string tenant, string device, long sequence, string subject, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             select event_id, form, raw, sequence, open_from from sensor_blocks
             where tenant = $1 and device = $2 and sequence > $3 and sequence <= $3 + {FollowingMax} and subject = $4
             order by sequence
             """);
        foreach (object value in (object[])[tenant, device, sequence, subject])
            command.Parameters.Add(new() { Value = value });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<(Guid EventId, IReadOnlyList<Reading> Readings)> following = [];
        while (await reader.ReadAsync(cancellation) && reader.GetInt64(3) == sequence + following.Count + 1)
        {
            following.Add((reader.GetGuid(0), SensorCurves.Unpack(reader.GetString(1), reader.GetFieldValue<byte[]>(2))));
            if (reader.IsDBNull(4))
                break;
        }
        return following;
    }
}
