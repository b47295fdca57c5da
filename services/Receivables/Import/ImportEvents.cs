using System.Collections.Immutable;
using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using ServiceDefaults;

namespace Receivables.Import;

/// <summary>Another platform's key; whoever registers it has checked it with that platform.</summary>
/// <param name="Platform">Its short name.</param>
/// <param name="Name">Its registered name.</param>
/// <param name="KeyId">RFC 7638 thumbprint.</param>
/// <param name="X">Abscissa of its P-256 point, base64url.</param>
/// <param name="Y">Ordinate.</param>
/// <param name="Trust">Its trust file, base64: what it hands over must be proven by it; null where it has none.</param>
public sealed record PlatformRegistered(
    string Platform, string Name, string KeyId, string X, string Y, string? Trust = null);

/// <summary>A handover was received and adds up. Numbers of things stand only in the file, never here.</summary>
/// <param name="Platform">Who hands over.</param>
/// <param name="Number">Its number of it.</param>
/// <param name="FileSha256">Digest of the file.</param>
/// <param name="KeyId">The key that signed it.</param>
/// <param name="Signature">r ‖ s over the file's bytes, base64url.</param>
/// <param name="TotalFen">Face of all vouchers.</param>
/// <param name="SumRoot">Root over the balances.</param>
/// <param name="Vouchers">Their names.</param>
/// <param name="TrustFingerprint">
/// Of the trust file by which the issue of every voucher was proven; null where nothing was proven but the signature.
/// </param>
public sealed record HandoverReceived(
    string Platform, string Number, string FileSha256, string KeyId, string Signature, long TotalFen, string SumRoot,
    IReadOnlyList<string> Vouchers, string? TrustFingerprint = null);

/// <summary>Another platform as registered last; null before.</summary>
public sealed record PlatformState(PlatformRegistered? Known)
{
    /// <summary>Before the first registration.</summary>
    public static readonly PlatformState Initial = new((PlatformRegistered?)null);
}

/// <summary>A voucher of a handover goes on here, in the transaction of its debtor's command.</summary>
public sealed record HandoverVoucherTaken(string Root);

/// <summary>The other platform was told, signed, what of its handover is kept here; nothing more of it is taken over.</summary>
/// <param name="Receipt">What it was told.</param>
/// <param name="Sha256">Digest of the bytes.</param>
/// <param name="KeyId">This platform's key.</param>
/// <param name="Signature">r ‖ s over them, base64url.</param>
public sealed record HandoverAnswered(HandoverReceipt Receipt, string Sha256, string KeyId, string Signature);

/// <summary>A handover; received once.</summary>
public sealed record ImportState(HandoverReceived? Received)
{
    /// <summary>Before it was received.</summary>
    public static readonly ImportState Initial = new((HandoverReceived?)null);

    /// <summary>Vouchers that go on here.</summary>
    public ImmutableHashSet<string> Taken { get; init; } = [];

    /// <summary>What the other platform was told; null before.</summary>
    public HandoverAnswered? Answered { get; init; }

    /// <summary>Folds one event.</summary>
    public static ImportState Evolve(ImportState state, object e) => e switch
    {
        HandoverReceived received => state with { Received = received },
        HandoverVoucherTaken taken => state with { Taken = state.Taken.Add(taken.Root) },
        HandoverAnswered answered => state with { Answered = answered },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of an import."),
    };

    /// <summary>Receives a handover: the same file again is the same outcome, another under its number is refused.</summary>
    public static Decision<HandoverReceived> Decide(ImportState state, HandoverReceived received) =>
        state.Received is not { } before ? new[] { received }
        : before.FileSha256 == received.FileSha256 ? Array.Empty<HandoverReceived>()
        : new Decision<HandoverReceived>.Refused("import-number-used");
}

/// <summary>Stable names, tables and stored forms of imports.</summary>
internal static class ImportEvents
{
    public const string PlatformRegistered = "receivables.platform-registered.v1";
    public const string HandoverReceived = "receivables.handover-received.v1";
    public const string HandoverVoucherTaken = "receivables.handover-voucher-taken.v1";
    public const string HandoverAnswered = "receivables.handover-answered.v1";

    private const string Schema =
        """
        create table imports (
            platform    text        collate "C" not null,
            number      text        collate "C" not null,
            file_sha256 text        not null,
            file        bytea       not null,
            received_at timestamptz not null,
            primary key (platform, number)
        );
        create table import_vouchers (
            root     text collate "C" primary key,
            platform text collate "C" not null,
            number   text collate "C" not null
        );
        create table platforms (
            platform text collate "C" primary key,
            name     text not null,
            key_id   text not null
        );
        """;

    public static string PlatformStream(string platform) => $"platform/{platform}";

    public static string Stream(string platform, string number) => $"handover/{platform}/{number}";

    public static EventModel AddImportEvents(this EventModel model) => model
        .Event(PlatformRegistered, ImportJson.Default.PlatformRegistered)
        .Event(HandoverReceived, ImportJson.Default.HandoverReceived)
        .Event(HandoverVoucherTaken, ImportJson.Default.HandoverVoucherTaken)
        .Event(HandoverAnswered, ImportJson.Default.HandoverAnswered)
        .Aggregate(PlatformState.Initial, (_, e) => new PlatformState((PlatformRegistered)e))
        .Aggregate(ImportState.Initial, ImportState.Evolve)
        .Migrate("receivables-0602-imports", Schema);

    /// <summary>The file by which a voucher came here; null where it was issued here.</summary>
    public static async Task<Handover?> FileOfAsync(Store store, string root, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select i.file from import_vouchers v join imports i on i.platform = v.platform and i.number = v.number
            where v.root = $1
            """);
        query.Parameters.Add(new() { Value = root });
        return await query.ExecuteScalarAsync(cancellation) is byte[] bytes ? Handover.Read(bytes).File : null;
    }

    /// <summary>The file of a handover, read again; null where there is none.</summary>
    public static async Task<(Handover File, string Sha256)?> FileAsync(
        Store store, string platform, string number, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            "select file from imports where platform = $1 and number = $2");
        query.Parameters.Add(new() { Value = platform });
        query.Parameters.Add(new() { Value = number });
        return await query.ExecuteScalarAsync(cancellation) is byte[] bytes
            ? (Handover.Read(bytes).File!, Handover.Digest(bytes))
            : null;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(PlatformRegistered))]
[JsonSerializable(typeof(HandoverReceived))]
[JsonSerializable(typeof(HandoverVoucherTaken))]
[JsonSerializable(typeof(HandoverAnswered))]
[JsonSerializable(typeof(ImportDetails))]
[JsonSerializable(typeof(ImportList))]
[JsonSerializable(typeof(PlatformList))]
internal sealed partial class ImportJson : JsonSerializerContext;
