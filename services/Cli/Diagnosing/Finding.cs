namespace Cli.Diagnosing;

/// <summary>What the doctor saw.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Ok">Whether it is as it should be.</param>
/// <param name="Found">What was seen.</param>
/// <param name="Remedy">What to do where it is not as it should be.</param>
public sealed record Finding(string Check, bool Ok, string Found, string Remedy);
