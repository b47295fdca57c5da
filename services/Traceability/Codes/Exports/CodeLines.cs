using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Traceability.Codes.Batches;
using Traceability.Codes.Serials;
using Traceability.Codes.Validation;

namespace Traceability.Codes.Exports;

/// <summary>
/// A batch's codes as lines <c>number,serial,link</c>. Lines of text serials have one length, so that any byte of the
/// file is found by arithmetic and a broken download goes on where it stopped.
/// </summary>
internal sealed class CodeLines
{
    private const int NumberDigits = 10;
    private const int FlushBytes = 64 * 1024;
    private const int NumericMax = 12;

    private readonly SerialKey _key;
    private readonly CodeBatchEvent.Opened _batch;
    private readonly long _gtin;
    private readonly byte[] _prefix;

    public CodeLines(KnownBatch batch, SerialKey key)
    {
        _key = key;
        _batch = batch.Opened;
        _gtin = long.Parse(batch.Gtin, CultureInfo.InvariantCulture);
        _prefix = Encoding.ASCII.GetBytes($"{batch.Opened.Stem}/01/{batch.Gtin}/21/");
    }

    public static ReadOnlySpan<byte> Header => "number,serial,link\n"u8;

    /// <summary>Bytes of every line, or zero when they differ.</summary>
    public int LineLength => _batch.Mode == SerialMode.Text ? LineMax : 0;

    private int LineMax => NumberDigits + 1 + SerialMax + 1 + _prefix.Length + SerialMax + 1;

    private int SerialMax => _batch.Mode == SerialMode.Text ? Serial.Length : NumericMax;

    /// <summary>Writes one line; returns its length.</summary>
    public int Write(int counter, Span<byte> line)
    {
        int number = counter + 1;
        for (int i = NumberDigits - 1; i >= 0; i--)
        {
            line[i] = (byte)('0' + (number % 10));
            number /= 10;
        }
        line[NumberDigits] = (byte)',';
        int at = NumberDigits + 1;
        Span<byte> serial = line[at..];
        int length = Serial.Length;
        if (_batch.Mode == SerialMode.Text)
            Serial.Write(_key, _gtin, _batch.Number, counter, serial);
        else
            _ = Utf8Formatter.TryFormat(NumericSerial.Of(_key, _gtin, _batch.First + counter), serial, out length);
        serial = serial[..length];
        at += length;
        line[at++] = (byte)',';
        _prefix.CopyTo(line[at..]);
        at += _prefix.Length;
        serial.CopyTo(line[at..]);
        at += length;
        line[at] = (byte)'\n';
        return at + 1;
    }

    /// <summary>Writes a range of lines as fast as they are taken.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="range">Which counters.</param>
    /// <param name="skip">Bytes left out of the first line.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task WriteAsync(PipeWriter target, CodeRange range, int skip, CancellationToken cancellationToken)
    {
        int counter = range.From;
        while (counter < range.To)
        {
            counter = Fill(target, counter, range.To, ref skip);
            FlushResult flushed = await target.FlushAsync(cancellationToken);
            if (flushed.IsCompleted)
                return;
        }
    }

    private int Fill(PipeWriter target, int counter, int to, ref int skip)
    {
        int lines = Math.Min(to - counter, Math.Max(1, FlushBytes / LineMax));
        Span<byte> buffer = target.GetSpan(lines * LineMax);
        int written = 0;
        for (int i = 0; i < lines; i++)
            written += Write(counter + i, buffer[written..]);
        if (skip > 0)
        {
            buffer[skip..written].CopyTo(buffer);
            written -= skip;
            skip = 0;
        }
        target.Advance(written);
        return counter + lines;
    }
}
