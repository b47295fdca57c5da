using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using Traceability.Epcis;
using Traceability.Epcis.Documents;
using Traceability.Graph;
using Traceability.MasterData;

namespace Traceability.Simple;

/// <summary>Something that is named and that an open recall reaches, itself or in what holds it.</summary>
/// <param name="Item">What was named, canonical.</param>
/// <param name="Recall">The recall.</param>
/// <param name="Title">Its title.</param>
/// <param name="Class">1 to 3, 1 the gravest.</param>
public sealed record GoodsUnderRecall(string Item, Guid Recall, Wording Title, int Class);

/// <summary>
/// Finds goods under a recall whose notice was given and that has not ended; never a drill. It counts where an authority
/// ordered it, who owned the product when it was opened or one's own calls back, or where one was told as a holder: anybody can
/// record what leads to another's goods.
/// </summary>
internal sealed class RecalledGoods(Store store, GraphViews views, TimeProvider time)
{
    /// <summary>Code of what is refused.</summary>
    public const string Code = "item-recalled";

    private const string AllowValue = "record";
    private const int ContentsMax = 10_000;

    /// <summary>Whether a request says that recalled goods are to be recorded all the same.</summary>
    public static bool IsAllowed(HttpRequest request) => request.Query["recalled"] == AllowValue;

    /// <summary>Whether an event passes on or uses up what it names in a role, which recalled ones must not be.</summary>
    public static bool PassesOn(EpcisEvent e, EpcRole role) => e.Type == "TransformationEvent"
        ? role == EpcRole.Input
        : e.BizStep is { } step && Vocabulary.BizSteps.ToWord(step) is "shipping" or "retail_selling";

    /// <summary>The problem's item, in the words of the catalogue.</summary>
    public static ProblemItem Refused(GoodsUnderRecall recalled, string field, int index, bool chinese) => new(
        field, Code,
        new Dictionary<string, object?>
        {
            ["field"] = field,
            ["item"] = GraphItem.Readable(recalled.Item),
            ["title"] = recalled.Title.In(chinese),
        }, index);

    /// <summary>What of the canonical identifiers is recalled, the gravest recall of each.</summary>
    public async Task<IReadOnlyDictionary<string, GoodsUnderRecall>> OfAsync(
        Caller caller, IReadOnlyCollection<string> uris, CancellationToken cancellation)
    {
        Dictionary<string, GoodsUnderRecall> found = new(StringComparer.Ordinal);
        if (uris.Count == 0 || !await AnyOpenAsync(cancellation))
            return found;
        List<(string Named, string Uri)> asked = [.. uris.Select(u => (u, u))];
        asked.AddRange(await ContentsAsync(caller, [.. uris.Where(u => GraphItem.GtinOf(u) is null)], cancellation));
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
            select u.named, r.id, r.title_zh, r.title_en, r.class
            from unnest($1, $2, $3) u (named, uri, gtin)
            join recall_items i on i.uri = u.uri collate "C" join recalls r on r.id = i.recall
            where r.notice_at is not null and r.ended_at is null and not r.drill
                and (r.authority or r.tenant = $4
                    or exists (select from ({ProductOwners.Ever("u.gtin")}) o
                        where o.tenant = r.tenant and r.opened_at < o.until)
                    or exists (select from recall_holders h where h.recall = r.id and h.holder = $4))
            order by r.class, r.notice_at
            """);
        command.Parameters.Add(new() { Value = asked.Select(a => a.Named).ToArray() });
        command.Parameters.Add(new() { Value = asked.Select(a => a.Uri).ToArray() });
        command.Parameters.Add(new() { Value = asked.Select(a => GraphItem.GtinOf(a.Uri) ?? "").ToArray() });
        command.Parameters.Add(new() { Value = caller.Tenant });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            string named = reader.GetString(0);
            found.TryAdd(named, new GoodsUnderRecall(named, reader.GetGuid(1), reader.Words(2)!, reader.GetInt32(4)));
        }
        return found;
    }

    private async Task<bool> AnyOpenAsync(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select exists (select from recalls where notice_at is not null and ended_at is null and not drill)");
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>What lies in cases and pallets now, as the caller may see it.</summary>
    private async Task<IReadOnlyList<(string Named, string Uri)>> ContentsAsync(
        Caller caller, string[] cases, CancellationToken cancellation)
    {
        List<(string, string)> inside = [];
        if (cases.Length == 0)
            return inside;
        GraphView view = await views.OpenAsync(caller, null, cancellation);
        foreach ((long item, string uri) in await view.FindAsync(cases, cancellation))
        {
            IReadOnlyList<ContentLine> lines = await Contents.AtAsync(
                view.Near, item, time.GetUtcNow().UtcDateTime, ContentsMax, cancellation);
            Dictionary<long, string> uris = await view.UrisAsync(lines.Select(l => l.Item), cancellation);
            inside.AddRange(uris.Values.Select(u => (uri, u)));
        }
        return inside;
    }
}
