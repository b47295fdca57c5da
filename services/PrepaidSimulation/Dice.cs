namespace PrepaidSimulation;

/// <summary>
/// Random numbers that are the same for the same seed on every machine and in every version: SplitMix64 (Steele, Lea,
/// Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
/// </summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Dice of their own for one part, so that a change in one part leaves the others as they were.</summary>
    public Dice Of(ulong part) => new(Mix(_state ^ Mix(part + 1)));

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [from, to).</summary>
    public double Between(double from, double to) => from + ((to - from) * Unit());

    /// <summary>Uniform over the whole numbers from..to, both included.</summary>
    public int Whole(int from, int to) => from + (int)(Unit() * (to - from + 1));

    public bool Happens(double chance) => Unit() < chance;

    /// <summary>Normal with mean 0 and deviation 1 (Box and Muller).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());

    /// <summary>A factor around 1 whose logarithm is normal.</summary>
    public double Factor(double deviation) => Math.Exp((deviation * Normal()) - (deviation * deviation / 2));

    /// <summary>How often something of this mean happens (Poisson; by its normal limit above 30).</summary>
    public int Count(double mean)
    {
        if (mean > 30) return Math.Max(0, (int)Math.Round(mean + (Math.Sqrt(mean) * Normal())));
        int count = 0;
        for (double left = Math.Exp(-mean), product = Unit(); product > left; product *= Unit()) count++;
        return count;
    }

    private ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
