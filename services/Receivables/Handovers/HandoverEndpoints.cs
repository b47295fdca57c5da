using EventStore;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Receivables.Import;
using Receivables.Ledger;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Handovers;

/// <summary>Which vouchers a file is to state; left out, all that are agreed for the platform.</summary>
public sealed record GiveHandoverRequest(IReadOnlyList<string>? Vouchers = null);

/// <summary>Vouchers agreed for a platform, or stated in one file to it.</summary>
/// <param name="Platform">The platform.</param>
/// <param name="Number">The file; empty while none was made.</param>
/// <param name="Vouchers">How many.</param>
/// <param name="Fen">Their faces.</param>
/// <param name="Waiting">How many the platform has not answered.</param>
/// <param name="Moved">How many it has taken.</param>
public sealed record HandoverItem(string Platform, string Number, int Vouchers, long Fen, int Waiting, int Moved);

/// <summary>Handovers to other platforms.</summary>
public sealed record HandoverList(IReadOnlyList<HandoverItem> Items);

/// <summary>A handover with the other platform's answer.</summary>
public sealed record HandoverDetails(HandoverGiven Given, HandoverSettled? Settled);

internal sealed class GiveHandoverShape : AbstractValidator<GiveHandoverRequest>
{
    public GiveHandoverShape() =>
        RuleFor(r => r.Vouchers).Must(v => v is null || v.Count is > 0 and <= Handover.VouchersMax
            && v.Distinct(StringComparer.Ordinal).Count() == v.Count).WithErrorCode("field-form");
}

/// <summary>
/// Hands vouchers to another platform: a signed file over what their debtors have agreed to, and that platform's signed
/// answer, upon which what it took is closed here.
/// </summary>
internal static class HandoverEndpoints
{
    private const long ReceiptBytesMax = 1 << 20;
    private const int ListMax = 200;

    public static void MapHandovers(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder handovers = app.MapGroup("/handovers");
        handovers.MapGet("/", ListAsync).RequireRoles(Role.Operator, Role.Regulator)
            .WithName("ListHandovers").WithSummary("Vouchers agreed for other platforms, and files given to them.");
        handovers.MapPost("/{platform}/{number}", GiveAsync).RequireRoles(Role.Operator)
            .Validate(new GiveHandoverShape()).WithName("GiveHandover")
            .WithSummary("Signs a voucher-handover/1 over vouchers that their debtors have another platform keep; once.");
        handovers.MapGet("/{platform}/{number}", GetAsync).RequireRoles(Role.Operator, Role.Regulator)
            .WithName("GetHandover").WithSummary("A handover and the other platform's answer.");
        handovers.MapGet("/{platform}/{number}/file", FileAsync).RequireRoles(Role.Operator, Role.Regulator)
            .WithName("GetHandoverFile").WithSummary("The file, with its signature in a header.");
        handovers.MapPost("/{platform}/{number}/receipt", SettleAsync).RequireRoles(Role.Operator)
            .WithBodyLimit(ReceiptBytesMax).WithName("SettleHandover")
            .WithSummary("Takes the other platform's signed voucher-handover-receipt/1: what it has is closed here.");
    }

    private static async Task<IResult> GiveAsync(
        string platform, string number, Caller caller, GiveHandoverRequest request, Store store, VoucherLedger ledger,
        HandoverMaker maker, ServiceDefaults.Webhooks.WebhookKey key, TimeProvider time, CancellationToken cancellation)
    {
        if (!Handover.IsName(platform) || !Handover.IsNumber(number))
            return Problem.Of("request-malformed");
        if ((await StateAsync(store, platform, number, cancellation)).Given is { } before)
            return Given(before);
        IReadOnlyList<string> roots = request.Vouchers ?? await AgreedAsync(store, platform, cancellation);
        if (roots.Count == 0)
            return Problem.Of("handover-none", ("platform", platform));
        (Handover file, IReadOnlyDictionary<string, Leaving> agreed) =
            await maker.MakeAsync(platform, number, roots, cancellation);
        byte[] bytes = file.ToBytes();
        HandoverGiven given = new(
            platform, number, Handover.Digest(bytes), key.KeyId, key.Sign(bytes), file.TotalFen, file.SumRoot,
            [.. file.Vouchers.Select(v => v.Root)]);
        EventContext context = caller.Context(time);
        await KeepAsync(store, context, given.FileSha256, bytes, cancellation);
        await RunAsync(ledger, caller, roots, (state, root) => Family.FileHandover(state, agreed[root], number),
            new AppendedWith(HandoverEvents.Stream(platform, number), 0, context.Stamp(HandoverEvents.Given, given)),
            cancellation);
        return Given(given);
    }

