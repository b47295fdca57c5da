using Receivables.Vouchers;

namespace Receivables.Ledger;

/// <summary>Who takes part in a family; nobody else learns that it exists.</summary>
internal static class Participants
{
    public static bool Has(FamilyState state, string party) =>
        state.Issuer == party || state.Debtor == party || state.FirstHolder == party
        || state.Offers.Values.Any(o => o.From == party || o.Open.Any(p => p.To == party))
        || state.Orders.Values.Any(o => o.By == party || o.Holder == party)
        || state.Fragments.Any(f => f.Claim.Holder == party || f.Claim.Pledge?.Pledgee == party
            || Sold(f.Claim.Recourse, party));

    /// <summary>The rule that a party is told: to a stranger the voucher is not there.</summary>
    public static string Veil(FamilyState state, string? party, string rule) =>
        rule is Refusal.Form or Refusal.AmountNotPositive || state.Stage == Stage.None || party is null
            || Has(state, party)
            ? rule
            : Refusal.NotFound;

    private static bool Sold(Recourse? recourse, string party) =>
        recourse is not null && (recourse.Seller == party || Sold(recourse.Prior, party));
}
