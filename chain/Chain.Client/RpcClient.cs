using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Chain.Client;

/// <summary>Settings of <see cref="RpcClient"/>.</summary>
public sealed record RpcClientOptions
{
    /// <summary>How long one node may take for one answer before the next is asked.</summary>
    public TimeSpan NodeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest answer accepted, in bytes.</summary>
    public long ResponseMaxBytes { get; init; } = 64 * 1024 * 1024;
}

/// <summary>
/// JSON-RPC over HTTP against several nodes of one chain. The node that answered last is asked first; when it can't be
/// reached, answers with an HTTP error or with something that is no JSON-RPC, the next one is asked. A JSON-RPC error is an
/// answer, not a reason to go on. Safe for concurrent use.
/// </summary>
public sealed class RpcClient
{
    private readonly HttpClient _http;
    private readonly Uri[] _nodes;
    private readonly RpcClientOptions _options;
    private long _id;
    private int _preferred;

    /// <summary>A client of the given nodes, tried in this order.</summary>
    /// <exception cref="ArgumentException">No node is given.</exception>
    public RpcClient(HttpClient http, IEnumerable<Uri> nodes, RpcClientOptions? options = null)
    {
        _http = http;
        _nodes = [.. nodes];
        _options = options ?? new RpcClientOptions();
        if (_nodes.Length == 0)
        {
            throw new ArgumentException("At least one node is needed.", nameof(nodes));
        }
    }

    /// <summary>The nodes asked.</summary>
    public IReadOnlyList<Uri> Nodes => _nodes;

    /// <summary>Calls a method and returns its result (JSON null included).</summary>
    /// <exception cref="RpcErrorException">The node answered with an error object.</exception>
    /// <exception cref="NodesUnreachableException">No node gave an answer.</exception>
    public async Task<JsonElement> CallAsync(string method, JsonArray parameters, CancellationToken cancellation)
    {
        JsonArray answers = await SendAnyAsync([Request(method, parameters)], false, cancellation).ConfigureAwait(false);
        return Result(answers[0]!);
    }

    /// <summary>Calls a method at one particular node, by its index in <see cref="Nodes"/>.</summary>
    /// <exception cref="RpcErrorException">The node answered with an error object.</exception>
    /// <exception cref="NodesUnreachableException">That node gave no answer.</exception>
    public async Task<JsonElement> CallAtAsync(
        int node, string method, JsonArray parameters, CancellationToken cancellation)
    {
        try
        {
            JsonArray answers = await SendAsync(_nodes[node], [Request(method, parameters)], false, cancellation)
                .ConfigureAwait(false);
            return Result(answers[0]!);
        }
        catch (Exception e) when (IsNodeFailure(e, cancellation))
        {
            throw new NodesUnreachableException([(_nodes[node], e.Message)], e);
        }
    }

    /// <summary>Calls several methods in one HTTP request; results come in the order of the calls.</summary>
    /// <exception cref="RpcErrorException">One of the calls was answered with an error object.</exception>
    /// <exception cref="NodesUnreachableException">No node gave an answer.</exception>
    public async Task<IReadOnlyList<JsonElement>> BatchAsync(
        IReadOnlyList<(string Method, JsonArray Parameters)> calls, CancellationToken cancellation)
    {
        if (calls.Count == 0)
        {
            return [];
        }

        JsonObject[] requests = [.. calls.Select(c => Request(c.Method, c.Parameters))];
        JsonArray answers = await SendAnyAsync(requests, true, cancellation).ConfigureAwait(false);
        return [.. answers.Select(a => Result(a!))];
    }

    private JsonObject Request(string method, JsonArray parameters) => new()
    {
        ["jsonrpc"] = "2.0",
        ["id"] = Interlocked.Increment(ref _id),
        ["method"] = method,
        ["params"] = parameters,
    };

    private async Task<JsonArray> SendAnyAsync(JsonObject[] requests, bool batch, CancellationToken cancellation)
    {
        List<(Uri, string)> failures = [];
        Exception? last = null;
        int first = Volatile.Read(ref _preferred);
        for (int i = 0; i < _nodes.Length; i++)
        {
            int node = (first + i) % _nodes.Length;
            try
            {
                JsonArray answers = await SendAsync(_nodes[node], requests, batch, cancellation).ConfigureAwait(false);
                Volatile.Write(ref _preferred, node);
                return answers;
            }
            catch (Exception e) when (IsNodeFailure(e, cancellation))
            {
                failures.Add((_nodes[node], e.Message));
                last = e;
            }
        }

        throw new NodesUnreachableException(failures, last);
    }

    private static bool IsNodeFailure(Exception e, CancellationToken cancellation) =>
        !cancellation.IsCancellationRequested
        && e is HttpRequestException or OperationCanceledException or JsonException or IOException;

    private async Task<JsonArray> SendAsync(Uri node, JsonObject[] requests, bool batch, CancellationToken cancellation)
    {
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_options.NodeTimeout);
        string body = batch ? new JsonArray([.. requests.Select(r => r.DeepClone())]).ToJsonString() : requests[0].ToJsonString();
        using HttpRequestMessage message = new(HttpMethod.Post, node)
        {
            Content = new StringContent(body, new MediaTypeHeaderValue("application/json")),
        };
        using HttpResponseMessage response = await _http
            .SendAsync(message, HttpCompletionOption.ResponseHeadersRead, timeout.Token).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        await response.Content.LoadIntoBufferAsync(_options.ResponseMaxBytes, timeout.Token).ConfigureAwait(false);
        byte[] bytes = await response.Content.ReadAsByteArrayAsync(timeout.Token).ConfigureAwait(false);
        return Arrange(JsonNode.Parse(bytes), requests);
    }

    /// <summary>Puts the answers of a batch, which may come in any order (JSON-RPC 2.0 §6), in the order of the requests.</summary>
    private static JsonArray Arrange(JsonNode? answer, JsonObject[] requests)
    {
        Dictionary<long, JsonNode> byId = [];
        foreach (JsonNode? item in answer is JsonArray list ? [.. list] : new[] { answer })
        {
            if (item is not JsonObject single)
            {
                throw new JsonException("The answer is no JSON-RPC object.");
            }

            // An error that the node could not assign has no id; with a single request it can only mean that one.
            long id = single["id"] is JsonValue value && value.TryGetValue(out long given)
                ? given
                : requests.Length == 1 ? (long)requests[0]["id"]! : throw new JsonException("An answer has no id.");
            byId[id] = single;
        }

        return new JsonArray([.. requests.Select(r => byId.TryGetValue((long)r["id"]!, out JsonNode? found)
            ? found.DeepClone()
            : throw new JsonException("An answer of the batch is missing."))]);
    }

    private static JsonElement Result(JsonNode answer)
    {
        if (answer["error"] is JsonObject error)
        {
            int code = error["code"] is JsonValue c && c.TryGetValue(out int number) ? number : 0;
            string message = error["message"] is JsonValue m && m.TryGetValue(out string? text) ? text : "unknown error";
            throw new RpcErrorException(code, message, error["data"]?.ToJsonString());
        }

        return JsonSerializer.SerializeToElement(answer["result"]);
    }
}
