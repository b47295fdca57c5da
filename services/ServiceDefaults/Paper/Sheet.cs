namespace ServiceDefaults.Paper;

/// <summary>What a document of this suite says, before it is laid out.</summary>
/// <param name="Chinese">In Chinese; else in English.</param>
/// <param name="Title">What it is.</param>
/// <param name="Number">What it is about: the number on paper.</param>
/// <param name="Lead">Its first sentence.</param>
/// <param name="Parts">Its parts, in order.</param>
/// <param name="VerifyAt">Address that the QR symbol opens: the open verification of the fact behind it.</param>
/// <param name="Limits">What it does not show.</param>
public sealed record Sheet(
    bool Chinese, string Title, string Number, string Lead, IReadOnlyList<SheetPart> Parts, string VerifyAt,
    IReadOnlyList<string> Limits);

/// <summary>A part of a document.</summary>
public abstract record SheetPart(string Heading)
{
    /// <summary>Names and values, one line each.</summary>
    public sealed record Facts(string Heading, IReadOnlyList<SheetFact> Lines) : SheetPart(Heading);

    /// <summary>A table whose columns from <paramref name="NumbersFrom"/> on are figures.</summary>
    public sealed record Table(
        string Heading, IReadOnlyList<string> Heads, IReadOnlyList<IReadOnlyList<string>> Rows, int NumbersFrom)
        : SheetPart(Heading);

    /// <summary>Numbered clauses.</summary>
    public sealed record Clauses(string Heading, IReadOnlyList<string> Lines) : SheetPart(Heading);
}

/// <summary>A line of facts.</summary>
/// <param name="Name">What.</param>
/// <param name="Value">Its value.</param>
/// <param name="Code">Whether the value is a digest or id, set in a fixed width.</param>
public sealed record SheetFact(string Name, string Value, bool Code = false);
