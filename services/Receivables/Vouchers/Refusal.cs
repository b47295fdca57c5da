namespace Receivables.Vouchers;

/// <summary>The rules that a command about a voucher may meet: codes of the service's catalogue.</summary>
public static class Refusal
{
    public const string Form = "voucher-command-form";
    public const string NotFound = "voucher-not-found";
    public const string Exists = "voucher-exists";
    public const string NotAccepted = "voucher-not-accepted";
    public const string Closed = "voucher-closed";
    public const string NotOverdue = "voucher-not-overdue";
    public const string PastCutOff = "past-cut-off";
    public const string PastDue = "due-date-past";
    public const string Term = "due-date-beyond-a-year";
    public const string Repeated = "command-repeated";
    public const string AmountNotPositive = "amount-not-positive";
    public const string AmountAboveHolding = "amount-above-holding";
    public const string AmountNotFree = "amount-not-free";
    public const string SumDiffers = "parts-differ-from-sum";
    public const string OutsideVoucher = "interval-outside-voucher";
    public const string NotHolder = "not-holder";
    public const string ToSelf = "transfer-to-self";
    public const string DebtorNotIssuer = "debtor-not-issuer";
    public const string Reserved = "interval-reserved";
    public const string Pledged = "interval-pledged";
    public const string Frozen = "interval-frozen";
    public const string BelowMinimum = "part-below-minimum";
    public const string TooDeep = "depth-exceeded";
    public const string TooMany = "fragments-exceeded";
    public const string OfferNotFound = "offer-not-found";
    public const string OfferLapsed = "offer-lapsed";
    public const string NotOffered = "offer-for-another";
    public const string OtherKind = "offer-of-another-kind";
    public const string ShownDiffers = "answer-shown-differs";
    public const string PartOfPayment = "payment-answered-in-part";
    public const string NotOfferer = "offer-of-another";
    public const string PledgeNotFound = "pledge-not-found";
    public const string NotPledgee = "not-pledgee";
    public const string NoRecourse = "no-recourse";
    public const string OrderNotFound = "freeze-not-found";
    public const string OtherOrder = "freeze-of-another";
    public const string NotHome = "voucher-not-home";
    public const string NotIssuer = "not-issuer";
    public const string NotFirstHolder = "not-first-holder";
    public const string NotAdjacent = "fragments-not-mergeable";
    public const string NotPresented = "voucher-not-presented";
    public const string NotConserved = "stated-not-conserved";
    public const string NotDebtor = "hand-over-not-debtor";
    public const string FaceDiffers = "hand-over-face-differs";
    public const string HandOverLate = "hand-over-late";
    public const string HandOverRecourse = "hand-over-recourse";
    public const string Leaving = "voucher-leaving";
    public const string NotLeaving = "handover-voucher-not-leaving";
    public const string LeafDiffers = "payment-leaf-differs";
    public const string LeafOverpaid = "payment-above-leaf";
    public const string ReceiptRepeated = "receipt-allocated";
}
