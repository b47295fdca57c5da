using EventStore;
using EventStore.Idempotency;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Evidence.Deposits;

/// <summary>Many deposits in one request.</summary>
public sealed record DepositBatchRequest(IReadOnlyList<DepositRequest?>? Items = null);

/// <summary>The answer to a batch.</summary>
/// <param name="Count">How many items it had.</param>
/// <param name="RecordedAt">When.</param>
/// <param name="Ids">The deposits' numbers, in the order of the items.</param>
/// <param name="Existing">Indexes of items that had been deposited before and were not written again.</param>
/// <param name="Earlier">Earlier deposits of the same digest, for the items that have any.</param>
public sealed record DepositBatchAnswer(
    int Count, DateTimeOffset RecordedAt, IReadOnlyList<DepositId> Ids, IReadOnlyList<int> Existing,
    IReadOnlyList<EarlierOfItem> Earlier);

/// <summary>Earlier deposits of one item's digest.</summary>
public sealed record EarlierOfItem(int Index, IReadOnlyList<EarlierDeposit> Deposits);

/// <summary>Deposits up to ten thousand digests, all or nothing, each an event and a leaf of its own.</summary>
internal static class DepositBatch
{
    public const int ItemsMax = 10_000;
    private const int ProblemsMax = 100;
    private const long BodyBytesMax = 16 << 20;

    public static void Map(IEndpointRouteBuilder deposits) =>
        deposits.MapPost("/batch", HandleAsync).RequireRoles(Role.Member).WithBodyLimit(BodyBytesMax)
            .WithName("DepositBatch").WithSummary("Deposits up to 10,000 digests, all or nothing.");

    private static Task<IResult> HandleAsync(
        HttpContext http, Caller caller, JsonBody<DepositBatchRequest> body, DepositLookup lookup)
    {
        IReadOnlyList<DepositRequest?> items = body.Value.Items ?? [];
        if (items.Count is 0 or > ItemsMax)
            return Task.FromResult<IResult>(Problem.Of("batch-size", ("max", ItemsMax), ("count", items.Count)));
        List<ProblemItem> problems = [];
        for (int i = 0; i < items.Count && problems.Count < ProblemsMax; i++)
        {
            if (items[i] is { } item)
                new DepositShape(problems, i, ProblemsMax).Check(item);
            else
                problems.Add(new ProblemItem("", "field-required", Index: i));
        }
        if (problems.Count > 0)
            return Task.FromResult<IResult>(Problem.Of("batch-invalid", problems, ("count", problems.Count)));
        IdempotencyKey? key = Once.Key(http.Request, caller, "deposit-batch", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, (session, token) =>
            RecordAsync(http, session, items!, keyed: key is not null, lookup, token));
    }

    private static async Task<StoredResponse> RecordAsync(
        HttpContext http, Session session, IReadOnlyList<DepositRequest> items, bool keyed, DepositLookup lookup,
        CancellationToken cancellationToken)
    {
        string tenant = session.Context.Tenant;
        var before = await lookup.OfDigestsAsync(
            tenant, items.Select(i => (i.Sha256!, i.BusinessId)), cancellationToken);
        Dictionary<(string Sha256, string? BusinessId), DepositId> natural = [];
        List<DepositId> ids = new(items.Count);
        List<int> existing = [];
        List<EarlierOfItem> earlier = [];
        for (int i = 0; i < items.Count; i++)
        {
            DepositRequest item = items[i];
            DepositRow[] same = [.. before[item.Sha256!]];
            DepositId? known = keyed ? null
                : same.FirstOrDefault(r => r.BusinessId == item.BusinessId)?.Id
                  ?? (natural.TryGetValue((item.Sha256!, item.BusinessId), out DepositId twin) ? twin : null);
            EarlierDeposit[] others =
                [.. same.Where(r => r.Id != known).Select(r => new EarlierDeposit(r.Id, r.RecordedAt))];
            if (others.Length > 0)
                earlier.Add(new EarlierOfItem(i, others));
            if (known is { } deposit)
            {
                existing.Add(i);
                ids.Add(deposit);
                continue;
            }
            DepositId id = keyed
                ? new DepositId(session.Context.NewId())
                : natural[(item.Sha256!, item.BusinessId)] = DepositId.Natural(tenant, item.Sha256!, item.BusinessId);
            ids.Add(id);
            session.StartStream(
                id.ToString(),
                await DepositEvidence.StampAsync(http, session, item, stored: false, cancellationToken));
        }
        return Once.Json(
            existing.Count == items.Count ? StatusCodes.Status200OK : StatusCodes.Status201Created,
            new DepositBatchAnswer(items.Count, session.Context.Now, ids, existing, earlier),
            ApiJson.Default.DepositBatchAnswer);
    }
}
