using System.Security.Cryptography;
using System.Text.Json;
using Chain.Core;
using Voprf;

namespace KeyHolder;

/// <summary>
/// Evaluates blinded points for platforms that are known, within their quota. It sees nothing else: neither numbers of
/// things nor the keys of claims.
/// </summary>
public sealed class Evaluator
{
    private readonly Dictionary<int, (Scalar Share, ThresholdKey Public)> _keys;
    private readonly Dictionary<string, PlatformEntry> _platforms;
    private readonly RequestLog _log;
    private readonly TimeProvider _time;

    /// <summary>An evaluator with the keys of some epochs.</summary>
    /// <exception cref="FormatException">The keys are of several holders, or a share is not the public one's.</exception>
    public Evaluator(IReadOnlyList<KeyFile> keys, IReadOnlyList<PlatformEntry> platforms, RequestLog log, TimeProvider time)
    {
        (_log, _time) = (log, time);
        Holder = keys.Select(k => k.Holder).Distinct().ToList() is [int one]
            ? one
            : throw new FormatException("The key files are not of one holder.");
        _keys = keys.ToDictionary(k => k.Epoch, k => (HolderFiles.Secret(k.Share), k.Public.Read()));
        foreach ((Scalar share, ThresholdKey key) in _keys.Values)
        {
            if (!Point.MultiplyGenerator(share).Equals(key.Shares[Holder - 1]))
                throw new FormatException("The share is not the one of the public points.");
        }
        _platforms = platforms.ToDictionary(p => p.Address.ToLowerInvariant());
    }

    /// <summary>Index of this holder, from 1.</summary>
    public int Holder { get; }

    /// <summary>Public points of the epochs held, the oldest first.</summary>
    public IReadOnlyList<PublicKeyFile> PublicKeys => [.. _keys.OrderBy(k => k.Key).Select(k => new PublicKeyFile(
        k.Key, k.Value.Public.PublicKey.ToString(), [.. k.Value.Public.Shares.Select(s => s.ToString())]))];

    /// <summary>Answers a request; of the two results one is null.</summary>
    /// <param name="body">Bytes as received.</param>
    /// <param name="signature">The signature header.</param>
    public (EvaluateAnswer? Answer, int Status, HolderRefusal? Refusal) Evaluate(byte[] body, string? signature)
    {
        if (Read(body) is not { } request)
            return Refuse(400, "request-form", "The body is not a request.");
        if (!_platforms.TryGetValue(request.Platform, out PlatformEntry? platform) || !IsSigned(body, signature, request))
            return Refuse(401, "platform-unknown", "The platform is not known here, or the signature is not its own.");
        DateTimeOffset now = _time.GetUtcNow();
        if ((now - request.At).Duration() > HolderProtocol.Window)
            return Refuse(401, "request-old", "The request's time is more than five minutes from ours.");
        if (!_keys.TryGetValue(request.Epoch, out (Scalar Share, ThresholdKey Public) key))
            return Refuse(404, "epoch-unknown", "There is no key of that epoch here.");
        if (Points(request.Blinded) is not { } blinded)
        {
            return Refuse(400, "blinded-point",
                $"1 to {HolderProtocol.PointsMax} compressed points of P-256 other than the identity are needed.");
        }
        int perDay = Share(platform.PerDay);
        (RequestLog.Grant grant, int used) = _log.Take(DateOnly.FromDateTime(now.UtcDateTime), request.Platform,
            request.Request, Convert.ToHexStringLower(SHA256.HashData(body)), blinded.Count, perDay);
        if (grant == RequestLog.Grant.Exceeded)
            return Refuse(429, "quota-exceeded", $"{used} of {perDay} evaluations of today are used.");
        if (grant == RequestLog.Grant.Reused)
            return Refuse(409, "request-reused", "The request's id was used with another body.");

        List<(Point, Point)> pairs = [.. blinded.Select(b => (b, Oprf.Evaluate(key.Share, b)))];
        EqualityProof proof = Oprf.Prove(key.Share, key.Public.Shares[Holder - 1], pairs, Scalar.NewRandom());
        return (new EvaluateAnswer(Holder, request.Epoch, [.. pairs.Select(p => p.Item2.ToString())],
            Convert.ToHexStringLower(proof.ToBytes()), used, perDay), 200, null);
    }

    /// <summary>
    /// What one holder grants of a platform's quota. Every evaluation takes two holders of three, so that pairs in turn
    /// would yield one and a half times what each grants alone.
    /// </summary>
    internal static int Share(int perDay) => (int)((long)perDay * ThresholdKey.Threshold / ThresholdKey.Holders);

    private static (EvaluateAnswer?, int, HolderRefusal?) Refuse(int status, string code, string detail) =>
        (null, status, new HolderRefusal(code, detail));

    private static EvaluateRequest? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, HolderJson.Default.EvaluateRequest);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool IsSigned(byte[] body, string? signature, EvaluateRequest request) =>
        signature is { Length: 130 } && signature.All(char.IsAsciiHexDigitLower)
        && Convert.FromHexString(signature) is var bytes && bytes[64] <= 1
        && Secp256k1.TryRecover(new Hash32(HolderProtocol.SigningDigest(Holder, body)),
            new Signature(new Hash32(bytes.AsSpan(0, 32)), new Hash32(bytes.AsSpan(32, 32)), bytes[64]), out Address signer)
        && string.Equals(signer.ToString(), request.Platform, StringComparison.OrdinalIgnoreCase);

    private static List<Point>? Points(IReadOnlyList<string> texts)
    {
        if (texts.Count is 0 or > HolderProtocol.PointsMax)
            return null;
        List<Point> points = [];
        foreach (string text in texts)
        {
            if (!Point.TryRead(text, out Point? point))
                return null;
            points.Add(point);
        }
        return points;
    }
}
