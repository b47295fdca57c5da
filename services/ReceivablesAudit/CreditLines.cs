namespace ReceivablesAudit;

/// <summary>I2: used + reserved + free = limit, for each member of each line; what is used is what is open.</summary>
internal sealed class CreditLines(Findings findings, Vouchers vouchers) : ICheck
{
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);

    public void On(Event e)
    {
        if (!e.Kind.StartsWith("credit-", StringComparison.Ordinal))
            return;
        if (!_lines.TryGetValue(e.Stream, out Line? line))
            _lines[e.Stream] = line = new Line();
        switch (e.Kind)
        {
            case "credit-granted" or "credit-limit-changed": line.Limit = e.Data.Number("limitFen"); break;
            case "credit-member-set": line.Of(e.Data.Text("member")).Limit = e.Data.Number("limitFen"); break;
            case "credit-reserved" or "credit-used" or "credit-released": Take(e, line); break;
            default: break;
        }
        long split = line.Members.Values.Sum(m => m.Limit);
        findings.Require(split <= line.Limit, "I2-line", e, $"members' limits of at most {line.Limit}", split);
    }

    public void End()
    {
        foreach ((string stream, Line line) in _lines)
        {
            foreach ((string voucher, Taken taken) in line.Vouchers)
            {
                if (vouchers.Find(voucher) is not { } family)
                    continue;
                long open = family.IsClosed ? 0 : family.FaceFen - family.Paid;
                if (open != taken.Left || (family.IsAccepted && open > 0 && !taken.Used))
                    findings.Report("I2-used", $"{stream}, voucher {voucher}", $"{open} open",
                        $"{taken.Left} {(taken.Used ? "used" : "reserved")}");
            }
        }
    }

    private void Take(Event e, Line line)
    {
        (string voucher, long fen) = (e.Data.Text("voucher"), e.Data.Number("fen"));
        Member member = line.Of(e.Data.Text("member"));
        if (e.Kind == "credit-reserved")
        {
            findings.Require(line.Vouchers.TryAdd(voucher, new Taken(fen)), "I2-line", e, $"{voucher} once", "twice");
            member.Taken += fen;
            findings.Require(member.Taken <= member.Limit, "I2-line", e, $"at most {member.Limit} used and reserved",
                member.Taken);
            return;
        }
        Taken taken = line.Vouchers[voucher];
        if (e.Kind == "credit-used")
        {
            findings.Require(fen == taken.Left && !taken.Used, "I2-line", e, $"{taken.Left} reserved", fen);
            taken.Used = true;
            return;
        }
        findings.Require(fen > 0 && fen <= taken.Left, "I2-line", e, $"at most {taken.Left} freed", fen);
        taken.Left -= fen;
        member.Taken -= fen;
    }

    private sealed class Line
    {
        public long Limit { get; set; }

        public Dictionary<string, Member> Members { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, Taken> Vouchers { get; } = new(StringComparer.Ordinal);

        public Member Of(string member) =>
            Members.TryGetValue(member, out Member? known) ? known : Members[member] = new Member();
    }

    private sealed class Member
    {
        public long Limit { get; set; }

        /// <summary>Used and reserved.</summary>
        public long Taken { get; set; }
    }

    private sealed class Taken(long fen)
    {
        public long Left { get; set; } = fen;

        public bool Used { get; set; }
    }
}
