using System.Text;
using Cli.Vouchers;
using Narration = Cli.Demos.Trace.Narration;

namespace Cli.Demos.Receivables;

/// <summary>
/// A car maker, three tiers of suppliers and four banks: vouchers are issued, split, passed on, sold and paid, and every
/// kind of fraud is tried, through the public API by organisations that each have their own clients and keys.
/// </summary>
public static class ReceivablesDemo
{
    /// <summary>Loads the story, or tells it again.</summary>
    public static async Task RunAsync(Instance instance, Access access, string password, TimeProvider time, CancellationToken cancel)
    {
        var set = StorySet.Read(instance);
        if (set is { Report: { } report })
        {
            Console.WriteLine($"The story is here (set {set.Number}, loaded {set.Begun:yyyy-MM-dd HH:mm} UTC).\n\n{report}\n\n{Keys(instance)}");
            return;
        }

        set ??= StorySet.Begin(time);
        set.Write(instance);
        var tell = new Narration(time);
        tell.Say($"set {set.Number} at {access.Origin}");
        tell.Chapter("1  Organisations");
        using var cast = await Cast.AssembleAsync(access, set, password, () => set.Write(instance), time, cancel);
        tell.Say($"{cast.Count} organisations with clients of their own, {cast.SignIns.Count} people; their keys never reach the service");
        using var operations = Api.AsOperator(access, time);
        var issuing = new Issuing(set, cast, tell);
        var splitting = new Splitting(cast, issuing, tell);
        // Days of payment move by the calendars of this year and the next, and what falls on new year's eve by one more.
        for (var year = 0; year < 3; year++) await StandInCalendar.EnsureAsync(operations, set.Begun.Year + year, cancel);
        await issuing.RunAsync(cancel);
        await splitting.RunAsync(cancel);
        var funding = new Funding(set, cast, issuing, tell, time);
        await funding.RunAsync(cancel);
        await new Frauds(set, cast, issuing, tell, time).RunAsync(cancel);
        await new Maturing(set, cast, issuing, splitting, funding, operations, tell).RunAsync(cancel);
        var printed = Print(cast, access, tell);
        (set with { Report = printed }).Write(instance);
        Console.WriteLine($"\n{printed}\n\n{Keys(instance)}");
    }

    private static string Print(Cast cast, Access access, Narration tell)
    {
        var text = new StringBuilder();
        text.AppendLine($"Sign in at {access.Origin} with the demo's password ({cast.SignIns[0].Password})");
        foreach (var person in cast.SignIns) text.AppendLine($"  {person.User,-26} {person.Who}");
        text.AppendLine().Append($"loaded in {tell.Elapsed.TotalSeconds:0} s");
        return text.ToString();
    }

    private static string Keys(Instance instance) =>
        $"Secrets of the clients and signing keys (JWK) of the people are in {StorySet.FileOf(instance)}";
}
