using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Prepaid.Cards;
using Prepaid.Custody;
using PrepaidRisk;
using ServiceDefaults;

namespace Prepaid.Merchants;

/// <summary>What a merchant files about itself.</summary>
/// <param name="Name">Registered name.</param>
/// <param name="Jurisdiction">GB/T 2260 code of the place.</param>
/// <param name="Industry">Its industry, as the rules name it.</param>
/// <param name="Class">Its class.</param>
/// <param name="StartedOn">First day of business.</param>
/// <param name="LastYearRevenueFen">Main revenue of last year; null in the first.</param>
/// <param name="LeaseEndsOn">Last day of the lease; null where it owns the place.</param>
/// <param name="Order">Which lot its contract takes first.</param>
public sealed record Filing(
    string Name, string Jurisdiction, string Industry, IssuerClass Class, DateOnly StartedOn, long? LastYearRevenueFen,
    DateOnly? LeaseEndsOn, LotOrder Order);

/// <summary>Facts about a merchant.</summary>
public abstract record MerchantEvent
{
    private MerchantEvent()
    {
    }

    /// <summary>It filed, or corrected what it had filed.</summary>
    public sealed record Filed(Filing Filing) : MerchantEvent;

    /// <summary>An authority stopped it selling.</summary>
    /// <param name="Power">The provision that gives the power.</param>
    /// <param name="CaseNumber">The case.</param>
    /// <param name="Until">Last day; null for no term.</param>
    public sealed record SaleStopped(string Power, string CaseNumber, DateOnly? Until) : MerchantEvent;

    /// <summary>The authority let it sell again.</summary>
    public sealed record SaleResumed(string CaseNumber) : MerchantEvent;

    /// <summary>Something a public register says of it, or that it filed itself. It became known when it was
    /// recorded.</summary>
    /// <param name="Kind">What it says.</param>
    /// <param name="Until">A day it names.</param>
    /// <param name="Source">Where it stands: register and number, or the merchant's own notice.</param>
    public sealed record EntryRecorded(
        [property: JsonConverter(typeof(KebabEnum<EntryKind>))] EntryKind Kind, DateOnly? Until, string Source)
        : MerchantEvent;

    /// <summary>An authority put it on a list of those who may not sell.</summary>
    /// <param name="List">The list, and its number there.</param>
    /// <param name="Power">The provision that gives the power.</param>
    public sealed record BanListed(string List, string Power) : MerchantEvent;

    /// <summary>It stands there no more.</summary>
    public sealed record BanEnded(string List, string Reason) : MerchantEvent;

    /// <summary>
    /// A branch goes out of its hands. Who sold the cards goes on owing them: a debt passes only with each holder's consent
    /// (民法典 art. 551).
    /// </summary>
    /// <param name="Branch">The branch.</param>
    /// <param name="Change">What becomes of it.</param>
    /// <param name="On">From which day.</param>
    /// <param name="Successor">Who has it then; null where it closes.</param>
    /// <param name="Words">What holders are offered there.</param>
    public sealed record BranchChanged(
        string Branch, BranchChange Change, DateOnly On, string? Successor, string Words) : MerchantEvent;

    /// <summary>It filed a contract's text, by which lots name it.</summary>
    /// <param name="Sha256">Of the text, hexadecimal.</param>
    /// <param name="Name">What it calls it.</param>
    /// <param name="Items">Items of 法释〔2025〕4号 art. 9 that sentences of it read like; words were found, not meanings.</param>
    public sealed record ContractFiled(string Sha256, string Name, IReadOnlyList<string> Items) : MerchantEvent;

    /// <summary>A regulator looked at a contract.</summary>
    public sealed record ContractReviewed(string Sha256, bool Accepted, string Words) : MerchantEvent;

    /// <summary>It announced that it closes for good; from now on it sells nothing and pays back.</summary>
    /// <param name="LastDay">Its last day.</param>
    /// <param name="Contact">Where holders get their money back.</param>
    /// <param name="Words">Why.</param>
    public sealed record ClosingAnnounced(DateOnly LastDay, string Contact, string Words) : MerchantEvent;

    /// <summary>It stays after all.</summary>
    public sealed record ClosingCancelled(string Reason) : MerchantEvent;

    /// <summary>Its last day is over and nothing is owed any more.</summary>
    public sealed record ClosingDone(DateOnly Day) : MerchantEvent;

