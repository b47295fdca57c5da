using System.Text.Json;
using Chain.Core;
using Voprf;

namespace Receivables.Pledges;

/// <summary>A key holder as this platform knows it.</summary>
/// <param name="Index">From 1.</param>
/// <param name="Name">For people: whose it is.</param>
/// <param name="Url">Its address.</param>
public sealed record HolderAddress(int Index, string Name, Uri Url);

/// <summary>What a holder did wrong, or why it did not answer.</summary>
/// <param name="Holder">Its name.</param>
/// <param name="Code"><c>bad-proof</c>, <c>bad-answer</c>, <c>away</c>, or the holder's own code such as <c>quota-exceeded</c>.</param>
public sealed record HolderFault(string Holder, string Code);

/// <summary>The claim key of a thing in one epoch, with the faults met on the way.</summary>
public sealed record EvaluatedKey(Hash32 Key, IReadOnlyList<HolderFault> Faults);

/// <summary>Fewer than two holders gave an answer that holds.</summary>
public sealed class HoldersAwayException(IReadOnlyList<HolderFault> faults)
    : Exception("Too few key holders answered: " + string.Join(", ", faults.Select(f => $"{f.Holder} {f.Code}")))
{
    /// <summary>What each did.</summary>
    public IReadOnlyList<HolderFault> Faults { get; } = faults;
}

/// <summary>Asks the key holders: blinds, takes two answers whose proofs hold, combines and unblinds.</summary>
public sealed partial class KeyHolders(
    HttpClient http, IReadOnlyList<HolderAddress> holders, byte[] account, TimeProvider time, ILogger<KeyHolders> logger)
{
    private const int AnswerMax = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private int _turn = -1;
    private readonly string _platform = Secp256k1.AddressOf(account).ToString();

    /// <summary>The claim key of a thing: keccak256("pledge/1" ‖ y).</summary>
    /// <exception cref="HoldersAwayException">Fewer than two answers hold.</exception>
    public async Task<EvaluatedKey> EvaluateAsync(
        CanonicalId thing, int epoch, ThresholdKey key, CancellationToken cancellation)
    {
        Scalar blind = Scalar.NewRandom();
        Point blinded = Oprf.Blind(thing.Input, blind);
        List<HolderFault> faults = [];
        List<(int Holder, Point Evaluated)> parts = [];
        // Two are asked at once, another two each time; the third only where one failed. So all quotas last equally.
        int first = (int)((uint)Interlocked.Increment(ref _turn) % holders.Count);
        Queue<HolderAddress> waiting = new([.. holders.Skip(first), .. holders.Take(first)]);
        while (parts.Count < ThresholdKey.Threshold && waiting.Count > 0)
        {
            int missing = ThresholdKey.Threshold - parts.Count;
            List<HolderAddress> asked = [.. Enumerable.Range(0, Math.Min(missing, waiting.Count)).Select(_ => waiting.Dequeue())];
            foreach ((Point? evaluated, HolderFault? fault, int holder) in
                await Task.WhenAll(asked.Select(h => AskAsync(h, epoch, key, blinded, cancellation))))
            {
                if (evaluated is not null)
                    parts.Add((holder, evaluated));
                else
                    faults.Add(fault!);
            }
        }
        foreach (HolderFault fault in faults)
            Failed(logger, fault.Holder, fault.Code);
        if (parts.Count < ThresholdKey.Threshold)
            throw new HoldersAwayException(faults);
        byte[] y = Oprf.Finalize(thing.Input, blind, ThresholdKey.Combine(parts));
        return new EvaluatedKey(KeyOf(y), faults);
    }

    /// <summary>keccak256("pledge/1" ‖ y).</summary>
    public static Hash32 KeyOf(ReadOnlySpan<byte> y) => Keccak256.Hash([.. "pledge/1"u8, .. y]);

    private async Task<(Point? Evaluated, HolderFault? Fault, int Holder)> AskAsync(
        HolderAddress holder, int epoch, ThresholdKey key, Point blinded, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            using HttpRequestMessage request = Request(holder, epoch, blinded);
            using HttpResponseMessage response =
                await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            await response.Content.LoadIntoBufferAsync(AnswerMax, patience.Token);
            if (!response.IsSuccessStatusCode)
            {
                HolderRefusal? refusal =
                    await response.Content.ReadFromJsonAsync(HolderJson.Default.HolderRefusal, patience.Token);
                return (null, new HolderFault(holder.Name, refusal?.Code ?? "bad-answer"), holder.Index);
            }
            EvaluateAnswer? answer =
                await response.Content.ReadFromJsonAsync(HolderJson.Default.EvaluateAnswer, patience.Token);
            return Check(holder, epoch, key, blinded, answer);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested
            && e is HttpRequestException or OperationCanceledException or IOException)
        {
            return (null, new HolderFault(holder.Name, "away"), holder.Index);
        }
        catch (JsonException)
        {
            return (null, new HolderFault(holder.Name, "bad-answer"), holder.Index);
        }
    }

    private static (Point? Evaluated, HolderFault? Fault, int Holder) Check(
        HolderAddress holder, int epoch, ThresholdKey key, Point blinded, EvaluateAnswer? answer)
    {
        if (answer is not { Evaluated.Count: 1 } || answer.Epoch != epoch
            || !Point.TryRead(answer.Evaluated[0], out Point? evaluated)
            || answer.Proof.Length != 2 * EqualityProof.Length || !answer.Proof.All(char.IsAsciiHexDigitLower)
            || !EqualityProof.TryRead(Convert.FromHexString(answer.Proof), out EqualityProof? proof))
            return (null, new HolderFault(holder.Name, "bad-answer"), holder.Index);
        return key.Verify(blinded, new PartialEvaluation(holder.Index, evaluated, proof))
            ? (evaluated, null, holder.Index)
            : (null, new HolderFault(holder.Name, "bad-proof"), holder.Index);
    }

    private HttpRequestMessage Request(HolderAddress holder, int epoch, Point blinded)
    {
        DateTimeOffset now = time.GetUtcNow();
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(
            new EvaluateRequest(_platform, epoch, Guid.CreateVersion7(now), now, [blinded.ToString()]),
            HolderJson.Default.EvaluateRequest);
        Signature signature = Secp256k1.Sign(new Hash32(HolderProtocol.SigningDigest(holder.Index, body)), account);
        HttpRequestMessage request = new(HttpMethod.Post, new Uri(holder.Url, "evaluate"))
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } },
        };
        request.Headers.Add(HolderProtocol.SignatureHeader, Convert.ToHexStringLower(signature.ToArray()));
        return request;
    }

    [LoggerMessage(4100, LogLevel.Warning, "Key holder {Holder} failed: {Code}")]
    private static partial void Failed(ILogger logger, string holder, string code);
}
