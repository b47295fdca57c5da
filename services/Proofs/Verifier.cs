using Chain.Core;
using Proofs.Merkle;
using Proofs.Notes;

namespace Proofs;

/// <summary>
/// Verifies a bundle against a trust file, offline: a pure function of its arguments. What it answers, and in which
/// order rules are checked, is fixed by services/docs/proof-format.md.
/// </summary>
public static class Verifier
{
    /// <summary>Verifies.</summary>
    /// <param name="bundle">Bytes of the bundle.</param>
    /// <param name="trustFile">Bytes of the trust file.</param>
    /// <param name="fileDigest">SHA-256 of the file that the bundle is said to be about, if one is given.</param>
    public static VerificationResult Verify(
        ReadOnlySpan<byte> bundle, ReadOnlySpan<byte> trustFile, Hash32? fileDigest = null)
    {
        var fingerprint = TrustFile.Fingerprint(trustFile);
        if (TrustFile.Parse(trustFile) is not { } trust)
            return Unreadable("trust-file", fingerprint);
        return Bundle.Parse(bundle) is { } parsed
            ? Verify(parsed, trust, fingerprint, fileDigest)
            : Unreadable("bundle", fingerprint);
    }

    private static VerificationResult Unreadable(string file, string fingerprint) =>
        new() { Verdict = Verdict.Unreadable, Fingerprint = fingerprint, Unreadable = file };

    private static VerificationResult Verify(Bundle bundle, TrustFile trust, string fingerprint, Hash32? fileDigest)
    {
        var note = SignedNote.Parse(bundle.Log.Checkpoint)!;
        var checkpoint = Checkpoint.Parse(note.Text)!;
        var (chain, block) = ChainCheck.Check(bundle.Chain, checkpoint, trust);
        var answers = new Answers(
            ContentAnswer(bundle, fileDigest),
            LogAnswer(bundle, note, checkpoint, trust),
            chain,
            block is null ? Answer.NotChecked(Reason.ChainNotProven) : Answer.Ok);
        return new VerificationResult
        {
            Verdict = Judge(answers, fileDigest),
            Fingerprint = fingerprint,
            Answers = answers,
            Group = trust.Group,
            Digest = bundle.Digest,
            Event = bundle.Event,
            Block = block,
        };
    }

    private static Answer ContentAnswer(Bundle bundle, Hash32? fileDigest)
    {
        if (bundle.Event is not { } content)
            return Answer.NotChecked(Reason.EventWithheld);
        var named = EventForm.FileDigest(content);
        return (named, fileDigest) switch
        {
            (null, null) => Answer.Ok,
            (null, _) => Answer.Refuted(Reason.EventNamesNoFile),
            (_, null) => Answer.NotChecked(Reason.NoFile),
            var (name, file) => name == Hex.ToString(file.Value.Bytes) ? Answer.Ok : Answer.Refuted(Reason.FileMismatch),
        };
    }

    private static Answer LogAnswer(Bundle bundle, SignedNote note, Checkpoint checkpoint, TrustFile trust)
    {
        if (trust.Logs.FirstOrDefault(l => l.Origin == checkpoint.Origin) is not { } log)
            return Answer.Refuted(Reason.CheckpointOrigin);
        if (!IsSigned(note, log, trust.Witnesses))
            return Answer.Refuted(Reason.CheckpointSignature);
        var leaf = MerkleTree.LeafHash(bundle.Digest.Bytes);
        return MerkleTree.VerifyInclusion(
            (ulong)bundle.Log.Index, (ulong)checkpoint.Size, leaf, bundle.Log.Path, checkpoint.Root)
            ? Answer.Ok
            : Answer.Refuted(Reason.InclusionMismatch);
    }

    // The log's signature first, then each witness at most once; nobody else's.
    private static bool IsSigned(SignedNote note, TrustedLog log, IReadOnlyList<TrustedWitness> witnesses)
    {
        if (!new NoteKey(log.Origin, NoteAlgorithm.Ed25519, log.PublicKey).Verifies(note.Text, note.Signatures[0]))
            return false;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var signature in note.Signatures.Skip(1))
        {
            if (witnesses.FirstOrDefault(w => w.Name == signature.Name) is not { } witness
                || !seen.Add(witness.Name)
                || !new NoteKey(witness.Name, NoteAlgorithm.Cosignature, witness.PublicKey).Verifies(note.Text, signature))
            {
                return false;
            }
        }
        return true;
    }

    // Content is asked for when a file is given, or when the event is there and names none.
    private static Verdict Judge(Answers answers, Hash32? fileDigest)
    {
        Answer[] all = [answers.Content, answers.Log, answers.Chain, answers.Time];
        if (all.Any(a => a.State == AnswerState.Refuted))
            return Verdict.Refuted;
        var asked = all.AsSpan(fileDigest is null && answers.Content.State == AnswerState.NotChecked ? 1 : 0);
        foreach (var answer in asked)
        {
            if (answer.State == AnswerState.NotChecked)
                return Verdict.Incomplete;
        }
        return Verdict.Proven;
    }
}
