using Proofs.Liabilities;

namespace Prepaid.Liabilities;

/// <summary>
/// A merchant's liabilities on a day as a Merkle sum tree. Each balance lies on two leaves, split at random; order,
/// split and nonces are drawn anew every day, so that two days' trees can't be laid over each other.
/// </summary>
public sealed class LiabilityTree
{
    private readonly LiabilityLeaf[] _leaves;
    private readonly Level[] _levels;
    private readonly Dictionary<Guid, (int First, int Second)> _places;

    private LiabilityTree(LiabilityLeaf[] leaves, Level[] levels, Dictionary<Guid, (int, int)> places)
    {
        (_leaves, _levels, _places) = (leaves, levels, places);
        Level top = levels[^1];
        Root = new LiabilityRoot(top.Hash(0).ToArray(), levels.Length - 1, top.Sum(0));
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
        Drawing drawing = new(fill);
        int depth = 1;
        while (1L << depth < 2L * balances.Count)
            depth++;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, LiabilityRoot.MostDepth, nameof(balances));
        LiabilityLeaf[] leaves = new LiabilityLeaf[1 << depth];
        int[] order = drawing.Shuffled(leaves.Length);
        Dictionary<Guid, (int, int)> places = new(balances.Count);
        for (int i = 0; i < balances.Count; i++)
        {
            (CardBalance balance, int first, int second) = (balances[i], order[2 * i], order[2 * i + 1]);
            if (!places.TryAdd(balance.Card, (first, second)))
                throw new ArgumentException($"Card {balance.Card} stands twice.", nameof(balances));
            Liability part = new(drawing.UpTo(balance.Owed.PrincipalFen), drawing.UpTo(balance.Owed.GiftFen));
            Liability rest = new(
                balance.Owed.PrincipalFen - part.PrincipalFen, balance.Owed.GiftFen - part.GiftFen);
            leaves[first] = new LiabilityLeaf(balance.Card, drawing.Nonce(), part, balance.Receipt);
            leaves[second] = new LiabilityLeaf(balance.Card, drawing.Nonce(), rest, balance.Receipt);
        }
        // A padding leaf looks like any other from outside: nobody learns how many cards there are.
        for (int i = 2 * balances.Count; i < leaves.Length; i++)
            leaves[order[i]] = new LiabilityLeaf(Guid.Empty, drawing.Nonce(), default, 0);
        return new LiabilityTree(leaves, Levels(merchant, day, leaves, depth), places);
    }

    /// <summary>The proofs of a card's two leaves; null where the tree doesn't hold it.</summary>
    public IReadOnlyList<LiabilityProof>? Prove(Guid card) => _places.TryGetValue(card, out var places)
        ? [Prove(Math.Min(places.First, places.Second)), Prove(Math.Max(places.First, places.Second))]
        : null;

    /// <summary>The leaves, from the left.</summary>
    internal IReadOnlyList<LiabilityLeaf> Leaves => _leaves;

    /// <summary>Every card's two places.</summary>
    internal IReadOnlyDictionary<Guid, (int First, int Second)> Places => _places;

    /// <summary>A node's sum and hash.</summary>
    internal ProofStep Node(int level, int index) =>
        new(_levels[level].Sum(index), _levels[level].Hash(index).ToArray());

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

    private LiabilityProof Prove(int index)
    {
        ProofStep[] path = new ProofStep[_levels.Length - 1];
        for (int level = 0, at = index; level < path.Length; level++, at >>= 1)
            path[level] = Node(level, at ^ 1);
        return new LiabilityProof(index, _leaves[index], path);
    }

    private static Level[] Levels(string merchant, DateOnly day, LiabilityLeaf[] leaves, int depth)
    {
        byte[] merchantHash = LiabilityLeaf.MerchantHash(merchant);
        Level[] levels = new Level[depth + 1];
        Level bottom = levels[0] = new Level(leaves.Length);
        Parallel.For(0, Chunks(leaves.Length), chunk =>
        {
            foreach (int i in Chunk(chunk, leaves.Length))
                bottom.Set(i, leaves[i], merchantHash, day);
        });
        for (int level = 1; level <= depth; level++)
        {
            (Level below, Level above) = (levels[level - 1], levels[level] = new Level(leaves.Length >> level));
            int number = level;
            Parallel.For(0, Chunks(above.Count), chunk =>
            {
                foreach (int i in Chunk(chunk, above.Count))
                    above.Join(i, number, below);
            });
        }
        return levels;
    }

    private const int ChunkSize = 4096;

    private static int Chunks(int count) => (count + ChunkSize - 1) / ChunkSize;

    private static IEnumerable<int> Chunk(int chunk, int count) =>
        Enumerable.Range(chunk * ChunkSize, Math.Min(ChunkSize, count - chunk * ChunkSize));

    /// <summary>One level's hashes and sums, side by side.</summary>
    private sealed class Level(int count)
    {
        private readonly byte[] _hashes = new byte[count * LiabilityLeaf.HashSize];
        private readonly Liability[] _sums = new Liability[count];

        public int Count => count;

        public Liability Sum(int i) => _sums[i];

        public Span<byte> Hash(int i) => _hashes.AsSpan(i * LiabilityLeaf.HashSize, LiabilityLeaf.HashSize);

        public void Set(int i, LiabilityLeaf leaf, byte[] merchantHash, DateOnly day)
        {
            _sums[i] = leaf.Owed;
            leaf.Hash(merchantHash, day, Hash(i));
        }

        public void Join(int i, int level, Level below)
        {
            (int left, int right) = (2 * i, 2 * i + 1);
            _sums[i] = below.Sum(left) + below.Sum(right);
            LiabilityNode.Hash(level, below.Sum(left), below.Hash(left), below.Sum(right), below.Hash(right), Hash(i));
        }
    }
}
