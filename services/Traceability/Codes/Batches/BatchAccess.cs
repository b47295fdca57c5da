using EventStore;
using EventStore.Idempotency;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Codes.Validation;

namespace Traceability.Codes.Batches;

/// <summary>Counters of a batch, by numbers or by the first and last label.</summary>
/// <param name="From">First counter, from zero.</param>
/// <param name="Count">How many.</param>
/// <param name="First">The first label as scanned or typed.</param>
/// <param name="Last">The last label; missing when there is one only.</param>
/// <param name="Order">The printer's order (printed).</param>
/// <param name="Reason">Why (destroyed).</param>
public sealed record RangeRequest(
    int? From = null, int? Count = null, string? First = null, string? Last = null, string? Order = null,
    string? Reason = null);

/// <summary>A batch's events and the ranges that requests name, for who may see them.</summary>
internal static class BatchAccess
{
    private const int RangesNamedMax = 5;

    /// <summary>A batch of the tenant; another organisation's is answered as one that is not there.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public static KnownBatch Known(CodeValidator validator, string tenant, Guid id) =>
        validator.Batch(id) is { } batch && batch.Tenant == tenant ? batch : throw Missing(id);

    /// <summary>Runs a command on a batch in one transaction and lets the validator know.</summary>
    public static async Task<IResult> RunAsync(
        HttpContext http, Caller caller, IdempotencyKey? key, Guid id, Func<Session, CodeBatchCommand> command,
        Func<CodeBatchState, CodeBatchEvent, NewEvent, StoredResponse> answer)
    {
        IResult result = await Once.RunAsync(http, caller, key, async (session, token) =>
        {
            (long version, string? tenant, CodeBatchState state) =
                await http.RequestServices.GetRequiredService<FoldedBatches>().ReadAsync(id, token);
            if (tenant != caller.Tenant)
                throw Missing(id);
            CodeBatchCommand asked = command(session);
            CodeBatchEvent decided = CodeBatch.Decide(state, asked).EventsOrProblem(
                [("id", id), .. Numbers(asked.Range.From, asked.Range.Count), ("size", state.Opened?.Count ?? 0),
                    ("unprinted", Named(CodeBatch.Unprinted(state, asked.Range)))])[0];
            NewEvent e = session.Context.Stamp(NameOf(decided), decided);
            session.Append(CodeEvents.StreamOf(id), version, e);
            return answer(CodeBatchState.Evolve(state, decided), decided, e);
        });
        await http.RequestServices.GetRequiredService<CodeTables>().CatchUpAsync(http.RequestAborted);
        return result;
    }

    /// <summary>A range in the words of a problem: labels are counted from 1, as on every page and roll.</summary>
    public static (string Name, object? Value)[] Numbers(int from, int count) =>
        [("first", from + 1L), ("last", (long)from + count)];

    /// <summary>Ranges in the words of a problem, counted from 1; of many only the first, with an ellipsis.</summary>
    private static string Named(RangeSet ranges) =>
        string.Join(", ", ranges.Ranges.Take(RangesNamedMax).Select(r =>
            r.Count == 1 ? $"{r.To}" : $"{r.From + 1}–{r.To}")) + (ranges.Ranges.Count > RangesNamedMax ? " …" : "");

    /// <summary>The counters that a request names.</summary>
    /// <exception cref="ProblemException">It names none, or labels of another batch.</exception>
    public static CodeRange Resolve(CodeValidator validator, KnownBatch batch, RangeRequest request)
    {
        if (request.First is { } first)
        {
            CodeFinding from = Label(validator, batch.Tenant, first);
            CodeFinding to = Label(validator, batch.Tenant, request.Last ?? first);
            return from.Batch!.Id == batch.Id && to.Batch!.Id == batch.Id
                ? Between(from, to)
                : throw new ProblemException(Problem.Of("labels-of-two-batches"));
        }
        if (request.From is not { } start || request.Count is not { } count)
            throw new ProblemException(RequestValidation.Invalid(
                [new ProblemItem("first", "field-required", new Dictionary<string, object?> { ["field"] = "first" })]));
        return CodeRange.Of(start, Math.Max(0, count));
    }

    /// <summary>From one label to another, in whichever order they were scanned.</summary>
    public static CodeRange Between(CodeFinding first, CodeFinding last) =>
        new(Math.Min(first.Counter, last.Counter), Math.Max(first.Counter, last.Counter) + 1);

    /// <summary>A label that the tenant issued.</summary>
    /// <exception cref="ProblemException">It did not.</exception>
    public static CodeFinding Label(CodeValidator validator, string tenant, string text)
    {
        CodeFinding found = validator.Find(text);
        return found.Batch?.Tenant == tenant
            ? found
            : throw new ProblemException(Problem.Of("label-not-known", ("label", text)));
    }

    private static ProblemException Missing(Guid id) => new(Problem.Of(CodeBatch.Missing, ("id", id)));

    private static string NameOf(CodeBatchEvent e) => e switch
    {
        CodeBatchEvent.Opened => CodeEvents.Opened,
        CodeBatchEvent.Printed => CodeEvents.Printed,
        CodeBatchEvent.Destroyed => CodeEvents.Destroyed,
        CodeBatchEvent.Activated => CodeEvents.Activated,
        CodeBatchEvent.Unbound => CodeEvents.Unbound,
        CodeBatchEvent.Set => CodeEvents.Set,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };
}
