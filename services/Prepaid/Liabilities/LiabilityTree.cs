using Proofs.Liabilities;

namespace Prepaid.Liabilities;

/// <summary>
/// A merchant's liabilities on a day as a Merkle sum tree. Each balance lies on two leaves, split at random; order,
/// split and nonces are drawn anew every day, so that two days' trees can't be laid over each other. It has the form in
/// which it is stored (<see cref="StoredTree"/>): blocks of leaves and the nodes above them, and no object for each leaf.
/// </summary>
public sealed class LiabilityTree
{
    private readonly string _merchant;
    private readonly DateOnly _day;
    private readonly byte[][] _blocks;
    private readonly byte[] _top;
    private readonly Guid[] _cards;
    private readonly int[] _at;
    private readonly int[] _order;

    private LiabilityTree(
        string merchant, DateOnly day, int depth, byte[][] blocks, (Guid[] Sorted, int[] At) cards, int[] order)
    {
        (_merchant, _day, _blocks, (_cards, _at), _order) = (merchant, day, blocks, cards, order);
        _top = StoredTree.Top(merchant, day, depth, blocks);
        Root = StoredTree.Root(depth, _top);
    }

    /// <summary>Its top, which goes to the chain.</summary>
    public LiabilityRoot Root { get; }

    /// <summary>Builds the tree of a day.</summary>
    /// <param name="merchant">The merchant's id.</param>
    /// <param name="day">The day in China.</param>
    /// <param name="balances">Each card once; none is left out because it is empty.</param>
    /// <param name="fill">Gives random bytes; the same bytes build the same tree.</param>
    /// <exception cref="ArgumentException">A card stands twice, or an amount can't be stated.</exception>
    public static LiabilityTree Build(
        string merchant, DateOnly day, IReadOnlyList<CardBalance> balances, Action<Span<byte>> fill)
    {
        ThrowIfUnstatable(balances);
        (Guid[], int[]) cards = Sorted(balances);
        int depth = 1;
        while (1L << depth < 2L * balances.Count)
            depth++;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, LiabilityRoot.MostDepth, nameof(balances));
        byte[][] blocks = StoredTree.Blocks(depth);
        Drawing drawing = new(fill);
        int[] order = drawing.Shuffled(1 << depth);
        for (int i = 0; i < balances.Count; i++)
        {
            CardBalance balance = balances[i];
            Liability part = new(drawing.UpTo(balance.Owed.PrincipalFen), drawing.UpTo(balance.Owed.GiftFen));
            Liability rest = new(
                balance.Owed.PrincipalFen - part.PrincipalFen, balance.Owed.GiftFen - part.GiftFen);
            StoredTree.Write(blocks, order[2 * i], balance.Card, part, balance.Receipt, drawing);
            StoredTree.Write(blocks, order[2 * i + 1], balance.Card, rest, balance.Receipt, drawing);
        }
        // A padding leaf looks like any other from outside: nobody learns how many cards there are.
        for (int i = 2 * balances.Count; i < order.Length; i++)
            StoredTree.Write(blocks, order[i], Guid.Empty, default, 0, drawing);
        return new LiabilityTree(merchant, day, depth, blocks, cards, order);
    }

    /// <summary>The proofs of a card's two leaves, from the left; null where the tree doesn't hold it.</summary>
    public IReadOnlyList<LiabilityProof>? Prove(Guid card) =>
        PlacesOf(card) is var (first, second) ? [Prove(first), Prove(second)] : null;

    /// <summary>Cards in it.</summary>
    internal int Count => _cards.Length;

    /// <summary>Its leaves in blocks, from the left.</summary>
    internal IReadOnlyList<byte[]> Blocks => _blocks;

    /// <summary>The nodes above the blocks.</summary>
    internal byte[] Top => _top;

    /// <summary>A card in ascending order, with its places.</summary>
    internal (Guid Card, int First, int Second) CardAt(int i) =>
        (_cards[i], _order[2 * _at[i]], _order[2 * _at[i] + 1]);

    /// <summary>A card's places, ascending; null where the tree doesn't hold it.</summary>
    internal (int First, int Second)? PlacesOf(Guid card)
    {
        int i = Array.BinarySearch(_cards, card);
        if (i < 0)
            return null;
        (_, int first, int second) = CardAt(i);
        return (Math.Min(first, second), Math.Max(first, second));
    }

    private LiabilityProof Prove(int index) => StoredTree.Prove(
        index, Root.Depth, _merchant, _day, _blocks[index >> StoredTree.TopLevel(Root.Depth)], _top);

    /// <summary>The cards in ascending order, each with its place among the balances.</summary>
    private static (Guid[] Sorted, int[] At) Sorted(IReadOnlyList<CardBalance> balances)
    {
        (Guid[] cards, int[] at) = (new Guid[balances.Count], new int[balances.Count]);
        for (int i = 0; i < cards.Length; i++)
            (cards[i], at[i]) = (balances[i].Card, i);
        if (Unsorted(cards) > 0)
            Array.Sort(cards, at);
        int wrong = Unsorted(cards);
        return wrong == 0 ? (cards, at)
            : throw new ArgumentException($"Card {cards[wrong]} stands twice.", nameof(balances));
    }

    /// <summary>The first place whose card is not above the one before; 0 where there is none.</summary>
    private static int Unsorted(Guid[] cards)
    {
        for (int i = 1; i < cards.Length; i++)
        {
            if (cards[i].CompareTo(cards[i - 1]) <= 0)
                return i;
        }
        return 0;
    }

    /// <summary>Amounts are not negative, so that no sum in the tree is more than the total.</summary>
    private static void ThrowIfUnstatable(IReadOnlyList<CardBalance> balances)
    {
        Liability total = default;
        foreach (CardBalance balance in balances)
        {
            if (!balance.Owed.IsValid || balance.Receipt is < 0 or >= Liability.Limit)
                throw new ArgumentException($"The balance of card {balance.Card} can't be stated.", nameof(balances));
            total += balance.Owed;
            if (!total.IsValid)
                throw new ArgumentException("Together the balances are more than can be stated.", nameof(balances));
        }
    }
}
