using System.Text.Json.Serialization;

namespace Receivables.Vouchers;

/// <summary>A document of the underlying trade; its content stays with its owner.</summary>
/// <param name="Kind"><c>contract</c>, <c>invoice</c> or <c>delivery</c>.</param>
/// <param name="Sha256">64 lower-case hexadecimal characters.</param>
public sealed record TradeReference(string Kind, string Sha256);

/// <summary>How far a voucher may be split and passed on; fixed at issue, the same for every fragment.</summary>
/// <param name="MinPartFen">The least that one part may have, unless it takes all that its holder has.</param>
/// <param name="MaxDepth">How often a fen may change its holder.</param>
/// <param name="MaxFragments">How many fragments the voucher may have at a time.</param>
public sealed record Terms(long MinPartFen = 1, int MaxDepth = 20, int MaxFragments = 10_000);

/// <summary>What goes to whom: so many fen of a root.</summary>
/// <param name="Root">The voucher that the fen were issued in.</param>
/// <param name="To">The party that gets them.</param>
/// <param name="Fen">How many; at least 1.</param>
/// <param name="Start">
/// First fen of the interval [start, start + fen); null takes the lowest fen of the root that the sender can dispose
/// of.
/// </param>
public sealed record Part(string Root, string To, long Fen, long? Start = null);

/// <summary>What is taken from where, for one receiver.</summary>
/// <inheritdoc cref="Part" path="/param"/>
public sealed record Source(string Root, long Fen, long? Start = null);

/// <summary>What another platform states of a part of a voucher that it hands over.</summary>
/// <param name="To">Who holds it there.</param>
/// <param name="Fen">How many fen.</param>
/// <param name="Start">First fen of the interval [start, start + fen).</param>
/// <param name="Depth">How often it changed its holder there.</param>
public sealed record StatedPart(string To, long Fen, long Start, int Depth)
{
    /// <summary>Where it lies.</summary>
    [JsonIgnore]
    public Interval Interval => new(Start, Start + Fen);
}

/// <summary>
/// What a party wants done; it is what its people sign. A voucher with all its fragments is a family, named by its
/// root.
/// </summary>
/// <param name="CommandId">Chosen by the party and used once; names the offer, pledge or freeze that it makes.</param>
/// <param name="Party">The organisation that acts.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Issue), "issue")]
[JsonDerivedType(typeof(TakeOver), "take-over")]
[JsonDerivedType(typeof(HandOver), "hand-over")]
[JsonDerivedType(typeof(Accept), "accept")]
[JsonDerivedType(typeof(Reject), "reject")]
[JsonDerivedType(typeof(Withdraw), "withdraw")]
[JsonDerivedType(typeof(Transfer), "transfer")]
[JsonDerivedType(typeof(PayFromMany), "pay-from-many")]
[JsonDerivedType(typeof(OfferPledge), "offer-pledge")]
[JsonDerivedType(typeof(ConfirmPledge), "confirm-pledge")]
[JsonDerivedType(typeof(ReleasePledge), "release-pledge")]
[JsonDerivedType(typeof(Sell), "sell")]
[JsonDerivedType(typeof(ConfirmSale), "confirm-sale")]
[JsonDerivedType(typeof(ClaimRecourse), "claim-recourse")]
[JsonDerivedType(typeof(Repurchase), "repurchase")]
[JsonDerivedType(typeof(Freeze), "freeze")]
[JsonDerivedType(typeof(Unfreeze), "unfreeze")]
[JsonDerivedType(typeof(Return), "return")]
[JsonDerivedType(typeof(Void), "void")]
[JsonDerivedType(typeof(Merge), "merge")]
public abstract record VoucherCommand(string CommandId, string Party)
{
    /// <summary>The families that it concerns, each once, in order.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<string> Roots { get; }

    /// <summary>What an answer shows of what it answers; null for commands that say it themselves.</summary>
    public Shown? Shown { get; init; }

