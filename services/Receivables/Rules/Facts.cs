namespace Receivables.Rules;

/// <summary>
/// What a party is to the Regulations on payments to small and medium enterprises (arts. 3, 36), fixed when its
/// contract
/// was made.
/// </summary>
public enum PartyClass
{
    /// <summary>Not told, or none of the others.</summary>
    Other,

    /// <summary>机关.</summary>
    Authority,

    /// <summary>事业单位.</summary>
    Institution,

    /// <summary>大型企业.</summary>
    LargeEnterprise,

    /// <summary>中小企业.</summary>
    Sme,
}

/// <summary>Grounds that somebody examined and signed for.</summary>
/// <param name="Text">The reasons.</param>
/// <param name="ExaminedBy">Who examined them.</param>
/// <param name="Sha256">Digest of the document, in lower hexadecimal.</param>
public sealed record Grounds(string Text, string ExaminedBy, string Sha256);

/// <summary>A creditor's consent.</summary>
/// <param name="SignedAt">When it was signed.</param>
/// <param name="Free">Whether it says that nothing was made to depend on it.</param>
/// <param name="Sha256">Digest of what was signed.</param>
public sealed record Consent(DateTimeOffset SignedAt, bool Free, string Sha256);

/// <summary>How a debtor stands when it wants to issue (银发〔2025〕77号 art. 15).</summary>
/// <param name="VoucherOverdue">It failed to pay a voucher at maturity and still owes.</param>
/// <param name="BondDefault">It is in default on a bond.</param>
/// <param name="PersistentlyOverdue">It is on the published list of the persistently overdue and has not
/// cleared.</param>
public sealed record Standing(bool VoucherOverdue, bool BondDefault, bool PersistentlyOverdue)
{
    /// <summary>Nothing against it.</summary>
    public static readonly Standing Good = new(false, false, false);
}

/// <summary>What rules judge.</summary>
public abstract record Facts
{
    private Facts()
    {
    }

    /// <summary>Recorded grounds by the id of the rule that asks for them.</summary>
    public IReadOnlyDictionary<string, Grounds> Grounds { get; init; } = new Dictionary<string, Grounds>();

    /// <summary>A voucher is to be issued.</summary>
    /// <param name="Debtor">What the core enterprise is.</param>
    /// <param name="Creditor">What the first holder is.</param>
    /// <param name="IssuedAt">When.</param>
    /// <param name="Due">The day agreed, before any move to a working day.</param>
    /// <param name="Standing">How the debtor stands.</param>
    public sealed record Issue(
        PartyClass Debtor, PartyClass Creditor, DateTimeOffset IssuedAt, DateOnly Due, Standing Standing) : Facts
    {
        /// <summary>
        /// The day from which the time for payment runs: delivery, or passed acceptance where the contract makes
        /// payment
        /// depend on it (art. 10), or confirmation of the amount where it settles by progress or period (art. 9(4)).
        /// </summary>
        public DateOnly? RunsFrom { get; init; }

        /// <summary>The last day for payment that the contract names; null where it names none.</summary>
        public DateOnly? AgreedDue { get; init; }

        /// <summary>Digest of the contract's clause on the time for payment.</summary>
        public string? TermClauseSha256 { get; init; }

        /// <summary>Digest of the proof of a norm or custom of the industry.</summary>
        public string? CustomSha256 { get; init; }

        /// <summary>The creditor's consent.</summary>
        public Consent? Consent { get; init; }

        /// <summary>Digest of the contract's clause on payment by voucher.</summary>
        public string? VoucherClauseSha256 { get; init; }

        /// <summary>The creditor says that it was forced to take the voucher.</summary>
        public bool Forced { get; init; }

        /// <summary>The contract makes payment wait for a third party's.</summary>
        public bool PayWhenPaid { get; init; }

        /// <summary>The arrangement it is issued under ran before the notice came into force.</summary>
        public bool OlderArrangement { get; init; }
    }

    /// <summary>A claim is to be transferred.</summary>
    /// <param name="BarredByNature">Its nature or a law bars it.</param>
    /// <param name="BarredByContractSha256">Digest of a clause that bars it; null where there is none.</param>
    /// <param name="Notified">Whether the debtor was told or has confirmed.</param>
    public sealed record Transfer(bool BarredByNature, string? BarredByContractSha256, bool Notified) : Facts;

    /// <summary>A bank or factor is to pay out.</summary>
    /// <param name="Issued">The voucher's day of issue.</param>
    /// <param name="Due">Its day of payment.</param>
    /// <param name="RegisteredAt">Time of 中登网's receipt; null where none was imported.</param>
    /// <param name="PaysAt">When it pays out.</param>
    /// <param name="DebtorConfirmed">Whether the debtor confirmed the claim.</param>
    /// <param name="KnownFabricated">Whether the financier knows that the trade is made up.</param>
    public sealed record Finance(
        DateOnly Issued, DateOnly Due, DateTimeOffset? RegisteredAt, DateTimeOffset PaysAt, bool DebtorConfirmed,
        bool KnownFabricated) : Facts;

    /// <summary>Money is to move.</summary>
    /// <param name="PlatformAccount">One end is an account of the platform or of another without a licence for
    /// it.</param>
    /// <param name="PooledAccount">One end is an account that gathers money of several owners.</param>
    /// <param name="ByBank">Whether a bank or licensed institution clears it.</param>
    public sealed record Path(bool PlatformAccount, bool PooledAccount, bool ByBank) : Facts;

    /// <summary>A small or medium enterprise asked its debtor to confirm.</summary>
    /// <param name="Debtor">What the debtor is.</param>
    /// <param name="Creditor">What the asker is.</param>
    /// <param name="Requested">When it asked.</param>
    /// <param name="Confirmed">When the debtor answered.</param>
    public sealed record Confirmation(PartyClass Debtor, PartyClass Creditor, DateOnly Requested, DateOnly? Confirmed)
        : Facts;

    /// <summary>Interest on late payment is to be claimed.</summary>
    /// <param name="Debtor">What the debtor is.</param>
    /// <param name="Creditor">What the creditor is.</param>
    /// <param name="AgreedPpm">The agreed yearly rate in millionths; null where none was agreed.</param>
    /// <param name="LprPpm">The one-year LPR in millionths when the contract was made; null where it is not
    /// known.</param>
    public sealed record Lateness(PartyClass Debtor, PartyClass Creditor, int? AgreedPpm, int? LprPpm) : Facts;

    /// <summary>A payment is to be set against debts.</summary>
    /// <param name="Named">Whether the payer named the debt.</param>
    /// <param name="AgreedOrderSha256">Digest of an agreement on another order; null where there is none.</param>
    public sealed record Appropriation(bool Named, string? AgreedOrderSha256) : Facts;

    /// <summary>A financed claim was collected for more than what was financed, with interest and costs.</summary>
    /// <param name="Recourse">Whether it was with recourse.</param>
    /// <param name="Amount">Fen over what is owed to the financier.</param>
    /// <param name="Returned">Fen given back to the seller.</param>
    public sealed record Surplus(bool Recourse, long Amount, long Returned) : Facts;

    /// <summary>Several financiers claim the same receivable.</summary>
    /// <param name="ByReceipts">Whether their order rests on imported receipts of the register alone.</param>
    public sealed record Priority(bool ByReceipts) : Facts;
}
