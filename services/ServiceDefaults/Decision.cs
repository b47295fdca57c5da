using ServiceDefaults.Problems;

namespace ServiceDefaults;

/// <summary>What a pure decision over a folded state came to.</summary>
/// <typeparam name="TEvent">The aggregate's events.</typeparam>
public abstract record Decision<TEvent>
{
    private Decision()
    {
    }

    /// <summary>The command is carried out by recording these events; none means that nothing is left to do.</summary>
    public sealed record Accepted(IReadOnlyList<TEvent> Events) : Decision<TEvent>;

    /// <summary>A rule stands against it; the code is a problem of the service's catalogue.</summary>
    public sealed record Refused(string Rule) : Decision<TEvent>;

    /// <summary>The events of an accepted decision.</summary>
    /// <param name="values">Fill the places of the problem's words where it was refused.</param>
    /// <exception cref="ProblemException">It was refused.</exception>
    public IReadOnlyList<TEvent> EventsOrProblem(params (string Name, object? Value)[] values) => this switch
    {
        Accepted accepted => accepted.Events,
        Refused refused => throw new ProblemException(Problem.Of(refused.Rule, values)),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>Accepts with events.</summary>
    public static implicit operator Decision<TEvent>(TEvent[] events) => new Accepted(events);
}
