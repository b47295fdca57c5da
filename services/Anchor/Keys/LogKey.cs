using Proofs.Notes;

namespace Anchor.Keys;

/// <summary>The key that signs the checkpoints of one log.</summary>
/// <param name="origin">Origin line of the log, also the name of the key.</param>
/// <param name="seed">Ed25519 private key of RFC 8032, 32 bytes.</param>
public sealed class LogKey(string origin, byte[] seed)
{
    private readonly NoteSigner _signer = new(origin, NoteAlgorithm.Ed25519, seed);

    /// <summary>What verifiers know of the key.</summary>
    public NoteKey Public => _signer.Public;

    /// <summary>The signed note of a checkpoint.</summary>
    public string Sign(Checkpoint checkpoint) =>
        new SignedNote(checkpoint.Text, [_signer.Sign(checkpoint.Text)]).ToString();
}
