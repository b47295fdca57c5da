namespace ReceivablesAudit;

/// <summary>All families of vouchers, each derived from its own events.</summary>
internal sealed class Vouchers(Findings findings, Streams streams) : ICheck
{
    private static readonly string[] Kinds =
    [
        "voucher-issued", "voucher-taken-over", "statement-confirmed", "statement-disputed", "voucher-accepted",
        "handover-agreed", "handover-filed", "handover-ended", "voucher-moved",
        "transfer-offered", "transferred", "offer-rejected", "offer-withdrawn",
        "offer-lapsed", "pledge-offered", "pledged", "pledge-released", "sale-offered", "sold", "recourse-claimed",
        "repurchased", "frozen", "unfrozen", "return-offered", "voucher-returned", "voucher-voided", "merged",
        "snapshot-taken", "payment-recorded", "fell-overdue", "splitting-alarmed",
    ];

    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);

    /// <summary>Families that could be derived.</summary>
    public int Count => _families.Values.Count(f => streams.IsWhole(f.Root));

    /// <summary>Whether an event is one of a voucher.</summary>
    public static bool IsVoucher(Event e) => Kinds.Contains(e.Kind);

    /// <summary>A family of which every event is shown; null for any other.</summary>
    public Family? Find(string root) => streams.IsWhole(root) ? _families.GetValueOrDefault(root) : null;

    /// <summary>What each party holds of each voucher that is not closed, in the order of their names.</summary>
    public IEnumerable<(string Root, string Party, long Fen)> Balances() =>
        from family in _families.Values
        where streams.IsWhole(family.Root)
        from holding in family.Holdings()
        select (family.Root, holding.Party, holding.Fen);

    public void On(Event e)
    {
        if (!IsVoucher(e) || !streams.IsWhole(e.Stream))
            return;
        if (!_families.TryGetValue(e.Stream, out Family? family))
            _families[e.Stream] = family = new Family(e.Stream, findings);
        family.On(e);
    }

    public void End()
    {
        foreach (Family family in _families.Values.Where(f => streams.IsWhole(f.Root)))
            family.End();
    }
}
