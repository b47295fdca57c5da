using System.Text.Json.Nodes;

namespace Cli.Benchmarks;

/// <summary>One figure, next to its floor, peer or aim where there is one.</summary>
public sealed record Row(string Figure, double Value, string Unit, string? Floor = null, double? FloorValue = null)
{
    public double? Ratio => FloorValue is > 0 ? Value / FloorValue : null;
}

/// <summary>Prints figures as a table, or with <c>--json</c> as one line each.</summary>
public static class Table
{
    public static void Print(Output output, IEnumerable<Row> rows)
    {
        if (!output.Json) Console.WriteLine($"{"figure",-58} {"value",14} {"unit",-8} {"floor, peer or aim",-26} {"value",14} {"ratio",6}");
        foreach (var row in rows)
        {
            output.Write(
                new JsonObject
                {
                    ["figure"] = row.Figure,
                    ["value"] = Round(row.Value),
                    ["unit"] = row.Unit,
                    ["floor"] = row.Floor,
                    ["floorValue"] = row.FloorValue is { } f ? Round(f) : null,
                    ["ratio"] = row.Ratio is { } r ? Math.Round(r, 3) : null,
                },
                $"{row.Figure,-58} {row.Value,14:N1} {row.Unit,-8} {row.Floor,-26} {row.FloorValue,14:N1} {row.Ratio,6:0.00}");
        }
    }

    private static double Round(double value) => double.IsFinite(value) ? Math.Round(value, 3) : 0;
}
