using System.Globalization;
using System.Text.Json;

namespace Traceability.Codes.Quotas;

/// <summary>How certified output follows from stated numbers: a quotient of products, and an allowance for
/// loss.</summary>
/// <param name="Id">Stable name.</param>
/// <param name="Over">Numbers multiplied.</param>
/// <param name="Under">Numbers divided by.</param>
/// <param name="Loss">Share added.</param>
/// <param name="Zh">In words.</param>
/// <param name="En">In words.</param>
/// <param name="From">First day in force.</param>
/// <param name="To">Last day in force.</param>
/// <param name="Status"><c>assumed</c> where no law or standard gives formula and loss.</param>
/// <param name="Note">What that means for who relies on it, in both languages.</param>
public sealed record QuotaRule(
    string Id, IReadOnlyList<string> Over, IReadOnlyList<string> Under, string Loss, string Zh, string En,
    DateOnly From, DateOnly? To = null, string? Status = null, string? Note = null)
{
    private const decimal AmountMax = 1_000_000_000_000m;

    /// <summary>The rules, which are data beside the code.</summary>
    public static IReadOnlyList<QuotaRule> All { get; } = Read();

    /// <summary>The rule in force on a day; null when there is none.</summary>
    public static QuotaRule? Find(string? id, DateOnly day) =>
        All.FirstOrDefault(r => r.Id == id && day >= r.From && (r.To is not { } to || day <= to));

    /// <summary>The numbers that the rule asks for.</summary>
    public IEnumerable<string> Members => Over.Concat(Under);

    /// <summary>Reckons the amount, rounded down; null when a number is missing, not positive or out of
    /// range.</summary>
    public long? Amount(IReadOnlyDictionary<string, string> basis)
    {
        decimal amount = 1 + decimal.Parse(Loss, CultureInfo.InvariantCulture);
        try
        {
            foreach (string name in Over)
            {
                if (Number(basis, name) is not { } number)
                    return null;
                amount *= number;
            }
            foreach (string name in Under)
            {
                if (Number(basis, name) is not { } number)
                    return null;
                amount /= number;
            }
        }
        catch (OverflowException)
        {
            return null;
        }
        return basis.Count == Over.Count + Under.Count && amount is >= 1 and <= AmountMax
            ? (long)decimal.Floor(amount)
            : null;
    }

    private static decimal? Number(IReadOnlyDictionary<string, string> basis, string name) =>
        basis.TryGetValue(name, out string? text) && text.Length <= 20
        && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
        && number > 0
            ? number
            : null;

    private static List<QuotaRule> Read()
    {
        using Stream stream = typeof(QuotaRule).Assembly.GetManifestResourceStream(
            "Traceability.Codes.Quotas.QuotaRules.json")!;
        return JsonSerializer.Deserialize(stream, CodeJson.Default.ListQuotaRule)!;
    }
}
