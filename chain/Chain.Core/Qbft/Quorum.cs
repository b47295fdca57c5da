namespace Chain.Core;

/// <summary>Sizes of a QBFT validator set. Two quorums share at least one honest validator.</summary>
public static class Quorum
{
    /// <summary>Highest number of faulty validators tolerated: ⌊(n−1)/3⌋.</summary>
    public static int MaxFaulty(int validators) => (validators - 1) / 3;

    /// <summary>Votes needed to prepare, commit or change round: ⌈2n/3⌉.</summary>
    public static int Size(int validators) => ((2 * validators) + 2) / 3;

    /// <summary>Validators in higher rounds that make one follow: ⌊(n−1)/3⌋ + 1.</summary>
    public static int CatchUp(int validators) => MaxFaulty(validators) + 1;
}
