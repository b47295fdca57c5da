using System.Buffers.Binary;
using System.Net.Security;
using System.Threading.Channels;

namespace Chain.Network;

/// <summary>One authenticated connection: a bounded queue out, decoded messages in, an end with a reason.</summary>
sealed class PeerConnection : IDisposable
{
    readonly SslStream _stream;
    readonly NetworkLimits _limits;
    readonly TimeProvider _time;
    readonly CancellationTokenSource _closing;
    readonly Channel<byte[]> _queue;
    long _queuedBytes;
    string? _reason;

    public PeerConnection(string peer, SslStream stream, NetworkLimits limits, TimeProvider time, CancellationToken stop)
    {
        Peer = peer;
        _stream = stream;
        _limits = limits;
        _time = time;
        _closing = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _queue = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(limits.SendQueueMaxFrames) { SingleReader = true });
    }

    public string Peer { get; }

    public string Reason => _reason ?? "closed";

    /// <summary>Queues a frame. A full queue means a peer that doesn't read: it is dropped, nobody waits for it.</summary>
    public bool Send(byte[] frame)
    {
        if (Interlocked.Add(ref _queuedBytes, frame.Length) > _limits.SendQueueMaxBytes || !_queue.Writer.TryWrite(frame))
        {
            Close("send queue full");
            return false;
        }
        return true;
    }

    public void Close(string reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        try
        {
            _closing.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Already over.
        }
    }

    /// <summary>Writes what has been queued so far; only before <see cref="RunAsync"/>.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        while (_queue.Reader.TryRead(out var frame))
            await WriteAsync(frame, cancel);
    }

    /// <summary>Runs until the connection ends, for whatever reason; never throws.</summary>
    public async Task RunAsync(Action<PeerMessage> received, Func<byte[]> status)
    {
        var reading = EndAsync(ReadAsync(received));
        var writing = EndAsync(WriteAsync());
        var living = EndAsync(SayStatusAsync(status));
        await Task.WhenAll(reading, writing, living);
    }

    /// <summary>Reads the next frame's body; null when the peer sent something that is not a frame or went away.</summary>
    public async Task<byte[]?> ReadFrameAsync(int maxBytes, CancellationToken cancel)
    {
        var header = new byte[4];
        if (await _stream.ReadAtLeastAsync(header, 4, throwOnEndOfStream: false, cancel) < 4)
        {
            Close("closed by peer");
            return null;
        }
        var length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length == 0 || length > maxBytes)
        {
            Close("frame size");
            return null;
        }
        var body = await ReadBodyAsync((int)length, cancel);
        if (body is null)
            Close("closed by peer");
        return body;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _closing.Dispose();
    }

    // Memory follows what really arrives: an announced length alone makes nobody allocate megabytes.
    async Task<byte[]?> ReadBodyAsync(int length, CancellationToken cancel)
    {
        const int chunk = 64 * 1024;
        var body = new byte[Math.Min(length, chunk)];
        var filled = 0;
        while (true)
        {
            var read = await _stream.ReadAsync(body.AsMemory(filled), cancel);
            if (read == 0)
                return null;
            filled += read;
            if (filled == length)
                return body;
            if (filled == body.Length)
                Array.Resize(ref body, (int)Math.Min(length, body.Length * 2L));
        }
    }

    async Task ReadAsync(Action<PeerMessage> received)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        while (true)
        {
            silence.CancelAfter(_limits.SilenceMax);
            byte[]? body;
            try
            {
                body = await ReadFrameAsync(_limits.FrameMaxBytes, silence.Token);
            }
            catch (OperationCanceledException)
            {
                Close("silent for too long");
                return;
            }
            if (body is null)
                return;
            if (!PeerMessageCodec.TryDecode(body, out var message) || message is PeerMessage.Hello)
            {
                Close("malformed message");
                return;
            }
            received(message);
        }
    }

    async Task WriteAsync()
    {
        await foreach (var frame in _queue.Reader.ReadAllAsync(_closing.Token))
            await WriteAsync(frame, _closing.Token);
    }

    async Task WriteAsync(byte[] frame, CancellationToken cancel)
    {
        await _stream.WriteAsync(frame, cancel);
        Interlocked.Add(ref _queuedBytes, -frame.Length);
    }

    async Task SayStatusAsync(Func<byte[]> status)
    {
        while (true)
        {
            await Task.Delay(_limits.StatusInterval, _time, _closing.Token);
            Send(status());
        }
    }

    async Task EndAsync(Task loop)
    {
        try
        {
            await loop;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            Close(e is IOException ? "connection lost" : "closed");
        }
        finally
        {
            Close("closed");
        }
    }
}
