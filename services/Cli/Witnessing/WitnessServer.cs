using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Proofs;
using Proofs.Notes;
using Proofs.Witnessing;

namespace Cli.Witnessing;

/// <summary>
/// A witness that a member of the consortium runs (C2SP tlog-witness): it cosigns a log's checkpoints only as long as
/// each extends the one before, whatever chain and anchor say.
/// </summary>
public sealed class WitnessServer(NoteSigner signer, CosignedCheckpoints cosigned, IEnumerable<TrustFile> trust, TimeProvider time)
{
    private const int RequestBytesMax = 64 * 1024;
    private readonly Lock _oneAtATime = new();
    private readonly Dictionary<string, NoteKey> _logs = trust.SelectMany(t => t.Logs).DistinctBy(l => l.Origin)
        .ToDictionary(l => l.Origin, l => new NoteKey(l.Origin, NoteAlgorithm.Ed25519, l.PublicKey), StringComparer.Ordinal);

    /// <summary>Origins of the logs that it cosigns.</summary>
    public IEnumerable<string> Origins => _logs.Keys;

    /// <summary>Serves until cancelled.</summary>
    /// <param name="address">For example <c>http://127.0.0.1:9000</c>.</param>
    /// <param name="listening">Called when it takes requests.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task RunAsync(string address, Action listening, CancellationToken cancel)
    {
        // Not the folder it is started in: the host watches all files below its content root.
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        builder.WebHost.ConfigureKestrel(k => (k.Limits.MaxRequestBodySize, k.AddServerHeader) = (RequestBytesMax, false));
        await using var app = builder.Build();
        app.MapPost("/add-checkpoint", AddAsync);
        await app.StartAsync(cancel);
        listening();
        await ((IHost)app).WaitForShutdownAsync(cancel);
    }

    private async Task AddAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, new UTF8Encoding(false, throwOnInvalidBytes: true));
        AddCheckpoint? request = null;
        try
        {
            request = AddCheckpoint.Parse(await reader.ReadToEndAsync(context.RequestAborted));
        }
        catch (DecoderFallbackException)
        {
            // Malformed like every other.
        }

        string answer;
        // Comparing and keeping are one step, or of two requests the smaller could be kept last.
        lock (_oneAtATime)
        {
            answer = Answer(context.Response, request);
        }

        await context.Response.WriteAsync(answer, context.RequestAborted);
    }

    private string Answer(HttpResponse response, AddCheckpoint? request)
    {
        var decision = WitnessStep.Decide(request, _logs.GetValueOrDefault, cosigned.Last);
        response.StatusCode = (int)decision.Verdict;
        response.ContentType = "text/plain; charset=utf-8";
        switch (decision)
        {
            case { Verdict: WitnessVerdict.Cosign, Checkpoint: { } checkpoint }:
                cosigned.Keep(checkpoint, request!.Note);
                return SignedNote.Line(signer.Sign(checkpoint.Text, (ulong)time.GetUtcNow().ToUnixTimeSeconds()));
            case { Verdict: WitnessVerdict.Conflict }:
                response.ContentType = AddCheckpoint.SizeContentType;
                if (decision.Checkpoint is { } other && other.Size == decision.KnownSize
                    && !other.Root.AsSpan().SequenceEqual(cosigned.Last(other.Origin)!.Root))
                {
                    cosigned.KeepConflict(other, request!.Note);
                }

                return string.Create(CultureInfo.InvariantCulture, $"{decision.KnownSize}\n");
            default:
                return $"{decision.Verdict}\n";
        }
    }
}
