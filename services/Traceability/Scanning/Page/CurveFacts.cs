using System.Globalization;
using Traceability.MasterData;
using Traceability.Sensors;

namespace Traceability.Scanning.Page;

/// <summary>A block of readings that a device signed, with what was measured while it was with the item.</summary>
/// <param name="EventId">The event that records it.</param>
/// <param name="Device">Which device.</param>
/// <param name="Subject">What it was with, canonical: the item or what held it.</param>
/// <param name="From">First reading of the block.</param>
/// <param name="To">Last reading.</param>
/// <param name="Count">Readings in it.</param>
/// <param name="Least">Lowest, °C, as the event has it.</param>
/// <param name="Most">Highest.</param>
/// <param name="MeanKinetic">Mean kinetic temperature, °C; null for frozen goods.</param>
/// <param name="Range">What the readings were held against when they were recorded; null where that was not kept.</param>
internal sealed record PageBlock(
    Guid EventId, string Device, string Subject, DateTime From, DateTime To, int Count, decimal Least, decimal Most,
    double? MeanKinetic, ValueRange? Range)
{
    /// <summary>Whose device.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>The device's number of the block.</summary>
    public long Sequence { get; init; }

    /// <summary>The longest time between two of its readings; null where it was not kept.</summary>
    public TimeSpan? LongestStep { get; init; }

    /// <summary>Since when the item was with the subject.</summary>
    public DateTime HeldFrom { get; init; } = DateTime.MinValue;

    /// <summary>Until when.</summary>
    public DateTime HeldTo { get; init; } = DateTime.MaxValue;

    /// <summary>Times outside of the range while the item was there.</summary>
    public IReadOnlyList<PageExcursion> Excursions { get; init; } = [];

    /// <summary>Fingerprint of the key that signed it; null where it was not kept.</summary>
    public string? KeySha256 { get; init; }

    /// <summary>Whether the device has another key since.</summary>
    public bool KeyReplaced { get; init; }
}

/// <summary>A time outside of the range.</summary>
/// <param name="From">When it began.</param>
/// <param name="Alarm">Whether it was too long.</param>
/// <param name="Ending">How it ended (<see cref="SensorTables.Ending"/>).</param>
internal sealed record PageExcursion(DateTime From, bool Alarm, string Ending = "ended");

/// <summary>Gathers what is public of the temperatures that an item went through.</summary>
internal sealed class CurveFacts
{
    private const int SpansMax = 60;
    private readonly SortedDictionary<DateTime, decimal> _readings = [];
    private readonly List<PageBlock> _blocks = [];
    private readonly List<Reading> _statedReadings = [];
    private int _stated;
    private bool _cut;

    /// <summary>The signed blocks, in order of time.</summary>
    public IReadOnlyList<PageBlock> Blocks => _blocks;

    /// <summary>Adds what an event states, which no device signed.</summary>
    public void Add(IReadOnlyList<Reading> readings)
    {
        _statedReadings.AddRange(readings);
        foreach (Reading reading in readings)
            _stated += _readings.TryAdd(reading.At, reading.Value) ? 1 : 0;
    }

    /// <summary>Says that there is more than was read.</summary>
    public void CutOff() => _cut = true;

    /// <summary>Adds a block and its thinned readings.</summary>
    public void Add(PageBlock block, IEnumerable<Reading> points)
    {
        _blocks.Add(block);
        foreach (Reading reading in points)
            _readings.TryAdd(reading.At, reading.Value);
    }

    /// <summary>Whether the range was left for longer than allowed, or a stated reading lies outside of it.</summary>
    public bool IsOutside => _blocks.Exists(b => b.Excursions.Any(x => x.Alarm))
        || _statedReadings.Exists(r => r.Value < _blocks.Max(b => b.Range?.Min) || r.Value > _blocks.Min(b => b.Range?.Max));

    /// <summary>The curve; null where nothing is public of it.</summary>
    public PageCurve? Draw()
    {
        if (_readings.Count == 0)
            return null;
        IReadOnlyList<Reading> points = SensorCurves.Thin([.. _readings.Select(r => new Reading(r.Key, r.Value))], SpansMax);
        decimal? least = _blocks.Max(b => b.Range?.Min), most = _blocks.Min(b => b.Range?.Max);
        return new PageCurve(
            [.. points.Select(p => (new DateTimeOffset(p.At, TimeSpan.Zero), (double)p.Value))], (double?)least, (double?)most,
            Finding(least, most),
            BlockGaps.Of(
                _blocks.Select(b => ($"{b.Tenant}\n{b.Device}\n{b.Subject}", b.Sequence, b.From, b.To)), [.. _readings.Keys]));
    }

