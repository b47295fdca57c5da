using System.Globalization;

namespace Cli.Benchmarks;

/// <summary>Holds one part still (SIGSTOP), as good as dead to the others, until disposed of.</summary>
public sealed class Stillness : IDisposable
{
    private readonly int _process;

    public Stillness(Instance instance, string part)
    {
        var file = Path.Combine(instance.Run, part + ".pid");
        if (!File.Exists(file)) throw new UserException($"No part named {part} runs here.");
        _process = int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);
        Supervision.Leftovers.Signal(_process, "STOP");
    }

    public void Dispose() => Supervision.Leftovers.Signal(_process, "CONT");
}