    /// <summary>The party issues a voucher; the first holder has to accept it. The offer is named by this
    /// command.</summary>
    /// <param name="CommandId">Names the offer.</param>
    /// <param name="Party">The issuer: the debtor or a member of its group.</param>
    /// <param name="Root">Name of the new voucher: <c>V-</c> and 26 digits or capital letters.</param>
    /// <param name="Debtor">The core enterprise that promises to pay.</param>
    /// <param name="Holder">The first holder.</param>
    /// <param name="FaceFen">What is promised.</param>
    /// <param name="IssueDate">Day of issue in Beijing.</param>
    /// <param name="DueDate">Day of payment, the same for every fragment.</param>
    /// <param name="Trade">What the voucher rests on.</param>
    /// <param name="Terms">Limits of splitting.</param>
    public sealed record Issue(
        string CommandId, string Party, string Root, string Debtor, string Holder, long FaceFen,
        DateOnly IssueDate, DateOnly DueDate, IReadOnlyList<TradeReference> Trade, Terms Terms)
        : VoucherCommand(CommandId, Party)
    {
        /// <summary>The credit line that it takes of; null only where its issuer may issue without one.</summary>
        public Guid? Line { get; init; }

        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => [Root];
    }

    /// <summary>
    /// The debtor owes here what it owed on another platform: the voucher goes on with the holders that the other platform
    /// states. Each of them confirms its part, and can't dispose of it before.
    /// </summary>
    /// <param name="CommandId">Names the offers to the holders.</param>
    /// <param name="Party">The debtor.</param>
    /// <param name="Platform">The other platform.</param>
    /// <param name="Number">Its number of the handover.</param>
    /// <param name="FileSha256">Digest of its signed file.</param>
    /// <param name="Root">Name of the voucher, as there.</param>
    /// <param name="Holder">Its first holder.</param>
    /// <param name="FaceFen">What was promised.</param>
    /// <param name="IssueDate">Day of issue there.</param>
    /// <param name="DueDate">Day of payment.</param>
    /// <param name="Trade">What the voucher rests on.</param>
    /// <param name="Terms">Limits of splitting.</param>
    /// <param name="Stated">Who holds which fen, by the other platform; end to end.</param>
    public sealed record TakeOver(
        string CommandId, string Party, string Platform, string Number, string FileSha256, string Root, string Holder,
        long FaceFen, DateOnly IssueDate, DateOnly DueDate, IReadOnlyList<TradeReference> Trade, Terms Terms,
        IReadOnlyList<StatedPart> Stated)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => [Root];
    }

    /// <summary>
    /// The debtor has another platform keep the voucher. Nothing of it moves here any more until that platform has answered
    /// whether it took it over.
    /// </summary>
    /// <param name="CommandId">Names the handover until it is filed; the debtor withdraws it by it.</param>
    /// <param name="Party">The debtor.</param>
    /// <param name="Root">The voucher.</param>
    /// <param name="Platform">The platform that is to keep it.</param>
    /// <param name="FaceFen">Its face, as the signers read it.</param>
    public sealed record HandOver(string CommandId, string Party, string Root, string Platform, long FaceFen)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => [Root];
    }

    /// <summary>The party accepts what an issue, transfer, payment or return offers it.</summary>
    public sealed record Accept(string CommandId, string Party, string Offer, IReadOnlyList<string> In)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => Sorted(In);
    }

    /// <summary>The party refuses what is offered to it, of whatever kind.</summary>
    public sealed record Reject(string CommandId, string Party, string Offer, IReadOnlyList<string> In)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => Sorted(In);
    }

    /// <summary>The party takes back an offer of its own that nobody has answered.</summary>
    public sealed record Withdraw(string CommandId, string Party, string Offer, IReadOnlyList<string> In)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => Sorted(In);
    }

    /// <summary>The party offers parts of what it holds to others; each receiver accepts its own.</summary>
    public sealed record Transfer(string CommandId, string Party, IReadOnlyList<Part> Parts)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => Sorted(Parts.Select(p => p.Root));
    }

    /// <summary>The party pays one sum to one receiver from many fragments and roots: all of it or nothing.</summary>
    public sealed record PayFromMany(string CommandId, string Party, string To, long Fen, IReadOnlyList<Source> From)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => Sorted(From.Select(s => s.Root));
    }

    /// <summary>The party offers a pledge; it stays the holder, the pledgee will be the payee.</summary>
    /// <param name="CommandId">Names the offer, and the pledge once it is confirmed.</param>
    /// <param name="Party">The holder.</param>
    /// <param name="Pledgee">Bank or factor.</param>
    /// <param name="From">What is pledged.</param>
    /// <param name="AgreementSha256">Digest of the agreement.</param>
    public sealed record OfferPledge(
        string CommandId, string Party, string Pledgee, IReadOnlyList<Source> From, string AgreementSha256)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => Sorted(From.Select(s => s.Root));
    }

    /// <summary>The pledgee confirms the pledge.</summary>
    public sealed record ConfirmPledge(string CommandId, string Party, string Pledge, IReadOnlyList<string> In)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => Sorted(In);
    }

    /// <summary>The pledgee releases the pledge.</summary>
    public sealed record ReleasePledge(string CommandId, string Party, string Pledge, IReadOnlyList<string> In)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => Sorted(In);
    }

    /// <summary>The party offers to sell to a bank or factor, which becomes the holder when it confirms.</summary>
    /// <param name="CommandId">Names the offer, and the sale once it is confirmed.</param>
    /// <param name="Party">The seller.</param>
    /// <param name="Buyer">Bank or factor.</param>
    /// <param name="From">What is sold.</param>
    /// <param name="WithRecourse">Whether the buyer may turn to the seller when the debtor fails (民法典 766,
    /// 767).</param>
    /// <param name="AgreementSha256">Digest of the agreement.</param>
    public sealed record Sell(
        string CommandId, string Party, string Buyer, IReadOnlyList<Source> From, bool WithRecourse,
        string AgreementSha256)
        : VoucherCommand(CommandId, Party)
    {
        /// <summary>The application that it closes.</summary>
        public Guid? Financing { get; init; }

        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => Sorted(From.Select(s => s.Root));
    }

    /// <summary>The buyer confirms the sale and becomes the holder.</summary>
    public sealed record ConfirmSale(string CommandId, string Party, string Sale, IReadOnlyList<string> In)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => Sorted(In);
    }

    /// <summary>After a default the holder turns to the seller of a sale with recourse (民法典 766).</summary>
    public sealed record ClaimRecourse(string CommandId, string Party, string Root, string Sale)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => [Root];
    }

    /// <summary>The seller repurchases what it was claimed for; it is the holder again, as before the sale.</summary>
    public sealed record Repurchase(string CommandId, string Party, string Root, string Sale)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => [Root];
    }

    /// <summary>A court freezes exactly so much of what a party holds in a root; later freezes queue behind.</summary>
    /// <param name="CommandId">Names the freeze.</param>
    /// <param name="Party">Who carries the order out, for the court.</param>
    /// <param name="Root">The family.</param>
    /// <param name="Holder">Whose holding is frozen.</param>
    /// <param name="Fen">The exact amount.</param>
    /// <param name="LegalBasis">The provision that the order names.</param>
    /// <param name="CaseNumber">Number of the case.</param>
    /// <param name="Account">The court's account, which is paid at maturity.</param>
    public sealed record Freeze(
        string CommandId, string Party, string Root, string Holder, long Fen, string LegalBasis, string CaseNumber,
        string Account)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => [Root];
    }

    /// <summary>Whoever carried the freeze out lifts it; the next in the queue takes effect.</summary>
    public sealed record Unfreeze(
        string CommandId, string Party, string Root, string Order, string LegalBasis, string CaseNumber)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => [Root];
    }

    /// <summary>The first holder offers the whole voucher back; every fragment must be home and clean.</summary>
    public sealed record Return(string CommandId, string Party, string Root) : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => [Root];
    }

    /// <summary>The issuer voids a voucher whose every fragment has come home to it or the debtor and is
    /// clean.</summary>
    public sealed record Void(string CommandId, string Party, string Root, string Reason)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => [Root];
    }

    /// <summary>The holder joins adjacent fragments of its own into one; the history stays.</summary>
    public sealed record Merge(string CommandId, string Party, string Root, long Start, long End)
        : VoucherCommand(CommandId, Party)
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override IReadOnlyList<string> Roots => [Root];
    }

    private static string[] Sorted(IEnumerable<string> roots) => [.. roots.Distinct().Order(StringComparer.Ordinal)];
}
