namespace Traceability.Gs1;

/// <summary>What is wrong with GS1 data.</summary>
/// <param name="Code">Stable, lower-case with dashes, such as <c>incorrect-check-digit</c>.</param>
/// <param name="Detail">English words for a developer; what a person reads comes from the code.</param>
/// <param name="Position">Index of the first bad character in the text that was given, or in the value of the
/// element that the detail names.</param>
/// <param name="Length">How many characters are bad; zero when something is missing.</param>
public readonly record struct Gs1Error(string Code, string Detail, int Position, int Length = 0)
{
    /// <summary>Whether there is none.</summary>
    public bool IsNone => Code is null;
}
