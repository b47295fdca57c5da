using Proofs.Merkle;
using Proofs.Notes;

namespace Proofs.Witnessing;

/// <summary>What a witness makes of a request, each with its HTTP status (C2SP tlog-witness).</summary>
public enum WitnessVerdict
{
    /// <summary>200: cosign, after the new checkpoint is kept.</summary>
    Cosign = 200,

    /// <summary>400: the request is malformed, or its old size is above the checkpoint's.</summary>
    Malformed = 400,

    /// <summary>403: no signature is by a key that is trusted for the origin.</summary>
    NotSigned = 403,

    /// <summary>404: the origin is unknown.</summary>
    UnknownOrigin = 404,

    /// <summary>409: the old size is not that of the last cosigned checkpoint, or its root is another.</summary>
    Conflict = 409,

    /// <summary>422: the consistency proof does not verify.</summary>
    Inconsistent = 422,
}

/// <summary>The outcome of a request.</summary>
/// <param name="Verdict">What to do.</param>
/// <param name="Checkpoint">The checkpoint, where it could be read.</param>
/// <param name="KnownSize">Size that was cosigned last for the origin, 0 if none.</param>
public readonly record struct WitnessDecision(WitnessVerdict Verdict, Checkpoint? Checkpoint, long KnownSize);

/// <summary>The rules of a witness as a pure function of the request and of what it cosigned last.</summary>
public static class WitnessStep
{
    /// <summary>Decides about a request.</summary>
    /// <param name="request">The request; null if it could not be read.</param>
    /// <param name="logs">Keys of the logs that are witnessed, by origin.</param>
    /// <param name="last">The checkpoint that was cosigned last for an origin, or null.</param>
    public static WitnessDecision Decide(
        AddCheckpoint? request, Func<string, NoteKey?> logs, Func<string, Checkpoint?> last)
    {
        if (request is null || SignedNote.Parse(request.Note) is not { } note
            || Checkpoint.Parse(note.Text) is not { } next)
        {
            return new(WitnessVerdict.Malformed, null, 0);
        }
        if (logs(next.Origin) is not { } key)
            return new(WitnessVerdict.UnknownOrigin, next, 0);
        if (!note.Signatures.Any(s => key.Verifies(note.Text, s)))
            return new(WitnessVerdict.NotSigned, next, 0);
        var known = last(next.Origin);
        return new(Compare(request, next, known), next, known?.Size ?? 0);
    }

    private static WitnessVerdict Compare(AddCheckpoint request, Checkpoint next, Checkpoint? known)
    {
        if (request.OldSize > next.Size)
            return WitnessVerdict.Malformed;
        if (request.OldSize != (known?.Size ?? 0))
            return WitnessVerdict.Conflict;
        var root = known?.Root ?? MerkleTree.EmptyRoot();
        if (request.OldSize == next.Size && !next.Root.AsSpan().SequenceEqual(root))
            return WitnessVerdict.Conflict;
        // Nothing leads from the empty tree to another, and nothing is needed.
        var consistent = request.OldSize == 0
            ? request.Proof.Count == 0
            : MerkleTree.VerifyConsistency((ulong)request.OldSize, (ulong)next.Size, root, next.Root, request.Proof);
        return consistent ? WitnessVerdict.Cosign : WitnessVerdict.Inconsistent;
    }
}
