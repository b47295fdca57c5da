using System.Text;
using System.Text.Json.Nodes;
using Proofs;

namespace Cli.Demos.Trace;

/// <summary>
/// Three stories of goods, told through the public API by organisations that each have their own users, clients and
/// tokens, with the published documents of the standard and scans that look suspicious.
/// </summary>
public static class TraceDemo
{
    /// <summary>Loads a set of the stories, or says what is there already.</summary>
    public static async Task RunAsync(Instance instance, Access access, string password, string archive, bool again, TimeProvider time, CancellationToken cancel)
    {
        var run = Run.Read(instance);
        if (run is { Report: { } report } && !again)
        {
            Console.WriteLine($"The stories are here (set {run.Number}, loaded {run.Begun:yyyy-MM-dd HH:mm} UTC); --again loads another set.\n\n{report}\n\n{Clients(instance)}");
            return;
        }

        if (run is null || again) run = Run.Begin(time);
        run.Write(instance);
        Visitors.EnsureRegions(instance);
        var tell = new Narration(time);
        tell.Say($"set {run.Number} at {access.Origin}");
        using var cast = await Cast.AssembleAsync(access, run, password, Keep, time, cancel);
        tell.Say($"{cast.Count} organisations with clients of their own, {cast.SignIns.Count} people");

        var samples = await Samples.LoadAsync(cast["samples"], archive, tell, cancel);
        var pork = await new Pork(run, cast, tell, Keep).LoadAsync(cancel);
        var tea = await new Tea(run, cast, tell, Keep).LoadAsync(cancel);
        var (wine, cellar) = await new Wine(run, cast, tell).LoadAsync(cancel);
        var scans = await new Suspicions(run, cast, tell, cellar).LoadAsync(cancel);
        await ProveAsync(cast, tell, cancel);
        var printed = Print(samples, [pork, tea, wine, scans], cast, access, tell);
        Keep(run with { Report = printed });
        Console.WriteLine();
        Console.WriteLine(printed);
        Console.WriteLine();
        Console.WriteLine(Clients(instance));

        void Keep(Run kept) => kept.Write(instance);
    }

    /// <summary>What was captured contradicts itself nowhere, and another organisation's event is proven offline.</summary>
    private static async Task ProveAsync(Cast cast, Narration tell, CancellationToken cancel)
    {
        tell.Chapter("5  Proofs");
        foreach (var party in cast.Organisations.Where(p => p != cast["samples"]))
        {
            var findings = JsonNode.Parse(await party.Api.GetBytesAsync("/api/trace/findings", cancel))!.AsArray();
            Narration.Expect(findings.Count == 0, $"no contradiction in what {party.English} captured", findings.ToJsonString());
        }

        var authority = cast.Authority;
        var seen = await authority.GetAsync($"epcis/v2/events?EQ_bizStep=inspecting&EQ_readPoint={Uri.EscapeDataString($"https://id.gs1.org/414/{cast["customs"].Gln}")}", cancel);
        var id = seen["epcisBody"]!["queryResults"]!["resultsBody"]!["eventList"]![0]!["eventID"]!.GetValue<string>();
        var bundle = await authority.Api.GetBytesAsync($"/api/trace/epcis/v2/events/{Uri.EscapeDataString(id)}/proof?wait=30", cancel);
        var trust = await authority.Api.GetBytesAsync("/api/anchor/groups/trace/trust", cancel, open: true);
        var result = Verifier.Verify(bundle, trust, null);
        Narration.Expect(result.Answers is { Log.State: AnswerState.Proven, Chain.State: AnswerState.Proven, Time.State: AnswerState.Proven }, "the customs' inspection proven offline", result.ToJson());
        tell.Say("no contradiction in what the organisations captured; the customs' inspection is proven offline");
    }

    /// <summary>Where who wants to call the API as one of the organisations finds its client.</summary>
    private static string Clients(Instance instance) =>
        $"Each organisation is also a client of the API: ids and secrets are under \"secrets\" in {Run.FileOf(instance)}";

    private static string Print(IReadOnlyList<string> samples, IReadOnlyList<Outcome> stories, Cast cast, Access access, Narration tell)
    {
        var text = new StringBuilder();
        foreach (var line in samples.Concat(stories.SelectMany(s => s.Lines))) text.AppendLine("  " + line);
        text.AppendLine().AppendLine("Look at");
        foreach (var page in stories.SelectMany(s => s.Pages)) text.AppendLine($"  {page.Address}  {page.What}");
        text.AppendLine().AppendLine($"Sign in at {access.Origin} with the demo's password ({cast.SignIns[0].Password})");
        foreach (var person in cast.SignIns) text.AppendLine($"  {person.User,-18} {person.Who}");
        text.AppendLine().Append($"loaded in {tell.Elapsed.TotalSeconds:0} s");
        return text.ToString();
    }
}
