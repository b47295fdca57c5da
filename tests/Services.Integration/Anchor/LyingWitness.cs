using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Proofs.Notes;
using Proofs.Witnessing;
using TestKit;

namespace Services.Integration.Anchor;

/// <summary>A witness that answers whatever it is told to.</summary>
internal sealed class LyingWitness : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<AddCheckpoint, Task<(int Status, string Type, string Body)>> _answer;
    private int _asked;

    public LyingWitness(Func<AddCheckpoint, Task<(int Status, string Type, string Body)>> answer)
    {
        _answer = answer;
        Url = new Uri($"http://127.0.0.1:{Ports.Free(1)}/");
        _listener.Prefixes.Add(Url.ToString());
        _listener.Start();
        _ = ServeAsync();
    }

    public static NoteSigner Signer { get; } =
        new("liar.example", NoteAlgorithm.Cosignature, SHA256.HashData("liar"u8));

    public Uri Url { get; }

    /// <summary>Requests so far.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Signs another checkpoint than the one it is asked about.</summary>
    public static LyingWitness OfAnotherRoot() => new(request =>
    {
        var checkpoint = Checkpoint.Parse(SignedNote.Parse(request.Note)!.Text)!;
        var other = checkpoint with { Root = SHA256.HashData(checkpoint.Root) };
        return Task.FromResult((200, "text/plain", SignedNote.Line(Signer.Sign(other.Text, 1_795_334_400))));
    });

    /// <summary>Says a larger size each time.</summary>
    public static LyingWitness OfOtherSizes() => new(request => Task.FromResult(
        (409, AddCheckpoint.SizeContentType, (request.OldSize + 1).ToString(CultureInfo.InvariantCulture) + "\n")));

    /// <summary>Never answers.</summary>
    public static LyingWitness Silent() => new(async _ =>
    {
        await Task.Delay(Timeout.Infinite);
        return default;
    });

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                _ = AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        Interlocked.Increment(ref _asked);
        using var reader = new StreamReader(context.Request.InputStream);
        var (status, type, body) = await _answer(AddCheckpoint.Parse(await reader.ReadToEndAsync())!);
        (context.Response.StatusCode, context.Response.ContentType) = (status, type);
        await using (var writer = new StreamWriter(context.Response.OutputStream))
            await writer.WriteAsync(body);
        context.Response.Close();
    }

    public void Dispose() => _listener.Close();
}
