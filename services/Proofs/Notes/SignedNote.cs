using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Proofs.Json;

namespace Proofs.Notes;

/// <summary>Signature algorithms of C2SP signed notes that are understood here, by their identifier byte.</summary>
public enum NoteAlgorithm
{
    /// <summary>Ed25519 over the note text.</summary>
    Ed25519 = 0x01,

    /// <summary>Ed25519 <c>cosignature/v1</c>: a time stamp (big-endian seconds, 8 bytes) before the signature.</summary>
    Cosignature = 0x04,
}

/// <summary>A key that signs notes.</summary>
/// <param name="Name">Key name: no white space, no plus sign.</param>
/// <param name="Algorithm">What its signatures are.</param>
/// <param name="PublicKey">Ed25519 public key, 32 bytes.</param>
public sealed record NoteKey(string Name, NoteAlgorithm Algorithm, byte[] PublicKey)
{
    /// <summary>The first four bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ key), big-endian.</summary>
    public uint Id { get; } = BinaryPrimitives.ReadUInt32BigEndian(
        SHA256.HashData([.. Encoding.UTF8.GetBytes(Name), 0x0A, (byte)Algorithm, .. PublicKey]));

    /// <summary>The bytes that the key signs for a note text.</summary>
    /// <param name="text">Text of the note with its last newline.</param>
    /// <param name="timestamp">Seconds since 1970; used by cosignatures only.</param>
    public byte[] Message(string text, ulong timestamp = 0) => Encoding.UTF8.GetBytes(
        Algorithm == NoteAlgorithm.Cosignature
            ? string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {timestamp}\n{text}")
            : text);

    /// <summary>True if the signature line is by this key and its signature of the text is right.</summary>
    public bool Verifies(string text, NoteSignature signature)
    {
        if (signature.Name != Name || signature.KeyId != Id)
            return false;
        var bytes = signature.Signature.AsSpan();
        if (Algorithm == NoteAlgorithm.Ed25519)
            return Ed25519.Verify(PublicKey, Message(text), bytes);
        if (bytes.Length != 8 + Ed25519.SignatureSize)
            return false;
        var timestamp = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return timestamp <= long.MaxValue && Ed25519.Verify(PublicKey, Message(text, timestamp), bytes[8..]);
    }
}

/// <summary>One signature line of a note.</summary>
/// <param name="Name">Name of the key.</param>
/// <param name="KeyId">Id of the key.</param>
/// <param name="Signature">Bytes after the key id.</param>
public sealed record NoteSignature(string Name, uint KeyId, byte[] Signature);

/// <summary>A C2SP signed note: text ending in a newline, then signature lines.</summary>
/// <param name="Text">The text with its last newline.</param>
/// <param name="Signatures">At least one, at most <see cref="MaxSignatures"/>.</param>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>The most signature lines that a note may have.</summary>
    public const int MaxSignatures = 64;

    private const string Dash = "— ";

    /// <summary>Reads a note; null unless writing it again gives the same text.</summary>
    public static SignedNote? Parse(string note)
    {
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || !note.EndsWith('\n') || note.Any(c => c < ' ' && c != '\n'))
            return null;
        var lines = note[(end + 2)..].Split('\n');
        if (lines.Length is < 2 or > MaxSignatures + 1)
            return null;
        var signatures = lines[..^1].Select(ParseLine).OfType<NoteSignature>().ToList();
        return signatures.Count == lines.Length - 1 ? new SignedNote(note[..(end + 1)], signatures) : null;
    }

    /// <summary>The note as text.</summary>
    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var signature in Signatures)
            note.Append(Line(signature));
        return note.ToString();
    }

    /// <summary>One signature line with its newline.</summary>
    public static string Line(NoteSignature signature)
    {
        var bytes = new byte[4 + signature.Signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, signature.KeyId);
        signature.Signature.CopyTo(bytes, 4);
        return $"{Dash}{signature.Name} {Convert.ToBase64String(bytes)}\n";
    }

    private static NoteSignature? ParseLine(string line)
    {
        if (!line.StartsWith(Dash, StringComparison.Ordinal))
            return null;
        var parts = line[Dash.Length..].Split(' ');
        if (parts.Length != 2 || !IsKeyName(parts[0]) || Base64Text.Decode(parts[1]) is not { Length: > 4 } bytes)
            return null;
        return new NoteSignature(parts[0], BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[4..]);
    }

    /// <summary>
    /// True for a name of visible ASCII characters without plus signs: narrower than C2SP's rule, because what counts as
    /// white space beyond ASCII differs between languages.
    /// </summary>
    public static bool IsKeyName(string name) => name.Length > 0 && name.All(c => c is > ' ' and <= '~' and not '+');
}
