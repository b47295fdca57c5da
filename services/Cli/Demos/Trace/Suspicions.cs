using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using Proofs;

namespace Cli.Demos.Trace;

/// <summary>
/// The looks at the winery's bottles, what the formulas make of them, and the dispute about the carton that was sold
/// elsewhere: put to the dealer, answered, closed, and its evidence pack verified.
/// </summary>
public sealed class Suspicions(Run run, Cast cast, Narration tell, Cellar cellar)
{
    private const int ReportMax = 1000;
    private const int PageLooks = 6;
    private static readonly TimeSpan PackPatience = TimeSpan.FromSeconds(60);

    private readonly IReadOnlyList<Look> _looks = Looks.Before(run.Begun);

    private Party Winery => cast["winery"];

    public async Task<Outcome> LoadAsync(CancellationToken cancel)
    {
        tell.Chapter("4  Scans: honest ones that look suspicious, a clone and a diverted carton (窜货)");
        await LookAsync(cancel);
        await ReportAsync(cancel);
        var found = await FoundAsync(cancel);
        var table = await TableAsync(found, cancel);
        await DisputeAsync(found.Diversion, found.Stage, cancel);
        await AskAsync(found, cancel);
        return new Outcome(table,
        [
            new("the cloned bottle: the page says what is doubtful", Link(Looks.Cloned)), new("a bottle of the diverted carton", Link(Looks.Diverted)),
            new("the winery's alarms (sign in as the winery)", $"{Winery.Api.Origin}/goods/alarms"),
            new($"the alarm that waits for an answer (sign in as {cast[Wine.Waiting.Party].English})", $"{Winery.Api.Origin}/goods/alarms/{found.Cloned}"),
            new("the alarm that the dealer answered (the winery or the dealer)", $"{Winery.Api.Origin}/goods/alarms/{found.Diversion}"),
        ]);
    }

    /// <summary>Some look at the page itself, from addresses of the cities.</summary>
    private async Task LookAsync(CancellationToken cancel)
    {
        for (var i = 0; i < PageLooks; i++)
        {
            await Visitors.OpenAsync(Link(Looks.Diverted + i), "330100", $"demo-d{i}", cancel);
            await Visitors.OpenAsync(Link(Looks.Cloned), Looks.Cities[(i + 9) % Looks.Cities.Count].Code, $"demo-c{i}", cancel);
        }

        tell.Say($"{2 * PageLooks} people open the consumer page itself");
    }

    /// <summary>All others look in the winery's own app, which reports them with their times.</summary>
    private async Task ReportAsync(CancellationToken cancel)
    {
        var recorded = 0;
        foreach (var part in _looks.Chunk(ReportMax))
        {
            var checks = new JsonArray([.. part.Select(l => (JsonNode)new JsonObject
            {
                ["link"] = Link(l.Bottle), ["at"] = Happening.Time(l.At), ["region"] = l.City.Code, ["device"] = l.Device,
            })]);
            var answer = await Winery.PostAsync("scans/reports", new JsonObject { ["checks"] = checks }, cancel, $"scans-{recorded}-{part.Length}");
            recorded += answer["recorded"]!.GetValue<int>();
        }

        var other = await Winery.TryAsync(HttpMethod.Post, "scans/reports", Api.Json(new JsonObject
        {
            ["checks"] = new JsonArray(new JsonObject { ["link"] = $"/01/{run.Gtin(10)}/21/1", ["at"] = Happening.Time(run.Begun) }),
        }), cancel);
        await Narration.RefusedAsync(other, HttpStatusCode.Forbidden, "check-not-own", cancel);
        var honest = _looks.Count(l => IsSuspicious(l.Reason));
        Narration.Expect(honest == 2000, "2000 honest scans that look suspicious", honest);
        tell.Say($"the winery's app reports {_looks.Count} scans, {honest} of them honest and suspicious; of another's goods it is refused");
    }

