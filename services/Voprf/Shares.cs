namespace Voprf;

/// <summary>What a key holder made of a blinded point, with the proof that its own share did it.</summary>
/// <param name="Holder">Index of the holder, from 1.</param>
/// <param name="Evaluated">share·blinded.</param>
/// <param name="Proof">Equality with the holder's public share.</param>
public sealed record PartialEvaluation(int Holder, Point Evaluated, EqualityProof Proof);

/// <summary>
/// The public side of a key that <see cref="Threshold"/> of <see cref="Holders"/> can use together: Shamir shares
/// f(1), f(2), f(3) of f(0), each with its public point.
/// </summary>
public sealed class ThresholdKey
{
    /// <summary>Holders needed.</summary>
    public const int Threshold = 2;

    /// <summary>Holders of shares.</summary>
    public const int Holders = 3;

    /// <summary>A key from its public points.</summary>
    /// <param name="publicKey">f(0)·G.</param>
    /// <param name="shares">f(1)·G, f(2)·G, f(3)·G.</param>
    /// <exception cref="ArgumentException">The points are not of one polynomial of degree 1.</exception>
    public ThresholdKey(Point publicKey, IReadOnlyList<Point> shares)
    {
        if (shares.Count != Holders)
            throw new ArgumentException($"A key has {Holders} shares.");
        for (int i = 1; i <= Holders; i++)
        {
            int other = (i % Holders) + 1;
            Point combined = Combine([(i, shares[i - 1]), (other, shares[other - 1])]);
            if (!combined.Equals(publicKey))
                throw new ArgumentException($"Shares {i} and {other} don't make the public key.");
        }
        (PublicKey, Shares) = (publicKey, shares);
    }

    /// <summary>f(0)·G.</summary>
    public Point PublicKey { get; }

    /// <summary>Public points of the shares, the first holder's first.</summary>
    public IReadOnlyList<Point> Shares { get; }

    /// <summary>Whether a holder used its own share on this blinded point.</summary>
    public bool Verify(Point blinded, PartialEvaluation part) =>
        part.Holder is >= 1 and <= Holders
        && Oprf.Verify(Shares[part.Holder - 1], [(blinded, part.Evaluated)], part.Proof);

    /// <summary>f(0)·blinded from two verified parts (Lagrange at 0).</summary>
    /// <exception cref="ArgumentException">Not two parts of different holders.</exception>
    public static Point Combine(IReadOnlyList<(int Holder, Point Evaluated)> parts)
    {
        if (parts.Count != Threshold || parts[0].Holder == parts[1].Holder)
            throw new ArgumentException($"Parts of {Threshold} different holders are needed.");
        ((int a, Point pa), (int b, Point pb)) = (parts[0], parts[1]);
        return (Coefficient(a, b) * pa) + (Coefficient(b, a) * pb);
    }

    // b / (b − a)
    private static Scalar Coefficient(int of, int other) =>
        Scalar.Of(other) * (Scalar.Of(other) - Scalar.Of(of)).Inverse();
}

/// <summary>
/// One holder's contribution to a new key: a secret line f(x) = a0 + a1·x. The key is the sum of three such lines, so that
/// nobody ever has it whole (joint Feldman).
/// </summary>
public sealed class Dealing
{
    private readonly Scalar _a0;
    private readonly Scalar _a1;

    /// <summary>A line from two secrets.</summary>
    public Dealing(Scalar a0, Scalar a1)
    {
        (_a0, _a1) = (a0, a1);
        Commitments = new DealingCommitments(Point.MultiplyGenerator(a0), Point.MultiplyGenerator(a1));
    }

    /// <summary>What is published of it.</summary>
    public DealingCommitments Commitments { get; }

    /// <summary>f(holder): for that holder alone.</summary>
    public Scalar ShareFor(int holder) => _a0 + (_a1 * Scalar.Of(holder));
}

/// <summary>Public points of a dealing's two secrets.</summary>
/// <param name="Constant">a0·G.</param>
/// <param name="Slope">a1·G.</param>
public sealed record DealingCommitments(Point Constant, Point Slope)
{
    /// <summary>f(holder)·G.</summary>
    public Point PublicShare(int holder) => Constant + (Scalar.Of(holder) * Slope);

    /// <summary>Whether a share is the one that was committed to.</summary>
    public bool Fits(int holder, Scalar share) =>
        !share.IsZero && Point.MultiplyGenerator(share).Equals(PublicShare(holder));

    /// <summary>The key that several dealings make together.</summary>
    public static ThresholdKey Join(IReadOnlyList<DealingCommitments> dealings) => new(
        dealings.Select(d => d.Constant).Aggregate((a, b) => a + b),
        [.. Enumerable.Range(1, ThresholdKey.Holders)
            .Select(i => dealings.Select(d => d.PublicShare(i)).Aggregate((a, b) => a + b))]);
}
