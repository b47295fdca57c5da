using System.Text.Json;
using EventStore;
using Npgsql;

namespace ServiceDefaults.Anchoring;

/// <summary>
/// Proof bundles (<c>anchor-proof/1</c>). The anchor's part is kept as it was when the event's first checkpoint became
/// final, and where witnesses cosign, when they had: a bundle is the same bytes ever after.
/// </summary>
public sealed class ProofBundles(Store store, AnchorClient anchor, TimeProvider time)
{
    // "if not exists": one service made the table before all of them had it.
    internal const string Schema =
        """
        create table if not exists proofs (
            event_id uuid  primary key,
            part     bytea not null
        );
        """;

    private static readonly TimeSpan AnchorWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>The bundle of an event, with its bytes or by digest only; or how far the event has come.</summary>
    public async Task<(byte[]? Bundle, AnchorState State)> GetAsync(
        Guid eventId, ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> digest, bool withEvent, TimeSpan patience,
        CancellationToken cancellationToken)
    {
        byte[]? part = await FindAsync(eventId, cancellationToken);
        AnchorState state = new("anchored");
        long begun = time.GetTimestamp();
        while (part is null)
        {
            TimeSpan left = patience - time.GetElapsedTime(begun);
            int wait = Math.Clamp((int)Math.Ceiling(left.TotalSeconds), 0, (int)AnchorWait.TotalSeconds);
            (part, state) = await anchor.ProofAsync(eventId, wait, cancellationToken);
            if (part is not null)
                part = state.Final ? await KeepAsync(eventId, part, cancellationToken) : part;
            else if (left <= TimeSpan.Zero)
                return (null, state);
            else
                await Task.Delay(Pause, cancellationToken);
        }
        return (Assemble(part, withEvent ? bytes : (ReadOnlyMemory<byte>?)null, digest), state);
    }

    /// <summary>RFC 8785 orders the members chain, digest, event, format, log; the kept part is canonical already.</summary>
    public static byte[] Assemble(ReadOnlySpan<byte> part, ReadOnlyMemory<byte>? bytes, ReadOnlyMemory<byte> digest)
    {
        using MemoryStream bundle = new();
        using (JsonDocument parsed = JsonDocument.Parse(part.ToArray()))
        {
            bundle.Write("{\"chain\":"u8);
            bundle.Write(Raw(parsed.RootElement, "chain"));
            if (bytes is { } content)
                bundle.Write(System.Text.Encoding.ASCII.GetBytes($",\"event\":\"{Convert.ToBase64String(content.Span)}\""));
            else
                bundle.Write(System.Text.Encoding.ASCII.GetBytes($",\"digest\":\"{Convert.ToHexStringLower(digest.Span)}\""));
            bundle.Write(",\"format\":\"anchor-proof/1\",\"log\":"u8);
            bundle.Write(Raw(parsed.RootElement, "log"));
            bundle.Write("}"u8);
        }
        return bundle.ToArray();
    }

    private static byte[] Raw(JsonElement root, string member) =>
        System.Text.Encoding.UTF8.GetBytes(root.GetProperty(member).GetRawText());

    private async Task<byte[]?> FindAsync(Guid eventId, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command =
            store.DataSource.CreateCommand("select part from proofs where event_id = $1");
        command.Parameters.Add(new() { Value = eventId });
        return await command.ExecuteScalarAsync(cancellationToken) as byte[];
    }

    /// <summary>The first part kept holds, whatever came meanwhile.</summary>
    private async Task<byte[]> KeepAsync(Guid eventId, byte[] part, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "insert into proofs (event_id, part) values ($1, $2) on conflict do nothing");
        command.Parameters.Add(new() { Value = eventId });
        command.Parameters.Add(new() { Value = part });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return await FindAsync(eventId, cancellationToken) ?? part;
    }
}
