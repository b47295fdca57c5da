using System.Text;
using Proofs.Notes;
using Proofs.Witnessing;

namespace Anchor.Witnessing;

/// <summary>One witness that cosigns the checkpoints of a log. It may be slow, dead or lying.</summary>
/// <param name="key">Its key.</param>
/// <param name="prefix">Its submission prefix.</param>
/// <param name="http">Client with a short time limit and a small limit of the answer's size.</param>
/// <param name="time">Clock.</param>
public sealed class Witness(NoteKey key, Uri prefix, HttpClient http, TimeProvider time)
{
    private static readonly TimeSpan PauseFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMost = TimeSpan.FromMinutes(1);
    private readonly Uri _endpoint = new($"{prefix.AbsoluteUri.TrimEnd('/')}/add-checkpoint");
    private TimeSpan _pause = PauseFirst;
    private DateTimeOffset _notBefore;

    /// <summary>Its name.</summary>
    public string Name => key.Name;

    /// <summary>Size that it cosigned last, as far as is known.</summary>
    public long KnownSize { get; set; }

    /// <summary>What is asked of it now; completed when nothing is.</summary>
    public Task Running { get; set; } = Task.CompletedTask;

    /// <summary>Why it did not cosign when it was asked last; empty if it did.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>Whether it may be asked now: one that failed is left alone for a while.</summary>
    public bool IsReady => Running.IsCompleted && time.GetUtcNow() >= _notBefore;

    /// <summary>Whether a signature line is its cosignature of a checkpoint.</summary>
    public bool Signed(string text, string line) =>
        SignedNote.Parse(text + "\n" + line) is { Signatures: [var signature] } && key.Verifies(text, signature);

    /// <summary>Asks for a cosignature.</summary>
    /// <param name="request">The request.</param>
    /// <param name="text">Text of the checkpoint.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<WitnessAnswer> AskAsync(AddCheckpoint request, string text, CancellationToken cancellation)
    {
        try
        {
            using var content = new StringContent(request.ToString(), Encoding.UTF8, "text/plain");
            using var response = await http.PostAsync(_endpoint, content, cancellation);
            var body = await response.Content.ReadAsStringAsync(cancellation);
            return WitnessAnswer.Read((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, body,
                text, key, time.GetUtcNow().ToUnixTimeSeconds());
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException
            || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return new WitnessAnswer(null, null, $"it does not answer: {e.Message}");
        }
    }

    /// <summary>It cosigned.</summary>
    public void Cosigned(long size) => (KnownSize, Fault, _pause, _notBefore) = (size, "", PauseFirst, default);

    /// <summary>It did not cosign; it is asked again after a pause that grows.</summary>
    /// <returns>False if this is known already.</returns>
    public bool Failed(string fault)
    {
        var isNew = fault != Fault;
        (Fault, _notBefore) = (fault, time.GetUtcNow() + _pause);
        _pause = _pause * 2 < PauseMost ? _pause * 2 : PauseMost;
        // Whatever it claimed to have: asked anew it says again.
        KnownSize = 0;
        return isNew;
    }
}
