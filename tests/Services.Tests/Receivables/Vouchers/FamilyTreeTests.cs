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

    [Fact]
    public void What_lies_there_now_is_shown_end_to_end_in_at_most_a_hundred_pieces_that_count_all_fragments()
    {
        TreePiece[] fragments = [.. Enumerable.Range(0, 10_000)
            .Select(i => new TreePiece(i * 100, (i * 100) + 100, 1, $"p{i % 7}", i % 2 == 0 ? "held" : "pledged"))];
        IReadOnlyList<TreePiece> now = FamilyTree.Now(fragments, new Interval(0, 1_000_000));
        now.Count.ShouldBeLessThanOrEqualTo(FamilyTree.PiecesMax);
        now.Sum(p => p.Count).ShouldBe(10_000);
        now.Zip(now.Skip(1)).ShouldAllBe(p => p.First.End == p.Second.Start);
        (now[0].Start, now[^1].End).ShouldBe((0L, 1_000_000L));
        FamilyTree.Now(fragments[1..3], new Interval(150, 250)).Select(p => $"{p.Start}-{p.End} {p.Holder} {p.State}")
            .ShouldBe(["150-200 p1 pledged", "200-250 p2 held"]);
    }

    [Fact]
    public void Neighbours_of_one_holder_and_state_are_one_piece() =>
        FamilyTree.Now(
            [new(0, 5, 1, "a", "held"), new(5, 9, 1, "a", "held"), new(9, 12, 1), new(12, 20, 1)], new Interval(0, 20))
            .Select(p => $"{p.Start}-{p.End} {p.Count} {p.Holder}").ShouldBe(["0-9 2 a", "9-20 2 "]);

    private static Movement Move(string kind, string? from, string? to, long start, long end) =>
        new(1, default, kind, "c", from, to, start, end, end - start);
}
