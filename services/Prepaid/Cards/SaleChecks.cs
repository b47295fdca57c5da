using Prepaid.Merchants;
using Prepaid.Rules;
using ServiceDefaults.Problems;

namespace Prepaid.Cards;

/// <summary>Whether a lot may be sold: the merchant's standing and the dated rules on cards; pure.</summary>
internal static class SaleChecks
{
    /// <summary>The problem that stands against a sale; null where none does.</summary>
    public static Problem? Against(Merchant merchant, Card card, bool named, Lot lot, DateOnly today)
    {
        if (merchant.Filing is not { } filing)
            return Problem.Of(Merchant.Missing);
        if (merchant.Stop is { } stop && stop.Binds(today))
            return Problem.Of("sale-stopped", ("case", stop.CaseNumber), ("power", stop.Power));
        if (merchant.Closing is { } closing)
            return Problem.Of("sale-closing", ("last", closing.LastDay));
        if (merchant.Contracts.GetValueOrDefault(lot.Contract) is { Accepted: false } contract)
            return Problem.Of("contract-refused", ("name", contract.Name), ("words", contract.Words));
        return Ban(merchant, filing, today) ?? Limit(filing, card, named, lot, today) ?? Term(filing, named, lot, today);
    }

    /// <summary>A list stops sales only where a rule in force says so.</summary>
    private static Problem? Ban(Merchant merchant, Filing filing, DateOnly today)
    {
        if (merchant.Bans.IsEmpty || InForce("sale-ban", filing, today).FirstOrDefault() is not { } rule)
            return null;
        return Problem.Of("sale-banned", ("list", merchant.Bans.Keys.Order(StringComparer.Ordinal).First()),
            ("law", rule.Law), ("article", rule.Article));
    }

    private static Problem? Limit(Filing filing, Card card, bool named, Lot lot, DateOnly today)
    {
        foreach (Rule rule in InForce("card-limit", filing, today))
        {
            long most = rule.Parameters[named ? "namedFen" : "unnamedFen"];
            Owed owed = Owed.For(card, today);
            if (owed.PrincipalFen + owed.GiftFen + lot.PaidFen + lot.GiftFen > most)
                return Problem.Of("card-limit", ("most", most), ("law", rule.Law), ("article", rule.Article));
        }
        return null;
    }

    private static Problem? Term(Filing filing, bool named, Lot lot, DateOnly today)
    {
        if (lot.Kind != LotKind.Value || lot.Ends is not { } ends)
            return null;
        foreach (Rule rule in InForce("card-term", filing, today))
        {
            long years = rule.Parameters["unnamedYears"];
            if (named || ends < today.AddYears((int)years))
                return Problem.Of("card-term", ("years", years), ("law", rule.Law), ("article", rule.Article));
        }
        return null;
    }

    private static IEnumerable<Rule> InForce(string subject, Filing filing, DateOnly today) =>
        RuleBook.On(subject, filing.Jurisdiction, filing.Industry, today).Where(r => r.InForce(today));
}
