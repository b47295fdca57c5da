using System.Text.Json;

namespace ReceivablesAudit;

/// <summary>A chain of names: a queue of freezes (order, account) or whom one may turn to (sale, seller).</summary>
internal sealed record Link(string Id, string Who, Link? Next)
{
    public static Link Append(Link? queue, string id, string who) =>
        queue is null ? new Link(id, who, null) : queue with { Next = Append(queue.Next, id, who) };

    public static Link? Remove(Link? queue, string id) =>
        queue is null ? null : queue.Id == id ? queue.Next : queue with { Next = Remove(queue.Next, id) };
}

/// <summary>What is the same for every fen of a leaf.</summary>
internal sealed record Claim(
    string Holder, string Via, int Depth, string? Offer = null, string? To = null, string? Pledge = null,
    string? Pledgee = null, Link? Freeze = null, Link? Recourse = null, bool Disputed = false)
{
    /// <summary>Disputed, and no court has said who gets it: it is paid to nobody.</summary>
    public bool IsHeld => Disputed && Freeze is null;

    public string Payee => Freeze?.Who ?? Pledgee ?? Holder;
}

/// <summary>Fen that are all alike.</summary>
internal sealed record Leaf(long Start, long End, Claim Claim);

/// <summary>
/// One voucher with all its parts: who holds which fen, derived from its events alone. Rules: I1 no fen beyond the face,
/// I4 one holder for each fen, I5 the term, I6 nothing encumbered moves, I7 nothing moves after the cut-off, I9 what
/// an answer takes was on offer, and debits equal credits.
/// </summary>
internal sealed partial class Family(string root, Findings findings)
{
    private readonly List<Leaf> _leaves = [];
    private readonly PaidFen _paid = new();
    private readonly Dictionary<string, long> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _receipts = new(StringComparer.Ordinal);
    private string _stage = "none";
    private string _debtor = "";
    private string _leaving = "";
    private string _filed = "";
    private DateTimeOffset _cutOff = DateTimeOffset.MaxValue;
    private Event _at = null!;

    /// <summary>Its name.</summary>
    public string Root => root;

    /// <summary>What was promised.</summary>
    public long FaceFen { get; private set; }

    /// <summary>Who issued it.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary>The day agreed.</summary>
    public DateOnly DueDate { get; private set; }

    /// <summary>What was paid.</summary>
    public long Paid => _paid.Sum;

    /// <summary>Paid, void, returned, or kept by another platform.</summary>
    public bool IsClosed => _stage is "void" or "returned" or "moved" || (FaceFen > 0 && Paid == FaceFen);

    /// <summary>Whether the first holder has accepted it.</summary>
    public bool IsAccepted => _stage is not ("none" or "offered");

    /// <summary>Principal by receipt.</summary>
    public Dictionary<string, long> PaidByReceipt { get; } = new(StringComparer.Ordinal);

    /// <summary>Payees at the cut-off, as <c>start-end payee</c> by start.</summary>
    public IReadOnlyList<(long Start, long End, string Payee)> Payees { get; private set; } = [];

    /// <summary>Who is paid what is unpaid of an interval, by the vouchers' own events.</summary>
    public IReadOnlyList<string> PayeesIn(Interval i) => [.. In(i)
        .Where(l => new Interval(Math.Max(l.Start, i.Start), Math.Min(l.End, i.End)) is var both
            && _paid.In(both) < both.Fen).Select(l => l.Claim.Payee).Distinct()];

    /// <summary>Whether an interval's payment is held back, because its holder disputes it.</summary>
    public bool IsHeld(Interval i) => In(i).Any(l => l.Claim.IsHeld);

