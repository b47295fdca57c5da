using System.Text.Json;

namespace ReceivablesAudit;

/// <summary>
/// Every receipt of every bank, over all vouchers together: it is received once, and what vouchers take of it is what
/// it was set against, each once (I8).
/// </summary>
internal sealed class Receipts(Findings findings)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, long>> _parts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, (Event At, long Fen)>> _taken = new(StringComparer.Ordinal);

    /// <summary>A receipt came, or was set against vouchers.</summary>
    public void On(Event e)
    {
        if (e.Kind == "payment-received")
        {
            string receipt = e.Data.Text("receipt");
            findings.Require(_known.Add(receipt) & _streams.TryAdd(e.Stream, receipt),
                "I8-receipt-twice", e, "a new receipt", receipt);
        }
        else if (e.Kind == "payment-appropriated" && _streams.TryGetValue(e.Stream, out string? receipt))
        {
            foreach (JsonElement part in e.Data.List("parts"))
                Of(_parts, receipt)[part.Text("root")] = part.Number("fen");
        }
    }

    /// <summary>A voucher took of a receipt.</summary>
    public void Allocated(Event e, string root, string receipt, long fen) =>
        findings.Require(Of(_taken, receipt).TryAdd(root, (e, fen)), "I8-receipt-twice", e, "a new receipt", receipt);

    /// <summary>Everything has been read.</summary>
    public void End()
    {
        foreach ((string receipt, Dictionary<string, (Event At, long Fen)> taken) in _taken)
        {
            Dictionary<string, long>? parts = _parts.GetValueOrDefault(receipt);
            // Of a receipt that the export does not show, one voucher at most can have taken.
            string? first = parts is null ? taken.MinBy(t => t.Value.At.Position).Key : null;
            foreach ((string root, (Event at, long fen)) in taken)
            {
                long right = parts?.GetValueOrDefault(root) ?? (root == first ? fen : 0);
                findings.Require(fen == right, "I8-receipt-twice", at, $"{right} of {receipt} for {root}", fen);
            }
        }
    }

    private static Dictionary<string, T> Of<T>(Dictionary<string, Dictionary<string, T>> all, string receipt) =>
        all.TryGetValue(receipt, out Dictionary<string, T>? of) ? of
            : all[receipt] = new Dictionary<string, T>(StringComparer.Ordinal);
}