    /// <summary>A till's key signs receipts from now on.</summary>
    /// <param name="Key">SPKI in base64.</param>
    /// <param name="Till">The device.</param>
    public sealed record KeyRegistered(string Key, string Till) : MerchantEvent;

    /// <summary>A till's key signs no more; what it signed stays good.</summary>
    public sealed record KeyRevoked(string Key, string Reason) : MerchantEvent;
}

/// <summary>What somebody wants recorded about a merchant.</summary>
public abstract record MerchantCommand
{
    private MerchantCommand()
    {
    }

    /// <summary>Files.</summary>
    public sealed record File(Filing Filing) : MerchantCommand;

    /// <summary>Stops sales.</summary>
    public sealed record StopSale(string Power, string CaseNumber, DateOnly? Until) : MerchantCommand;

    /// <summary>Ends that order.</summary>
    public sealed record ResumeSale(string CaseNumber) : MerchantCommand;

    /// <summary>Records what a register says.</summary>
    public sealed record RecordEntry(EntryKind Kind, DateOnly? Until, string Source) : MerchantCommand;

    /// <summary>Puts it on a list.</summary>
    public sealed record Ban(string List, string Power) : MerchantCommand;

    /// <summary>Takes it off.</summary>
    public sealed record EndBan(string List, string Reason) : MerchantCommand;

    /// <summary>Files what becomes of a branch.</summary>
    public sealed record ChangeBranch(MerchantEvent.BranchChanged Change) : MerchantCommand;

    /// <summary>Files a contract.</summary>
    public sealed record FileContract(string Sha256, string Name, IReadOnlyList<string> Items) : MerchantCommand;

    /// <summary>Judges a contract.</summary>
    public sealed record ReviewContract(string Sha256, bool Accepted, string Words) : MerchantCommand;

    /// <summary>Announces its closing.</summary>
    public sealed record Close(DateOnly LastDay, string Contact, string Words, DateOnly Today) : MerchantCommand;

    /// <summary>Takes the announcement back.</summary>
    public sealed record CancelClosing(string Reason) : MerchantCommand;

    /// <summary>Ends: nothing is owed any more.</summary>
    /// <param name="OwedFen">Principal that is owed.</param>
    /// <param name="Today">The day in China.</param>
    public sealed record FinishClosing(long OwedFen, DateOnly Today) : MerchantCommand;

    /// <summary>Registers a till's key.</summary>
    public sealed record RegisterKey(string Key, string Till) : MerchantCommand;

    /// <summary>Ends a till's key.</summary>
    public sealed record RevokeKey(string Key, string Reason) : MerchantCommand;
}

/// <summary>An order against selling.</summary>
public sealed record SaleStop(string Power, string CaseNumber, DateOnly? Until)
{
    /// <summary>Whether it binds on a day.</summary>
    public bool Binds(DateOnly day) => Until is null || day <= Until;
}

/// <summary>What becomes of a branch.</summary>
[JsonConverter(typeof(KebabEnum<BranchChange>))]
public enum BranchChange
{
    /// <summary>It shuts.</summary>
    Closed,

    /// <summary>Another has it.</summary>
    Sold,

    /// <summary>It becomes part of another.</summary>
    Merged,

    /// <summary>It leaves the franchise and goes on under its own name.</summary>
    LeftFranchise,
}

/// <summary>A contract that was filed.</summary>
/// <param name="Name">What the merchant calls it.</param>
/// <param name="Items">Items of art. 9 that sentences of it read like.</param>
/// <param name="Accepted">What a regulator decided; null where nobody has looked.</param>
/// <param name="Words">Why.</param>
public sealed record FiledContract(string Name, IReadOnlyList<string> Items, bool? Accepted, string? Words);

/// <summary>A till's key.</summary>
public sealed record MerchantKey(string Till, bool Revoked);

