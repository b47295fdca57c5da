using Receivables.Ledger;
using Receivables.Vouchers;

namespace Receivables.Watch;

/// <summary>What a party loses when a debtor pays nothing more. Every amount is in fen.</summary>
/// <param name="Party">Who.</param>
/// <param name="HeldFen">What it holds and is not paid: it is hit first.</param>
/// <param name="PassedFen">Of that, what it may claim from whom it bought with recourse (Civil Code art. 766).</param>
/// <param name="TakenFen">What buyers may claim from it in turn.</param>
/// <param name="SecurityFen">What was pledged to it and secures nothing any more; the debt it secured stays.</param>
public sealed record StressLoss(string Party, long HeldFen, long PassedFen, long TakenFen, long SecurityFen)
{
    /// <summary>What stays with it.</summary>
    public long LossFen => HeldFen - PassedFen + TakenFen;
}

/// <summary>One way by which a loss goes on: from a buyer back to its seller.</summary>
public sealed record StressFlow(string From, string To, long Fen);

/// <summary>
/// Works out who loses what, interval by interval, from the movements of vouchers; pure. Each fen is lost by one
/// party alone, so that losses add up to what is unpaid.
/// </summary>
public static class Stress
{
    /// <summary>The fragments of a voucher as its movements tell them, with what is paid, pledged and sold.</summary>
    /// <param name="faceFen">Its face.</param>
    /// <param name="movements">All of them, in order.</param>
    public static Fragments Replay(long faceFen, IEnumerable<WatchedMovement> movements)
    {
        Fragments all = Fragments.Of(faceFen, new Claim("", "", 0));
        HashSet<string> released = [];
        List<WatchedMovement> list = [.. movements];
        foreach (WatchedMovement m in list.Where(m => m.Kind == "released"))
            released.Add(m.Command);
        foreach (WatchedMovement m in list)
        {
            Func<Claim, Claim>? change = m.Kind switch
            {
                "issued" or "transferred" => c => c with { Holder = m.Receiver!, Recourse = null },
                "sold" => c => c with
                {
                    Holder = m.Receiver!,
                    Recourse = m.Recourse ? new Recourse(m.Command, m.Sender!, c.Recourse) : null,
                },
                "repurchased" => c => c with { Holder = m.Receiver!, Recourse = c.Recourse?.Prior },
                "pledged" when !released.Contains(m.Command) =>
                    c => c with { Pledge = new Pledge(m.Command, m.Receiver!) },
                "paid" => c => c with { PaidFen = c.PaidFen + m.Fen },
                _ => null,
            };
            if (change is not null)
                all = all.Change(new Interval(m.Start, m.End), change);
        }
        return all;
    }

    /// <summary>Losses by party, the heaviest first, and the flows of recourse between them.</summary>
    /// <param name="families">The unpaid vouchers of the debtor that fails.</param>
    public static (IReadOnlyList<StressLoss> Losses, IReadOnlyList<StressFlow> Flows) Of(
        IEnumerable<Fragments> families)
    {
        Dictionary<string, StressLoss> losses = new(StringComparer.Ordinal);
        Dictionary<(string From, string To), long> flows = [];
        foreach (Fragment f in families.SelectMany(f => f).Where(f => f.Claim.Holder.Length > 0))
        {
            long fen = f.Fen - f.Claim.PaidFen;
            if (fen == 0)
                continue;
            Add(f.Claim.Holder, l => l with { HeldFen = l.HeldFen + fen });
            if (f.Claim.Pledge is { } pledge)
                Add(pledge.Pledgee, l => l with { SecurityFen = l.SecurityFen + fen });
            string from = f.Claim.Holder;
            for (Recourse? r = f.Claim.Recourse; r is not null; from = r.Seller, r = r.Prior)
            {
                string to = r.Seller;
                Add(from, l => l with { PassedFen = l.PassedFen + fen });
                Add(to, l => l with { TakenFen = l.TakenFen + fen });
                flows[(from, to)] = flows.GetValueOrDefault((from, to)) + fen;
            }
        }
        return (
            [.. losses.Values.OrderByDescending(l => l.LossFen).ThenByDescending(l => l.HeldFen)
                .ThenBy(l => l.Party, StringComparer.Ordinal)],
            [.. flows.Select(f => new StressFlow(f.Key.From, f.Key.To, f.Value)).OrderByDescending(f => f.Fen)
                .ThenBy(f => f.From, StringComparer.Ordinal)]);

        void Add(string party, Func<StressLoss, StressLoss> add) =>
            losses[party] = add(losses.GetValueOrDefault(party) ?? new StressLoss(party, 0, 0, 0, 0));
    }
}

/// <summary>A movement as the stress test needs it.</summary>
/// <param name="Root">The voucher.</param>
/// <param name="Kind">What happened, as <see cref="Movement.Kind"/>.</param>
/// <param name="Command">The offer, sale or pledge.</param>
/// <param name="Sender">Who gave.</param>
/// <param name="Receiver">Who got.</param>
/// <param name="Start">First fen.</param>
/// <param name="End">Fen after the last.</param>
/// <param name="Fen">How much.</param>
/// <param name="Recourse">Of a sale: with recourse.</param>
public sealed record WatchedMovement(
    string Root, string Kind, string Command, string? Sender, string? Receiver, long Start, long End, long Fen,
    bool Recourse = false);
