using System.Text.Json.Nodes;

namespace Portal.Components.Pages.Vouchers;

/// <summary>Part of a family: who came to hold an interval at some step, or several too narrow to tell apart.</summary>
/// <param name="Level">Row from the top.</param>
/// <param name="Start">First fen.</param>
/// <param name="End">Fen after the last.</param>
/// <param name="Fen">What its intervals come to.</param>
/// <param name="Count">How many intervals.</param>
/// <param name="Holder">Who, where the reader may know.</param>
public sealed record FamilyPart(int Level, long Start, long End, long Fen, int Count, string? Holder)
{
    /// <summary>Parts that came from it.</summary>
    public List<FamilyPart> Children { get; } = [];
}

/// <summary>What lies in an interval now.</summary>
/// <param name="Start">First fen.</param>
/// <param name="End">Fen after the last.</param>
/// <param name="Count">How many fragments.</param>
/// <param name="Holder">Who, where the reader may know.</param>
/// <param name="State">Their state, where the reader may know.</param>
public sealed record FamilyPiece(long Start, long End, int Count, string? Holder, string? State);

/// <summary>A family in a window of fen, as the service describes it.</summary>
/// <param name="Start">First fen of the window.</param>
/// <param name="End">Fen after its last.</param>
/// <param name="Parts">How it was passed on, from the top.</param>
/// <param name="Now">What lies in it now, end to end.</param>
public sealed record Family(long Start, long End, IReadOnlyList<FamilyPart> Parts, IReadOnlyList<FamilyPiece> Now)
{
    /// <summary>Reads the service's answer; null where there is none.</summary>
    public static Family? Read(JsonNode? tree)
    {
        if (tree?["shapes"] is not JsonArray shapes) return null;
        var parts = shapes.Select(s => new FamilyPart(
            s!["level"]!.GetValue<int>(), Long(s, "start"), Long(s, "end"), Long(s, "fen"),
            s["count"]!.GetValue<int>(), s["holder"]?.ToString())).ToList();
        var now = (tree["now"] as JsonArray ?? []).Select(p => new FamilyPiece(
            Long(p!, "start"), Long(p!, "end"), p!["count"]!.GetValue<int>(), p["holder"]?.ToString(),
            p["state"]?.ToString())).ToList();
        return new Family(Long(tree, "start"), Long(tree, "end"), parts, now);
    }

    /// <summary>What lies in the window now; it equals the window's length, or something is wrong.</summary>
    public long SumFen => Now.Sum(p => p.End - p.Start);

    /// <summary>The parts of the highest row, each above those that came from it.</summary>
    public IReadOnlyList<FamilyPart> Roots()
    {
        List<FamilyPart> tops = [];
        foreach (var part in Parts)
        {
            part.Children.Clear();
            var above = Parts.LastOrDefault(p => p.Level < part.Level && p.Start <= part.Start && part.Start < p.End);
            (above?.Children ?? tops).Add(part);
        }

        return tops;
    }

    /// <summary>The state of a part that was not passed on, where all of it has one.</summary>
    public FamilyPiece? NowOf(FamilyPart part) =>
        Now.FirstOrDefault(p => p.Start <= part.Start && part.End <= p.End && p.Holder == part.Holder && p.State is not null);

    private static long Long(JsonNode node, string member) => node[member]!.GetValue<long>();
}
