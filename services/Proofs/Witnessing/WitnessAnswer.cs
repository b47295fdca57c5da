using System.Buffers.Binary;
using Proofs.Notes;

namespace Proofs.Witnessing;

/// <summary>What a log may take from a witness's answer. A witness is not trusted: everything is checked.</summary>
/// <param name="Cosignature">A signature by the witness's key; null if the answer holds none.</param>
/// <param name="KnownSize">The size that the witness says it cosigned last, if it answered a conflict.</param>
/// <param name="Fault">Why there is no signature; empty where there is one.</param>
public sealed record WitnessAnswer(NoteSignature? Cosignature, long? KnownSize, string Fault)
{
    /// <summary>How far a witness's clock may be ahead, in seconds.</summary>
    public const long ClockTolerance = 300;

    /// <summary>Reads an answer to a request about a checkpoint.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="contentType">Its media type, or null.</param>
    /// <param name="body">Its body.</param>
    /// <param name="text">Text of the checkpoint.</param>
    /// <param name="witness">Key of the witness.</param>
    /// <param name="now">Seconds since 1970.</param>
    public static WitnessAnswer Read(
        int status, string? contentType, string body, string text, NoteKey witness, long now)
    {
        switch (status)
        {
            case 200:
                // Signatures by other keys are to be ignored.
                var found = SignedNote.Parse(text + "\n" + body)?.Signatures
                    .FirstOrDefault(s => witness.Verifies(text, s));
                if (found is null)
                    return new(null, null, "the answer holds no cosignature of the checkpoint by the witness's key");
                return BinaryPrimitives.ReadUInt64BigEndian(found.Signature) > (ulong)(now + ClockTolerance)
                    ? new(null, null, "the cosignature is of a time to come")
                    : new(found, null, "");
            case 409 when contentType == AddCheckpoint.SizeContentType && body.EndsWith('\n')
                && AddCheckpoint.ParseSize(body[..^1]) is { } size:
                return new(null, size, $"the witness cosigned {size} entries last");
            case 403:
                return new(null, null, "the witness has another key for this log");
            case 404:
                return new(null, null, "the witness does not know this log");
            case 422:
                return new(null, null, "the witness says that the log is not the one that it cosigned");
            default:
                return new(null, null, $"the witness answers {status}");
        }
    }
}
