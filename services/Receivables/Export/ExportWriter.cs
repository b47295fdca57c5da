using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Receivables.Export;

/// <summary>Lines of JSON objects on a stream, sent as they come.</summary>
internal sealed class ExportWriter(Stream body, CancellationToken cancellation)
{
    private const int FlushBytes = 1 << 16;
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushBytes);

    public async Task LineAsync(Action<Utf8JsonWriter> write)
    {
        using (Utf8JsonWriter json = new(_buffer, Plain))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= FlushBytes)
            await FlushAsync();
    }

    public async Task FlushAsync()
    {
        await body.WriteAsync(_buffer.WrittenMemory, cancellation);
        await body.FlushAsync(cancellation);
        _buffer.ResetWrittenCount();
    }
}
