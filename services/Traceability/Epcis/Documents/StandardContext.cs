using System.Collections.Frozen;

namespace Traceability.Epcis.Documents;

/// <summary>The terms of the standard context (EPCIS 2.0 §10.2), written from the standard's tables.</summary>
internal static class StandardContext
{
    private static readonly FrozenSet<string> Terms = (
        "id type baseURL ObjectEvent AggregationEvent TransformationEvent AssociationEvent TransactionEvent Collection " +
        "member eventTime recordTime eventTimeZoneOffset action certificationInfo bizStep disposition bizLocation " +
        "readPoint transformationID epcList sourceList destinationList persistentDisposition quantity epcClass uom " +
        "quantityList bizTransactionList parentID childEPCs childQuantityList inputEPCList outputEPCList " +
        "inputQuantityList outputQuantityList sensorElementList errorDeclaration eventID creationDate sender receiver " +
        "instanceIdentifier schemaVersion ilmd EPCISDocument EPCISQueryDocument epcisHeader masterData vocabularyList " +
        "epcisBody queryResults subscriptionID queryName resultsBody eventList children").Split(' ')
        .ToFrozenSet(StringComparer.Ordinal);

    public static bool IsTerm(string name) => Terms.Contains(name);
}
