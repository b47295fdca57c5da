using System.Text.Json.Serialization;
using EventStore;
using Receivables.Ledger;
using Receivables.Rules;
using Receivables.Vouchers;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;

namespace Receivables.Maturity;

/// <summary>The day to be played.</summary>
public sealed record RehearsalRequest(DateOnly Day);

/// <summary>Where the voucher stands after it.</summary>
public sealed record RehearsalAnswer(string Root, Stage Stage);

/// <summary>
/// Plays one voucher's cut-off and due day before they come, for demonstrations and drills. It is there only where
/// <c>Rehearsal:Enabled</c> is set, is the operator's alone, and moves no money: it fixes payees and lets a voucher fall
/// overdue as the clock would.
/// </summary>
internal static class RehearseMaturity
{
    private const int AttemptsMax = 5;
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);
    private static readonly TimeOnly Evening = new(20, 0);

    public static void Map(WebApplication app)
    {
        if (app.Configuration.GetValue<bool>("Rehearsal:Enabled"))
        {
            app.MapPost("/rehearsals/{root}", HandleAsync).RequireRoles(Role.Operator)
                .WithName("RehearseMaturity").WithSummary("Plays one voucher as if it were the evening of a day.");
        }
    }

    private static async Task<IResult> HandleAsync(
        string root, JsonBody<RehearsalRequest> body, VoucherLedger ledger, ClearingWorker clearings, Store store,
        CancellationToken cancellation)
    {
        DateTimeOffset at = new(body.Value.Day, Evening, Beijing);
        WorkCalendar calendar = await ledger.CalendarAsync(cancellation);
        // The cut-off first, and what that leaves then falls overdue.
        for (int turn = 0; turn < 2; turn++)
        {
            await ledger.RunAsync(new LedgerRequest
            {
                Roots = [root],
                Actor = store.Service,
                Decide = (state, _, _) => new Decision<VoucherEvent>.Accepted(
                    Family.Tick(state, at, day => calendar.Due(day).Day)),
            }, cancellation);
        }
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await clearings.RehearseAsync(root, body.Value.Day, cancellation);
                break;
            }
            catch (ConcurrencyException) when (attempt < AttemptsMax)
            {
                // The worker was at it too.
            }
        }
        return TypedResults.Json(
            new RehearsalAnswer(root, (await ledger.ReadAsync(root, cancellation)).State.Stage),
            RehearsalJson.Default.RehearsalAnswer);
    }
}

/// <summary>How a rehearsal is read and answered.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(RehearsalRequest))]
[JsonSerializable(typeof(RehearsalAnswer))]
internal sealed partial class RehearsalJson : JsonSerializerContext;
