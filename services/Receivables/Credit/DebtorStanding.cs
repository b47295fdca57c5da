using Receivables.Rules;
using ServiceDefaults;

namespace Receivables.Credit;

/// <summary>What stops a debtor (银发〔2025〕77号 art. 15).</summary>
public enum StandingKind
{
    /// <summary>A voucher was not paid at maturity.</summary>
    VoucherOverdue,

    /// <summary>A bond is in default.</summary>
    BondDefault,

    /// <summary>On the published list of the persistently overdue.</summary>
    PersistentlyOverdue,
}

/// <summary>A fact about how a debtor stands.</summary>
/// <param name="Kind">What.</param>
/// <param name="Reference">The voucher, bond or list it is about.</param>
/// <param name="Cleared">Whether it came to an end.</param>
/// <param name="Source">Where it was published, or who says so.</param>
/// <param name="Sha256">Digest of the list or of the proof; null where the suite saw it itself.</param>
public sealed record StandingRecorded(
    StandingKind Kind, string Reference, bool Cleared, string Source, string? Sha256);

/// <summary>How a debtor stands: everything that is open against it.</summary>
public sealed record DebtorStanding(IReadOnlySet<(StandingKind Kind, string Reference)> Open)
{
    /// <summary>Clearing asks for a proof.</summary>
    public const string NoProof = "standing-no-proof";

    /// <summary>Nothing is recorded.</summary>
    public static readonly DebtorStanding Initial = new(new HashSet<(StandingKind, string)>());

    /// <summary>What rules ask.</summary>
    public Standing Now => new(
        Has(StandingKind.VoucherOverdue), Has(StandingKind.BondDefault), Has(StandingKind.PersistentlyOverdue));

    /// <summary>Folds one fact.</summary>
    public static DebtorStanding Evolve(DebtorStanding standing, StandingRecorded e)
    {
        HashSet<(StandingKind, string)> open = [.. standing.Open];
        _ = e.Cleared ? open.Remove((e.Kind, e.Reference)) : open.Add((e.Kind, e.Reference));
        return new DebtorStanding(open);
    }

    /// <summary>Whether a fact may be recorded; what is known already leads to nothing.</summary>
    public static Decision<StandingRecorded> Decide(DebtorStanding standing, StandingRecorded e)
    {
        bool open = standing.Open.Contains((e.Kind, e.Reference));
        if (open != e.Cleared)
            return new Decision<StandingRecorded>.Accepted([]);
        return e is { Cleared: true, Sha256: null }
            ? new Decision<StandingRecorded>.Refused(NoProof)
            : new Decision<StandingRecorded>.Accepted([e]);
    }

    private bool Has(StandingKind kind) => Open.Any(o => o.Kind == kind);
}
