using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Proofs.Json;
using Proofs.Notes;

namespace Proofs;

/// <summary>How a device's block of readings stands to the event that records it.</summary>
/// <param name="Verdict">Proven, refuted, unreadable, or incomplete where the event is withheld or names no key.</param>
/// <param name="Reason">Why, one of <see cref="Proofs.Reason"/> or <see cref="DeviceBlock"/>' own.</param>
/// <param name="Device">The device that signed; null unless proven.</param>
/// <param name="Subject">What it says that it was with; null unless proven.</param>
/// <param name="KeySha256">The fingerprint of its key, in hex; null unless proven.</param>
public sealed record DeviceBlockResult(
    Verdict Verdict, string Reason, string? Device = null, string? Subject = null, string? KeySha256 = null)
{
    /// <summary>The result as RFC 8785 JSON.</summary>
    public byte[] ToJson() => CanonicalJson.Write(JsonObject.Of([
        .. new (string Name, string? Value)[]
        {
            ("device", Device), ("keySha256", KeySha256), ("reason", Reason), ("subject", Subject),
            ("verdict", Verdict.ToString().ToLowerInvariant()),
        }.Where(m => m.Value is not null).Select(m => (m.Name, (JsonValue)new JsonString(m.Value!)))]));
}

/// <summary>
/// Checks that a device signed the readings that an event records (services/docs/proof-format.md, "Sensor blocks"): the file
/// has the block as the device sent it and the device's key, the event their digests and the signature. Pure.
/// </summary>
public static class DeviceBlock
{
    /// <summary>The name of the format of a file with a block and its key.</summary>
    public const string Format = "sensor-block/1";

    /// <summary>The event records no block.</summary>
    public const string NoBlock = "event-is-no-sensor-block";

    /// <summary>The block is not the one that was recorded.</summary>
    public const string BlockMismatch = "block-mismatch";

    /// <summary>The event is from before the key was named.</summary>
    public const string KeyNotNamed = "key-not-named";

    /// <summary>The key is not the one that the event names.</summary>
    public const string KeyMismatch = "key-mismatch";

    /// <summary>The device did not sign this.</summary>
    public const string SignatureWrong = "signature-wrong";

    private const string EventType = "trace.sensor-block-recorded.v1";
    private const string P256 = "1.2.840.10045.3.1.7";
    private const int SignatureSize = 64;
    private const int BytesMax = 16 << 20;

    /// <summary>Writes a file.</summary>
    /// <param name="raw">The block as the device sent it.</param>
    /// <param name="key">32 bytes of Ed25519, or a SubjectPublicKeyInfo (DER) of P-256.</param>
    public static byte[] Write(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> key) => CanonicalJson.Write(JsonObject.Of(
        ("format", new JsonString(Format)), ("key", new JsonString(Convert.ToBase64String(key))),
        ("raw", new JsonString(Convert.ToBase64String(raw)))));

    /// <summary>What a device signs: its name, the block's number, what it is with, each ended by a line feed, then the block.</summary>
    public static byte[] Signed(string device, long sequence, string subject, ReadOnlySpan<byte> raw) =>
        [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{device}\n{sequence}\n{subject}\n")), .. raw];

    /// <summary>Whether a signature (R‖S for ECDSA, over SHA-256) is a key's over bytes.</summary>
    public static bool Verifies(ReadOnlySpan<byte> key, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureSize)
            return false;
        if (key.Length == Ed25519.PublicKeySize)
            return Ed25519.Verify(key, bytes, signature);
        using ECDsa ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportSubjectPublicKeyInfo(key, out int read);
            return read == key.Length && ecdsa.ExportParameters(false).Curve.Oid.Value == P256
                && ecdsa.VerifyData(bytes, signature, HashAlgorithmName.SHA256);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Checks a file against the event of a bundle. Whether that event is proven is the bundle's answer.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="content">The event, as <see cref="VerificationResult.Event"/> has it; null where it is withheld.</param>
    public static DeviceBlockResult Check(ReadOnlySpan<byte> file, JsonObject? content)
    {
        if (Read(file) is not var (raw, key))
            return new DeviceBlockResult(Verdict.Unreadable, "sensor-block");
        if (content is null)
            return new DeviceBlockResult(Verdict.Incomplete, Reason.EventWithheld);
        if (Recorded.Of(content) is not { } e)
            return new DeviceBlockResult(Verdict.Refuted, NoBlock);
        if (!SHA256.HashData(raw).AsSpan().SequenceEqual(e.RawSha256))
            return new DeviceBlockResult(Verdict.Refuted, BlockMismatch);
        if (e.KeySha256 is null)
            return new DeviceBlockResult(Verdict.Incomplete, KeyNotNamed);
        if (!SHA256.HashData(key).AsSpan().SequenceEqual(e.KeySha256))
            return new DeviceBlockResult(Verdict.Refuted, KeyMismatch);
        return Verifies(key, Signed(e.Device, e.Sequence, e.SignedSubject, raw), e.Signature)
            ? new DeviceBlockResult(Verdict.Proven, Reason.Ok, e.Device, e.SignedSubject, Convert.ToHexStringLower(e.KeySha256))
            : new DeviceBlockResult(Verdict.Refuted, SignatureWrong);
    }

    private static (byte[] Raw, byte[] Key)? Read(ReadOnlySpan<byte> file)
    {
        if (file.Length > BytesMax || CanonicalJson.Parse(file) is not { } json)
            return null;
        try
        {
            var members = new Members(json);
            members.Constant("format", Format);
            var (raw, key) = (members.Base64("raw"), members.Base64("key"));
            members.End();
            return (raw, key);
        }
        catch (MisshapenException)
        {
            return null;
        }
    }

    /// <summary>What an event says of the block. The subject stands as it was signed, where that was another spelling.</summary>
    private sealed record Recorded(
        string Device, long Sequence, string SignedSubject, byte[] RawSha256, byte[] Signature, byte[]? KeySha256)
    {
        public static Recorded? Of(JsonObject content)
        {
            try
            {
                var members = new Members(content);
                members.Constant("type", EventType);
                var data = members.Object("data");
                return new Recorded(
                    data.Text("device"), data.Number("sequence"),
                    data.Text(data.Has("signedSubject") ? "signedSubject" : "subject"),
                    data.Hash("rawSha256").Bytes.ToArray(), data.Base64("signature"),
                    data.Has("keySha256") ? data.Hash("keySha256").Bytes.ToArray() : null);
            }
            catch (MisshapenException)
            {
                return null;
            }
        }
    }
}
