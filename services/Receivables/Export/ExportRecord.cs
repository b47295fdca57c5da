using System.Data;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventStore;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Auth;

namespace Receivables.Export;

/// <summary>
/// The record to take away and audit without this service: <c>receivables-export/1</c>
/// (services/docs/receivables-export.md), line by line, to be gone on with after any position.
/// </summary>
internal static class ExportRecord
{
    /// <summary>The format's name.</summary>
    public const string Format = "receivables-export/1";

    public static void AddExport(this IServiceCollection services) => services.AddHttpClient<PublishedLog>();

    public static void MapExport(this IEndpointRouteBuilder app) =>
        app.MapGet("/export", ExportAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("ExportReceivables")
            .WithSummary("Events with proofs and signatures, and balances, as lines of receivables-export/1.");

    private static async Task ExportAsync(
        HttpContext http, Caller caller, Store store, PublishedLog log, IOptions<ServiceOptions> service,
        TimeProvider time, CancellationToken cancellation, long after = 0, bool proofs = true)
    {
        await using NpgsqlConnection connection = await store.DataSource.OpenConnectionAsync(cancellation);
        // One moment for events and balances.
        await using NpgsqlTransaction moment =
            await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        ExportScope scope = ExportScope.Of(caller);
        long through = await HeadAsync(connection, cancellation);
        (LogView View, long Through)? anchored =
            proofs ? await AnchoredAsync(connection, log, through, cancellation) : null;
        http.Response.ContentType = "application/x-ndjson";
        ExportWriter writer = new(http.Response.Body, cancellation);
        await writer.LineAsync(json =>
        {
            json.WriteNumber("after", after);
            json.WriteString("at", Signatures.SignedPage.WriteTime(time.GetUtcNow()));
            if (anchored is { } known)
            {
                json.WritePropertyName("chain");
                json.WriteRawValue(Proofs.Json.CanonicalJson.Write(known.View.Chain.ToJson()));
                json.WriteString("checkpoint", known.View.Note);
            }
            json.WriteString("format", Format);
            json.WriteString("group", service.Value.Group);
            if (scope.Party is { } party)
                json.WriteString("party", party);
            json.WriteString("scope", scope.Name);
            json.WriteString("service", service.Value.Name);
        });
        (long events, long last) = await EventsAsync(connection, scope, log, anchored, after, through, writer,
            cancellation);
        (long balances, string sha256) = await BalancesAsync(connection, scope, writer, cancellation);
        await writer.LineAsync(json =>
        {
            json.WriteStartObject("end");
            json.WriteNumber("balances", balances);
            json.WriteString("balancesSha256", sha256);
            json.WriteNumber("events", events);
            json.WriteNumber("position", last);
            json.WriteEndObject();
        });
        await writer.FlushAsync();
    }

    private static async Task<(long Events, long Last)> EventsAsync(
        NpgsqlConnection connection, ExportScope scope, PublishedLog log, (LogView View, long Through)? anchored,
        long after, long through, ExportWriter writer, CancellationToken cancellation)
    {
        (long events, long last, long? next) = (0, after, null);
        await using NpgsqlCommand query = scope.Events(connection, after, through);
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            (last, Guid id, byte[] digest) = (reader.GetInt64(0), reader.GetGuid(1), reader.GetFieldValue<byte[]>(5));
            (long Index, IReadOnlyList<byte[]> Path)? place = null;
            if (anchored is { } known && last <= known.Through)
            {
                next ??= (await log.StateAsync(id, cancellation)).Index ?? 0;
                if (await known.View.FindAsync(digest, next.Value, cancellation) is { } index)
                {
                    place = (index, await known.View.PathAsync(index, cancellation));
                    next = index + 1;
                }
            }
            await writer.LineAsync(json => Write(json, reader, digest, place));
            events++;
        }
        return (events, last);
    }

    private static void Write(
        Utf8JsonWriter json, NpgsqlDataReader row, byte[] digest, (long Index, IReadOnlyList<byte[]> Path)? place)
    {
        bool shown = row.GetBoolean(6);
        if (shown)
        {
            json.WritePropertyName("event");
            json.WriteRawValue(row.GetFieldValue<byte[]>(4), skipInputValidation: true);
        }
        else
            json.WriteString("digest", Convert.ToHexStringLower(digest));
        if (place is { } leaf)
        {
            json.WriteStartObject("log");
            json.WriteNumber("index", leaf.Index);
            json.WriteStartArray("path");
            foreach (byte[] hash in leaf.Path)
                json.WriteStringValue(Convert.ToHexStringLower(hash));
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteNumber("position", row.GetInt64(0));
        if (shown)
            return;
        json.WriteString("stream", row.GetString(2));
        json.WriteNumber("version", row.GetInt64(3));
    }

    private static async Task<(long Count, string Sha256)> BalancesAsync(
        NpgsqlConnection connection, ExportScope scope, ExportWriter writer, CancellationToken cancellation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long count = 0;
        await using NpgsqlCommand query = scope.Balances(connection);
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            (string root, string party, long fen) = (reader.GetString(0), reader.GetString(1), reader.GetInt64(2));
            hash.AppendData(Encoding.UTF8.GetBytes($"{root} {party} {fen}\n"));
            await writer.LineAsync(json =>
            {
                json.WriteStartObject("balance");
                json.WriteNumber("fen", fen);
                json.WriteString("party", party);
                json.WriteString("root", root);
                json.WriteEndObject();
            });
            count++;
        }
        return (count, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The newest event that a sealed block has, and the log there.</summary>
    private static async Task<(LogView, long)?> AnchoredAsync(
        NpgsqlConnection connection, PublishedLog log, long head, CancellationToken cancellation)
    {
        // What is anchored is a beginning of the feed: the last of it is found by halving.
        (long low, long high) = (0, head);
        while (low < high)
        {
            long middle = low + (high - low + 1) / 2;
            AnchorState state = await log.StateAsync(await IdAsync(connection, middle, cancellation), cancellation);
            if (state.State is "anchored" or "witnessed")
                low = middle;
            else
                high = middle - 1;
        }
        if (low == 0)
            return null;
        return await log.AtAsync(await IdAsync(connection, low, cancellation), cancellation) is { } view
            ? (view, low) : null;
    }

    private static async Task<Guid> IdAsync(NpgsqlConnection connection, long position, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = new("select id from store.events where position = $1", connection);
        query.Parameters.Add(new() { Value = position });
        return (Guid)(await query.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task<long> HeadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = new("select coalesce(max(position), 0) from store.events", connection);
        return (long)(await query.ExecuteScalarAsync(cancellation))!;
    }
}
