namespace Chain.Network;

/// <summary>Limits every peer is held to. A peer that exceeds one is disconnected.</summary>
public sealed record NetworkLimits
{
    /// <summary>Largest frame accepted or sent, in bytes, its four length bytes not counted.</summary>
    public int FrameMaxBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Largest first frame, before the peer has said which network it belongs to, in bytes.</summary>
    public int HelloMaxBytes { get; init; } = 64 * 1024;

    /// <summary>Frames that may wait for one slow peer before it is dropped.</summary>
    public int SendQueueMaxFrames { get; init; } = 8192;

    /// <summary>Bytes that may wait for one slow peer before it is dropped.</summary>
    public long SendQueueMaxBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Time for connecting, the TLS handshake and the hello together.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Handshakes of unknown callers in progress at once; further callers are turned away.</summary>
    public int HandshakesMax { get; init; } = 32;

    /// <summary>Pause between two status messages on a connection.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A peer that says nothing, not even its status, for so long is taken for dead.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(16);

    /// <summary>First pause before dialling again; it doubles up to <see cref="ReconnectPauseMax"/>.</summary>
    public TimeSpan ReconnectPauseMin { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause before dialling again.</summary>
    public TimeSpan ReconnectPauseMax { get; init; } = TimeSpan.FromSeconds(2);
}
