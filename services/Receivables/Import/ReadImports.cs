using EventStore;
using Npgsql;
using Receivables.Vouchers;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Receivables.Import;

/// <summary>A handover in a list.</summary>
public sealed record ImportItem(
    string Platform, string Number, string FileSha256, DateTimeOffset ReceivedAt, int Vouchers, int TakenOver);

/// <summary>Handovers.</summary>
public sealed record ImportList(IReadOnlyList<ImportItem> Items);

/// <summary>What is stated of a holder in one voucher, and what it says to that.</summary>
/// <param name="Holder">The holder.</param>
/// <param name="Fen">Stated.</param>
/// <param name="State">
/// <c>stated</c> by the other platform, <c>confirmed</c> or <c>disputed</c> by the holder, or <c>lapsed</c> at the cut-off.
/// </param>
public sealed record StatedHolding(string Holder, long Fen, string State);

/// <summary>A voucher of a handover.</summary>
/// <param name="Root">Its name.</param>
/// <param name="Debtor">Who owes it.</param>
/// <param name="FaceFen">Its face.</param>
/// <param name="DueDate">Day of payment.</param>
/// <param name="State">
/// <c>stated</c> until the debtor has signed, then <c>taken-over</c>; <c>declined</c> where the handover was answered before.
/// </param>
/// <param name="Holdings">By holder.</param>
/// <param name="Command">For the debtor: what it signs to take it over, without its id.</param>
/// <param name="Offer">What holders accept to confirm, or reject to dispute; once it is taken over.</param>
public sealed record ImportedVoucher(
    string Root, string Debtor, long FaceFen, DateOnly DueDate, string State, IReadOnlyList<StatedHolding> Holdings,
    VoucherCommand? Command = null, string? Offer = null);

/// <summary>The caller's balance in the file's total.</summary>
/// <param name="Fen">What the other platform states.</param>
/// <param name="TotalFen">Of all holders.</param>
/// <param name="SumRoot">The root that the platform signed.</param>
/// <param name="Path">From the caller's leaf to the root.</param>
public sealed record BalanceProof(long Fen, long TotalFen, string SumRoot, IReadOnlyList<SumStep> Path);

/// <summary>A handover as a caller may see it.</summary>
public sealed record ImportDetails(
    string Platform, string Number, string FileSha256, string At, long TotalFen,
    IReadOnlyList<ImportedVoucher> Vouchers, BalanceProof? Balance = null);

/// <summary>Reads handovers: operator and authority all of them, an organisation what concerns it.</summary>
internal static class ReadImports
{
    public static async Task<IResult> ListAsync(Caller caller, Store store, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select i.platform, i.number, i.file_sha256, i.received_at, count(v.root)::int, count(t.root)::int, i.file
            from imports i join import_vouchers v on v.platform = i.platform and v.number = i.number
            left join vouchers t on t.root = v.root
            group by i.platform, i.number order by i.received_at desc, i.number limit 200
            """);
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<ImportItem> items = [];
        while (await reader.ReadAsync(cancellation))
        {
            if (!IsAll(caller) && !Concerns(Handover.Read(reader.GetFieldValue<byte[]>(6)).File!, caller.Tenant))
                continue;
            items.Add(new ImportItem(
                reader.GetString(0), reader.GetString(1), reader.GetString(2),
                reader.GetFieldValue<DateTimeOffset>(3), reader.GetInt32(4), reader.GetInt32(5)));
        }
        return TypedResults.Json(new ImportList(items), ImportJson.Default.ImportList);
    }

    public static async Task<IResult> GetAsync(
        string platform, string number, Caller caller, Store store, CancellationToken cancellation)
    {
        if (await ImportEvents.FileAsync(store, platform, number, cancellation) is not { } import
            || (!IsAll(caller) && !Concerns(import.File, caller.Tenant)))
            return Problem.Of("import-not-found", ("number", number));
        Dictionary<string, Statements> states = await StatesAsync(
            store, [.. import.File.Vouchers.Select(v => v.Root)], cancellation);
        bool all = IsAll(caller);
        ImportState state = await store.AggregateStreamAsync<ImportState>(
            ImportEvents.Stream(platform, number), cancellation);
        ImportedVoucher[] vouchers = [.. import.File.Vouchers
            .Where(v => all || v.Debtor == caller.Tenant || v.Stated.Any(p => p.To == caller.Tenant))
            .Select(v => Show(import.File, import.Sha256, v, states.GetValueOrDefault(v.Root), caller, all))
            .Select(v => v.State == "stated" && state.Answered is not null
                ? v with { State = "declined", Command = null } : v)];
        return TypedResults.Json(
            new ImportDetails(
                platform, number, import.Sha256, import.File.At, import.File.TotalFen, vouchers,
                Proof(import.File, caller.Tenant)),
            ImportJson.Default.ImportDetails);
    }

    private static bool IsAll(Caller caller) => caller.Is(Role.Operator) || caller.Is(Role.Regulator);

    private static bool Concerns(Handover file, string party) =>
        file.Balances.Any(b => b.Holder == party) || file.Vouchers.Any(v => v.Debtor == party);

    private static ImportedVoucher Show(
        Handover file, string sha256, HandoverVoucher v, Statements? states, Caller caller, bool all)
    {
        bool debtor = v.Debtor == caller.Tenant;
        StatedHolding[] holdings = [.. v.Stated.GroupBy(p => p.To)
            .Where(g => all || debtor || g.Key == caller.Tenant)
            .Select(g => new StatedHolding(g.Key, g.Sum(p => p.Fen), states?.Of.GetValueOrDefault(g.Key) switch
            {
                "accepted" => "confirmed",
                "disputed" or "lapsed" => states.Of[g.Key],
                _ => "stated",
            }))];
        return new ImportedVoucher(
            v.Root, v.Debtor, v.FaceFen, v.DueDate, states is null ? "stated" : "taken-over", holdings,
            debtor && states is null ? file.Command(v, sha256, "") : null, states?.Offer);
    }

    private static BalanceProof? Proof(Handover file, string party)
    {
        int index = file.Balances.ToList().FindIndex(b => b.Holder == party);
        return index < 0 ? null : new BalanceProof(
            file.Balances[index].Fen, file.TotalFen, file.SumRoot, SumTree.Of(file.Balances).Path(index));
    }

    /// <summary>What became of the statements, by voucher and holder; nothing of vouchers that are not taken over.</summary>
    private static async Task<Dictionary<string, Statements>> StatesAsync(
        Store store, string[] roots, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            "select root, receiver, state, offer from voucher_offers where kind = 'statement' and root = any($1)");
        query.Parameters.Add(new() { Value = roots });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        Dictionary<string, Statements> states = [];
        while (await reader.ReadAsync(cancellation))
        {
            if (!states.TryGetValue(reader.GetString(0), out Statements? of))
                states[reader.GetString(0)] = of = new Statements(reader.GetString(3), []);
            of.Of[reader.GetString(1)] = reader.GetString(2);
        }
        return states;
    }

    /// <summary>What became of the statements about one voucher, by holder.</summary>
    private sealed record Statements(string Offer, Dictionary<string, string> Of);
}
