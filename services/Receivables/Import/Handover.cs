using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Receivables.Vouchers;

namespace Receivables.Import;

/// <summary>A thing that a voucher rests on, and how much of it it uses.</summary>
/// <param name="Kind"><c>invoice</c>, <c>land-right</c>, <c>animal</c> or <c>warehouse-receipt</c>.</param>
/// <param name="Number">Its number.</param>
/// <param name="Fen">How much of it the voucher uses.</param>
/// <param name="Code">Of an invoice with one.</param>
/// <param name="Keeper">Of a warehouse receipt.</param>
public sealed record HandoverThing(string Kind, string Number, long Fen, string? Code = null, string? Keeper = null);

/// <summary>A voucher as the other platform states it; only what is free of pledges, freezes and offers is handed over.</summary>
public sealed record HandoverVoucher(
    string Root, string Debtor, string Holder, long FaceFen, DateOnly IssueDate, DateOnly DueDate,
    IReadOnlyList<TradeReference> Trade, Terms Terms, IReadOnlyList<HandoverThing> Things,
    IReadOnlyList<StatedPart> Stated)
{
    /// <summary>
    /// Bundle <c>anchor-proof/1</c> of the event that issued it, base64; where the taker has the platform's trust file it must
    /// be there and hold.
    /// </summary>
    public string? Proof { get; init; }
}

/// <summary>What a holder holds of all vouchers of the file.</summary>
public sealed record HandoverBalance(string Holder, long Fen);

/// <summary>
/// A platform's signed statement of what it hands to another (<c>voucher-handover/1</c>,
/// services/docs/receivables-files.md).
/// </summary>
/// <param name="Format">The format's name.</param>
/// <param name="Platform">Who hands over.</param>
/// <param name="To">Who takes over.</param>
/// <param name="Number">Names the handover once.</param>
/// <param name="At">When it was made, RFC 3339.</param>
/// <param name="TotalFen">Face of all vouchers.</param>
/// <param name="Vouchers">Each with every fen.</param>
/// <param name="Balances">Every holder once, in the order of the names.</param>
/// <param name="SumRoot">Root of the Merkle sum tree over the balances, hex.</param>
public sealed record Handover(
    string Format, string Platform, string To, string Number, string At, long TotalFen,
    IReadOnlyList<HandoverVoucher> Vouchers, IReadOnlyList<HandoverBalance> Balances, string SumRoot)
{
    /// <summary>The form read here.</summary>
    public const string Form = "voucher-handover/1";

    /// <summary>Vouchers of one file at most.</summary>
    public const int VouchersMax = 500;

    private const int PartsMax = 20_000;
    private const int NumberMax = 40;

    /// <summary>Reads a file.</summary>
    /// <param name="bytes">UTF-8 JSON; nothing unknown, nothing twice.</param>
    /// <returns>The file, or the code of what is wrong with its form.</returns>
    public static (Handover? File, string? Fault) Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            if (HasFraction(document.RootElement))
                return (null, "import-fraction");
            Handover? file = JsonSerializer.Deserialize(bytes.Span, HandoverJson.Default.Handover);
            return file is { Format: Form } && IsName(file.Platform) && IsNumber(file.Number)
                ? (file, null)
                : (null, "import-form");
        }
        catch (JsonException)
        {
            return (null, "import-form");
        }
    }

    /// <summary>
    /// Whether what it states adds up: every fen of every voucher has one holder, what the parts come to by holder are the
    /// balances, all of it is the total, and the root is theirs. Pure; null where it does, otherwise the code.
    /// </summary>
    public string? Fault()
    {
        if (Vouchers.Count is 0 or > VouchersMax || Vouchers.Sum(v => v.Stated.Count) > PartsMax)
            return "import-size";
        if (Vouchers.DistinctBy(v => v.Root).Count() != Vouchers.Count
            || Balances.DistinctBy(b => b.Holder).Count() != Balances.Count)
            return "import-repeated";
        foreach (HandoverVoucher v in Vouchers)
        {
            if (!Family.IsPartition(v.FaceFen, v.Stated))
                return "import-not-conserved";
            if (v.Things.Count == 0 || v.Things.Any(t => t.Fen <= 0) || SumOf(v.Things.Select(t => t.Fen)) != v.FaceFen)
                return "import-things-differ";
        }
        Dictionary<string, Int128> held = Vouchers.SelectMany(v => v.Stated).GroupBy(p => p.To)
            .ToDictionary(g => g.Key, g => SumOf(g.Select(p => p.Fen)), StringComparer.Ordinal);
        if (held.Count != Balances.Count || Balances.Any(b => held.GetValueOrDefault(b.Holder) != b.Fen))
            return "import-balance-differs";
        if (SumOf(Vouchers.Select(v => v.FaceFen)) != TotalFen)
            return "import-total-differs";
        return SumTree.Of(Balances).RootHex == SumRoot ? null : "import-root-differs";
    }

    /// <summary>The debtor's command that takes a voucher of this file over.</summary>
    /// <param name="voucher">Which.</param>
    /// <param name="sha256">Digest of the file.</param>
    /// <param name="commandId">Chosen by the debtor.</param>
    public VoucherCommand.TakeOver Command(HandoverVoucher voucher, string sha256, string commandId) => new(
        commandId, voucher.Debtor, Platform, Number, sha256, voucher.Root, voucher.Holder, voucher.FaceFen,
        voucher.IssueDate, voucher.DueDate, voucher.Trade, voucher.Terms, voucher.Stated);

    /// <summary>SHA-256 of a file, hex.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The bytes that are signed.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, HandoverJson.Default.Handover);

    /// <summary>An instant as files between platforms have it: RFC 3339, to the second.</summary>
    internal static string Instant(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Whether a text is a platform's name.</summary>
    internal static bool IsName(string text) =>
        text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Whether a text is a handover's number.</summary>
    internal static bool IsNumber(string text) => IsName(text) && text.Length <= NumberMax;

    private static Int128 SumOf(IEnumerable<long> fen) => fen.Aggregate((Int128)0, (sum, f) => sum + f);

    private static bool HasFraction(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') >= 0,
        JsonValueKind.Array => value.EnumerateArray().Any(HasFraction),
        JsonValueKind.Object => value.EnumerateObject().Any(p => HasFraction(p.Value)),
        _ => false,
    };
}

/// <summary>How the file is read: strict, nothing unknown, nothing missing.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Handover))]
[JsonSerializable(typeof(HandoverReceipt))]
internal sealed partial class HandoverJson : JsonSerializerContext;
