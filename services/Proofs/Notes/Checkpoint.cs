using System.Globalization;
using Proofs.Json;

namespace Proofs.Notes;

/// <summary>The text of a C2SP tlog-checkpoint of exactly three lines.</summary>
/// <param name="Origin">Name of the log.</param>
/// <param name="Size">Number of leaves, at most 2⁵³−1.</param>
/// <param name="Root">Root hash, 32 bytes.</param>
public sealed record Checkpoint(string Origin, long Size, byte[] Root)
{
    /// <summary>The note text: origin, size and base64 root, each with a newline.</summary>
    public string Text =>
        string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root)}\n");

    /// <summary>Reads a note text; null unless it is <see cref="Text"/> of a checkpoint byte for byte.</summary>
    public static Checkpoint? Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length != 4 || lines[3].Length != 0 || !SignedNote.IsKeyName(lines[0])
            || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || size > JsonInteger.Max || Base64Text.Decode(lines[2]) is not { Length: 32 } root)
        {
            return null;
        }
        var checkpoint = new Checkpoint(lines[0], size, root);
        return checkpoint.Text == text ? checkpoint : null;
    }
}
