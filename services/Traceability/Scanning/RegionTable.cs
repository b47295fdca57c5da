using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Traceability.Scanning;

/// <summary>A region of city level.</summary>
/// <param name="Code">Its code, such as 330100.</param>
/// <param name="Position">Its middle, with its size as the accuracy.</param>
internal sealed record Region(string Code, Position? Position);

/// <summary>
/// Regions of addresses: lines of first and last address, code, and perhaps latitude, longitude and size in kilometres.
/// Without any every region is unknown. Nobody is asked over the network, for that would tell them who scans what.
/// </summary>
internal sealed class RegionTable
{
    private readonly (UInt128 First, UInt128 Last, Region Region)[] _ranges;

    private readonly Region[] _regions;
    private readonly Dictionary<string, Region> _byCode;

    public RegionTable(IEnumerable<string> lines)
    {
        _ranges = [.. lines.Where(l => l.Length > 0 && l[0] != '#').Select(Read).OrderBy(r => r.First)];
        _regions = [.. _ranges.Select(r => r.Region).Where(r => r.Position is not null).DistinctBy(r => r.Code)];
        _byCode = _regions.ToDictionary(r => r.Code);
    }

    /// <summary>The region of an address, or null where it is unknown.</summary>
    public Region? Find(IPAddress address)
    {
        UInt128 number = Number(address);
        int low = 0, high = _ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].Last < number)
                low = middle + 1;
            else if (_ranges[middle].First > number)
                high = middle - 1;
            else
                return _ranges[middle].Region;
        }
        return null;
    }

    /// <summary>
    /// The region that a shared position lies in, or null where none is so near: a position that its holder shared says
    /// more than an address, which a proxy moves.
    /// </summary>
    public Region? Nearest(Position position) => _regions
        .Select(r => (Region: r, Away: Suspicion.Kilometres(r.Position!, position)))
        .Where(r => r.Away <= r.Region.Position!.AccuracyKm + position.AccuracyKm)
        .OrderBy(r => r.Away).ThenBy(r => r.Region.Code, StringComparer.Ordinal).FirstOrDefault().Region;

    /// <summary>A region by its code.</summary>
    public Region? ByCode(string code) => _byCode.GetValueOrDefault(code);

    private static (UInt128 First, UInt128 Last, Region Region) Read(string line)
    {
        string[] fields = line.Split(',');
        if (fields.Length is not (3 or 6) || !IPAddress.TryParse(fields[0], out IPAddress? first)
            || !IPAddress.TryParse(fields[1], out IPAddress? last))
            throw new InvalidOperationException($"regions.csv: '{line}' is not first,last,code[,latitude,longitude,km].");
        Position? position = fields.Length == 6 ? new Position(Degrees(fields[3]), Degrees(fields[4]), Degrees(fields[5])) : null;
        return (Number(first), Number(last), new Region(fields[2], position));
    }

    private static double Degrees(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>IPv4 in IPv6's own form of it, so that there is one order.</summary>
    private static UInt128 Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        (address.AddressFamily == AddressFamily.InterNetwork ? address.MapToIPv6() : address).TryWriteBytes(bytes, out _);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
