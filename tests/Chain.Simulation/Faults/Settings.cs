using Chain.Consensus;

namespace Chain.Simulation;

/// <summary>What goes wrong in one run; drawn from its seed.</summary>
internal sealed record Settings
{
    public int Validators { get; init; } = 4;

    /// <summary>Keys in the hands of the adversary, at most a third less one.</summary>
    public int Faulty { get; init; }

    /// <summary>False: the faulty ones are merely dead.</summary>
    public bool AdversaryActs { get; init; } = true;

    /// <summary>False: a mutant whose driver stores no record.</summary>
    public bool KeepsRecord { get; init; } = true;

    public int LossPercent { get; init; }
    public int DuplicatePercent { get; init; }

    /// <summary>Loss of COMMITs besides: few decide, and the others change rounds.</summary>
    public int CommitLossPercent { get; init; }

    /// <summary>Longest time until a node learns of another's head: decided blocks stay unknown to the others.</summary>
    public int MaxSyncDelayMs { get; init; } = 20;

    public int MaxDelayMs { get; init; } = 20;

    /// <summary>Mean milliseconds between crashes of some node; 0 for none.</summary>
    public int CrashEveryMs { get; init; }

    /// <summary>One output in this many is preceded by a crash; 0 for none.</summary>
    public int CrashAmongOutputs { get; init; }

    public int PartitionEveryMs { get; init; }
    public int MaxSkewMs { get; init; }
    public int MaxExecutionMs { get; init; } = 20;
    public int TransactionEveryMs { get; init; } = 1_000;
    public int ChaosMs { get; init; } = 12_000;
    public QbftOptions Options { get; init; } = new();

    public static Settings Draw(Random random)
    {
        int[] sizes = [1, 4, 4, 4, 4, 5, 6, 7, 7, 10];
        int validators = sizes[random.Next(sizes.Length)];
        return new Settings
        {
            Validators = validators,
            Faulty = random.Next(Core.Quorum.MaxFaulty(validators) + 1),
            AdversaryActs = random.Next(4) > 0,
            LossPercent = Pick(0, 1, 10, 30),
            DuplicatePercent = Pick(0, 5, 30),
            CommitLossPercent = Pick(0, 40, 60, 80),
            MaxSyncDelayMs = Pick(20, 2_000, 20_000),
            MaxDelayMs = Pick(5, 50, 500, 2_000),
            CrashEveryMs = Pick(0, 0, 2_000, 10_000),
            CrashAmongOutputs = Pick(0, 0, 50, 500),
            PartitionEveryMs = Pick(0, 3_000, 10_000),
            MaxSkewMs = Pick(0, 0, 300, 900),
            MaxExecutionMs = Pick(2, 50, 1_500),
            TransactionEveryMs = Pick(200, 1_000, 5_000),
        };

        int Pick(params int[] choices) => choices[random.Next(choices.Length)];
    }
}
