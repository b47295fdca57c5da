using ReceivablesAudit;
using Shouldly;
using Xunit;

namespace Services.Integration.Receivables.Export;

/// <summary>What is taken away, and that a second program finds nothing wrong with it.</summary>
public sealed class ExportTests(ExportWorld world) : IClassFixture<ExportWorld>
{
    [Fact]
    public void The_regulators_export_passes_the_audit_whole()
    {
        AuditResult result = world.Export.Audit(world.FirstKeys, TestAnchor.Trust);
        result.Findings.Select(f => f.ToString()).ShouldBeEmpty();
        result.Incomplete.ShouldBeFalse();
        result.Proven.ShouldBe(result.Events);
        result.Signatures.ShouldBeGreaterThan(50);
        result.Vouchers.ShouldBe(4);
        result.Balances.ShouldBeGreaterThan(4);
        result.Block.ShouldContain("4 seals of 3");
    }
}
