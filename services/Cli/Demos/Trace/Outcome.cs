namespace Cli.Demos.Trace;

/// <summary>What a story came to.</summary>
/// <param name="Lines">Lines for the table at the end.</param>
/// <param name="Pages">What to look at.</param>
public sealed record Outcome(IReadOnlyList<string> Lines, IReadOnlyList<Page> Pages);

/// <summary>A page to look at.</summary>
/// <param name="What">What it shows.</param>
/// <param name="Address">Its address.</param>
public sealed record Page(string What, string Address);
