using Traceability.Scanning;

namespace Traceability.Alarms;

/// <summary>
/// Takes over what a finding stands on, so that it can be read when the rows of scans are gone: city and minute, and a
/// number in place of a device's tag, which means nothing outside of the alarm. Pure.
/// </summary>
internal static class AlarmEvidenceFixing
{
    private const int ChecksMax = 400;
    private const int LinksMax = 200;

    public static AlarmEvidence OfItem(
        IReadOnlyList<Check> checks, IReadOnlyList<AlarmSale> sales, string uri, IReadOnlyList<Binding> bindings) => new(
        Frozen(checks.Select(c => (uri, c, (bool?)null))), Math.Max(0, checks.Count - ChecksMax), sales,
        [.. bindings.SelectMany(b => b.Chain).Distinct().Take(LinksMax)], Activations(bindings));

    public static AlarmEvidence OfItems(IReadOnlyList<CheckedItem> items) => new(
        Frozen(items.SelectMany(i => i.Checks.Select(c => (i.Id.Uri, c, (bool?)null)))),
        Math.Max(0, items.Sum(i => i.Checks.Count) - ChecksMax), [.. items.SelectMany(i => i.Sales).Take(LinksMax)], [], []);

    public static AlarmEvidence OfDealer(
        DiversionAssessment diversion, string dealer, IReadOnlyDictionary<string, IReadOnlyList<Binding>> chain)
    {
        Binding[] bindings =
        [
            .. diversion.Counted.SelectMany(c => chain.GetValueOrDefault(c.Observation.Item) ?? [])
                .Where(b => b.Dealer == dealer),
        ];
        return new AlarmEvidence(
            Frozen(diversion.Counted.Select(c => (c.Observation.Item, Seen(c.Observation), (bool?)c.Outside))),
            Math.Max(0, diversion.Counted.Count - ChecksMax), [],
            [.. bindings.SelectMany(b => b.Chain).Distinct().Take(LinksMax)], Activations(bindings));

        static Check Seen(Observation o) => new(o.At, o.Region, o.Device, null, o.Shared, o.Reported);
    }

    /// <summary>The figures that every formula has.</summary>
    public static AlarmFacts Facts(IReadOnlyList<Check> checks, int items) => new(
        checks.Count, items, Devices(checks.Select(c => c.Source)),
        checks.Select(c => c.Region).OfType<string>().Distinct().Count(), checks.Count(c => c.Reported),
        checks.Count(c => c.Shared));

    /// <summary>Those of a dealer's goods.</summary>
    public static AlarmFacts Facts(DiversionAssessment diversion, IReadOnlyList<Observation> seen) => new(
        seen.Count, seen.Count, Devices(seen.Select(o => o.Device)),
        seen.Select(o => o.Region).Distinct().Count(), seen.Count(o => o.Reported), seen.Count(o => o.Shared),
        Counted: diversion.Counted.Count, Outside: diversion.Outside, LowerBound: diversion.Sign?.Measure,
        Concentration: diversion.Concentration, Province: diversion.Province);

    private static int Devices(IEnumerable<string?> devices) =>
        devices.OfType<string>().Distinct().Count();

    private static IReadOnlyList<AlarmCheck> Frozen(IEnumerable<(string Item, Check Check, bool? Outside)> checks)
    {
        Dictionary<string, int> devices = new(StringComparer.Ordinal);
        return
        [
            .. checks.OrderBy(c => c.Check.At).ThenBy(c => c.Item, StringComparer.Ordinal).Take(ChecksMax)
                .Select(c => new AlarmCheck(c.Check.At, c.Item, c.Check.Region, Number(c.Check.Device), c.Check.Shared,
                    c.Check.Reported, c.Outside)),
        ];

        int? Number(string? device)
        {
            if (device is null)
                return null;
            if (!devices.TryGetValue(device, out int number))
                devices.Add(device, number = devices.Count + 1);
            return number;
        }
    }

    private static IReadOnlyList<AlarmSource> Activations(IEnumerable<Binding> bindings) =>
        [.. bindings.Select(b => b.Activation).OfType<Guid>().Distinct().Select(e => new AlarmSource("activation", e, ""))];
}
