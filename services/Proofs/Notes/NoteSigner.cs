using System.Buffers.Binary;

namespace Proofs.Notes;

/// <summary>A private key that signs notes: a log's own, or a witness's. Signing needs OpenSSL 3.</summary>
public sealed class NoteSigner
{
    private readonly byte[] _seed;

    /// <summary>A key by its seed.</summary>
    /// <param name="name">Name of the key; a log's is its origin line.</param>
    /// <param name="algorithm">What its signatures are.</param>
    /// <param name="seed">Ed25519 private key of RFC 8032, 32 bytes.</param>
    /// <exception cref="ArgumentException">The seed has another length.</exception>
    public NoteSigner(string name, NoteAlgorithm algorithm, byte[] seed)
    {
        _seed = seed;
        Public = new NoteKey(name, algorithm, OpenSsl.PublicKey(seed));
    }

    /// <summary>What verifiers know of the key.</summary>
    public NoteKey Public { get; }

    /// <summary>The signature of a note text.</summary>
    /// <param name="text">Text of the note with its last newline.</param>
    /// <param name="timestamp">Seconds since 1970; for cosignatures only.</param>
    public NoteSignature Sign(string text, ulong timestamp = 0)
    {
        var signature = OpenSsl.Sign(_seed, Public.Message(text, timestamp));
        if (Public.Algorithm == NoteAlgorithm.Cosignature)
        {
            var stamp = new byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(stamp, timestamp);
            signature = [.. stamp, .. signature];
        }
        return new NoteSignature(Public.Name, Public.Id, signature);
    }
}
