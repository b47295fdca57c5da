namespace Traceability.Sensors;

/// <summary>The excursion that a block ends in, and how it goes on in blocks that follow and came first.</summary>
/// <param name="Own">Up to the block's last reading.</param>
/// <param name="Joined">With what is known of the blocks that follow.</param>
/// <param name="Follows">Where those had it begin.</param>
/// <param name="Moved">Followers wholly outside of the range, with the excursion as it stands at their end.</param>
/// <param name="Followed">All followers that go on with it.</param>
internal sealed record BlockEnd(
    Excursion Own, Excursion Joined, DateTime? Follows, IReadOnlyList<(Guid EventId, Excursion End)> Moved,
    IReadOnlyList<Guid> Followed)
{
    /// <summary>As it stands in the block's event.</summary>
    public BlockOpen Event => new(
        SensorText.Of(Joined.From), SensorText.Of(Joined.To), SensorText.Of(Joined.Peak)!, Joined.High, Joined.Count,
        Joined.Alarm, Followed.Count > 0 ? Followed : null);

    /// <summary>Null where the block's last reading is within the range; pure.</summary>
    /// <param name="excursions">Those of the block.</param>
    /// <param name="readings">Its readings.</param>
    /// <param name="range">The range.</param>
    /// <param name="following">What follows.</param>
    public static BlockEnd? Of(
        IReadOnlyList<Excursion> excursions, IReadOnlyList<Reading> readings, ValueRange range,
        IReadOnlyList<(Guid EventId, IReadOnlyList<Reading> Readings)> following)
    {
        int side = ColdChain.Side(readings[^1].Value, range);
        if (side == 0)
            return null;
        Excursion own = excursions[^1], joined = own;
        List<(Guid EventId, Excursion End)> moved = [];
        List<Guid> followed = [];
        DateTime? follows = null;
        foreach ((Guid id, IReadOnlyList<Reading> next) in following)
        {
            // An overlap or a way back in time is another series.
            if (next[0].At <= joined.From)
                break;
            joined = ColdChain.Excursions(next, range, joined)[0];
            followed.Add(id);
            if (ColdChain.Side(next[0].Value, range) != side)
                break;
            follows ??= next[0].At;
            if (next.Any(r => ColdChain.Side(r.Value, range) != side))
                break;
            moved.Add((id, joined));
        }
        return new BlockEnd(own, joined, follows, moved, followed);
    }
}
