namespace ReceivablesAudit;

/// <summary>
/// I3: what all vouchers rest on of one thing is never more than its worth: gross less credit notes and foreign use for
/// a claim on the chain; of a deposited invoice, no more is given back than was taken.
/// </summary>
internal sealed class Claims(Findings findings) : ICheck
{
    private readonly Dictionary<string, Thing> _things = new(StringComparer.Ordinal);

    public void On(Event e)
    {
        bool claim = e.Kind.StartsWith("thing-", StringComparison.Ordinal);
        if (!claim && e.Kind is not ("invoice-used" or "invoice-released"))
            return;
        if (e.Kind is "thing-claiming" or "thing-received" || !_things.TryGetValue(e.Stream, out Thing? thing))
            _things[e.Stream] = thing = new Thing();
        switch (e.Kind)
        {
            case "thing-claiming": thing.Worth = e.Data.Number("grossFen"); break;
            case "thing-received": thing.Worth = e.Data.Number("grossFen") - e.Data.Number("takenFen"); break;
            case "thing-refused": thing.Uses.Clear(); break;
            case "thing-credit-note":
                thing.Worth -= e.Data.Number("fen");
                long overdrawn = Math.Max(0, thing.Used - thing.Worth);
                findings.Require(e.Data.Number("overdrawnFen") == overdrawn, "I3-claim", e, $"{overdrawn} overdrawn",
                    e.Data.Number("overdrawnFen"));
                break;
            case "thing-locked":
                thing.Uses[e.Data.Text("voucher")] = e.Data.Number("fen");
                findings.Require(thing.Used <= thing.Worth, "I3-claim", e, $"at most {thing.Worth} set aside",
                    thing.Used);
                break;
            case "thing-taken-over":
                // Counted as used elsewhere until now.
                thing.Worth += e.Data.Number("fen");
                thing.Uses[e.Data.Text("voucher")] = e.Data.Number("fen");
                break;
            case "thing-unlocked": thing.Uses.Remove(e.Data.Text("voucher")); break;
            case "invoice-used": Use(e, thing, e.Data.Number("fen")); break;
            case "invoice-released": Use(e, thing, -e.Data.Number("fen")); break;
            default: break;
        }
    }

    public void End()
    {
    }

    private void Use(Event e, Thing invoice, long more)
    {
        string voucher = e.Data.Text("voucher");
        long used = invoice.Uses.GetValueOrDefault(voucher) + more;
        findings.Require(used >= 0 && more != 0, "I3-invoice", e, $"at most {used - more} given back for {voucher}",
            -more);
        invoice.Uses[voucher] = used;
    }

    private sealed class Thing
    {
        public long Worth { get; set; }

        public Dictionary<string, long> Uses { get; } = new(StringComparer.Ordinal);

        public long Used => Uses.Values.Sum();
    }
}
