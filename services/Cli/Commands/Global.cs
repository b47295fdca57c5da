using System.CommandLine;

namespace Cli.Commands;

/// <summary>What every command shares.</summary>
public static class Global
{
    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print one JSON document instead of text.",
        Recursive = true,
    };

    public static Output Output(this ParseResult result) => new(result.GetValue(Json));
}