    private Wording Finding(decimal? least, decimal? most)
    {
        string low = Degrees(_readings.Values.Min()), high = Degrees(_readings.Values.Max());
        long count = _blocks.Sum(b => (long)b.Count) + _stated;
        List<Wording> words =
        [
            new($"{low}～{high} °C，{count:N0}次读数，{Day(_readings.Keys.First())}至{Day(_readings.Keys.Last())}。",
                $"{low} to {high} °C in {count:N0} readings, {Day(_readings.Keys.First())} to {Day(_readings.Keys.Last())}."),
        ];
        words.AddRange(Range(least, most));
        if (MeanKinetic() is { } mean)
        {
            words.Add(new(
                $"平均动力学温度{mean:0.0} °C：如果一直是这个温度，对品质的影响相同。",
                $"Mean kinetic temperature {mean:0.0} °C: staying at it would have done as much to the goods."));
        }
        string[] devices = [.. _blocks.Select(b => b.Device).Distinct()];
        if (devices.Length > 0)
            words.Add(new($"由设备{string.Join("、", devices)}签名。", $"Signed by device {string.Join(", ", devices)}."));
        if (_stated > 0)
            words.Add(new($"其中{_stated}次由记录者填写，没有设备签名。", $"{_stated} of them are stated by who recorded the event; no device signed them."));
        return new Wording(string.Concat(words.Select(w => w.In(true))), string.Join(' ', words.Select(w => w.In(false))));
    }

    private IEnumerable<Wording> Range(decimal? least, decimal? most)
    {
        (string zh, string en) = (least, most) switch
        {
            ({ } a, { } b) => ($"{Degrees(a)}～{Degrees(b)} °C", $"{Degrees(a)} to {Degrees(b)} °C"),
            (null, { } b) => ($"不高于{Degrees(b)} °C", $"at most {Degrees(b)} °C"),
            ({ } a, null) => ($"不低于{Degrees(a)} °C", $"at least {Degrees(a)} °C"),
            _ => ("", ""),
        };
        if (zh.Length == 0)
            yield break;
        // An excursion through several blocks is one, whichever of them tell of it.
        PageExcursion[] outside =
        [
            .. _blocks.SelectMany(b => b.Excursions.Select(x => (b.Tenant, b.Device, b.Subject, Excursion: x))).Distinct()
                .Select(x => x.Excursion),
        ];
        (int excursions, int alarms) = (outside.Length, outside.Count(x => x.Alarm));
        (int interrupted, int open) =
            (outside.Count(x => x.Ending == "interrupted"), outside.Count(x => x.Ending == "open"));
        int stated = _statedReadings.Count(r => r.Value < least || r.Value > most);
        double minutes = _blocks.Max(b => b.Range?.Tolerated ?? TimeSpan.Zero).TotalMinutes;
        Wording[] unknown = [.. new CurveGaps(_blocks, _statedReadings, _cut).Words()];
        if (excursions > 0)
        {
            yield return new($"要求{zh}，超温{excursions}次，其中{alarms}次长于允许的{minutes:0}分钟。",
                $"It should be {en}; there {(excursions == 1 ? "was 1 excursion" : $"were {excursions} excursions")}, {alarms} longer than the {minutes:0} minutes allowed.");
        }
        if (interrupted > 0)
        {
            yield return new($"其中{interrupted}次因记录缺失，不知道实际持续了多久。",
                $"How long {interrupted} of them really lasted is not known: records are missing.");
        }
        if (open > 0)
        {
            yield return new($"其中{open}次到最后一段记录时还没有结束。",
                $"{open} of them had not ended when the last record did.");
        }
        if (stated > 0)
        {
            yield return new($"要求{zh}，记录者填写的读数有{stated}次超出。",
                $"It should be {en}; of the stated readings {stated} {(stated == 1 ? "is" : "are")} outside.");
        }
        if (excursions == 0 && stated == 0)
        {
            // What is shown may lie outside of a band that only some of the blocks were held against.
            yield return _readings.Values.Any(v => v < least || v > most)
                ? new($"要求{zh}，有读数超出，但记录时按另一范围判断。", $"It should be {en}; some readings are outside, which were held against another range when they were recorded.")
                : unknown.Length == 0
                    ? new($"要求{zh}，全程没有超出。", $"It should be {en} and always was.")
                    : new($"要求{zh}，已知的读数没有超出。", $"It should be {en}; no reading known here is outside.");
        }
        foreach (Wording words in unknown)
            yield return words;
    }

    /// <summary>Mean kinetic temperatures of blocks, each weighing as long as it lasted (ColdChain.MeanKinetic).</summary>
    private double? MeanKinetic()
    {
        if (_blocks.Count == 0 || _blocks.Exists(b => b.MeanKinetic is null))
            return null;
        const double kelvin = 273.15, quotient = ColdChain.ActivationEnergy / ColdChain.GasConstant;
        double total = 0, sum = 0;
        foreach (PageBlock block in _blocks)
        {
            double weight = Math.Max(1, (block.To - block.From).TotalSeconds);
            total += weight;
            sum += weight * Math.Exp(-quotient / (block.MeanKinetic!.Value + kelvin));
        }
        return (quotient / -Math.Log(sum / total)) - kelvin;
    }

    private static string Degrees(decimal value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Day(DateTime at) => new DateTimeOffset(at, TimeSpan.Zero).ToOffset(TimeSpan.FromHours(8))
        .ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
