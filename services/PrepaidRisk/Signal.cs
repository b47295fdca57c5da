namespace PrepaidRisk;

/// <summary>
/// What may speak for a merchant in trouble. Each is measured against the merchant's own past where it has one.
/// </summary>
public enum Signal
{
    /// <summary>Mean shortfall of custody over four weeks, as a share of what is required.</summary>
    Shortfall,

    /// <summary>Share of the last eight weeks' days with a shortfall of more than a fiftieth.</summary>
    ShortfallDays,

    /// <summary>
    /// Logarithm of four weeks' sales over the own past and, where known, over the same weeks a year ago.
    /// </summary>
    SalesSpike,

    /// <summary>Gift over a quarter of cash in the last four weeks.</summary>
    GiftDepth,

    /// <summary>Spike and depth together.</summary>
    DeepSpike,

    /// <summary>The same, by the least of the last three weeks.</summary>
    LastingSpike,

    /// <summary>Logarithm of the fall of use, outside a filed closure.</summary>
    UseDrop,

    /// <summary>Logarithm of the fall of sales, outside a filed closure and the usual season.</summary>
    SalesDrop,

    /// <summary>Refunds past their term, in deviations above the own past.</summary>
    RefundBacklog,

    /// <summary>Refunds asked for, in deviations above the own past.</summary>
    RefundsAsked,

    /// <summary>Complaints, in deviations above the own past.</summary>
    Complaints,

    /// <summary>Refused redemptions, in deviations above the own past.</summary>
    Refusals,

    /// <summary>Late reconciliations, in deviations above the own past.</summary>
    LateReconciliation,

    /// <summary>Days without a report, of fourteen.</summary>
    Silence,

    /// <summary>A new legal representative within 120 days, and no takeover filed.</summary>
    NewRepresentative,

    /// <summary>The lease ends within 90 days, and no new one is filed.</summary>
    LeaseEnds,

    /// <summary>Lawsuits within nine months.</summary>
    Lawsuit,

    /// <summary>Tax or social insurance arrears within nine months.</summary>
    TaxArrears,

    /// <summary>Branches closed within nine months.</summary>
    BranchClosed,

    /// <summary>A deep spike while the lease ends or the representative is new.</summary>
    SpikeBeforeLeaving,

    /// <summary>A deep spike that custody does not follow.</summary>
    SpikeUncovered,
}
