namespace Traceability.Visibility;

/// <summary>Who looks at events.</summary>
/// <param name="Tenant">The organisation; null for the public.</param>
/// <param name="Glns">Its confirmed GLNs.</param>
/// <param name="Sharing">Organisations that named it as a partner.</param>
/// <param name="IsRegulator">Whether it reads across organisations where the law lets it.</param>
internal sealed record Viewer(
    string? Tenant, IReadOnlySet<string> Glns, IReadOnlySet<string> Sharing, bool IsRegulator)
{
    public static readonly Viewer Public = new(null, new HashSet<string>(), new HashSet<string>(), false);
}

/// <summary>How a viewer stands to an event, the closest first.</summary>
internal enum Relation
{
    /// <summary>Its organisation captured the event.</summary>
    Own,

    /// <summary>Authority over all organisations.</summary>
    Regulator,

    /// <summary>
    /// One step up or down: the event names a GLN of its organisation as source, destination or place.
    /// </summary>
    Step,

    /// <summary>The event's owner named it as a partner.</summary>
    Partner,

    /// <summary>Anybody who holds the item.</summary>
    Public,
}

/// <summary>What an organisation shows beyond the rule, or keeps back within it.</summary>
/// <param name="Published">JSON pointers of what everybody may see, for example <c>/quantityList</c>.</param>
/// <param name="Withheld">JSON pointers of what only the organisation itself and the regulator may see.</param>
internal sealed record DisclosurePolicy(IReadOnlySet<string> Published, IReadOnlySet<string> Withheld)
{
    public static readonly DisclosurePolicy Default = new(new HashSet<string>(), new HashSet<string>());
}
