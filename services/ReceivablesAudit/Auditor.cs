using System.Text.Json;

namespace ReceivablesAudit;

/// <summary>What one part of the audit looks at: every event in the order of the feed, and the end.</summary>
internal interface ICheck
{
    /// <summary>Looks at one event.</summary>
    void On(Event e);

    /// <summary>Everything has been read.</summary>
    void End();
}

/// <summary>What an audit came to.</summary>
/// <param name="Findings">Every violation.</param>
/// <param name="Events">Events read.</param>
/// <param name="Withheld">Events of which the export shows the digest only.</param>
/// <param name="Proven">Events whose place in the anchored log was checked.</param>
/// <param name="Signatures">Signatures that hold.</param>
/// <param name="Vouchers">Families derived.</param>
/// <param name="Balances">Balances compared.</param>
/// <param name="Block">The sealed block, or why there is none.</param>
/// <param name="Fingerprint">Of the trust file; null where none was given.</param>
public sealed record AuditResult(
    IReadOnlyList<Finding> Findings, long Events, long Withheld, long Proven, long Signatures, long Vouchers,
    long Balances, string Block, string? Fingerprint)
{
    /// <summary>Whether nothing is wrong but not everything could be checked.</summary>
    public bool Incomplete => Findings.Count == 0 && (Fingerprint is null || Proven < Events);
}

/// <summary>Reads an export (services/docs/receivables-export.md) once, from its first line to its last.</summary>
public static class Auditor
{
    /// <summary>Audits.</summary>
    /// <param name="lines">The export's lines.</param>
    /// <param name="trust">Bytes of the trust file; null where none is given: the chain is not checked then.</param>
    /// <param name="firstKeys">Each party's first key, as the party itself published it.</param>
    /// <param name="progress">Told the number of events from time to time.</param>
    public static AuditResult Run(
        IEnumerable<string> lines, byte[]? trust, IReadOnlyDictionary<string, string> firstKeys,
        Action<long>? progress = null)
    {
        Findings findings = new();
        Anchoring anchoring = new(findings, trust);
        Streams streams = new(findings);
        Vouchers vouchers = new(findings, streams);
        Signatures signatures = new(findings, streams, firstKeys);
        Clearings clearings = new(findings, vouchers);
        Balances balances = new(findings, vouchers);
        ICheck[] checks = [streams, vouchers, signatures, clearings, new CreditLines(findings, vouchers),
            new Claims(findings)];
        long count = 0;
        foreach (ExportLine line in ExportLine.Read(lines, findings))
        {
            anchoring.On(line);
            balances.On(line);
            streams.On(line);
            if (line.Event is not { } e)
                continue;
            foreach (ICheck check in checks)
                Guard(check, e, findings);
            if (++count % 10_000 == 0)
                progress?.Invoke(count);
        }
        foreach (ICheck check in checks)
            check.End();
        balances.End();
        return new AuditResult(findings.All, streams.Events, streams.Withheld, anchoring.Proven, signatures.Valid,
            vouchers.Count, balances.Count, anchoring.Block, anchoring.Fingerprint);
    }

    /// <summary>An event without the members of its kind is a finding, never the end of the audit.</summary>
    private static void Guard(ICheck check, Event e, Findings findings)
    {
        try
        {
            check.On(e);
        }
        catch (Exception x) when (x is KeyNotFoundException or InvalidOperationException or FormatException
            or JsonException or OverflowException or ArgumentException)
        {
            findings.Report("event-unreadable", e.Place, $"an event of kind {e.Kind}", x.Message);
        }
    }
}
