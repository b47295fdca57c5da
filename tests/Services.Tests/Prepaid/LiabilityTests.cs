using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Prepaid.Liabilities;
using Proofs.Liabilities;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>A day's tree of liabilities, and merchants who cheat with it.</summary>
public sealed class LiabilityTests
{
    private const string Merchant = "gym";
    private static readonly DateOnly Day = new(2026, 3, 2);

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    /// <summary>Bytes from a seed: AES in counter mode, so that a failing seed replays.</summary>
    private static Action<Span<byte>> Bytes(int seed)
    {
        Random random = new(seed);
        return span => random.NextBytes(span);
    }

    private static CardBalance[] Cards(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new CardBalance(Id(i), new Liability(i * 100, i % 3 * 10), i))];

    private static LiabilityFault Check(LiabilityTree tree, CardBalance own, DateOnly? day = null) =>
        LiabilityCheck.Verify(tree.Root, Merchant, day ?? Day, own, tree.Prove(own.Card) ?? []);

    [Fact]
    public void Every_card_finds_its_balance_and_the_root_their_sum() => Prop.ForAll(
        Gen.Choose(1, 70).Zip(Gen.Choose(0, int.MaxValue)).ToArbitrary(), drawn =>
        {
            CardBalance[] cards = Cards(drawn.Item1);
            LiabilityTree tree = LiabilityTree.Build(Merchant, Day, cards, Bytes(drawn.Item2));
            tree.Root.Total.ShouldBe(new Liability(
                cards.Sum(c => c.Owed.PrincipalFen), cards.Sum(c => c.Owed.GiftFen)));
            foreach (CardBalance card in cards)
            {
                Check(tree, card).ShouldBe(LiabilityFault.None);
                // A proof of another day, of a receipt before or of a fen more is none.
                Check(tree, card, Day.AddDays(1)).ShouldBe(LiabilityFault.OtherRoot);
                Check(tree, card with { Receipt = card.Receipt + 1 }).ShouldBe(LiabilityFault.OtherReceipt);
                Check(tree, card with { Owed = card.Owed + new Liability(1, 0) }).ShouldBe(LiabilityFault.OtherBalance);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));

    [Fact]
    public void A_card_that_is_left_out_has_no_proof()
    {
        LiabilityTree tree = LiabilityTree.Build(Merchant, Day, Cards(5), Bytes(1));
        tree.Prove(Id(6)).ShouldBeNull();
        Check(tree, new CardBalance(Id(6), new Liability(600, 0), 6)).ShouldBe(LiabilityFault.NotTwoLeaves);
    }

    [Fact]
    public void One_leaf_shown_to_two_people_belongs_to_one_of_them()
    {
        CardBalance[] cards = [new(Id(1), new Liability(500, 0), 3), new(Id(2), new Liability(500, 0), 3)];
        LiabilityTree tree = LiabilityTree.Build(Merchant, Day, [cards[0]], Bytes(1));
        LiabilityCheck.Verify(tree.Root, Merchant, Day, cards[1], tree.Prove(Id(1))!)
            .ShouldBe(LiabilityFault.OtherCard);
        // Nor is one leaf shown twice to the same.
        LiabilityProof half = tree.Prove(Id(1))![0];
        LiabilityCheck.Verify(tree.Root, Merchant, Day, cards[0], [half, half]).ShouldBe(LiabilityFault.NotTwoLeaves);
    }

    [Fact]
    public void A_negative_sum_or_one_beyond_2_to_53_is_refused_even_where_hashes_fit()
    {
        CardBalance own = new(Id(1), new Liability(500, 0), 1);
        foreach (Liability hidden in new Liability[]
        {
            new(-500, 0), new(0, -1), new(Liability.Limit, 0), new(long.MaxValue, 0), new(Liability.Limit - 1, 0),
        })
        {
            (LiabilityRoot root, LiabilityProof[] proofs) = Forge(own, hidden);
            LiabilityCheck.Verify(root, Merchant, Day, own, proofs).ShouldBe(LiabilityFault.BadSum);
        }
        // The same forger with an honest sibling is believed, so that it is the sum which is refused.
        (LiabilityRoot good, LiabilityProof[] fine) = Forge(own, new Liability(7, 7));
        LiabilityCheck.Verify(good, Merchant, Day, own, fine).ShouldBe(LiabilityFault.None);
    }

    [Fact]
    public void The_larger_child_instead_of_the_sum_is_found()
    {
        // Maxwell's tree hashed only the parent's sum; here a root that states less than both children doesn't fit.
        CardBalance own = new(Id(1), new Liability(500, 0), 1);
        (LiabilityRoot root, LiabilityProof[] proofs) = Forge(own, new Liability(300, 0));
        LiabilityRoot less = root with { Total = new Liability(500, 0) };
        LiabilityCheck.Verify(less, Merchant, Day, own, proofs).ShouldBe(LiabilityFault.OtherTotal);
        // And a sibling's sum can't be shown smaller: it is hashed apart.
        LiabilityProof[] smaller = [.. proofs.Select(p => p with
        {
            Path = [.. p.Path.Select((s, i) => i == 1 ? s with { Sum = new Liability(0, 0) } : s)],
        })];
        LiabilityCheck.Verify(less, Merchant, Day, own, smaller).ShouldBe(LiabilityFault.OtherRoot);
    }

    [Fact]
    public void Depth_and_index_are_fixed()
    {
        CardBalance own = Cards(5)[2];
        LiabilityTree tree = LiabilityTree.Build(Merchant, Day, Cards(5), Bytes(1));
        LiabilityProof[] proofs = [.. tree.Prove(own.Card)!];
        LiabilityFault With(Func<LiabilityProof, LiabilityProof> change) =>
            LiabilityCheck.Verify(tree.Root, Merchant, Day, own, [.. proofs.Select(change)]);
        With(p => p with { Path = [.. p.Path.Skip(1)] }).ShouldBe(LiabilityFault.OtherDepth);
        With(p => p with { Index = p.Index + 16 }).ShouldBe(LiabilityFault.OtherDepth);
        With(p => p with { Index = p.Index ^ 1 }).ShouldBe(LiabilityFault.OtherRoot);
        With(p => p with { Leaf = p.Leaf with { Nonce = new byte[16] } }).ShouldBe(LiabilityFault.OtherRoot);
        LiabilityCheck.Verify(tree.Root, "other", Day, own, proofs).ShouldBe(LiabilityFault.OtherRoot);
    }

    [Fact]
    public void Two_days_have_no_hash_in_common_and_places_change()
    {
        Action<Span<byte>> bytes = Bytes(5);
        LiabilityTree monday = LiabilityTree.Build(Merchant, Day, Cards(40), bytes);
        LiabilityTree tuesday = LiabilityTree.Build(Merchant, Day.AddDays(1), Cards(40), bytes);
        HashSet<string> Hashes(LiabilityTree tree) => [.. Cards(40).SelectMany(c => tree.Prove(c.Card)!)
            .SelectMany(p => p.Path).Select(s => Convert.ToHexString(s.Hash))];
        Hashes(monday).Intersect(Hashes(tuesday)).ShouldBeEmpty();
        Cards(40).Count(c => monday.Prove(c.Card)![0].Index == tuesday.Prove(c.Card)![0].Index).ShouldBeLessThan(20);
    }

    [Fact]
    public void A_balance_that_cannot_be_stated_builds_no_tree()
    {
        void Build(params CardBalance[] cards) => LiabilityTree.Build(Merchant, Day, cards, Bytes(1));
        Should.Throw<ArgumentException>(() => Build(new CardBalance(Id(1), new Liability(-1, 0), 1)));
        Should.Throw<ArgumentException>(() => Build(new CardBalance(Id(1), new Liability(Liability.Limit, 0), 1)));
        Should.Throw<ArgumentException>(() => Build(Cards(1)[0], Cards(1)[0]));
        Should.Throw<ArgumentException>(() => Build(
            new CardBalance(Id(1), new Liability(Liability.Limit - 1, 0), 1),
            new CardBalance(Id(2), new Liability(1, 0), 1)));
    }

    /// <summary>A tree of two levels whose right half says what the forger wants.</summary>
    private static (LiabilityRoot, LiabilityProof[]) Forge(CardBalance own, Liability hidden)
    {
        byte[] merchant = LiabilityLeaf.MerchantHash(Merchant);
        LiabilityLeaf[] leaves =
            [new(own.Card, new byte[16], own.Owed, own.Receipt), new(own.Card, new byte[16], default, own.Receipt)];
        byte[][] hashes = [new byte[32], new byte[32]];
        leaves[0].Hash(merchant, Day, hashes[0]);
        leaves[1].Hash(merchant, Day, hashes[1]);
        (byte[] half, byte[] other, byte[] top) = (new byte[32], SHA256.HashData("hidden"u8), new byte[32]);
        LiabilityNode.Hash(1, leaves[0].Owed, hashes[0], leaves[1].Owed, hashes[1], half);
        LiabilityNode.Hash(2, own.Owed, half, hidden, other, top);
        Liability total = new(own.Owed.PrincipalFen + hidden.PrincipalFen, own.Owed.GiftFen + hidden.GiftFen);
        return (new LiabilityRoot(top, 2, total),
        [
            new LiabilityProof(0, leaves[0], [new(leaves[1].Owed, hashes[1]), new(hidden, other)]),
            new LiabilityProof(1, leaves[1], [new(leaves[0].Owed, hashes[0]), new(hidden, other)]),
        ]);
    }
}
