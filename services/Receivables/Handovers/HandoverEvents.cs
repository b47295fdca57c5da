using System.Text.Json.Serialization;
using EventStore;
using EventStore.Projections;
using Receivables.Import;
using Receivables.Vouchers;

namespace Receivables.Handovers;

/// <summary>A file was signed for another platform. Numbers of things stand only in the file, never here.</summary>
/// <param name="Platform">Who is to take over.</param>
/// <param name="Number">Names the handover once.</param>
/// <param name="FileSha256">Digest of the file.</param>
/// <param name="KeyId">This platform's key.</param>
/// <param name="Signature">r ‖ s over the file's bytes, base64url.</param>
/// <param name="TotalFen">Face of all vouchers.</param>
/// <param name="SumRoot">Root over the balances.</param>
/// <param name="Vouchers">Their names.</param>
public sealed record HandoverGiven(
    string Platform, string Number, string FileSha256, string KeyId, string Signature, long TotalFen, string SumRoot,
    IReadOnlyList<string> Vouchers);

/// <summary>The other platform answered; what it took is closed here in the same transaction.</summary>
/// <param name="Receipt">Its answer.</param>
/// <param name="Sha256">Digest of the answer's bytes.</param>
/// <param name="KeyId">Its key.</param>
/// <param name="Signature">r ‖ s over them, base64url.</param>
public sealed record HandoverSettled(HandoverReceipt Receipt, string Sha256, string KeyId, string Signature);

/// <summary>A handover to another platform.</summary>
/// <param name="Given">The file; null before.</param>
/// <param name="Settled">The answer; null before.</param>
public sealed record HandoverState(HandoverGiven? Given, HandoverSettled? Settled)
{
    /// <summary>Before it was given.</summary>
    public static readonly HandoverState Initial = new(null, null);

    /// <summary>Folds one event.</summary>
    public static HandoverState Evolve(HandoverState state, object e) => e switch
    {
        HandoverGiven given => state with { Given = given },
        HandoverSettled settled => state with { Settled = settled },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a handover."),
    };
}

/// <summary>Stable names, tables and stored forms of handovers to other platforms.</summary>
internal static class HandoverEvents
{
    public const string Given = "receivables.handover-given.v1";
    public const string Settled = "receivables.handover-settled.v1";

    public static string Stream(string platform, string number) => $"handing/{platform}/{number}";

    public static EventModel AddHandovers(this EventModel model) => model
        .Event(Given, GivenJson.Default.HandoverGiven)
        .Event(Settled, GivenJson.Default.HandoverSettled)
        .Aggregate(HandoverState.Initial, HandoverState.Evolve)
        .Inline(new HandoverRows())
        .Migrate("receivables-0603-handovers", HandoverRows.Schema);
}

/// <summary>Vouchers on their way to other platforms, and the files that state them.</summary>
internal sealed class HandoverRows : IProjection
{
    public const string Schema =
        """
        create table handover_vouchers (
            root     text   collate "C" primary key,
            platform text   collate "C" not null,
            number   text   collate "C" not null default '',
            fen      bigint not null,
            state    text   not null
        );
        create index handover_vouchers_platform on handover_vouchers (platform, number);
        create table handover_files (
            sha256 text  primary key,
            file   bytea not null
        );
        """;

    public string Name => "handovers";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            switch (e.Data)
            {
                case VoucherEvent.HandoverAgreed a:
                    sql.Add(
                        """
                        insert into handover_vouchers values ($1, $2, '', $3, 'agreed') on conflict (root)
                        do update set platform = excluded.platform, number = '', state = 'agreed'
                        """, e.Stream, a.Platform, a.FaceFen);
                    break;
                case VoucherEvent.HandoverFiled f:
                    sql.Add("update handover_vouchers set number = $2, state = 'filed' where root = $1", e.Stream, f.Number);
                    break;
                case VoucherEvent.HandoverEnded ended:
                    sql.Add("update handover_vouchers set state = $2 where root = $1", e.Stream, ended.Reason);
                    break;
                case VoucherEvent.Moved:
                    sql.Add("update handover_vouchers set state = 'moved' where root = $1", e.Stream);
                    break;
                default: break;
            }
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate handover_vouchers");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(HandoverGiven))]
[JsonSerializable(typeof(HandoverSettled))]
[JsonSerializable(typeof(HandoverList))]
[JsonSerializable(typeof(HandoverDetails))]
internal sealed partial class GivenJson : JsonSerializerContext;
