namespace Traceability.Graph;

/// <summary>
/// What came into a lot and left it, in one unit. Opening + in − out − waste should be what is on hand.
/// </summary>
/// <param name="Unit">UN/ECE Recommendation 20 code.</param>
/// <param name="Opening">On hand when the period began.</param>
/// <param name="In">Made or begun.</param>
/// <param name="Used">Used up in transformations.</param>
/// <param name="Sold">Sold to consumers.</param>
/// <param name="Removed">Taken out otherwise.</param>
/// <param name="Waste">Destroyed.</param>
/// <param name="Expected">What must be on hand.</param>
/// <param name="Counted">The last count, summed over places; null where nobody counted.</param>
/// <param name="Difference">Counted less expected; where nobody counted, what is below zero.</param>
/// <param name="Balanced">Whether that is within the tolerance.</param>
/// <param name="InTransit">Of what is expected, what was sent and is not yet received.</param>
public sealed record BalanceLine(
    string Unit, decimal Opening, decimal In, decimal Used, decimal Sold, decimal Removed, decimal Waste,
    decimal Expected, decimal? Counted, decimal Difference, bool Balanced, decimal InTransit = 0);

/// <summary>What went into a transformation and came out.</summary>
/// <param name="Number">Its first step.</param>
/// <param name="EventId">The event of that step.</param>
/// <param name="At">When.</param>
/// <param name="Unit">In what; null where the two sides can't be compared.</param>
/// <param name="In">What went in.</param>
/// <param name="Out">What came out.</param>
/// <param name="Yield">Out over in.</param>
/// <param name="ClaimedIn">What went in under the claim asked for.</param>
/// <param name="ClaimedOut">What came out under it.</param>
/// <param name="FromNothing">Whether more came out than can have; null where that can't be compared.</param>
/// <param name="Unfounded">
/// Whether more came out under the claim than went in; null where that can't be compared. Where nothing went in under
/// the claim no unit is needed to tell.
/// </param>
/// <param name="ZScore">How many standard deviations its yield is from that of the same product and site.</param>
public sealed record TransformationBalance(
    long Number, Guid EventId, DateTime At, string? Unit, decimal In, decimal Out, decimal? Yield, decimal ClaimedIn,
    decimal ClaimedOut, bool? FromNothing, bool? Unfounded, decimal? ZScore = null);

/// <summary>Balances in exact decimals; pure.</summary>
internal static class MassBalance
{
    private static readonly HashSet<string> Counts = new(StringComparer.Ordinal) { "cycle_counting", "stock_taking" };

    private enum Flow
    {
        None,
        In,
        Used,
        Sold,
        Removed,
        Waste,
        Count,
    }

    /// <summary>The balance of a lot over a period, a line for each kind of unit.</summary>
    /// <param name="entries">The lot's own participations, and those of its pieces.</param>
    /// <param name="from">Begin, or null for the beginning.</param>
    /// <param name="to">End.</param>
    /// <param name="tolerance">What may be missing or too much, in the line's unit.</param>
    /// <param name="travelling">Whether a piece is in transit; null where that is not asked.</param>
    public static IReadOnlyList<BalanceLine> OfLot(
        IEnumerable<Incidence> entries, DateTime? from, DateTime to, decimal tolerance,
        Func<long, bool>? travelling = null)
    {
        SortedDictionary<string, Sheet> sheets = new(StringComparer.Ordinal);
        HashSet<(long Item, bool In)> pieces = [];
        foreach (Incidence entry in entries.Where(e => e.Step.At <= to).OrderBy(e => e.Step.At)
            .ThenBy(e => e.Step.Number))
        {
            Participant p = entry.Participant;
            Flow flow = FlowOf(entry);
            if (flow == Flow.None && p.Counted)
            {
                (string kind, decimal sent) = Units.Normal(p.Quantity ?? 0, p.Unit);
                sheets.GetValueOrDefault(kind)?.Travel(entry, sent);
            }
            // A piece comes into being once and goes once, whatever is recorded of it afterwards.
            if (flow == Flow.None || (!p.Counted && (flow == Flow.Count || !pieces.Add((p.Item, flow == Flow.In)))))
                continue;
            (string unit, decimal amount) = p.Counted ? Units.Normal(p.Quantity ?? 0, p.Unit) : (Units.Piece, 1);
            if (!sheets.TryGetValue(unit, out Sheet? sheet))
                sheets.Add(unit, sheet = new Sheet());
            sheet.Book(flow, amount, entry.Step, from);
            if (flow == Flow.In && !p.Counted && travelling?.Invoke(p.Item) == true)
                sheet.Travel(amount);
        }
        return [.. sheets.Select(s => s.Value.Line(s.Key, tolerance))];
    }

    /// <summary>What went into transformations and came out; the events of one process count as one.</summary>
    /// <param name="steps">Transformation steps.</param>
    /// <param name="claimed">Whether an item bears the claim asked for at a time.</param>
    /// <param name="yieldMax">The most that can come out of one unit.</param>
    /// <param name="tolerance">What may be too much.</param>
    public static IReadOnlyList<TransformationBalance> OfTransformations(
        IEnumerable<Step> steps, Func<long, DateTime, bool> claimed, decimal yieldMax, decimal tolerance) =>
    [
        .. steps.Where(s => s.Kind == StepKind.Transformation).DistinctBy(s => s.Number)
            .GroupBy(s => s.Process != 0 ? -s.Process : s.Number)
            .Select(g => OfTransformation([.. g.OrderBy(s => s.At)], claimed, yieldMax, tolerance)),
    ];

