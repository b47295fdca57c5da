using System.Text.Json.Serialization;
using EventStore;
using EventStore.Projections;
using Receivables.Maturity;

namespace Receivables.Reconciliation;

/// <summary>A day was reconciled: what was compared and every break. Nothing else is changed by it.</summary>
/// <param name="Day">The day.</param>
/// <param name="FileSha256">Digest of the bank's file.</param>
/// <param name="BankLines">Lines of the file.</param>
/// <param name="BankFen">Their sum.</param>
/// <param name="LedgerLines">Receipts that the platform has.</param>
/// <param name="LedgerFen">Their sum.</param>
/// <param name="Anchored">How many of them a sealed block has.</param>
/// <param name="Breaks">What does not agree; the first 1 000.</param>
/// <param name="BreakCount">How many there are.</param>
public sealed record Reconciled(
    DateOnly Day, string FileSha256, int BankLines, long BankFen, int LedgerLines, long LedgerFen, int Anchored,
    IReadOnlyList<Break> Breaks, int BreakCount)
{
    /// <summary>Whose file it is, where more than one institution delivers one; null for the only one.</summary>
    public string? Institution { get; init; }

    /// <summary>Institutions whose file of the day had not come yet; null for none.</summary>
    public IReadOnlyList<string>? Awaited { get; init; }
}

/// <summary>The reconciliation of a day as it was done last.</summary>
/// <param name="Last">Null before the first.</param>
/// <param name="Runs">How often it was done with another result.</param>
public sealed record ReconciliationState(Reconciled? Last, int Runs)
{
    /// <summary>Before the first.</summary>
    public static readonly ReconciliationState Initial = new(null, 0);

    /// <summary>Folds one run.</summary>
    public static ReconciliationState Evolve(ReconciliationState state, Reconciled e) => new(e, state.Runs + 1);
}

/// <summary>Stable name and stored form of reconciliations, and the receipts by day.</summary>
internal static class ReconciliationEvents
{
    public const string Reconciled = "receivables.reconciled.v1";

    public static string Stream(DateOnly day, string? institution) =>
        $"reconciliation-{day:yyyy-MM-dd}{(institution is null ? "" : $"/{institution}")}";

    public static EventModel AddReconciliationEvents(this EventModel model) => model
        .Event(Reconciled, ReconciliationJson.Default.Reconciled)
        .Event(RunInstitutions.Reconciled, ReconciliationJson.Default.InstitutionReconciled)
        .Aggregate(InstitutionState.Initial, (_, e) => new InstitutionState((InstitutionReconciled)e))
        .Migrate("receivables-0502-institutions", RunInstitutions.Schema)
        .Aggregate(ReconciliationState.Initial, (state, e) => ReconciliationState.Evolve(state, (Reconciled)e))
        .Inline(new ReceiptRows())
        .Inline(new BankDayRows())
        .Migrate("receivables-0501-receipts", ReceiptRows.Schema)
        .Migrate("receivables-0502-bank-days", BankDayRows.Schema)
        .Migrate("receivables-0503-bank-files", BankDayRows.ByInstitution);
}

/// <summary>Every allocated receipt with the event that allocated it, by day of payment.</summary>
internal sealed class ReceiptRows : IProjection
{
    public const string Schema =
        """
        create table receipt_allocations (
            receipt       text   collate "C" not null,
            root          text   collate "C" not null,
            value_date    date   not null,
            fen           bigint not null,
            principal_fen bigint not null,
            event_id      uuid   not null,
            primary key (receipt, root)
        );
        create index receipt_allocations_day on receipt_allocations (value_date);
        """;

    public string Name => "receipt_allocations";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            if (e.Data is ClearingEvent.ReceiptAllocated r)
            {
                sql.Add("insert into receipt_allocations values ($1, $2, $3, $4, $5, $6)", r.Receipt,
                    ClearingEvents.RootOf(e.Stream), r.ValueDate, r.Fen, r.Shares.Sum(s => s.Principal), e.Id);
            }
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate receipt_allocations");
}

/// <summary>Stored forms and answers of reconciliations and statements.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(Reconciled))]
[JsonSerializable(typeof(StatementAnswer))]
[JsonSerializable(typeof(InstitutionReconciled))]
[JsonSerializable(typeof(InstitutionList))]
internal sealed partial class ReconciliationJson : JsonSerializerContext;