/// <summary>A merchant, folded.</summary>
/// <param name="Filing">What it filed; null before.</param>
/// <param name="Stop">The order against selling; null where there is none.</param>
/// <param name="Keys">Keys that sign receipts, by their SPKI in base64.</param>
/// <param name="Entries">What registers say, and its own notices.</param>
/// <param name="Bans">Lists of those who may not sell, with the power of each.</param>
/// <param name="Contracts">Contracts by the SHA-256 of their text.</param>
/// <param name="Branches">What became of branches, by name.</param>
/// <param name="Closing">Its announcement that it closes; null where it stays.</param>
/// <param name="Closed">Whether it has closed in good order.</param>
public sealed record Merchant(
    Filing? Filing, SaleStop? Stop, ImmutableDictionary<string, MerchantKey> Keys,
    ImmutableList<MerchantEvent.EntryRecorded> Entries, ImmutableDictionary<string, string> Bans,
    ImmutableDictionary<string, FiledContract> Contracts,
    ImmutableDictionary<string, MerchantEvent.BranchChanged> Branches, MerchantEvent.ClosingAnnounced? Closing = null, bool Closed = false)
{
    /// <summary>It has not filed.</summary>
    public const string Missing = "merchant-not-filed";

    /// <summary>An order against selling is there, of another case.</summary>
    public const string OtherCase = "sale-stop-other-case";

    /// <summary>No such contract was filed.</summary>
    public const string ContractMissing = "contract-not-filed";

    /// <summary>The last day is less than thirty days away.</summary>
    public const string ClosingTooSoon = "closing-too-soon";

    /// <summary>No closing was announced, or its last day is not over.</summary>
    public const string ClosingOpen = "closing-not-over";

    /// <summary>Holders are still owed money.</summary>
    public const string ClosingOwes = "closing-owes";

    /// <summary>Days between announcement and last day (消费者权益保护法实施条例 art. 22).</summary>
    public const int ClosingDays = 30;

    /// <summary>The till's key was revoked.</summary>
    public const string KeyEnded = "receipt-key-ended";

    /// <summary>No such key is registered.</summary>
    public const string KeyUnknown = "receipt-key-unknown";

    /// <summary>Before the first event.</summary>
    public static readonly Merchant Initial = new(
        null, null, ImmutableDictionary<string, MerchantKey>.Empty, [], ImmutableDictionary<string, string>.Empty,
        ImmutableDictionary<string, FiledContract>.Empty,
        ImmutableDictionary<string, MerchantEvent.BranchChanged>.Empty);

    /// <summary>Folds one event.</summary>
    public static Merchant Evolve(Merchant merchant, MerchantEvent e) => e switch
    {
        MerchantEvent.Filed f => merchant with { Filing = f.Filing },
        MerchantEvent.SaleStopped s => merchant with { Stop = new SaleStop(s.Power, s.CaseNumber, s.Until) },
        MerchantEvent.SaleResumed => merchant with { Stop = null },
        MerchantEvent.EntryRecorded r => merchant with { Entries = merchant.Entries.Add(r) },
        MerchantEvent.BanListed b => merchant with { Bans = merchant.Bans.SetItem(b.List, b.Power) },
        MerchantEvent.BanEnded b => merchant with { Bans = merchant.Bans.Remove(b.List) },
        MerchantEvent.BranchChanged b => merchant with { Branches = merchant.Branches.SetItem(b.Branch, b) },
        MerchantEvent.ContractFiled c => merchant with
        {
            Contracts = merchant.Contracts.SetItem(c.Sha256, new(c.Name, c.Items, null, null)),
        },
        MerchantEvent.ContractReviewed c => merchant with
        {
            Contracts = merchant.Contracts.SetItem(
                c.Sha256, merchant.Contracts[c.Sha256] with { Accepted = c.Accepted, Words = c.Words }),
        },
        MerchantEvent.ClosingAnnounced c => merchant with { Closing = c, Closed = false },
        MerchantEvent.ClosingCancelled => merchant with { Closing = null },
        MerchantEvent.ClosingDone => merchant with { Closed = true },
        MerchantEvent.KeyRegistered k => merchant with { Keys = merchant.Keys.SetItem(k.Key, new(k.Till, false)) },
        MerchantEvent.KeyRevoked k => merchant with
        {
            Keys = merchant.Keys.SetItem(k.Key, merchant.Keys[k.Key] with { Revoked = true }),
        },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a merchant."),
    };

    /// <summary>What a command comes to.</summary>
    public static Decision<MerchantEvent> Decide(Merchant merchant, MerchantCommand command) =>
        (merchant, command) switch
        {
            (_, MerchantCommand.File f) => f.Filing == merchant.Filing
                ? Nothing : Accept(new MerchantEvent.Filed(f.Filing)),
            ({ Filing: null }, _) => Refuse(Missing),
            (_, MerchantCommand.RecordEntry r) => Once(
                merchant, new MerchantEvent.EntryRecorded(r.Kind, r.Until, r.Source)),
            (_, MerchantCommand.Ban b) => merchant.Bans.GetValueOrDefault(b.List) == b.Power
                ? Nothing : Accept(new MerchantEvent.BanListed(b.List, b.Power)),
            (_, MerchantCommand.EndBan b) => merchant.Bans.ContainsKey(b.List)
                ? Accept(new MerchantEvent.BanEnded(b.List, b.Reason)) : Nothing,
            (_, MerchantCommand.ChangeBranch b) => merchant.Branches.GetValueOrDefault(b.Change.Branch) == b.Change
                ? Nothing : Accept(b.Change),
            (_, MerchantCommand.FileContract c) => merchant.Contracts.ContainsKey(c.Sha256)
                ? Nothing : Accept(new MerchantEvent.ContractFiled(c.Sha256, c.Name, c.Items)),
            (_, MerchantCommand.ReviewContract c) => !merchant.Contracts.TryGetValue(c.Sha256, out FiledContract? filed)
                ? Refuse(ContractMissing) : (filed.Accepted, filed.Words) == (c.Accepted, c.Words)
                    ? Nothing : Accept(new MerchantEvent.ContractReviewed(c.Sha256, c.Accepted, c.Words)),
            (_, MerchantCommand.Close c) => Close(merchant, c),
            ({ Closing: null } or { Closed: true }, MerchantCommand.CancelClosing) => Nothing,
            (_, MerchantCommand.CancelClosing c) => Accept(new MerchantEvent.ClosingCancelled(c.Reason)),
            (_, MerchantCommand.FinishClosing f) => Finish(merchant, f),
            // A key that was revoked may be in other hands: it never comes back.
            (_, MerchantCommand.RegisterKey k) => merchant.Keys.TryGetValue(k.Key, out MerchantKey? known)
                ? known.Revoked ? Refuse(KeyEnded) : Nothing : Accept(new MerchantEvent.KeyRegistered(k.Key, k.Till)),
            (_, MerchantCommand.RevokeKey k) => !merchant.Keys.TryGetValue(k.Key, out MerchantKey? held)
                ? Refuse(KeyUnknown) : held.Revoked ? Nothing : Accept(new MerchantEvent.KeyRevoked(k.Key, k.Reason)),
            ({ Stop: { } stop }, MerchantCommand.StopSale s) when stop.CaseNumber != s.CaseNumber => Refuse(OtherCase),
            (_, MerchantCommand.StopSale s) => merchant.Stop == new SaleStop(s.Power, s.CaseNumber, s.Until)
                ? Nothing : Accept(new MerchantEvent.SaleStopped(s.Power, s.CaseNumber, s.Until)),
            ({ Stop: null }, MerchantCommand.ResumeSale) => Nothing,
            (_, MerchantCommand.ResumeSale r) => merchant.Stop!.CaseNumber == r.CaseNumber
                ? Accept(new MerchantEvent.SaleResumed(r.CaseNumber)) : Refuse(OtherCase),
            _ => throw new InvalidOperationException($"{command.GetType().Name} is no command of a merchant."),
        };

    private static Decision<MerchantEvent> Close(Merchant merchant, MerchantCommand.Close close)
    {
        MerchantEvent.ClosingAnnounced announced = new(close.LastDay, close.Contact, close.Words);
        if (merchant.Closing == announced)
            return Nothing;
        // A later last day may be announced; an earlier one needs its thirty days again.
        return close.LastDay < close.Today.AddDays(ClosingDays) && !(close.LastDay >= merchant.Closing?.LastDay)
            ? Refuse(ClosingTooSoon) : Accept(announced);
    }

    private static Decision<MerchantEvent> Finish(Merchant merchant, MerchantCommand.FinishClosing finish) =>
        merchant.Closed ? Nothing
        : merchant.Closing is not { LastDay: var last } || finish.Today <= last ? Refuse(ClosingOpen)
        : finish.OwedFen > 0 ? Refuse(ClosingOwes) : Accept(new MerchantEvent.ClosingDone(finish.Today));

    private static Decision<MerchantEvent> Once(Merchant merchant, MerchantEvent.EntryRecorded entry) =>
        merchant.Entries.Contains(entry) ? Nothing : Accept(entry);

    private static Decision<MerchantEvent> Nothing => new Decision<MerchantEvent>.Accepted([]);

    private static Decision<MerchantEvent> Accept(MerchantEvent e) => new Decision<MerchantEvent>.Accepted([e]);

    private static Decision<MerchantEvent> Refuse(string rule) => new Decision<MerchantEvent>.Refused(rule);
}
