using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ReceivablesAudit;

/// <summary>I10: the balances that the service keeps are, byte for byte, those that follow from the events.</summary>
internal sealed class Balances(Findings findings, Vouchers vouchers)
{
    private readonly List<string> _said = [];
    private string? _party;
    private string? _sha256;

    /// <summary>Balances compared.</summary>
    public int Count { get; private set; }

    public void On(ExportLine line)
    {
        if (line.Has("format"))
        {
            (_party, _sha256) = (line.Json.TextOr("party"), null);
            _said.Clear();
        }
        else if (line.Json.TryGetProperty("balance", out JsonElement balance))
            _said.Add(Text(balance.Text("root"), balance.Text("party"), balance.Number("fen")));
        else if (line.Json.TryGetProperty("end", out JsonElement end))
            _sha256 = end.TextOr("balancesSha256");
    }

    public void End()
    {
        // An export that stops before the newest event has no balances to compare.
        if (_sha256 is null)
            return;
        string[] derived = [.. vouchers.Balances().Where(b => _party is null || b.Party == _party)
            .Select(b => Text(b.Root, b.Party, b.Fen))];
        string[] said = [.. _said.Where(s => vouchers.Find(s[..s.IndexOf(' ')]) is not null)];
        foreach (string missing in derived.Except(said))
            findings.Report("I10-balances", "the end", missing, null);
        foreach (string extra in said.Except(derived))
            findings.Report("I10-balances", "the end", null, extra);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(_said.Select(s =>
            s + "\n")))));
        if (sha256 != _sha256)
            findings.Report("I10-balances", "the last line", sha256, _sha256);
        Count = derived.Length;
    }

    private static string Text(string root, string party, long fen) =>
        string.Create(CultureInfo.InvariantCulture, $"{root} {party} {fen}");
}