    /// <summary>What each party holds now.</summary>
    public IEnumerable<(string Party, long Fen)> Holdings() => IsClosed || !IsAccepted ? [] :
        _leaves.Select(l => (l.Claim.Holder, Fen: l.End - l.Start - _paid.In(new Interval(l.Start, l.End))))
            .GroupBy(h => h.Holder).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => (g.Key, g.Sum(h => h.Fen))).Where(h => h.Item2 != 0);

    public void On(Event e)
    {
        _at = e;
        JsonElement d = e.Data;
        if (!Require(!IsClosed, "voucher-stage", "no event after the end", _stage))
            return;
        switch (e.Kind)
        {
            case "voucher-issued": Issued(d); break;
            case "voucher-taken-over": TakenOver(d); break;
            case "statement-confirmed":
                Answered(d.Text("offer"), d.Text("holder"), d.Intervals());
                Change(d.Intervals(), c => c with { Disputed = false });
                break;
            case "statement-disputed": Change(d.Intervals(), c => c with { Disputed = true }); break;
            case "handover-agreed" or "handover-filed" or "handover-ended" or "voucher-moved": Handover(e.Kind, d); break;
            case "voucher-accepted": Accepted(d.Text("offer"), d.Text("holder")); break;
            case "transfer-offered":
                foreach (JsonElement part in d.List("parts"))
                    Offered(d.Text("from"), part.Text("to"), [part.Interval()]);
                break;
            case "transferred":
                Moved(d.Text("offer"), d.Text("from"), d.Text("to"), d.Intervals(), (c, to) =>
                    c with { Holder = to, Via = d.Text("offer"), Depth = c.Depth + 1, Recourse = null });
                break;
            case "offer-rejected": Answered(d.Text("offer"), d.Text("by"), d.Intervals()); break;
            case "offer-withdrawn" or "offer-lapsed": Answered(d.Text("offer"), null, d.Intervals()); break;
            case "pledge-offered": Offered(d.Text("holder"), d.Text("pledgee"), d.Intervals()); break;
            case "pledged":
                Answered(d.Text("pledge"), d.Text("pledgee"), d.Intervals());
                Change(d.Intervals(), c => c with { Pledge = d.Text("pledge"), Pledgee = d.Text("pledgee") });
                break;
            case "pledge-released":
                foreach (Interval i in d.Intervals())
                    RequireAll(i, c => c.Pledge == d.Text("pledge"), "I6-encumbered", $"pledge {d.Text("pledge")}",
                        c => c.Pledge);
                Change(d.Intervals(), c => c with { Pledge = null, Pledgee = null });
                break;
            case "sale-offered": Offered(d.Text("seller"), d.Text("buyer"), d.Intervals()); break;
            case "sold":
                Moved(d.Text("sale"), d.Text("seller"), d.Text("buyer"), d.Intervals(), (c, to) => c with
                {
                    Holder = to,
                    Via = d.Text("sale"),
                    Depth = c.Depth + 1,
                    Recourse = d.Flag("withRecourse") ? new Link(d.Text("sale"), d.Text("seller"), c.Recourse) : null,
                });
                break;
            default: OnRest(e.Kind, d); break;
        }
    }

    /// <summary>Everything has been read: debits equal credits, holder by holder.</summary>
    public void End()
    {
        if (IsClosed || !IsAccepted)
            return;
        Dictionary<string, long> held = Holdings().ToDictionary(h => h.Party, h => h.Fen);
        foreach (string party in held.Keys.Union(_entries.Keys).Order(StringComparer.Ordinal))
        {
            if (held.GetValueOrDefault(party) != _entries.GetValueOrDefault(party))
                findings.Report("I9-entries", $"voucher {root}, {party}", held.GetValueOrDefault(party),
                    $"credits less debits of {_entries.GetValueOrDefault(party)}");
        }
    }

    private void OnRest(string kind, JsonElement d)
    {
        switch (kind)
        {
            case "recourse-claimed": ClaimedRecourse(d); break;
            case "repurchased": Repurchased(d); break;
            case "frozen":
                foreach (Interval i in d.Intervals())
                    RequireAll(i, c => c.Holder == d.Text("holder"), "I4-holder", d.Text("holder"), c => c.Holder);
                Change(d.Intervals(), c =>
                    c with { Freeze = Link.Append(c.Freeze, d.Text("command"), d.Text("account")) });
                break;
            case "unfrozen":
                Change(d.Intervals(), c => c with { Freeze = Link.Remove(c.Freeze, d.Text("order")) });
                break;
            case "return-offered": Offered(d.Text("from"), Issuer, [new Interval(0, FaceFen)]); break;
            case "voucher-returned":
                Answered(d.Text("offer"), Issuer, [new Interval(0, FaceFen)]);
                _stage = "returned";
                break;
            case "voucher-voided": Voided(); break;
            case "merged": Merged(d.Interval(), d.Text("command"), d.Text("holder")); break;
            case "snapshot-taken": Snapshot(d); break;
            case "payment-recorded": Pay(d); break;
            case "fell-overdue":
                Require(_stage == "presented", "voucher-stage", "presented", _stage);
                _stage = "overdue";
                break;
            default: break;
        }
    }

    private void Issued(JsonElement d)
    {
        Require(_at.Version == 1 && d.Text("root") == root, "voucher-stage", $"the first event of {root}",
            d.Text("root"));
        DateOnly issued = d.Day("issueDate");
        (FaceFen, Issuer, _debtor, DueDate) = (d.Number("faceFen"), d.Text("issuer"), d.Text("debtor"),
            d.Day("dueDate"));
        Require(DueDate > issued && DueDate <= issued.AddYears(1), "I5-term", $"at most {issued.AddYears(1):O}",
            DueDate.ToString("O"));
        Require(FaceFen > 0, "I1-face", "above 0", FaceFen);
        _cutOff = (d.DayOr("payDay") ?? DueDate).CutOff();
        _leaves.Add(new Leaf(0, FaceFen, new Claim(
            d.Text("holder"), d.Text("command"), 0, Offer: d.Text("command"), To: d.Text("holder"))));
        _stage = "offered";
    }

    private void Accepted(string offer, string holder)
    {
        Require(_stage == "offered", "voucher-stage", "offered", _stage);
        Answered(offer, holder, [new Interval(0, FaceFen)]);
        Post(null, holder, FaceFen);
        _stage = "active";
    }

    /// <summary>The holder reserves what is free for somebody.</summary>
    private void Offered(string from, string to, Interval[] intervals)
    {
        RequireBeforeCutOff();
        foreach (Interval i in intervals)
        {
            RequireAll(i, c => c.Holder == from, "I4-holder", from, c => c.Holder);
            RequireAll(i, c => c.Pledge is null && c.Freeze is null && c.Offer is null, "I6-encumbered", "free",
                c => c.Freeze is { } f ? $"frozen by {f.Id}" : c.Pledge is { } p ? $"pledged by {p}"
                    : $"on offer {c.Offer}");
        }
        Change(intervals, c => c with { Offer = _at.Data.Text("command"), To = to });
    }

    /// <summary>An offer's answer: only what was on offer, to whom it was offered.</summary>
    private void Answered(string offer, string? to, Interval[] intervals)
    {
        foreach (Interval i in intervals)
            RequireAll(i, c => c.Offer == offer && (to is null || c.To == to), "I9-pending", $"offer {offer} to {to}",
                c => c.Offer is null ? "nothing on offer" : $"offer {c.Offer} to {c.To}");
        Change(intervals, c => c with { Offer = null, To = null });
    }

    private void Moved(string offer, string from, string to, Interval[] intervals, Func<Claim, string, Claim> change)
    {
        RequireBeforeCutOff();
        foreach (Interval i in intervals)
        {
            RequireAll(i, c => c.Holder == from, "I4-holder", from, c => c.Holder);
            RequireAll(i, c => c.Pledge is null && c.Freeze is null, "I6-encumbered", "neither pledged nor frozen",
                c => c.Freeze is { } f ? $"frozen by {f.Id}" : $"pledged by {c.Pledge}");
        }
        Answered(offer, to, intervals);
        Change(intervals, c => change(c, to));
        Post(from, to, intervals.Sum(i => i.Fen));
    }

    private void Voided()
    {
        bool home = !IsAccepted || _leaves.All(l => l.Claim.Holder == Issuer || l.Claim.Holder == _debtor);
        Require(home && Paid == 0, "I1-face", "nothing outstanding in other hands",
            string.Join(", ", _leaves.Select(l => l.Claim.Holder).Distinct()));
        _stage = "void";
    }

    private void Merged(Interval i, string command, string holder)
    {
        RequireAll(i, c => c.Holder == holder, "I4-holder", holder, c => c.Holder);
        int depth = In(i).Select(l => l.Claim.Depth).DefaultIfEmpty().Max();
        Change([i], c => c with { Via = command, Depth = depth });
    }

    private void Post(string? from, string? to, long fen)
    {
        if (from is not null)
            _entries[from] = _entries.GetValueOrDefault(from) - fen;
        if (to is not null)
            _entries[to] = _entries.GetValueOrDefault(to) + fen;
    }

    private void RequireBeforeCutOff()
    {
        Require(_stage == "active", "I7-cut-off", "an active voucher", _stage);
        Require(_at.At < _cutOff, "I7-cut-off", $"before {_cutOff:u}", _at.At.ToString("u"));
    }

    private bool Require(bool holds, string code, object? expected, object? found) =>
        findings.Require(holds, code, _at, expected, found);
}
