using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// <c>[P, signature]</c>, the signed part of a message. The signature is over keccak256(RLP([code, P])). The bytes
/// are kept as received and hashed as received: encoding P again could give other bytes and with them a stranger as
/// author.
/// </summary>
public sealed class SignedPayload
{
    private readonly Signature _signature;
    private (bool Known, bool Valid, Address Address) _author;

    private SignedPayload(byte[] encoded, Hash32 signingHash, Signature signature)
    {
        Encoded = encoded;
        SigningHash = signingHash;
        _signature = signature;
    }

    /// <summary>RLP of <c>[P, signature]</c>.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>What the author signed.</summary>
    public Hash32 SigningHash { get; }

    /// <summary>
    /// Recovers the author; false if the signature is invalid or has s in the upper half. The answer is kept, because
    /// recovering is by far the dearest part of reading a message.
    /// </summary>
    public bool TryGetAuthor(out Address author)
    {
        if (!_author.Known)
        {
            bool valid = Signatures.TryRecover(SigningHash, _signature, out var address);
            _author = (true, valid, address);
        }
        author = _author.Address;
        return _author.Valid;
    }

    /// <summary>Signs an encoded payload.</summary>
    /// <param name="code">Message code.</param>
    /// <param name="payload">RLP of P, a list.</param>
    /// <param name="key">Key of the author.</param>
    public static SignedPayload Sign(byte code, ReadOnlySpan<byte> payload, ValidatorKey key)
    {
        var hash = HashForSignature(code, payload);
        var signature = key.Sign(hash);
        var writer = new RlpWriter(payload.Length + Signature.Length + 8);
        int list = writer.StartList();
        writer.WriteRaw(payload);
        writer.Write(signature.ToArray());
        writer.EndList(list);
        return new SignedPayload(writer.ToArray(), hash, signature) { _author = (true, true, key.Address) };
    }

    /// <summary>Reads <c>[P, signature]</c> without recovering the author.</summary>
    internal static bool TryRead(byte code, ref RlpReader reader, out SignedPayload signed, out RlpReader payload)
    {
        signed = null!;
        payload = default;
        if (!reader.TryReadItem(out var whole)) return false;
        var outer = new RlpReader(whole);
        if (!outer.TryReadList(out var pair) || !pair.TryReadItem(out var content)) return false;
        if (!pair.TryReadBytes(out var bytes) || !Signature.TryRead(bytes, out var signature) || !pair.AtEnd)
            return false;
        if (!new RlpReader(content).TryReadList(out payload)) return false;
        signed = new SignedPayload(whole.ToArray(), HashForSignature(code, content), signature);
        return true;
    }

    private static Hash32 HashForSignature(byte code, ReadOnlySpan<byte> payload)
    {
        var writer = new RlpWriter(payload.Length + 8);
        int list = writer.StartList();
        writer.Write((ulong)code);
        writer.WriteRaw(payload);
        writer.EndList(list);
        return Keccak256.Hash(writer.Written);
    }
}
