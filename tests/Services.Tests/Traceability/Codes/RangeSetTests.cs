using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Traceability.Codes;
using Xunit;

namespace Services.Tests.Traceability.Codes;

/// <summary>Sets of counters as ranges, compared with plain sets.</summary>
public sealed class RangeSetTests
{
    [Fact]
    public void Ranges_behave_as_the_set_of_their_counters()
    {
        var steps = Gen.ListOf(
            from add in Gen.Elements(true, true, false)
            from start in Gen.Choose(0, 60)
            from count in Gen.Choose(0, 20)
            select (add, range: CodeRange.Of(start, count)));
        Prop.ForAll(steps.ToArbitrary(), list =>
        {
            RangeSet ranges = RangeSet.Empty;
            HashSet<int> plain = [];
            foreach ((bool add, CodeRange range) in list)
            {
                var counters = Enumerable.Range(range.From, range.Count);
                ranges.Overlaps(range).ShouldBe(counters.Any(plain.Contains));
                ranges = add ? ranges.Add(range) : ranges.Remove(range);
                if (add)
                    plain.UnionWith(counters);
                else
                    plain.ExceptWith(counters);
                ranges.Count.ShouldBe(plain.Count);
                Enumerable.Range(0, 90).ShouldAllBe(c => ranges.Contains(c) == plain.Contains(c));
                for (int i = 1; i < ranges.Ranges.Count; i++)
                    ranges.Ranges[i].From.ShouldBeGreaterThan(ranges.Ranges[i - 1].To);
            }
        }).QuickCheckThrowOnFailure();
    }
}
