using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.Intrinsics;
using Traceability.Codes;
using Traceability.Codes.Batches;
using Traceability.Codes.Exports;
using Traceability.Codes.Keys;
using Traceability.Codes.Serials;
using Traceability.Codes.Validation;

namespace Benchmarks;

/// <summary>Codes made, written to disk and validated on one core, next to the barest form of the same work.</summary>
internal static class CodesBenchmark
{
    private const string Gtin = "06901234567892";
    private const int Chunk = 100_000;

    public static async Task RunAsync(Report report, TimeSpan time)
    {
        string folder = Directory.CreateTempSubdirectory("apps-bench-codes-").FullName;
        try
        {
            CodeKeys keys = new(Path.Combine(folder, "keys", "serials.json"));
            SerialKey key = keys[1];
            KnownBatch batch = Batch(1, 1 << 30, SerialMode.Text);
            KnownBatch numeric = Batch(2, (int)NumericSerial.IssuedMax, SerialMode.Numeric);
            report.Add("codes made in memory (aim 1,000,000)", "codes/s", Made(key, time), TwoBlocks(time));
            report.Add("numeric codes made in memory", "codes/s", MadeNumeric(key, time), TwoBlocks(time));
            report.Add(
                "codes as CSV to disk, durable (aim 200,000)", "codes/s",
                await WrittenAsync(new CodeLines(batch, key), Path.Combine(folder, "codes.csv"), time),
                await CopiedAsync(new CodeLines(batch, key), Path.Combine(folder, "floor.csv"), time));
            Sample decoded = Decoded(key, batch, time);
            report.Add("validations of a link, in use", "codes/s", Validated(keys, batch, time), decoded);
            report.Add("validations, numeric", "codes/s", Validated(keys, numeric, time), decoded);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Sample Made(SerialKey key, TimeSpan time)
    {
        byte[] text = new byte[Serial.Length];
        int counter = 0;
        return Measure(time, () =>
        {
            for (int i = 0; i < Chunk; i++)
                Serial.Write(key, 6901234567892, 1, counter++ & Serial.CounterMax, text);
        });
    }

    private static Sample MadeNumeric(SerialKey key, TimeSpan time)
    {
        long position = 0;
        return Measure(time, () =>
        {
            for (int i = 0; i < Chunk; i++)
                NumericSerial.Of(key, 6901234567892, position++);
        });
    }

    // A serial needs two blocks, the second from the first.
    private static Sample TwoBlocks(TimeSpan time)
    {
        AesBlock aes = new(new byte[AesBlock.Length]);
        Vector128<byte> all = Vector128<byte>.Zero;
        Sample sample = Measure(time, () =>
        {
            for (int i = 0; i < Chunk; i++)
                all ^= aes.Encrypt(aes.Encrypt(Vector128.Create(i).AsByte()));
        });
        aes.Dispose();
        return sample;
    }

    private static Sample Validated(CodeKeys keys, KnownBatch batch, TimeSpan time)
    {
        CodeValidator validator = new(keys);
        validator.Learn(batch);
        // Other goods of other organisations are there too.
        for (int i = 3; i < 10_000; i++)
            validator.Learn(Batch(i, 1000, SerialMode.Text));
        string[] links = [.. Enumerable.Range(0, 10_000).Select(i => Link(batch, keys[1], i * 11))];
        int at = 0;
        return Measure(time, () =>
        {
            for (int i = 0; i < Chunk; i++)
            {
                at = at + 1 < links.Length ? at + 1 : 0;
                if (validator.Find(links[at]).Standing != CodeStanding.InUse)
                    throw new InvalidOperationException($"{links[at]} is not in use.");
            }
        });
    }

    private static Sample Decoded(SerialKey key, KnownBatch batch, TimeSpan time)
    {
        string[] serials = [.. Enumerable.Range(0, 10_000).Select(i => batch.SerialOf(key, i))];
        int at = 0;
        return Measure(time, () =>
        {
            for (int i = 0; i < Chunk; i++)
            {
                at = at + 1 < serials.Length ? at + 1 : 0;
                Serial.TryRead(key, 6901234567892, serials[at], out _, out _);
            }
        });
    }

    private static async Task<Sample> WrittenAsync(CodeLines lines, string path, TimeSpan time)
    {
        List<double> times = [];
        long begun = Stopwatch.GetTimestamp();
        int counter = 0;
        await using FileStream file = Create(path);
        PipeWriter writer = PipeWriter.Create(
            file, new StreamPipeWriterOptions(minimumBufferSize: 1 << 16, leaveOpen: true));
        while (Stopwatch.GetElapsedTime(begun) < time)
        {
            long at = Stopwatch.GetTimestamp();
            await lines.WriteAsync(writer, CodeRange.Of(counter, Chunk), 0, CancellationToken.None);
            counter += Chunk;
            times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
        }
        await writer.CompleteAsync();
        file.Flush(flushToDisk: true);
        return new Sample(counter / Stopwatch.GetElapsedTime(begun).TotalSeconds, [.. times.Order()]);
    }

    // The same bytes, made beforehand.
    private static async Task<Sample> CopiedAsync(CodeLines lines, string path, TimeSpan time)
    {
        byte[] bytes = new byte[Chunk * lines.LineLength];
        for (int i = 0; i < Chunk; i++)
            lines.Write(i, bytes.AsSpan(i * lines.LineLength));
        List<double> times = [];
        long begun = Stopwatch.GetTimestamp();
        long written = 0;
        await using FileStream file = Create(path);
        while (Stopwatch.GetElapsedTime(begun) < time)
        {
            long at = Stopwatch.GetTimestamp();
            await file.WriteAsync(bytes);
            written += Chunk;
            times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
        }
        file.Flush(flushToDisk: true);
        return new Sample(written / Stopwatch.GetElapsedTime(begun).TotalSeconds, [.. times.Order()]);
    }

    private static Sample Measure(TimeSpan time, Action chunk)
    {
        chunk();
        List<double> times = [];
        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < time)
        {
            long at = Stopwatch.GetTimestamp();
            chunk();
            times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
        }
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return new Sample(times.Count * (double)Chunk / seconds, [.. times.Order()]);
    }

    private static FileStream Create(string path) =>
        new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);

    private static string Link(KnownBatch batch, SerialKey key, int counter) =>
        $"https://id.gs1.org/01/{Gtin}/21/{batch.SerialOf(key, counter)}";

    private static KnownBatch Batch(int number, int count, SerialMode mode) => new(
        Guid.CreateVersion7(), "bench", Gtin,
        new CodeBatchEvent.Opened(Gtin, number, count, mode, 0, 1, "https://id.gs1.org", Activation.OnPrint, null),
        RangeSet.Empty.Add(CodeRange.Of(0, count)), RangeSet.Empty, []);
}
