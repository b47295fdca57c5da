using System.Globalization;
using Proofs;

namespace Cli.Commands;

/// <summary>A verification in plain words: four answers, then what they do not say.</summary>
public static class VerifyText
{
    public static IEnumerable<string> Lines(VerificationResult result)
    {
        if (result.Answers is not { } answers)
        {
            yield return $"✗ unreadable: the {result.Unreadable} is not complete, or was altered";
            yield break;
        }

        yield return Line("content", answers.Content, "the content is what was recorded");
        yield return Line("log", answers.Log, "the digest is in the transparency log");
        yield return Line("chain", answers.Chain, result.Block is { } block
            ? $"the log's root is on the chain: block {block.Number}, {block.Seals} seals of at least {block.Quorum}"
            : "");
        yield return Line("time", answers.Time, result.Block is { } sealed_
            ? $"it existed before {DateTimeOffset.FromUnixTimeSeconds(sealed_.Timestamp).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)}"
            : "");
        if (result.Block is { Epoch: > 0 } later) yield return $"! the history of {later.Epoch} earlier log(s) was lost; governance opened this one";
        yield return "";
        yield return $"trust file {result.Fingerprint} ({result.Group}): compare it with the fingerprint that the members publish";
        yield return "not proven: that the fact was true before it was written; who is behind a pseudonym";
    }

    /// <summary>Shown statements: each with its value, or why they are not the event's.</summary>
    /// <param name="result">What the check of the statements said.</param>
    /// <param name="eventProven">Whether the event itself is in the log and on the chain.</param>
    public static IEnumerable<string> Lines(StatementsResult result, bool eventProven)
    {
        yield return "";
        if (result.Verdict != Verdict.Proven)
        {
            yield return $"{(result.Verdict == Verdict.Incomplete ? '○' : '✗')} statements {result.Reason}";
            yield break;
        }
        yield return eventProven
            ? $"✓ {result.Shown.Count} of the event's {result.Size} statements are shown, and are its own:"
            : $"○ {result.Shown.Count} of {result.Size} statements belong to an event that is not proven itself:";
        foreach (var (_, statement) in result.Shown)
            yield return $"    {statement.Pointer} = {statement.Value}";
    }

    /// <summary>A device's block: what was signed with which key, or why it is not.</summary>
    public static IEnumerable<string> Lines(DeviceBlockResult result, bool eventProven)
    {
        yield return "";
        if (result.Verdict != Verdict.Proven)
        {
            yield return $"{(result.Verdict == Verdict.Incomplete ? '○' : '✗')} device block {result.Reason}";
            yield break;
        }
        yield return eventProven
            ? $"✓ device {result.Device} signed these readings, of {result.Subject}"
            : $"○ device {result.Device} signed these readings, of {result.Subject}; their event is not proven itself";
        yield return $"its key is {result.KeySha256}: compare it with what the device's owner or maker publishes";
        yield return "not proven: that the device measured right, or was where it should have been";
    }

    private static string Line(string name, Answer answer, string proven) => answer.State switch
    {
        AnswerState.Proven => $"✓ {name,-8} proven       {proven}",
        AnswerState.Refuted => $"✗ {name,-8} refuted      {answer.Reason}",
        _ => $"○ {name,-8} not checked  {answer.Reason}",
    };
}
