using System.Text.Json;
using Proofs;
using Receivables.Vouchers;

namespace Receivables.Import;

/// <summary>
/// Holds a handover to what the other platform anchored: that each of its vouchers was issued there as it is stated now, in
/// a block sealed by the validators of the trust file that the operator registered for it.
/// </summary>
internal static class HandoverProofs
{
    private const string Issued = "receivables.voucher-issued.v1";

    /// <summary>The first voucher whose issue is not proven as it is stated; null where all are. Pure.</summary>
    /// <param name="file">The handover.</param>
    /// <param name="trust">Bytes of the other platform's trust file (services/docs/proof-format.md).</param>
    public static string? Unproven(Handover file, byte[] trust) =>
        file.Vouchers.FirstOrDefault(v => !IsProven(v, trust))?.Root;

    private static bool IsProven(HandoverVoucher voucher, byte[] trust)
    {
        if (voucher.Proof is not { } text || !TryRead(text, out byte[] bundle)
            || Verifier.Verify(bundle, trust).Verdict != Verdict.Proven
            || Bundle.Parse(bundle)?.EventBytes is not { } bytes)
            return false;
        try
        {
            using JsonDocument proven = JsonDocument.Parse(bytes);
            JsonElement e = proven.RootElement;
            return e.GetProperty("type").GetString() == Issued && e.GetProperty("stream").GetString() == voucher.Root
                && e.GetProperty("data").Deserialize(VoucherJson.Default.Issued) is { } issued
                && (issued.Root, issued.Debtor, issued.Holder, issued.FaceFen, issued.IssueDate, issued.DueDate, issued.Terms)
                    == (voucher.Root, voucher.Debtor, voucher.Holder, voucher.FaceFen, voucher.IssueDate, voucher.DueDate,
                        voucher.Terms)
                && issued.Trade.SequenceEqual(voucher.Trade);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool TryRead(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length * 3 / 4];
        bool read = Convert.TryFromBase64String(text, bytes, out int length);
        bytes = bytes[..length];
        return read;
    }
}
