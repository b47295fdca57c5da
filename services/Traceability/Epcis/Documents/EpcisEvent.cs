namespace Traceability.Epcis;

/// <summary>The part that an identified thing plays in an event (EPCIS 2.0 §7.4).</summary>
public enum EpcRole
{
    /// <summary>An element of epcList or quantityList.</summary>
    Epc,

    /// <summary>The parentID of an aggregation, association or transaction.</summary>
    Parent,

    /// <summary>An element of childEPCs or childQuantityList.</summary>
    Child,

    /// <summary>An element of inputEPCList or inputQuantityList.</summary>
    Input,

    /// <summary>An element of outputEPCList or outputQuantityList.</summary>
    Output
}

/// <summary>One instance in one role; <see cref="Uri"/> is the canonical GS1 Digital Link, or a foreign URI.</summary>
public readonly record struct EventEpc(EpcRole Role, string Uri);

/// <summary>An amount of a class: <see cref="Quantity"/> in units of <see cref="Uom"/> (UN/ECE Rec 20), or in pieces.
/// </summary>
public sealed record EventQuantity(EpcRole Role, string ClassUri, decimal? Quantity, string? Uom);

/// <summary>A business transaction, source or destination; <see cref="Type"/> is a full URI where one is given.
/// </summary>
public sealed record EventLink(string? Type, string Uri);

/// <summary>Says that an earlier event was wrong (EPCIS 2.0 §7.4.1.4); <see cref="Reason"/> is a full URI.</summary>
public sealed record ErrorDeclaration(
    DateTimeOffset Time, string? Reason, IReadOnlyList<string> CorrectiveEventIds);

/// <summary>One checked EPCIS event: its text and the facts that queries need, ids in canonical form.</summary>
public sealed record EpcisEvent
{
    /// <summary>The event in compact EPCIS 2.0 JSON, UTF-8, members and numbers as received except recordTime, which
    /// is the repository's to give. Prefixes that the event uses beyond the standard context stand in its own
    /// <c>@context</c>; the standard context's address is left to the document around it.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent or AssociationEvent.</summary>
    public required string Type { get; init; }

    /// <summary>ADD, OBSERVE or DELETE; null for a transformation.</summary>
    public string? Action { get; init; }

    /// <summary>When it happened, with the offset in which it was written.</summary>
    public required DateTimeOffset EventTime { get; init; }

    /// <summary>The offset at the place, such as <c>+08:00</c>.</summary>
    public required string EventTimeZoneOffset { get; init; }

    /// <summary>The id that the sender gave.</summary>
    public string? EventId { get; init; }

    /// <summary>Present when the event declares an earlier one wrong.</summary>
    public ErrorDeclaration? ErrorDeclaration { get; init; }

    /// <summary>Business step as full URI.</summary>
    public string? BizStep { get; init; }

    /// <summary>Disposition as full URI.</summary>
    public string? Disposition { get; init; }

    /// <summary>Dispositions set for good, as full URIs.</summary>
    public IReadOnlyList<string> PersistentDispositionSet { get; init; } = [];

    /// <summary>Dispositions taken back, as full URIs.</summary>
    public IReadOnlyList<string> PersistentDispositionUnset { get; init; } = [];

    /// <summary>Where it was read, canonical.</summary>
    public string? ReadPoint { get; init; }

    /// <summary>Where the things are afterwards, canonical.</summary>
    public string? BizLocation { get; init; }

    /// <summary>Instances, in the order of the event.</summary>
    public IReadOnlyList<EventEpc> Epcs { get; init; } = [];

    /// <summary>Amounts of classes, in the order of the event.</summary>
    public IReadOnlyList<EventQuantity> Quantities { get; init; } = [];

    /// <summary>Business transactions.</summary>
    public IReadOnlyList<EventLink> Transactions { get; init; } = [];

    /// <summary>Sources.</summary>
    public IReadOnlyList<EventLink> Sources { get; init; } = [];

    /// <summary>Destinations.</summary>
    public IReadOnlyList<EventLink> Destinations { get; init; } = [];

    /// <summary>Joins the events of one transformation, canonical.</summary>
    public string? TransformationId { get; init; }

    /// <summary>Whether sensor readings stand in the event.</summary>
    public bool HasSensorElements { get; init; }

    /// <summary>The CBV 2.0 event hash, <c>ni:///sha-256;{hex}?ver=CBV2.0</c>.</summary>
    public required string Hash { get; init; }
}