    private static async Task<IResult> SettleAsync(
        string platform, string number, HttpContext http, Caller caller, Store store, VoucherLedger ledger,
        TimeProvider time, CancellationToken cancellation)
    {
        byte[] bytes = (await http.Request.ReadBytesAsync(cancellation)).ToArray();
        HandoverState state = await StateAsync(store, platform, number, cancellation);
        if (state.Given is not { } given || await KeptAsync(store, given.FileSha256, cancellation) is not { } kept)
            return Problem.Of("handover-not-found", ("number", number));
        string signature = http.Request.Headers[ImportEndpoints.SignatureHeader].ToString();
        PlatformState other = await store.AggregateStreamAsync<PlatformState>(
            ImportEvents.PlatformStream(platform), cancellation);
        if (other.Known is not { } known || !ImportEndpoints.Verifies(known, bytes, signature))
            return Problem.Of("import-signature", ("header", ImportEndpoints.SignatureHeader));
        if (HandoverReceipt.Read(bytes) is not { } receipt
            || !receipt.Answers(Handover.Read(kept).File!, given.FileSha256))
            return Problem.Of("handover-receipt-differs", ("number", number));
        HandoverSettled settled = new(receipt, Handover.Digest(bytes), known.KeyId, signature);
        if (state.Settled is { } before)
        {
            return before.Sha256 == settled.Sha256
                ? Details(new HandoverDetails(given, before))
                : Problem.Of("handover-settled", ("number", number));
        }
        HashSet<string> taken = new(receipt.Taken, StringComparer.Ordinal);
        await RunAsync(ledger, caller, given.Vouchers,
            (family, root) => Family.SettleHandover(family, platform, number, settled.Sha256, taken.Contains(root)),
            new AppendedWith(HandoverEvents.Stream(platform, number), 1,
                caller.Context(time).Stamp(HandoverEvents.Settled, settled)), cancellation);
        return Details(new HandoverDetails(given, settled));
    }

    /// <summary>Changes all vouchers of a handover together with its own event, or none.</summary>
    private static async Task RunAsync(
        VoucherLedger ledger, Caller caller, IReadOnlyList<string> roots,
        Func<FamilyState, string, ServiceDefaults.Decision<VoucherEvent>> decide, AppendedWith record,
        CancellationToken cancellation)
    {
        try
        {
            await ledger.RunAsync(new LedgerRequest
            {
                Roots = [.. roots.Order(StringComparer.Ordinal)],
                Actor = caller.Subject,
                Decide = (state, root, _) => decide(state, root),
                Record = [record],
            }, cancellation);
        }
        catch (ConcurrencyException)
        {
            throw new ProblemException(Problem.Of("command-raced"));
        }
    }

    private static Task<HandoverState> StateAsync(
        Store store, string platform, string number, CancellationToken cancellation) =>
        store.AggregateStreamAsync<HandoverState>(HandoverEvents.Stream(platform, number), cancellation);

    private static async Task<IReadOnlyList<string>> AgreedAsync(
        Store store, string platform, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            "select root from handover_vouchers where platform = $1 and state = 'agreed' order by root limit $2");
        query.Parameters.Add(new() { Value = platform });
        query.Parameters.Add(new() { Value = Handover.VouchersMax });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<string> roots = [];
        while (await reader.ReadAsync(cancellation))
            roots.Add(reader.GetString(0));
        return roots;
    }

    /// <summary>Before the events that name it: a file that no event names is nobody's.</summary>
    private static async Task KeepAsync(
        Store store, EventContext context, string sha256, byte[] file, CancellationToken cancellation)
    {
        await using Session session = store.OpenSession(context);
        session.QueueSqlCommand("insert into handover_files values ($1, $2) on conflict do nothing", sha256, file);
        await session.SaveChangesAsync(cancellation);
    }

    private static async Task<byte[]?> KeptAsync(Store store, string sha256, CancellationToken cancellation)
    {
        await using NpgsqlCommand query =
            store.DataSource.CreateCommand("select file from handover_files where sha256 = $1");
        query.Parameters.Add(new() { Value = sha256 });
        return (byte[]?)await query.ExecuteScalarAsync(cancellation);
    }

    private static async Task<IResult> ListAsync(Store store, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            $"""
             select platform, number, count(*)::int, sum(fen)::bigint,
                 (count(*) filter (where state in ('agreed', 'filed')))::int, (count(*) filter (where state = 'moved'))::int
             from handover_vouchers group by platform, number order by platform, number limit {ListMax}
             """);
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<HandoverItem> items = [];
        while (await reader.ReadAsync(cancellation))
        {
            items.Add(new HandoverItem(reader.GetString(0), reader.GetString(1), reader.GetInt32(2),
                reader.GetInt64(3), reader.GetInt32(4), reader.GetInt32(5)));
        }
        return TypedResults.Json(new HandoverList(items), GivenJson.Default.HandoverList);
    }

    private static async Task<IResult> GetAsync(
        string platform, string number, Store store, CancellationToken cancellation) =>
        await StateAsync(store, platform, number, cancellation) is { Given: { } given } state
            ? Details(new HandoverDetails(given, state.Settled))
            : Problem.Of("handover-not-found", ("number", number));

    private static async Task<IResult> FileAsync(
        string platform, string number, HttpContext http, Store store, CancellationToken cancellation)
    {
        if ((await StateAsync(store, platform, number, cancellation)).Given is not { } given
            || await KeptAsync(store, given.FileSha256, cancellation) is not { } file)
            return Problem.Of("handover-not-found", ("number", number));
        http.Response.Headers[ImportEndpoints.SignatureHeader] = given.Signature;
        return TypedResults.Bytes(file, "application/json");
    }

    private static JsonHttpResult<HandoverGiven> Given(HandoverGiven given) => TypedResults.Json(given, GivenJson.Default.HandoverGiven);

    private static JsonHttpResult<HandoverDetails> Details(HandoverDetails details) =>
        TypedResults.Json(details, GivenJson.Default.HandoverDetails);
}
