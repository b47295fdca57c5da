using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Voprf;

/// <summary>What a platform asks a key holder: to multiply blinded points by its share.</summary>
/// <param name="Platform">The platform's account on the chain, 0x and 40 lower-case hex digits.</param>
/// <param name="Epoch">Key epoch.</param>
/// <param name="Request">A UUID of this request; asked again with the same body it is not counted again.</param>
/// <param name="At">When it was made; a request lives for five minutes.</param>
/// <param name="Blinded">Compressed points in lower-case hex.</param>
public sealed record EvaluateRequest(
    string Platform, int Epoch, Guid Request, DateTimeOffset At, IReadOnlyList<string> Blinded);

/// <summary>What the holder answers.</summary>
/// <param name="Holder">Its index, from 1.</param>
/// <param name="Epoch">Key epoch.</param>
/// <param name="Evaluated">share·blinded for each point, in order.</param>
/// <param name="Proof">One proof for all, c ‖ s in lower-case hex.</param>
/// <param name="UsedToday">Points that this platform has had evaluated today.</param>
/// <param name="PerDay">What this holder grants it of its quota.</param>
public sealed record EvaluateAnswer(
    int Holder, int Epoch, IReadOnlyList<string> Evaluated, string Proof, int UsedToday, int PerDay);

/// <summary>Why a holder refused.</summary>
/// <param name="Code">Stable code.</param>
/// <param name="Detail">In English.</param>
public sealed record HolderRefusal(string Code, string Detail);

/// <summary>The public points of a key, as the ceremony publishes them.</summary>
/// <param name="Epoch">Key epoch, from 1.</param>
/// <param name="PublicKey">f(0)·G, compressed, lower-case hex.</param>
/// <param name="Shares">f(1)·G, f(2)·G, f(3)·G.</param>
public sealed record PublicKeyFile(int Epoch, string PublicKey, IReadOnlyList<string> Shares)
{
    /// <summary>The key, its points checked against each other.</summary>
    /// <exception cref="FormatException">Not the points of one key.</exception>
    public ThresholdKey Read()
    {
        try
        {
            return new ThresholdKey(Parse(PublicKey), [.. Shares.Select(Parse)]);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"The key of epoch {Epoch} does not hold together: {e.Message}", e);
        }
    }

    private static Point Parse(string hex) =>
        Point.TryRead(hex, out Point? point) ? point : throw new FormatException("A public point is not one.");
}

/// <summary>How platforms and key holders speak: JSON over HTTP, the body signed with the platform's account.</summary>
public static class HolderProtocol
{
    /// <summary>Header with r ‖ s ‖ v of the signature, 130 lower-case hex digits, v 0 or 1.</summary>
    public const string SignatureHeader = "Platform-Signature";

    /// <summary>Most points of one request.</summary>
    public const int PointsMax = 100;

    /// <summary>How far a request's time may be from the holder's.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>What is signed: it names the holder, so that one holder's requests are of no use to another.</summary>
    public static byte[] SigningDigest(int holder, ReadOnlySpan<byte> body) =>
        SHA256.HashData([.. Encoding.ASCII.GetBytes($"keyholder-evaluate/1|{holder}|"), .. SHA256.HashData(body)]);
}

/// <summary>JSON of the protocol and of public key files.</summary>
[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EvaluateRequest))]
[JsonSerializable(typeof(EvaluateAnswer))]
[JsonSerializable(typeof(HolderRefusal))]
[JsonSerializable(typeof(PublicKeyFile))]
public sealed partial class HolderJson : JsonSerializerContext;
