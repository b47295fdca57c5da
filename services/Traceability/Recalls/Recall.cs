using System.Text.Json.Serialization;
using ServiceDefaults;
using Traceability.MasterData;

namespace Traceability.Recalls;

/// <summary>Facts about a recall.</summary>
public abstract record RecallEvent
{
    private RecallEvent()
    {
    }

    /// <summary>A recall was begun, or a drill of one.</summary>
    /// <param name="Title">Its name, in one language or both.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Domain"><c>food</c> or <c>drug</c>.</param>
    /// <param name="Class">1 to 3, 1 the gravest.</param>
    /// <param name="Drill">Whether nothing is really recalled.</param>
    /// <param name="LearnedAt">When the risk became known: deadlines run from here.</param>
    /// <param name="Targets">Lots, ingredients or items it begins with, canonical.</param>
    /// <param name="Authority">Whether an authority ordered it.</param>
    public sealed record Opened(
        [property: JsonConverter(typeof(RecallWording))] Wording Title, string Reason, string Domain, int Class,
        bool Drill, DateTimeOffset LearnedAt, IReadOnlyList<string> Targets, bool Authority = false) : RecallEvent;

    /// <summary>What it reaches was found.</summary>
    /// <param name="Items">How many items and lots, the targets among them.</param>
    /// <param name="Located">How many of the pieces that are not sold are at a known place.</param>
    /// <param name="Outstanding">Pieces still about: neither used up nor destroyed; the sold ones among them.</param>
    /// <param name="Sold">Pieces sold to consumers.</param>
    /// <param name="Holders">How many organisations hold some.</param>
    /// <param name="Milliseconds">From the question to the whole answer.</param>
    /// <param name="Root">RFC 6962 root over the sorted identifiers, in hexadecimal.</param>
    public sealed record ScopeFound(
        int Items, int Located, int Outstanding, int Sold, int Holders, long Milliseconds, string Root) : RecallEvent
    {
        /// <summary>Of the pieces that are still with traders, the share at a known place; null where none are.</summary>
        public double? LocatedShare() =>
            Outstanding > Sold ? Math.Round((double)Located / (Outstanding - Sold), 4) : null;
    }

    /// <summary>The plan was filed.</summary>
    public sealed record PlanFiled(string Text) : RecallEvent;

    /// <summary>Holders and the public were told to stop, in one language or both.</summary>
    public sealed record NoticeGiven([property: JsonConverter(typeof(RecallWording))] Wording Text) : RecallEvent;

    /// <summary>How far it is.</summary>
    public sealed record ProgressReported(long Recovered, string Text) : RecallEvent;

    /// <summary>Recovered goods were disposed of.</summary>
    public sealed record Disposed(string Method, long Pieces, string Text, string? EvidenceSha256) : RecallEvent;

    /// <summary>A holder says what it did with its pieces.</summary>
    /// <param name="Holder">The organisation.</param>
    /// <param name="Kind"><c>held</c>, kept apart from sale and use, or <c>returned</c>.</param>
    /// <param name="Pieces">How many so far.</param>
    /// <param name="Text">A remark.</param>
    public sealed record HolderConfirmed(string Holder, string Kind, long Pieces, string? Text) : RecallEvent;

    /// <summary>It is over.</summary>
    public sealed record Ended(string Text) : RecallEvent;
}