    /// <summary>
    /// Standard score of a value among others: null with fewer than three others, or where they are all alike.
    /// </summary>
    public static decimal? ZScore(decimal value, IReadOnlyCollection<decimal> others)
    {
        if (others.Count < 3)
            return null;
        decimal mean = others.Sum() / others.Count;
        decimal variance = others.Sum(o => (o - mean) * (o - mean)) / (others.Count - 1);
        decimal deviation = Root(variance);
        return deviation == 0 ? null : Math.Round((value - mean) / deviation, 4);
    }

    private static TransformationBalance OfTransformation(
        Step[] steps, Func<long, DateTime, bool> claimed, decimal yieldMax, decimal tolerance)
    {
        var amounts = steps.SelectMany(s => s.Items.Select(p => (Step: s, Participant: p)))
            .Where(a => a.Participant.Role is ItemRole.Input or ItemRole.Output)
            .Select(a =>
            (a.Participant.Role, Claimed: claimed(a.Participant.Item, a.Step.At), Amount: a.Participant.Counted
                ? Units.Normal(a.Participant.Quantity ?? 0, a.Participant.Unit) : (Unit: Units.Piece, Amount: 1m)))
            .ToArray();
        string[] units = [.. amounts.Select(a => a.Amount.Unit).Distinct()];
        bool comparable = units.Length == 1 && amounts.Any(a => a.Role == ItemRole.Input)
            && amounts.Any(a => a.Role == ItemRole.Output);
        if (!comparable)
        {
            bool Bears(ItemRole role) => amounts.Any(a => a.Role == role && a.Claimed && a.Amount.Amount > 0);
            bool? unfounded = !Bears(ItemRole.Output) ? false : Bears(ItemRole.Input) ? null : true;
            return new TransformationBalance(steps[0].Number, steps[0].EventId, steps[0].At, null, 0, 0, null, 0, 0,
                null, unfounded);
        }
        decimal In(bool claim) => amounts.Where(a => a.Role == ItemRole.Input && (!claim || a.Claimed))
            .Sum(a => a.Amount.Amount);
        decimal Out(bool claim) => amounts.Where(a => a.Role == ItemRole.Output && (!claim || a.Claimed))
            .Sum(a => a.Amount.Amount);
        return new TransformationBalance(
            steps[0].Number, steps[0].EventId, steps[0].At, units[0], In(false), Out(false),
            In(false) > 0 ? Out(false) / In(false) : null, In(true), Out(true),
            Out(false) > (In(false) * yieldMax) + tolerance, Out(true) > (In(true) * yieldMax) + tolerance);
    }

    private static Flow FlowOf(Incidence entry)
    {
        Step step = entry.Step;
        return entry.Role switch
        {
            ItemRole.Output => Flow.In,
            ItemRole.Input => Flow.Used,
            ItemRole.Item when step.Kind != StepKind.Object => Flow.None,
            ItemRole.Item when step.Action == StepAction.Add => Flow.In,
            ItemRole.Item when step.BizStep == "destroying" || step.Disposition == "destroyed" => Flow.Waste,
            ItemRole.Item when step.BizStep == "retail_selling" || step.Disposition is "retail_sold" or "dispensed" =>
            Flow.Sold,
            ItemRole.Item when step.Action == StepAction.Delete => Flow.Removed,
            ItemRole.Item when Counts.Contains(step.BizStep ?? "") => Flow.Count,
            _ => Flow.None,
        };
    }

    /// <summary>Newton's method in decimals.</summary>
    private static decimal Root(decimal value)
    {
        if (value <= 0)
            return 0;
        decimal root = (decimal)Math.Sqrt((double)value);
        for (int i = 0; i < 4 && root != 0; i++)
            root = (root + (value / root)) / 2;
        return root;
    }

    private sealed class Sheet
    {
        private readonly Dictionary<long, decimal> _counted = [];
        private readonly Dictionary<Flow, decimal> _flows = [];
        private decimal _opening;
        private decimal _travelling;

        /// <summary>What is sent travels until as much is received.</summary>
        public void Travel(Incidence entry, decimal amount) => _travelling = entry.Step.BizStep switch
        {
            _ when entry.Role != ItemRole.Item => _travelling,
            "shipping" => _travelling + amount,
            "receiving" or "arriving" or "accepting" or "void_shipping" => Math.Max(0, _travelling - amount),
            _ => _travelling,
        };

        public void Travel(decimal amount) => _travelling += amount;

        public void Book(Flow flow, decimal amount, Step step, DateTime? from)
        {
            if (flow == Flow.Count)
                _counted[step.Place] = amount;
            else if (step.At < from)
                _opening += flow == Flow.In ? amount : -amount;
            else
                _flows[flow] = Of(flow) + amount;
        }

        public BalanceLine Line(string unit, decimal tolerance)
        {
            decimal expected = _opening + Of(Flow.In) - Of(Flow.Used) - Of(Flow.Sold) - Of(Flow.Removed) - Of(Flow.Waste);
            decimal? counted = _counted.Count > 0 ? _counted.Values.Sum() : null;
            decimal difference = counted - expected ?? Math.Min(expected, 0);
            return new BalanceLine(
                unit, _opening, Of(Flow.In), Of(Flow.Used), Of(Flow.Sold), Of(Flow.Removed), Of(Flow.Waste), expected,
                counted, difference, Math.Abs(difference) <= tolerance, Math.Min(_travelling, Math.Max(0, expected)));
        }

        private decimal Of(Flow flow) => _flows.GetValueOrDefault(flow);
    }
}
