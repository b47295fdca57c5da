using EventStore;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using ServiceDefaults.Webhooks;

namespace Receivables.Import;

/// <summary>
/// Ends the taking over of a handover and tells the other platform, signed, what of it is kept here. What debtors have
/// not signed by then never will be: the other platform may let it move again.
/// </summary>
internal static class AnswerHandover
{
    public static void Map(RouteGroupBuilder imports)
    {
        imports.MapPost("/{platform}/{number}/receipt", AnswerAsync).RequireRoles(Role.Operator)
            .WithName("AnswerHandover")
            .WithSummary("Ends a handover: says, signed, which of its vouchers are kept here and which are declined.");
        imports.MapGet("/{platform}/{number}/receipt", GetAsync).RequireRoles(Role.Operator, Role.Regulator)
            .WithName("GetHandoverReceipt")
            .WithSummary("The answer as voucher-handover-receipt/1, with its signature in a header.");
    }

    private static Task<IResult> AnswerAsync(
        string platform, string number, HttpContext http, Caller caller, Store store, WebhookKey key) =>
        Once.RunAsync(http, caller, null, async (session, token) =>
        {
            WritableStream<ImportState> stream = await session.FetchForWriting<ImportState>(
                ImportEvents.Stream(platform, number), token);
            if (stream.Aggregate.Received is null
                || await ImportEvents.FileAsync(store, platform, number, token) is not { } import)
                throw new ProblemException(Problem.Of("import-not-found", ("number", number)));
            if (stream.Aggregate.Answered is not { } answered)
            {
                HandoverReceipt receipt = HandoverReceipt.Of(
                    import.File, import.Sha256, stream.Aggregate.Taken, session.Context.Now);
                byte[] bytes = receipt.ToBytes();
                answered = new HandoverAnswered(receipt, Handover.Digest(bytes), key.KeyId, key.Sign(bytes));
                stream.AppendOne(session.Context.Stamp(ImportEvents.HandoverAnswered, answered));
            }
            return Once.Json(StatusCodes.Status200OK, answered, ImportJson.Default.HandoverAnswered);
        });

    private static async Task<IResult> GetAsync(
        string platform, string number, HttpContext http, Store store, CancellationToken cancellation)
    {
        ImportState state = await store.AggregateStreamAsync<ImportState>(
            ImportEvents.Stream(platform, number), cancellation);
        if (state.Answered is not { } answered)
            return Problem.Of("handover-not-answered", ("number", number));
        http.Response.Headers[ImportEndpoints.SignatureHeader] = answered.Signature;
        return TypedResults.Bytes(answered.Receipt.ToBytes(), "application/json");
    }
}
