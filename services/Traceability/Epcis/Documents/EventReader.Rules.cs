namespace Traceability.Epcis.Documents;

/// <summary>Rules that join several members (EPCIS 2.0 §7.4).</summary>
internal sealed partial class EventReader
{
    private void CheckRules()
    {
        if (_eventTime is null) throw Missing("eventTime");
        if (_offset is null) throw Missing("eventTimeZoneOffset");
        if (In(Kinds.WithAction) && _action is null) throw Missing("action");
        switch (_kind)
        {
            case Kinds.Object:
                CheckObject();
                break;
            case Kinds.Transaction:
                if (Length("bizTransactionList") < 1) throw Missing("bizTransactionList");
                if (_action != "DELETE" && Length("epcList") < 0 && Length("quantityList") < 1)
                {
                    throw Missing("epcList");
                }

                break;
            case Kinds.Transformation:
                CheckTransformation();
                break;
            default:
                CheckParent();
                break;
        }
    }

    private void CheckObject()
    {
        bool sensed = Length("sensorElementList") > 0 && _readPoint is not null;
        if (Length("epcList") < 0 && Length("quantityList") < 1 && !sensed) throw Missing("epcList");
        if (Length("ilmd") > 0 && _action != "ADD")
        {
            throw new EpcisFormatException("ilmd-without-add", "/ilmd",
                "Instance and lot master data belongs to the event that adds the items.");
        }
    }

    private void CheckTransformation()
    {
        bool input = Length("inputEPCList") > 0 || Length("inputQuantityList") > 0;
        bool output = Length("outputEPCList") > 0 || Length("outputQuantityList") > 0;
        if (_transformationId is not null ? input || output : input && output) return;
        throw new EpcisFormatException("transformation-one-sided", "",
            "A transformation has inputs and outputs, or one of them and a transformationID.");
    }

    private void CheckParent()
    {
        bool parent = _epcs.Any(epc => epc.Role == EpcRole.Parent);
        if (!parent && (_kind == Kinds.Association || _action != "OBSERVE")) throw Missing("parentID");
        if (_action != "DELETE" && Length("childEPCs") < 1 && Length("childQuantityList") < 1)
        {
            throw Missing("childEPCs");
        }
    }
}
