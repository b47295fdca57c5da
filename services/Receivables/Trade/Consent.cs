using ServiceDefaults;

namespace Receivables.Trade;

/// <summary>Facts about a supplier's consent that one bank sees documents for one application.</summary>
public abstract record ConsentEvent
{
    private ConsentEvent()
    {
    }

    /// <summary>The supplier consented.</summary>
    /// <param name="Bank">The bank or factor.</param>
    /// <param name="Application">The application for financing that it is for.</param>
    /// <param name="Documents">The documents.</param>
    /// <param name="Until">When it ends by itself.</param>
    public sealed record Given(string Bank, string Application, IReadOnlyList<Guid> Documents, DateTimeOffset Until)
        : ConsentEvent;

    /// <summary>The supplier took it back.</summary>
    public sealed record Withdrawn(string Reason) : ConsentEvent;
}

/// <summary>A consent as its events tell it.</summary>
public sealed record ConsentState(ConsentEvent.Given? Given, bool Withdrawn)
{
    /// <summary>Before the first event.</summary>
    public static readonly ConsentState Initial = new(null, Withdrawn: false);

    /// <summary>Folds one event.</summary>
    public static ConsentState Evolve(ConsentState state, ConsentEvent e) => e switch
    {
        ConsentEvent.Given g => state with { Given = g },
        ConsentEvent.Withdrawn => state with { Withdrawn = true },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is not an event of a consent."),
    };
}

/// <summary>Decides about consents; pure.</summary>
public static class Consent
{
    /// <summary>There is no such consent.</summary>
    public const string Missing = "consent-not-found";

    /// <summary>It has to end, in the future and not too late.</summary>
    public const string Period = "consent-period";

    /// <summary>Whom it is given to is no bank or factor.</summary>
    public const string NoBank = "consent-not-a-bank";

    /// <summary>The longest that a consent lasts.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(180);

    /// <summary>The stream of a consent.</summary>
    public static string Stream(Guid id) => $"consent/{id}";

    /// <summary>Gives a consent.</summary>
    public static Decision<ConsentEvent> Give(ConsentEvent.Given given, bool isBank, DateTimeOffset now)
    {
        if (!isBank)
            return new Decision<ConsentEvent>.Refused(NoBank);
        return given.Until <= now || given.Until > now + Longest
            ? new Decision<ConsentEvent>.Refused(Period)
            : new Decision<ConsentEvent>.Accepted([given]);
    }

    /// <summary>Takes a consent back; once more is nothing.</summary>
    public static Decision<ConsentEvent> Withdraw(ConsentState state, string reason) => state switch
    {
        { Given: null } => new Decision<ConsentEvent>.Refused(Missing),
        { Withdrawn: true } => new Decision<ConsentEvent>.Accepted([]),
        _ => new Decision<ConsentEvent>.Accepted([new ConsentEvent.Withdrawn(reason)]),
    };
}
