using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Chain.Network;

/// <summary>
/// The connections of one node to its configured peers: one per pair, dialled by the node whose name sorts first, for
/// all groups together. A peer that is slow, silent or malformed is dropped and dialled again; it never delays others.
/// </summary>
public sealed class PeerNetwork : IAsyncDisposable
{
    readonly PeerNetworkOptions _options;
    readonly IPeerHandler _handler;
    readonly TimeProvider _time;
    readonly PeerHandshake _handshake;
    readonly TcpListener _listener;
    readonly SemaphoreSlim _handshakes;
    readonly CancellationTokenSource _stop = new();
    readonly ConcurrentDictionary<string, PeerConnection> _connections = new();
    readonly ConcurrentDictionary<Task, bool> _callers = new();
    readonly List<Task> _loops = [];

    /// <summary>Binds the listening socket; nothing is accepted or dialled before <see cref="Start"/>.</summary>
    /// <exception cref="SocketException">The address is in use.</exception>
    public PeerNetwork(PeerNetworkOptions options, IPeerHandler handler, TimeProvider time)
    {
        _options = options;
        _handler = handler;
        _time = time;
        _handshake = new PeerHandshake(options, handler);
        _handshakes = new SemaphoreSlim(options.Limits.HandshakesMax);
        _listener = new TcpListener(options.Listen);
        _listener.Start();
    }

    /// <summary>The bound address, also where port 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Names of the peers connected now.</summary>
    public IReadOnlyCollection<string> Connected => [.. _connections.Keys];

    /// <summary>Starts accepting and dialling.</summary>
    public void Start()
    {
        _loops.Add(AcceptAsync());
        foreach (var peer in _options.Peers.Where(peer => string.CompareOrdinal(_options.Node, peer.Name) < 0))
            _loops.Add(DialAsync(peer));
    }

    /// <summary>Queues a message for one peer; false if it is not connected or was dropped for being slow.</summary>
    public bool Send(string peer, PeerMessage message) =>
        _connections.TryGetValue(peer, out var connection) && connection.Send(PeerMessageCodec.EncodeFrame(message));

    /// <summary>Queues a message for every connected peer but <paramref name="except"/>, encoding it once.</summary>
    public void Broadcast(PeerMessage message, string? except = null)
    {
        var frame = PeerMessageCodec.EncodeFrame(message);
        foreach (var (peer, connection) in _connections)
        {
            if (peer != except)
                connection.Send(frame);
        }
    }

    /// <summary>Drops a peer that broke a rule of a higher level. It may come back.</summary>
    public void Drop(string peer, string reason)
    {
        if (_connections.TryGetValue(peer, out var connection))
            connection.Close(reason);
    }

    /// <summary>Closes all connections and the listener.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await Task.WhenAll(_loops);
        await Task.WhenAll(_callers.Keys);
        _stop.Dispose();
        _handshakes.Dispose();
    }

    async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                _handler.Refused(null, e.SocketErrorCode.ToString());
                continue;
            }
            if (!_handshakes.Wait(0))
            {
                socket.Dispose();
                continue;
            }
            var caller = ServeCallerAsync(socket);
            _callers[caller] = true;
            _ = caller.ContinueWith(task => _callers.TryRemove(task, out _), TaskScheduler.Default);
        }
    }

    async Task ServeCallerAsync(Socket socket)
    {
        var admitted = false;
        try
        {
            await HoldAsync(null, socket, (stream, deadline) =>
                _handshake.AcceptedAsync(stream, _time, deadline, _stop.Token), () =>
                {
                    admitted = true;
                    _handshakes.Release();
                });
        }
        finally
        {
            if (!admitted)
                _handshakes.Release();
        }
    }

    async Task DialAsync(PeerAddress peer)
    {
        var limits = _options.Limits;
        var pause = limits.ReconnectPauseMin;
        while (!_stop.IsCancellationRequested)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            var connected = false;
            await HoldAsync(peer, socket, (stream, deadline) =>
                _handshake.DialledAsync(stream, peer, _time, deadline, _stop.Token), () => connected = true);
            pause = connected ? limits.ReconnectPauseMin : pause;
            try
            {
                await Task.Delay(pause, _time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            pause = pause * 2 < limits.ReconnectPauseMax ? pause * 2 : limits.ReconnectPauseMax;
        }
    }

    /// <summary>Handshake within its deadline, then the connection until its end. Never throws.</summary>
    async Task HoldAsync(
        PeerAddress? peer, Socket socket, Func<Stream, CancellationToken, Task<PeerConnection>> authenticate, Action admitted)
    {
        PeerConnection? connection = null;
        try
        {
            using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token))
            {
                deadline.CancelAfter(_options.Limits.HandshakeTimeout);
                if (peer is not null)
                    await socket.ConnectAsync(peer.Host, peer.Port, deadline.Token);
                socket.NoDelay = true;
                connection = await authenticate(new NetworkStream(socket, ownsSocket: true), deadline.Token);
                var hello = await _handshake.ExchangeHelloAsync(connection, deadline.Token);
                if (hello is null)
                {
                    _handler.Refused(connection.Peer, connection.Reason);
                    return;
                }
                admitted();
                Register(connection, hello);
            }
            await connection.RunAsync(message => _handler.Received(connection.Peer, message), Status);
            Unregister(connection);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException
            or AuthenticationException or ObjectDisposedException)
        {
            if (!_stop.IsCancellationRequested)
                _handler.Refused(peer?.Name, e is OperationCanceledException ? "handshake timed out" : Describe(e));
        }
        finally
        {
            connection?.Dispose();
            socket.Dispose();
        }
    }

    // A dialler that comes again has lost its old connection, even if this side hasn't noticed yet.
    void Register(PeerConnection connection, PeerMessage.Hello hello)
    {
        PeerConnection? former = null;
        _connections.AddOrUpdate(connection.Peer, connection, (_, existing) =>
        {
            former = existing;
            return connection;
        });
        if (former is not null)
        {
            former.Close("replaced by a new connection");
            _handler.Disconnected(former.Peer, former.Reason);
        }
        _handler.Connected(connection.Peer, hello.Heads);
    }

    void Unregister(PeerConnection connection)
    {
        if (_connections.TryRemove(new KeyValuePair<string, PeerConnection>(connection.Peer, connection)))
            _handler.Disconnected(connection.Peer, connection.Reason);
    }

    byte[] Status() => PeerMessageCodec.EncodeFrame(new PeerMessage.Status(_handler.Heads()));

    static string Describe(Exception e) => e is SocketException socket ? socket.SocketErrorCode.ToString() : e.Message;
}