/// <summary>What decisions about a recall need.</summary>
public sealed record RecallState(
    bool Exists, bool Drill, string Domain, int Class, DateTimeOffset LearnedAt, DateTimeOffset? PlanAt,
    DateTimeOffset? NoticeAt, DateTimeOffset? LastProgress, DateTimeOffset? DisposedAt, DateTimeOffset? EndedAt)
{
    /// <summary>Before the first event.</summary>
    public static readonly RecallState Initial = new(false, false, "", 0, default, null, null, null, null, null);

    /// <summary>When a step was first done.</summary>
    public DateTimeOffset? DoneAt(string step) => step switch
    {
        "plan" => PlanAt,
        "notice" => NoticeAt,
        "progress" => LastProgress,
        "end" => EndedAt,
        _ => throw new InvalidOperationException($"{step} is no step of a recall."),
    };

    /// <summary>Folds one event.</summary>
    public static RecallState Evolve(RecallState state, RecallEvent e, DateTimeOffset at) => e switch
    {
        RecallEvent.Opened o => Initial with
        {
            Exists = true,
            Drill = o.Drill,
            Domain = o.Domain,
            Class = o.Class,
            LearnedAt = o.LearnedAt,
        },
        RecallEvent.ScopeFound or RecallEvent.HolderConfirmed => state,
        RecallEvent.PlanFiled => state with { PlanAt = state.PlanAt ?? at },
        RecallEvent.NoticeGiven => state with { NoticeAt = state.NoticeAt ?? at },
        RecallEvent.ProgressReported => state with { LastProgress = at },
        RecallEvent.Disposed => state with { DisposedAt = at },
        RecallEvent.Ended => state with { EndedAt = at },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a recall."),
    };
}

/// <summary>Decides on what is to be recorded of a recall; pure.</summary>
public static class Recall
{
    /// <summary>There is no such recall.</summary>
    public const string Missing = "recall-not-found";

    /// <summary>It is over.</summary>
    public const string Over = "recall-over";

    /// <summary>It is there already.</summary>
    public const string Exists = "recall-exists";

    /// <summary>A class or domain without a rule.</summary>
    public const string NoRule = "recall-no-rule";

    /// <summary>Nobody was told yet.</summary>
    public const string NoNotice = "recall-no-notice";

    /// <summary>Nothing says what became of the goods.</summary>
    public const string NoDisposal = "recall-no-disposal";

    /// <summary>More came back, or was disposed of, than it reaches.</summary>
    public const string TooMany = "recall-too-many";

    /// <summary>Whether a fact may be recorded.</summary>
    /// <param name="state">What is known.</param>
    /// <param name="proposed">The fact.</param>
    /// <param name="reached">Pieces that it reaches; null where some are known by amount only.</param>
    public static Decision<RecallEvent> Decide(
        RecallState state, RecallEvent proposed, long? reached = null) => (state, proposed) switch
        {
            ({ Exists: false }, RecallEvent.Opened o) => RecallRules.Find(o.Domain, o.Class, o.LearnedAt) is null
                ? Refuse(NoRule) : Accept(o),
            ({ Exists: false }, _) => Refuse(Missing),
            (_, RecallEvent.Opened) => Refuse(Exists),
            ({ EndedAt: not null }, _) => Refuse(Over),
            // Nobody is told of a drill, nor of a recall before its notice.
            ({ Drill: true } or { NoticeAt: null }, RecallEvent.HolderConfirmed) => Refuse(Missing),
            (_, RecallEvent.HolderConfirmed c) when c.Pieces > reached => Refuse(TooMany),
            ({ NoticeAt: null }, RecallEvent.ProgressReported) => Refuse(NoNotice),
            (_, RecallEvent.ProgressReported p) when p.Recovered > reached => Refuse(TooMany),
            (_, RecallEvent.Disposed d) when d.Pieces > reached => Refuse(TooMany),
            ({ Drill: false, NoticeAt: null }, RecallEvent.Ended) => Refuse(NoNotice),
            // A recall ends with the disposal of what came back, which the rules want recorded; a drill has nothing.
            ({ Drill: false, DisposedAt: null }, RecallEvent.Ended) => Refuse(NoDisposal),
            _ => Accept(proposed),
        };

    private static Decision<RecallEvent> Accept(RecallEvent e) => new Decision<RecallEvent>.Accepted([e]);

    private static Decision<RecallEvent> Refuse(string rule) => new Decision<RecallEvent>.Refused(rule);
}
