namespace Chain.Client;

/// <summary>A node answered a call with a JSON-RPC error object.</summary>
public sealed class RpcErrorException(int code, string message, string? errorData) : Exception(message)
{
    /// <summary>Code of the error object; 3 = execution reverted.</summary>
    public int Code { get; } = code;

    /// <summary>JSON text of the error's <c>data</c>, if any; for a revert the returned bytes as a hex string.</summary>
    public string? ErrorData { get; } = errorData;
}

/// <summary>None of the nodes gave an answer.</summary>
public sealed class NodesUnreachableException(IReadOnlyList<(Uri Node, string Reason)> failures, Exception? inner)
    : Exception($"No node answered: {string.Join("; ", failures.Select(f => $"{f.Node}: {f.Reason}"))}", inner)
{
    /// <summary>Each node with what went wrong there.</summary>
    public IReadOnlyList<(Uri Node, string Reason)> Failures { get; } = failures;
}
