namespace PrepaidSimulation;

/// <summary>What a day is like, beside the merchant's traits. Factors are 1 on an ordinary day.</summary>
internal struct Mood()
{
    public double Sales = 1;

    /// <summary>Gift as a share of cash; null as always.</summary>
    public double? Gift;
    public double Use = 1;
    public double Complaints = 1;
    public double Refunds = 1;

    /// <summary>Redemptions refused a day and 10,000 cards.</summary>
    public double Refusals = 0.05;

    /// <summary>Share of due refunds that is paid.</summary>
    public double RefundsPaid = 1;

    /// <summary>What custody is kept at, of what is required.</summary>
    public double Custody = 1;

    /// <summary>A shortfall is not topped up.</summary>
    public bool NoTopUp;
    public double Late = 1;

    /// <summary>No report of this day arrives before its repair.</summary>
    public bool Silent;
}
