using System.Text.Json.Serialization;

namespace Receivables.Watch;

/// <summary>What one party owes or holds of all that is open.</summary>
/// <param name="Party">Who.</param>
/// <param name="Name">Its registered name; null where the register has none.</param>
/// <param name="Vouchers">Of how many vouchers.</param>
/// <param name="Fen">How much.</param>
/// <param name="SharePpm">Of all that is open, in millionths, half up.</param>
/// <param name="OverdueFen">Of it overdue.</param>
public sealed record WatchShare(string Party, string? Name, long Vouchers, long Fen, long SharePpm, long OverdueFen);

/// <summary>A step of the maturity ladder: what is paid from one day through another.</summary>
/// <param name="Step">
/// <c>overdue</c>, <c>30</c>, <c>90</c>, <c>180</c>, <c>365</c> days at most, or <c>later</c>.
/// </param>
/// <param name="From">First day of payment; null for the first step.</param>
/// <param name="Through">Last day of payment; null for the last step.</param>
/// <param name="Vouchers">How many vouchers.</param>
/// <param name="Fen">What is open on them.</param>
public sealed record WatchStep(string Step, DateOnly? From, DateOnly? Through, long Vouchers, long Fen);

/// <summary>All open vouchers at a glance.</summary>
/// <param name="AsOf">The day in China.</param>
/// <param name="Fen">Open in all: accepted, not paid.</param>
/// <param name="Vouchers">How many vouchers.</param>
/// <param name="OverdueFen">Past their day of payment.</param>
/// <param name="Debtors">By core enterprise with its group, the largest first, at most 50.</param>
/// <param name="Holders">By holder, the largest first, at most 50.</param>
/// <param name="Ladder">By day of payment; adds up to the whole.</param>
public sealed record WatchOverview(
    DateOnly AsOf, long Fen, long Vouchers, long OverdueFen, IReadOnlyList<WatchShare> Debtors,
    IReadOnlyList<WatchShare> Holders, IReadOnlyList<WatchStep> Ladder);

/// <summary>An open voucher.</summary>
public sealed record WatchVoucher(
    string Root, string Debtor, string? DebtorName, string FirstHolder, long FaceFen, long OpenFen, DateOnly IssueDate,
    DateOnly PayDay, string Stage, int Holders);

/// <summary>Open vouchers behind a figure.</summary>
/// <param name="Fen">What is open on all of them.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Items">A page of them, by day of payment.</param>
/// <param name="Cursor">Asks for the next page; missing on the last.</param>
public sealed record WatchVoucherPage(long Fen, long Count, IReadOnlyList<WatchVoucher> Items, string? Cursor);

/// <summary>Who loses what when a core enterprise and its group pay nothing more.</summary>
/// <param name="Debtor">Which core enterprise.</param>
/// <param name="Name">Its registered name.</param>
/// <param name="Vouchers">How many vouchers.</param>
/// <param name="Fen">What is unpaid: the sum of all losses.</param>
/// <param name="Losses">By party, the heaviest first.</param>
/// <param name="Flows">How recourse passes losses on.</param>
/// <param name="Names">Registered names of the parties, where the register has them.</param>
public sealed record WatchStress(
    string Debtor, string? Name, long Vouchers, long Fen, IReadOnlyList<StressLoss> Losses,
    IReadOnlyList<StressFlow> Flows, IReadOnlyDictionary<string, string> Names);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WatchOverview))]
[JsonSerializable(typeof(WatchVoucherPage))]
[JsonSerializable(typeof(WatchStress))]
internal sealed partial class WatchJson : JsonSerializerContext;