    private async Task<Found> FoundAsync(CancellationToken cancel)
    {
        await Winery.PostAsync("alarms/run", new JsonObject(), cancel, "alarms-run");
        var alarms = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var page = await Winery.GetAsync("alarms" + (cursor is null ? "" : "?cursor=" + cursor), cancel);
            alarms.AddRange(page["items"]!.AsArray().Select(i => i!.DeepClone()));
            cursor = page["cursor"]?.GetValue<string>();
        }
        while (cursor is not null);
        var watched = await Winery.GetAsync("alarms/watched", cancel);
        var clone = alarms.Find(a => Is(a, "clone", Uri(Looks.Cloned)));
        Narration.Expect(clone is not null, "an alarm about the cloned bottle", string.Join(", ", alarms.Select(a => $"{a["kind"]} {a["subject"]}")));
        var carton = cellar.CartonOf(Looks.Diverted);
        var diversion = alarms.Find(a => Is(a, "diversion", carton));
        Narration.Expect(diversion is not null, $"an alarm about the diverted carton {carton}", string.Join(", ", alarms.Select(a => $"{a["kind"]} {a["subject"]}")));
        tell.Say($"the clone: {clone!["reason"]!["en"]}");
        tell.Say($"the carton: {diversion!["reason"]!["en"]}");
        return new Found(alarms, [.. watched["items"]!.AsArray().Select(w => w!["subject"]!.GetValue<string>())],
            Guid.Parse(diversion["id"]!.GetValue<string>(), CultureInfo.InvariantCulture), diversion["state"]!.GetValue<string>(),
            Guid.Parse(clone["id"]!.GetValue<string>(), CultureInfo.InvariantCulture), clone["state"]!.GetValue<string>());
    }

    /// <summary>How many of the honest scans were flagged: on a bottle with an alarm, or counted in one about goods.</summary>
    private async Task<IReadOnlyList<string>> TableAsync(Found found, CancellationToken cancel)
    {
        var flagged = new HashSet<string>(StringComparer.Ordinal);
        foreach (var alarm in found.Alarms)
        {
            if (alarm["kind"]!.GetValue<string>() == "clone")
            {
                flagged.Add(alarm["subject"]!.GetValue<string>());
                continue;
            }

            var details = await Winery.GetAsync($"alarms/{alarm["id"]}", cancel);
            flagged.UnionWith(details["evidence"]!["checks"]!.AsArray().Where(c => c!["outside"]?.GetValue<bool>() == true).Select(c => c!["item"]!.GetValue<string>()));
        }

        var lines = new List<string> { "", $"{"scans",-38}{"bottles",8}{"scans",8}{"alarm",8}{"watched",9}" };
        foreach (var group in _looks.GroupBy(l => l.Reason).OrderBy(g => g.Key)) lines.Add(Line(Name(group.Key), [.. group]));
        var honest = _looks.Where(l => IsSuspicious(l.Reason)).ToList();
        lines.Insert(2, Line("honest and suspicious, all", honest));
        lines.Add($"alarms in all: {found.Alarms.Count} ({string.Join(", ", found.Alarms.GroupBy(a => a["kind"]!.GetValue<string>()).Select(g => $"{g.Key} {g.Count()}"))})");
        var share = honest.Count(l => flagged.Contains(Uri(l.Bottle)));
        tell.Say($"of {honest.Count} honest scans that look suspicious {share} are in an alarm");
        return lines;

        string Line(string name, IReadOnlyCollection<Look> looks)
        {
            var alarm = looks.Count(l => flagged.Contains(Uri(l.Bottle)));
            var watched = looks.Count(l => !flagged.Contains(Uri(l.Bottle)) && found.Watched.Contains(Uri(l.Bottle)));
            return string.Create(CultureInfo.InvariantCulture, $"{name,-38}{looks.Select(l => l.Bottle).Distinct().Count(),8}{looks.Count,8}{alarm,8}{watched,9}");
        }
    }

    private async Task DisputeAsync(Guid alarm, string stage, CancellationToken cancel)
    {
        var dealer = cast["sichuan"];
        if (stage == "open")
        {
            var unheard = await Winery.TryAsync(HttpMethod.Post, $"alarms/{alarm}/close", Api.Json(Closing("upheld")), cancel);
            tell.Say("nobody is found against unheard: " + await Narration.RefusedAsync(unheard, unheard.StatusCode, "alarm-unheard", cancel));
        }

        await Winery.PostAsync($"alarms/{alarm}/put", new JsonObject { ["note"] = "这一箱12瓶在浙江被多人查询，请说明去向。" }, cancel, "alarm-put");
        var seen = await dealer.GetAsync("alarms", cancel);
        Narration.Expect(seen["items"]!.AsArray().Any(i => i!["id"]!.GetValue<string>() == $"{alarm}"), "the alarm before the dealer", seen.ToJsonString(Party.Readable));
        await dealer.PostAsync($"alarms/{alarm}/answer", new JsonObject
        {
            ["text"] = "不同意。该箱于上月售给成都一家酒店，有发票和送货单；酒店自行转卖，与我司无关。",
            ["attachments"] = new JsonArray(new JsonObject { ["name"] = "发票 08817724.pdf", ["sha256"] = new string('a', 64), ["size"] = 88_412 }),
        }, cancel, "alarm-answer");
        await Winery.PostAsync($"alarms/{alarm}/close", Closing("explained"), cancel, "alarm-close");
        tell.Say("the carton's alarm was put to the dealer, who disputes it; the winery closes it with its grounds");
        var (proofs, kilobytes) = await PackAsync(alarm, cancel);
        tell.Say($"its evidence pack ({kilobytes} KB): all {proofs} proofs verified offline");

        static JsonObject Closing(string outcome) => new() { ["outcome"] = outcome, ["grounds"] = "发票与送货单核对一致，系酒店转卖；已与酒店签署补充协议。" };
    }

    /// <summary>The dealer of the cloned bottle is asked, and its person answers in the browser.</summary>
    private async Task AskAsync(Found found, CancellationToken cancel)
    {
        if (found.ClonedStage != "open") return;
        await Winery.PostAsync($"alarms/{found.Cloned}/put", new JsonObject
        {
            ["organisation"] = cast[Wine.Waiting.Party].Tenant,
            ["note"] = "这瓶酒由贵司售出，同一个码在多个城市出现。请说明售出的时间和去向。",
        }, cancel, "clone-put");
        tell.Say($"the clone's alarm is put to {cast[Wine.Waiting.Party].English}, whose person can answer it in the browser");
    }

    /// <summary>Downloads the pack as soon as all of it is on the chain, and checks every proof in it.</summary>
    private async Task<(int Proofs, long Kilobytes)> PackAsync(Guid alarm, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(PackPatience);
        HttpResponseMessage response;
        while ((response = await Winery.TryAsync(HttpMethod.Get, $"alarms/{alarm}/pack?wait=20", null, patience.Token)).StatusCode == HttpStatusCode.Conflict) response.Dispose();
        using (response)
        {
            if (!response.IsSuccessStatusCode) throw await Api.ProblemAsync(response, cancel);
            var bytes = await response.Content.ReadAsByteArrayAsync(cancel);
            await using var zip = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
            var trust = Bytes(zip.GetEntry("trust.json")!);
            var proofs = zip.Entries.Where(e => e.Name.EndsWith(".proof.json", StringComparison.Ordinal)).ToList();
            foreach (var entry in proofs)
            {
                var result = Verifier.Verify(Bytes(entry), trust, null);
                Narration.Expect(result.Answers is { Log.State: AnswerState.Proven, Chain.State: AnswerState.Proven }, $"{entry.FullName} proven", result.ToJson());
            }

            Narration.Expect(proofs.Count >= 5, "the alarm's five events and what they stand on", proofs.Count);
            return (proofs.Count, bytes.Length / 1024);
        }

        static byte[] Bytes(ZipArchiveEntry entry)
        {
            using var stream = entry.Open();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        }
    }

    private static bool IsSuspicious(Reason reason) => reason is Reason.Proxy or Reason.Gift or Reason.Trip;

    private static bool Is(JsonNode alarm, string kind, string subject) =>
        alarm["kind"]!.GetValue<string>() == kind && alarm["subject"]!.GetValue<string>() == subject;

    private static string Name(Reason reason) => reason switch
    {
        Reason.Ordinary => "ordinary",
        Reason.Proxy => "  a proxy (VPN) in between",
        Reason.Gift => "  a gift to another province",
        Reason.Trip => "  samples on a sales trip",
        Reason.Clone => "the cloned bottle",
        _ => "the diverted carton",
    };

    private string Link(int bottle) => cellar.Bottles[bottle].Link;

    private string Uri(int bottle) => Happening.Item(cellar.Gtin, cellar.Bottles[bottle].Serial);

    private sealed record Found(IReadOnlyList<JsonNode> Alarms, HashSet<string> Watched, Guid Diversion, string Stage, Guid Cloned, string ClonedStage);
}
