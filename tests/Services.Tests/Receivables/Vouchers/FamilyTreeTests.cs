using Receivables.Ledger;
using Receivables.Vouchers;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Vouchers;

public class FamilyTreeTests
{
    private static readonly Movement[] Movements =
    [
        Move("issued", null, "a", 0, 1_000), Move("transferred", "a", "b", 100, 600), Move("pledged", "a", "bank", 0,
            50),
        Move("sold", "b", "bank", 200, 300), Move("transferred", "a", "c", 600, 700),
    ];

    [Fact]
    public void A_child_is_drawn_below_the_interval_that_it_came_from() =>
        FamilyTree.Draw(Movements, new Interval(0, 1_000), null)
            .Select(s => $"{s.Level} {s.Start}-{s.End} {s.Holder}")
            .ShouldBe(["0 0-1000 a", "1 100-600 b", "1 600-700 c", "2 200-300 bank"]);

    [Fact]
    public void A_party_sees_its_own_and_its_neighbours_names_and_of_others_only_the_amount() =>
        FamilyTree.Draw(Movements, new Interval(0, 1_000), "c")
            .Select(s => $"{s.Level} {s.Start}-{s.End} {s.Holder}")
            .ShouldBe(["0 0-1000 ", "1 100-600 ", "1 600-700 c", "2 200-300 "]);

    [Fact]
    public void A_window_cuts_what_it_shows() =>
        FamilyTree.Draw(Movements, new Interval(250, 650), null)
            .Select(s => $"{s.Level} {s.Start}-{s.End} {s.Holder}")
            .ShouldBe(["0 250-650 a", "1 250-600 b", "1 600-650 c", "2 250-300 bank"]);

    [Fact]
    public void Ten_thousand_fragments_are_drawn_as_at_most_four_hundred_shapes_that_count_them_all()
    {
        List<Movement> movements = [Move("issued", null, "a", 0, 1_000_000)];
        movements.AddRange(Enumerable.Range(0, 10_000).Select(i => Move("transferred", "a", $"p{i}", i * 100,
            (i * 100) + 100)));
        IReadOnlyList<TreeShape> shapes = FamilyTree.Draw(movements, new Interval(0, 1_000_000), null);
        shapes.Count.ShouldBeLessThanOrEqualTo(FamilyTree.ShapesMax);
        shapes.Where(s => s.Level == 1).Sum(s => s.Count).ShouldBe(10_000);
        FamilyTree.Draw(movements, new Interval(500, 900), null).Count(s => s.Level == 1
            && s.Holder is not null).ShouldBe(4);
    }

    private static Movement Move(string kind, string? from, string? to, long start, long end) =>
        new(1, default, kind, "c", from, to, start, end, end - start);
}
