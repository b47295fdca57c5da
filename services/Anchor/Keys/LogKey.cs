using System.Text;
using Proofs.Notes;

namespace Anchor.Keys;

/// <summary>The key that signs the checkpoints of one log.</summary>
public sealed class LogKey
{
    private readonly byte[] _seed;

    /// <summary>A key by its seed.</summary>
    /// <param name="origin">Origin line of the log, also the name of the key.</param>
    /// <param name="seed">Ed25519 private key of RFC 8032, 32 bytes.</param>
    public LogKey(string origin, byte[] seed)
    {
        _seed = seed;
        Public = new NoteKey(origin, NoteAlgorithm.Ed25519, OpenSsl.PublicKey(seed));
    }

    /// <summary>What verifiers know of the key.</summary>
    public NoteKey Public { get; }

    /// <summary>The signed note of a checkpoint.</summary>
    public string Sign(Checkpoint checkpoint)
    {
        var signature = OpenSsl.Sign(_seed, Encoding.UTF8.GetBytes(checkpoint.Text));
        return new SignedNote(checkpoint.Text, [new NoteSignature(Public.Name, Public.Id, signature)]).ToString();
    }
}
