using System.Collections.Immutable;

namespace Receivables.Financing;

/// <summary>An application for part of a voucher was made.</summary>
/// <param name="Financing">The application.</param>
/// <param name="Seller">Who made it.</param>
/// <param name="Start">First fen.</param>
/// <param name="Fen">How many.</param>
public sealed record FinancingOpened(Guid Financing, string Seller, long Start, long Fen);

/// <summary>An application came to a sale, or was taken back.</summary>
public sealed record FinancingClosed(Guid Financing);

/// <summary>Open applications of one voucher: no fen of a holder is in two of them.</summary>
public sealed record OpenFinancings(ImmutableDictionary<Guid, FinancingOpened> Open)
{
    /// <summary>None.</summary>
    public static readonly OpenFinancings Initial = new(ImmutableDictionary<Guid, FinancingOpened>.Empty);

    /// <summary>The stream of a voucher's applications.</summary>
    public static string Stream(string root) => "financed/" + root;

    /// <summary>
    /// Whether a holder asked for any of these fen before. What another asked for when it held them counts no longer:
    /// it can't sell.
    /// </summary>
    public bool Overlaps(string seller, long start, long fen) => Open.Values.Any(o =>
        o.Seller == seller && o.Start < start + fen && start < o.Start + o.Fen);

    /// <summary>Folds one event.</summary>
    public static OpenFinancings Evolve(OpenFinancings state, object e) => e switch
    {
        FinancingOpened o => new(state.Open.SetItem(o.Financing, o)),
        FinancingClosed c => new(state.Open.Remove(c.Financing)),
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of applications."),
    };
}
