using Traceability.Epcis.Documents;

namespace Traceability.Visibility;

/// <summary>
/// Who may see what of an event: a pure rule over the viewer, the event's owner, the GLNs that it names and the owner's
/// policy. Resolver, queries, subscriptions, trace and recall all ask this.
/// </summary>
internal static class VisibilityRule
{
    private static readonly HashSet<string> StandardMembers = new(StringComparer.Ordinal)
    {
        "@context", "type", "isA", "eventID", "eventTime", "eventTimeZoneOffset", "recordTime", "action", "bizStep",
        "disposition", "persistentDisposition", "readPoint", "bizLocation", "parentID", "epcList", "childEPCs",
        "inputEPCList", "outputEPCList", "quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList",
        "transformationID", "bizTransactionList", "sourceList", "destinationList", "sensorElementList", "ilmd",
        "errorDeclaration", "certificationInfo",
    };

    // Quantities, dealers (sources, destinations, places) and documents stay between the parties.
    private static readonly HashSet<string> PublicMembers = new(StringComparer.Ordinal)
    {
        "@context", "type", "isA", "eventID", "eventTime", "eventTimeZoneOffset", "recordTime", "action", "bizStep",
        "disposition", "persistentDisposition", "parentID", "epcList", "childEPCs", "inputEPCList", "outputEPCList",
        "errorDeclaration", "certificationInfo",
    };

    // Master data about the item itself. An extension may hold anything, a price for example.
    private const string PublicIlmd = "cbvmda:";

    /// <summary>How the viewer stands to an event; null when it may not know of it.</summary>
    /// <param name="viewer">Who looks.</param>
    /// <param name="owner">The organisation that captured the event.</param>
    /// <param name="glns">GLNs that the event names as source, destination, read point or business location.</param>
    public static Relation? RelationTo(Viewer viewer, string owner, IEnumerable<string> glns) => viewer switch
    {
        { Tenant: null } => Relation.Public,
        _ when viewer.Tenant == owner => Relation.Own,
        { IsRegulator: true } => Relation.Regulator,
        _ when glns.Any(viewer.Glns.Contains) => Relation.Step,
        _ when viewer.Sharing.Contains(owner) => Relation.Partner,
        _ => null,
    };

    /// <summary>Whether a place of the event may be seen.</summary>
    /// <param name="relation">How the viewer stands to the event.</param>
    /// <param name="policy">Of the event's owner.</param>
    /// <param name="pointer">A member (<c>/bizStep</c>) or one of ilmd (<c>/ilmd/cbvmda:lotNumber</c>).</param>
    public static bool MaySee(Relation relation, DisclosurePolicy policy, string pointer)
    {
        if (relation is Relation.Own or Relation.Regulator)
            return true;
        if (Covers(policy.Withheld, pointer))
            return false;
        if (Covers(policy.Published, pointer))
            return true;
        string member = Member(pointer);
        return relation switch
        {
            Relation.Step => true,
            // A partner who takes no part in the event sees the event, and not what the parties agreed beside it.
            Relation.Partner => StandardMembers.Contains(member)
                && member is not ("bizTransactionList" or "sourceList" or "destinationList")
                && (member != "ilmd" || IsItemData(pointer)),
            _ => PublicMembers.Contains(member) || member == "ilmd" && IsItemData(pointer),
        };
    }

    /// <summary>Whether anything of the member may be seen, so that a filter over it may answer.</summary>
    public static bool MayAsk(Relation relation, DisclosurePolicy policy, string member) =>
        MaySee(relation, policy, member == "ilmd" ? "/ilmd" : JsonPointer.Of(member));

    private static bool IsItemData(string pointer) =>
        pointer == "/ilmd" || pointer.StartsWith("/ilmd/" + PublicIlmd, StringComparison.Ordinal);

    private static bool Covers(IReadOnlySet<string> pointers, string pointer) =>
        pointers.Contains(pointer) || pointers.Contains("/" + Member(pointer))
        // Settings from before pointers were checked name a URI as it is written.
        || (pointer.Contains('~') && pointers.Contains(JsonPointer.Unescape(pointer)));

    /// <summary>
    /// Whether a pointer names what the rule asks for: a member of an event, or one of ilmd (RFC 6901; a URI's slash is
    /// <c>~1</c>). Any other would never match, and what it was to keep back would be shown.
    /// </summary>
    public static bool IsPointer(string text) =>
        text.Split('/') is ["", { Length: > 0 }] or ["", "ilmd", { Length: > 0 }] && JsonPointer.IsEscaped(text);

    private static string Member(string pointer)
    {
        int end = pointer.IndexOf('/', 1);
        return end < 0 ? pointer[1..] : pointer[1..end];
    }
}
