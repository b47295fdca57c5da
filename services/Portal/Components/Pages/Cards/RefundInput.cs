namespace Portal.Components.Pages.Cards;

/// <summary>The facts of a refund as the calculator's form sends them.</summary>
public sealed class RefundInput
{
    /// <summary>Most lots of one question.</summary>
    public const int LotsMax = 3;

    public string? AskedOn { get; set; }
    public string? Cause { get; set; }
    public string? Place { get; set; }
    public string? SevenDays { get; set; }
    public List<LotInput> Lots { get; set; } = [];

    /// <summary>One lot: a sale or a top-up.</summary>
    public sealed class LotInput
    {
        public string? PaidOn { get; set; }
        public string? Paid { get; set; }
        public string? Gift { get; set; }
        public string? List { get; set; }
        public string? Price { get; set; }
        public string? TotalDays { get; set; }
        public string? RemainingDays { get; set; }
        public bool HadSame { get; set; }
        public bool GiftGoods { get; set; }

        /// <summary>Whether nothing was entered.</summary>
        public bool IsEmpty => string.IsNullOrWhiteSpace(Paid) && string.IsNullOrWhiteSpace(PaidOn);
    }
}
