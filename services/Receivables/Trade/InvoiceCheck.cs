namespace Receivables.Trade;

/// <summary>What is known of an invoice from outside. Nothing is called checked that nobody looked up.</summary>
/// <param name="State"><c>unchecked</c> or <c>checked-manually</c>.</param>
/// <param name="Result">What the check came to.</param>
/// <param name="By">Pseudonymous id of who looked it up.</param>
/// <param name="At">When.</param>
/// <param name="EvidenceSha256">Digest of what was seen.</param>
public sealed record InvoiceCheck(
    string State, CheckResult? Result = null, string? By = null, DateTimeOffset? At = null, string? EvidenceSha256 = null)
{
    /// <summary>Nobody has looked it up.</summary>
    public static readonly InvoiceCheck Unchecked = new("unchecked");
}

/// <summary>
/// Tells whether an invoice exists as it is shown. An interface of the tax administration comes behind this one; until
/// then people look invoices up and record what they saw.
/// </summary>
public interface IInvoiceCheck
{
    /// <summary>What is known of an invoice.</summary>
    /// <param name="recorded">The last check that people recorded; null where there is none.</param>
    InvoiceCheck Of(InvoiceCheck? recorded);
}

/// <summary>Knows what people recorded, and nothing else.</summary>
public sealed class ManualInvoiceCheck : IInvoiceCheck
{
    /// <inheritdoc />
    public InvoiceCheck Of(InvoiceCheck? recorded) => recorded ?? InvoiceCheck.Unchecked;
}
