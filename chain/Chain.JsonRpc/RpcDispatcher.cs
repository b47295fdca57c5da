using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Chain.JsonRpc;

/// <summary>A JSON-RPC method: parameters in, result out (null is a result); refuses with <see cref="RpcException"/>.</summary>
public delegate JsonNode? RpcMethod(RpcParams parameters);

/// <summary>
/// JSON-RPC 2.0 envelope: single calls and batches in, response bytes out. Strict: doubled members, unknown members of
/// the envelope and fractional ids are refused. Safe for concurrent use when its methods are.
/// </summary>
public sealed partial class RpcDispatcher(
    IReadOnlyDictionary<string, RpcMethod> methods, RpcLimits limits, ILogger<RpcDispatcher>? logger = null)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <summary>Limits in force.</summary>
    public RpcLimits Limits => limits;

    /// <summary>Names of the methods offered.</summary>
    public IEnumerable<string> Methods => methods.Keys;

    /// <summary>Answers one request body.</summary>
    /// <returns>UTF-8 JSON, or null when nothing is to be answered (notifications only).</returns>
    public byte[]? Handle(ReadOnlyMemory<byte> body)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, Strict);
        }
        catch (JsonException)
        {
            return Single(null, new RpcException(RpcException.ParseError, "parse error"));
        }

        using (document)
        {
            return document.RootElement.ValueKind == JsonValueKind.Array
                ? HandleBatch(document.RootElement)
                : HandleSingle(document.RootElement);
        }
    }

    private byte[]? HandleSingle(JsonElement request)
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer);
        if (!Answer(request, writer))
        {
            return null;
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private byte[]? HandleBatch(JsonElement batch)
    {
        int count = batch.GetArrayLength();
        if (count == 0)
        {
            return Single(null, new RpcException(RpcException.InvalidRequest, "empty batch"));
        }

        if (count > limits.BatchMaxCalls)
        {
            return Single(null, new RpcException(RpcException.LimitExceeded, $"batch too large (limit {limits.BatchMaxCalls})"));
        }

        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer);
        writer.WriteStartArray();
        bool any = false;
        foreach (JsonElement request in batch.EnumerateArray())
        {
            if (writer.BytesCommitted + writer.BytesPending > limits.ResponseMaxBytes)
            {
                return Single(null, new RpcException(RpcException.LimitExceeded, "response too large"));
            }

            any |= Answer(request, writer);
        }

        if (!any)
        {
            return null;
        }

        writer.WriteEndArray();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private bool Answer(JsonElement request, Utf8JsonWriter writer)
    {
        JsonElement? id = null;
        bool notification = false;
        try
        {
            (id, notification, string method, JsonElement[] parameters) = ReadEnvelope(request);
            JsonNode? result = Invoke(method, parameters);
            if (!notification)
            {
                WriteResult(writer, id, result);
            }
        }
        catch (RpcException e)
        {
            if (!notification)
            {
                WriteError(writer, id, e);
            }
        }

        return !notification;
    }

    private JsonNode? Invoke(string method, JsonElement[] parameters)
    {
        if (!methods.TryGetValue(method, out RpcMethod? run))
        {
            throw new RpcException(
                RpcException.MethodNotFound, $"the method {Shorten(method)} does not exist/is not available");
        }

        try
        {
            return run(new RpcParams(parameters));
        }
        // The host's last line: whatever fails inside becomes one error answer, with details in the log only.
        catch (Exception e) when (e is not RpcException)
        {
            if (logger is not null)
            {
                Log.MethodFailed(logger, method, e);
            }

            throw new RpcException(RpcException.InternalError, "internal error");
        }
    }

    private static (JsonElement? Id, bool Notification, string Method, JsonElement[] Params) ReadEnvelope(JsonElement request)
    {
        if (request.ValueKind != JsonValueKind.Object)
        {
            throw new RpcException(RpcException.InvalidRequest, "request is not an object");
        }

        bool version = false;
        bool hasId = false;
        JsonElement? id = null;
        string? method = null;
        JsonElement[] parameters = [];
        foreach (JsonProperty member in request.EnumerateObject())
        {
            switch (member.Name)
            {
                case "jsonrpc":
                    version = member.Value.ValueKind == JsonValueKind.String && member.Value.ValueEquals("2.0"u8);
                    break;
                case "id":
                    hasId = true;
                    id = IsId(member.Value)
                        ? member.Value
                        : throw new RpcException(RpcException.InvalidRequest, "id is neither string, integer nor null");
                    break;
                case "method" when member.Value.ValueKind == JsonValueKind.String:
                    method = member.Value.GetString();
                    break;
                case "params":
                    parameters = member.Value.ValueKind switch
                    {
                        JsonValueKind.Array => [.. member.Value.EnumerateArray()],
                        JsonValueKind.Null => [],
                        _ => throw new RpcException(RpcException.InvalidParams, "params is not an array"),
                    };
                    break;
                default:
                    throw new RpcException(RpcException.InvalidRequest, $"member {Shorten(member.Name)} is not valid");
            }
        }

        return version && !string.IsNullOrEmpty(method)
            ? (id, !hasId, method, parameters)
            : throw new RpcException(RpcException.InvalidRequest, "jsonrpc \"2.0\" or method is missing");
    }

    private static bool IsId(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => id.GetRawText().Length <= 256,
        JsonValueKind.Number => id.TryGetInt64(out _),
        _ => false,
    };

    private static byte[] Single(JsonElement? id, RpcException error)
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer);
        WriteError(writer, id, error);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteResult(Utf8JsonWriter writer, JsonElement? id, JsonNode? result)
    {
        WriteStart(writer, id);
        writer.WritePropertyName("result"u8);
        if (result is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            result.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter writer, JsonElement? id, RpcException error)
    {
        WriteStart(writer, id);
        writer.WriteStartObject("error"u8);
        writer.WriteNumber("code"u8, error.Code);
        writer.WriteString("message"u8, error.Message);
        if (error.ErrorData is not null)
        {
            writer.WritePropertyName("data"u8);
            error.ErrorData.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter writer, JsonElement? id)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WritePropertyName("id"u8);
        if (id is { } value)
        {
            value.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64];

    private static partial class Log
    {
        [LoggerMessage(3201, LogLevel.Error, "JSON-RPC method {Method} failed")]
        public static partial void MethodFailed(ILogger logger, string method, Exception exception);
    }
}
