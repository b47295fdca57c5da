using Traceability.MasterData;
using Traceability.Scanning;

namespace Traceability.Alarms;

/// <summary>What is suspected.</summary>
public enum AlarmKind
{
    /// <summary>Of one code: that it was copied.</summary>
    Clone,

    /// <summary>Of a lot: that more of its codes were copied than chance gives.</summary>
    CloneLot,

    /// <summary>Of a carton or a dealer's goods: that they are sold outside of the territory.</summary>
    Diversion,
}

/// <summary>What an alarm is about.</summary>
/// <param name="Uri">Canonical identifier of the item, lot or carton; of a dealer's goods a lot or product.</param>
/// <param name="Gtin">14 digits.</param>
/// <param name="Lot">Lot number.</param>
/// <param name="Dealer">To whom the goods had gone.</param>
public sealed record AlarmSubject(string Uri, string Gtin, string? Lot = null, AlarmDealer? Dealer = null);

/// <summary>A dealer as its supplier described it at the time.</summary>
/// <param name="Code">The supplier's number for it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Organisation">Its own account in this suite, where it has one.</param>
/// <param name="Regions">Its territory.</param>
public sealed record AlarmDealer(string Code, Wording Name, string? Organisation, IReadOnlyList<string> Regions);

/// <summary>A sign as it is recorded.</summary>
public sealed record AlarmSign(string Code, Wording Reason, double Measure, int Weight);

/// <summary>The figures. Those that a formula does not use are left out.</summary>
/// <param name="Checks">Checks looked at.</param>
/// <param name="Items">Items that they are about.</param>
/// <param name="Devices">Tags of devices and days.</param>
/// <param name="Regions">Cities.</param>
/// <param name="Reported">How many checks the owner's own application reported.</param>
/// <param name="Shared">How many positions were shared by the holder.</param>
/// <param name="Sales">Recorded sales of the item.</param>
/// <param name="Score">Sum of the signs' weights.</param>
/// <param name="Counted">Observations that counted, n.</param>
/// <param name="Outside">How many of them lie outside of the territory.</param>
/// <param name="LowerBound">Lower end of the 95 % interval of their share.</param>
/// <param name="Concentration">Share of those outside that one province has.</param>
/// <param name="Province">That province.</param>
/// <param name="Suspected">Items with signs of cloning, k.</param>
/// <param name="Expected">How many are usual.</param>
/// <param name="Chance">How likely as many are by chance.</param>
public sealed record AlarmFacts(
    int Checks, int Items, int Devices, int Regions, int Reported, int Shared, int? Sales = null, int? Score = null,
    int? Counted = null, int? Outside = null, double? LowerBound = null, double? Concentration = null,
    string? Province = null, int? Suspected = null, double? Expected = null, double? Chance = null);

/// <summary>What a formula found.</summary>
/// <param name="Kind">What is suspected.</param>
/// <param name="Subject">Of what.</param>
/// <param name="Formula">Name and version of the formula.</param>
/// <param name="Limits">The settings that it ran with.</param>
/// <param name="Facts">The figures.</param>
/// <param name="Signs">What was seen.</param>
/// <param name="Reason">The gravest of it in words.</param>
/// <param name="From">First check looked at.</param>
/// <param name="To">Last check looked at.</param>
public sealed record AlarmFinding(
    AlarmKind Kind, AlarmSubject Subject, string Formula, SuspicionLimits Limits, AlarmFacts Facts,
    IReadOnlyList<AlarmSign> Signs, Wording Reason, DateTimeOffset From, DateTimeOffset To);

/// <summary>What a finding stands on.</summary>
/// <param name="Checks">Checks, city and minute; the same number stands for the same device and day.</param>
/// <param name="Omitted">How many more there were.</param>
/// <param name="Sales">Recorded sales.</param>
/// <param name="Chain">How the items came to the dealer.</param>
/// <param name="Sources">Events of this service that it rests on, by digest.</param>
public sealed record AlarmEvidence(
    IReadOnlyList<AlarmCheck> Checks, int Omitted, IReadOnlyList<AlarmSale> Sales, IReadOnlyList<AlarmLink> Chain,
    IReadOnlyList<AlarmSource> Sources);

/// <summary>A check as it stays. A device is a number that means nothing outside of the alarm; no position is kept.</summary>
public sealed record AlarmCheck(
    DateTimeOffset At, string Item, string? Region, int? Device, bool Shared, bool Reported, bool? Outside = null);

/// <summary>A recorded sale, and the report that it stands in.</summary>
public sealed record AlarmSale(DateTimeOffset At, string Item, string Seller, string Feed, Guid? EventId = null);

/// <summary>What was in what, or went where, at the time.</summary>
/// <param name="What"><c>in</c>: the item lay in the other; <c>sent</c>: it was sent there; <c>received</c>: it was received there.</param>
/// <param name="Item">Item or carton.</param>
/// <param name="To">The carton, or the place.</param>
/// <param name="At">Since when.</param>
/// <param name="EventId">The recorded event that says so.</param>
public sealed record AlarmLink(string What, string Item, string To, DateTimeOffset At, Guid EventId);

/// <summary>An event that the alarm rests on.</summary>
/// <param name="What"><c>territory</c>, <c>activation</c>, <c>sale</c> or <c>movement</c>.</param>
/// <param name="EventId">Its id.</param>
/// <param name="Sha256">Digest of its bytes.</param>
public sealed record AlarmSource(string What, Guid EventId, string Sha256);
