using System.Text.Json.Nodes;

namespace Chain.JsonRpc;

/// <summary>A call that is answered with a JSON-RPC error object.</summary>
public sealed class RpcException(int code, string message, JsonNode? errorData = null) : Exception(message)
{
    /// <summary>The bytes are not JSON (JSON-RPC 2.0 §5.1).</summary>
    public const int ParseError = -32700;

    /// <summary>The JSON is no request object.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>No such method.</summary>
    public const int MethodNotFound = -32601;

    /// <summary>Parameters are missing, surplus or malformed.</summary>
    public const int InvalidParams = -32602;

    /// <summary>The node failed; details are in its log only.</summary>
    public const int InternalError = -32603;

    /// <summary>The call was understood and refused, for example a transaction that the pool doesn't take (EIP-1474).</summary>
    public const int ServerError = -32000;

    /// <summary>What was asked for does not exist (EIP-1474).</summary>
    public const int ResourceNotFound = -32001;

    /// <summary>The request exceeds a limit (EIP-1474).</summary>
    public const int LimitExceeded = -32005;

    /// <summary>Execution reverted; data holds the returned bytes.</summary>
    public const int ExecutionReverted = 3;

    /// <summary>Error code.</summary>
    public int Code { get; } = code;

    /// <summary>Member <c>data</c> of the error object, absent when null.</summary>
    public JsonNode? ErrorData { get; } = errorData;

    internal static RpcException Params(string message) => new(InvalidParams, message);
}
