using System.Globalization;
using System.Net;

namespace Cli.Demos.Trace;

/// <summary>Says each step with what is expected of it, and stops at the first answer that differs.</summary>
public sealed class Narration(TimeProvider time)
{
    private const int ShownMax = 1000;

    private readonly long _begun = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_begun);

    /// <summary>A heading.</summary>
    public void Chapter(string title)
    {
        Console.WriteLine();
        Say(title);
    }

    /// <summary>One line: what was done and what came of it.</summary>
    public void Say(string line) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds,6:0.0}  {line}"));

    /// <summary>Fails unless the answer is as expected.</summary>
    /// <exception cref="UserException">It differs.</exception>
    public static void Expect(bool holds, string expected, object? got)
    {
        if (holds) return;
        var answer = $"{got}";
        throw new UserException($"Expected {expected}; the answer was {(answer.Length > ShownMax ? answer[..ShownMax] + "…" : answer)}.", 1);
    }

    /// <summary>Fails unless a refusal has the expected status and code; returns its words.</summary>
    public static async Task<string> RefusedAsync(HttpResponseMessage response, HttpStatusCode status, string code, CancellationToken cancel)
    {
        using (response)
        {
            if (response.IsSuccessStatusCode) throw new UserException($"Expected the refusal {code}; the answer was {(int)response.StatusCode}.", 1);
            var words = (await Api.ProblemAsync(response, cancel)).Message;
            Expect(response.StatusCode == status && words.EndsWith($"({code})", StringComparison.Ordinal), $"{(int)status} {code}", $"{(int)response.StatusCode} {words}");
            return words;
        }
    }
}
