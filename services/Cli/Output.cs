using System.Text.Json.Nodes;

namespace Cli;

/// <summary>What a command prints: lines for people, or one JSON document with <c>--json</c>.</summary>
public sealed class Output(bool json)
{
    public bool Json { get; } = json;

    public void Write(JsonNode document, params IEnumerable<string> lines)
    {
        if (Json)
        {
            Console.Out.WriteLine(document.ToJsonString());
            return;
        }

        foreach (var line in lines) Console.Out.WriteLine(line);
    }

    /// <summary>Progress and hints, kept out of what a script reads.</summary>
    public static void Note(string line) => Console.Error.WriteLine(line);
}
