namespace Traceability.Epcis;

/// <summary>What is wrong with an event, or with the document when <see cref="Index"/> is null.</summary>
/// <param name="Index">Place of the event in the document, from 0.</param>
/// <param name="Code">Stable name of the rule, lower case with dashes.</param>
/// <param name="Path">JSON pointer (RFC 6901) inside the event, or the document, in the 2.0 JSON form.</param>
/// <param name="Detail">One line for people.</param>
public sealed record EpcisProblem(int? Index, string Code, string Path, string Detail);

/// <summary>One place of the event list: either an event or what is wrong with it.</summary>
public sealed record ReadingItem(EpcisEvent? Event, EpcisProblem? Problem);

/// <summary>What a document holds: either a problem of the whole, or its items in order.</summary>
public sealed record Reading(EpcisProblem? Problem, IReadOnlyList<ReadingItem> Items)
{
    /// <summary>Whether the document and all of its events are right.</summary>
    public bool IsValid => Problem is null && Items.All(item => item.Problem is null);

    /// <summary>All problems, the document's first.</summary>
    public IEnumerable<EpcisProblem> Problems =>
        (Problem is null ? [] : new[] { Problem }).Concat(Items.Select(item => item.Problem).OfType<EpcisProblem>());

    /// <summary>The events that are right.</summary>
    public IEnumerable<EpcisEvent> Events => Items.Select(item => item.Event).OfType<EpcisEvent>();
}

/// <summary>How large a document may be, and how strict its reading is.</summary>
/// <param name="Bytes">Size of the text.</param>
/// <param name="Events">Length of the event list.</param>
/// <param name="Depth">Nesting of objects and arrays, or of elements; other parsers stop at 64, and an event returned
/// has frames around it.</param>
/// <param name="CheckIds">Whether GS1 ids with wrong check digits, lengths or characters are refused; other systems'
/// documents hold some.</param>
/// <param name="HashTool">Whether a document may leave members out of its events' hashes (<c>ignoreFields</c> of the
/// reference algorithm's command line): never in a capture, where the hash must tell the whole event.</param>
public sealed record EpcisLimits(
    int Bytes = 16 * 1024 * 1024, int Events = 10_000, int Depth = 48, bool CheckIds = true, bool HashTool = false)
{
    /// <summary>16 MiB, 10,000 events, 48 levels.</summary>
    public static EpcisLimits Default { get; } = new();
}
