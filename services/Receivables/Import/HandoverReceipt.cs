using System.Text.Json;

namespace Receivables.Import;

/// <summary>
/// The signed word of the platform that got a handover: which vouchers it keeps from now on, and which it never will
/// (<c>voucher-handover-receipt/1</c>, services/docs/receivables-files.md).
/// </summary>
/// <param name="Format">The format's name.</param>
/// <param name="Platform">Who answers.</param>
/// <param name="From">Who handed over.</param>
/// <param name="Number">Its number of the handover.</param>
/// <param name="FileSha256">Digest of the file that is answered.</param>
/// <param name="At">When it was made, RFC 3339.</param>
/// <param name="Taken">Vouchers taken over, in the order of their names.</param>
/// <param name="Declined">All others of the file.</param>
/// <param name="TakenFen">Face of those taken over.</param>
public sealed record HandoverReceipt(
    string Format, string Platform, string From, string Number, string FileSha256, string At,
    IReadOnlyList<string> Taken, IReadOnlyList<string> Declined, long TakenFen)
{
    /// <summary>The form read and written here.</summary>
    public const string Form = "voucher-handover-receipt/1";

    /// <summary>The answer to a file, as far as it was taken over.</summary>
    public static HandoverReceipt Of(Handover file, string fileSha256, IReadOnlySet<string> taken, DateTimeOffset at)
    {
        string[] names = [.. file.Vouchers.Select(v => v.Root).Order(StringComparer.Ordinal)];
        return new HandoverReceipt(
            Form, file.To, file.Platform, file.Number, fileSha256, Handover.Instant(at),
            [.. names.Where(taken.Contains)], [.. names.Where(n => !taken.Contains(n))],
            file.Vouchers.Where(v => taken.Contains(v.Root)).Sum(v => v.FaceFen));
    }

    /// <summary>Reads an answer; null where it is none.</summary>
    public static HandoverReceipt? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, HandoverJson.Default.HandoverReceipt) is { Format: Form } read
                ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether it answers a file: every voucher once, taken or declined, and the sum is theirs. Pure.</summary>
    public bool Answers(Handover file, string fileSha256) =>
        (Platform, From, Number, FileSha256) == (file.To, file.Platform, file.Number, fileSha256)
        && Taken.Concat(Declined).Order(StringComparer.Ordinal)
            .SequenceEqual(file.Vouchers.Select(v => v.Root).Order(StringComparer.Ordinal))
        && file.Vouchers.Where(v => Taken.Contains(v.Root)).Sum(v => v.FaceFen) == TakenFen;

    /// <summary>The bytes that are signed.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, HandoverJson.Default.HandoverReceipt);
}
