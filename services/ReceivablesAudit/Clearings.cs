using System.Text.Json;

namespace ReceivablesAudit;

/// <summary>
/// Payment at maturity. I8: a receipt is received once and allocated to the fen, once, by largest remainder over
/// outstanding principal, costs before interest before principal in a leaf; nobody gets more than is due; what nothing
/// is due for is in suspense. Money goes from the debtor's own account to the payee's own.
/// </summary>
internal sealed class Clearings(Findings findings, Vouchers vouchers) : ICheck
{
    private readonly Dictionary<string, Clearing> _all = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _wanted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _present = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _received = new(StringComparer.Ordinal);
    private readonly Receipts _receipts = new(findings);

    public void On(Event e)
    {
        if (e.Kind is "account-set" or "account-registered" or "account-confirmed")
            Account(e);
        if (e.Kind is "payment-received" or "payment-appropriated" or "payment-sent-back")
            Received(e);
        if (!e.Stream.StartsWith("clearing-", StringComparison.Ordinal))
            return;
        string root = e.Stream["clearing-".Length..];
        if (e.Kind == "clearing-opened")
            _all[root] = new Clearing(e, vouchers.Find(root), findings, _receipts);
        else if (_all.TryGetValue(root, out Clearing? clearing))
            clearing.On(e, _present);
        else
            findings.Report("voucher-stage", e.Place, "a clearing that was opened", null);
    }

    public void End()
    {
        _receipts.End();
        foreach ((string root, Clearing clearing) in _all)
        {
            if (vouchers.Find(root) is not { } family)
                continue;
            IEnumerable<string> receipts = clearing.Principal.Keys.Union(family.PaidByReceipt.Keys);
            foreach (string receipt in receipts.Order(StringComparer.Ordinal))
            {
                long cleared = clearing.Principal.GetValueOrDefault(receipt),
                    posted = family.PaidByReceipt.GetValueOrDefault(receipt);
                if (cleared != posted)
                    findings.Report("I9-receipt", $"voucher {root}, receipt {receipt}",
                        $"{cleared} principal, as cleared", posted);
            }
        }
    }

    /// <summary>A receipt: its parts and what is in suspense are all of it.</summary>
    private void Received(Event e)
    {
        JsonElement d = e.Data;
        _receipts.On(e);
        long open = _received.GetValueOrDefault(e.Stream);
        long left = e.Kind switch
        {
            "payment-received" => d.Number("fen"),
            "payment-appropriated" => d.Number("overFen"),
            _ => open - d.Number("fen"),
        };
        if (e.Kind == "payment-appropriated")
        {
            long parts = d.List("parts").Sum(p => p.Number("fen"));
            findings.Require(parts + left == open, "I8-sum", e, open, parts + left);
        }
        findings.Require(left >= 0, "I8-suspense", e, $"at most {open}", open - left);
        _received[e.Stream] = left;
    }

    /// <summary>An account is set by its party, whose signed command the fact rests on, and then confirmed.</summary>
    private void Account(Event e)
    {
        string account = $"{e.Data.Text("bank")} {e.Data.Text("number")}", party = e.Data.Text("party");
        if (e.Kind == "account-set")
        {
            findings.Require(e.Stream == $"payout/{party}", "account-unsigned", e, $"payout/{party}", e.Stream);
            _wanted[party] = account;
        }
        else
        {
            findings.Require(_wanted.GetValueOrDefault(party) == account, "account-unsigned", e,
                $"an account that {party} has set", account);
            if (!_accounts.TryAdd(account, party))
                findings.Require(_accounts[account] == party, "account-pooled", e,
                    $"an account of {_accounts[account]} alone", party);
            if (e.Kind == "account-confirmed")
                _present[party] = account;
        }
    }

    /// <summary>One leaf: what was ever charged and paid of costs, interest and principal, in fen.</summary>
    private sealed class Share(long start, long end, string payee, bool held = false, DateOnly? payBy = null)
    {
        public long Start => start;

        public long End => end;

        public string Payee => payee;

        public long[] Charged { get; } = [0, 0, end - start];

        public long[] Paid { get; } = [0, 0, 0];

        public Int128 FenDays { get; set; }

        /// <summary>Disputed: nobody is paid, and no interest runs.</summary>
        public bool Held => held;

        /// <summary>Last day of payment of what was held; null where it is the voucher's.</summary>
        public DateOnly? PayBy => payBy;

        public long DuePrincipal => Held ? 0 : Charged[2] - Paid[2];

        public long Due => Held ? 0 : Charged.Sum() - Paid.Sum();

        /// <summary>Days from a day on, or from when what was held is to be paid.</summary>
        public int Days(DateOnly from, DateOnly through) =>
            Math.Max(0, through.DayNumber - Math.Max(from.DayNumber, payBy?.DayNumber ?? 0));

        /// <summary>The leaf as an event has it.</summary>
        public static Share Read(JsonElement leaf, long start, long end) => new(start, end, leaf.Text("payee"),
            leaf.TryGetProperty("held", out JsonElement held) && held.GetBoolean(), leaf.DayOr("payBy"));

        /// <summary>What an amount pays: costs, then interest, then principal (Civil Code art. 561).</summary>
        public long[] Split(long fen)
        {
            long costs = Math.Min(fen, Charged[0] - Paid[0]), interest = Math.Min(fen - costs, Charged[1] - Paid[1]);
            return [costs, interest, fen - costs - interest];
        }
    }

    private sealed class Clearing
    {
        private readonly Findings _findings;
        private readonly SortedDictionary<long, Share> _leaves = [];
        private readonly Receipts _receipts;
        private readonly Family? _family;
        private readonly Dictionary<string, long> _suspense = new(StringComparer.Ordinal);
        private readonly string _debtor;
        private readonly DateOnly _payDay;
        private JsonElement _terms;
        private DateOnly _charged;

        public Clearing(Event e, Family? family, Findings findings, Receipts receipts)
        {
            (_family, _receipts) = (family, receipts);
            JsonElement d = e.Data;
            (_findings, _debtor, _payDay, _terms) = (findings, d.Text("debtor"), d.Day("payDay"),
                d.GetProperty("terms"));
            _charged = _payDay;
            List<string> said = [];
            foreach (JsonElement leaf in d.List("leaves"))
            {
                Interval i = leaf.Interval();
                Share share = _leaves[i.Start] = Share.Read(leaf, i.Start, i.End);
                findings.Require(family is null || family.IsHeld(i) == share.Held, "I8-payee", e,
                    share.Held ? $"{i} undisputed" : $"{i} held back, it is disputed", share.Held);
                said.Add($"{i} {leaf.Text("payee")}");
            }
            if (family is null)
                return;
            string[] derived = [.. family.Payees.Select(p => $"{new Interval(p.Start, p.End)} {p.Payee}")];
            string? differs = derived.Except(said).FirstOrDefault();
            findings.Require(derived.SequenceEqual(said), "I7-payees", e, differs ?? $"{derived.Length} payees",
                said.Except(derived).FirstOrDefault() ?? $"{said.Count} payees");
            findings.Require(family.DueDate == d.Day("dueDate"), "I5-term", e, family.DueDate.ToString("O"),
                d.Text("dueDate"));
        }

        /// <summary>Principal by receipt.</summary>
        public Dictionary<string, long> Principal { get; } = new(StringComparer.Ordinal);

        public void On(Event e, Dictionary<string, string> accounts)
        {
            JsonElement d = e.Data;
            switch (e.Kind)
            {
                case "clearing-instructed":
                    foreach (JsonElement instruction in d.List("instructions"))
                        Instructed(e, instruction, accounts);
                    break;
                case "payees-changed": Redirected(e); break;
                case "late-interest-charged": Interest(e); break;
                case "costs-charged": _leaves[d.Number("start")].Charged[0] += d.Number("fen"); break;
                case "late-terms-settled": _terms = d.GetProperty("terms"); break;
                case "receipt-allocated": Received(e); break;
                case "payout-returned":
                    Share leaf = _leaves[d.Number("start")];
                    _findings.Require(d.Number("fen") <= leaf.Paid.Sum(), "I8-suspense", e,
                        $"at most {leaf.Paid.Sum()}", d.Number("fen"));
                    _suspense[$"returned:{d.Text("return")}"] = d.Number("fen");
                    break;
                case "suspense-settled":
                    long open = _suspense.GetValueOrDefault(d.Text("line"));
                    _findings.Require(d.Number("fen") <= open, "I8-suspense", e,
                        $"at most {open} in {d.Text("line")}", d.Number("fen"));
                    _suspense[d.Text("line")] = open - d.Number("fen");
                    break;
                default: break;
            }
        }

        private void Instructed(Event e, JsonElement i, Dictionary<string, string> accounts)
        {
            Share leaf = _leaves[i.Number("start")];
            JsonElement from = i.GetProperty("from"), to = i.GetProperty("to");
            string payee = to.TextOr("party") ?? to.Text("account");
            _findings.Require(from.Text("party") == _debtor, "account-pooled", e, $"from {_debtor}",
                from.Text("party"));
            _findings.Require(payee == leaf.Payee, "I8-payee", e, leaf.Payee, payee);
            Agrees(e, new Interval(leaf.Start, leaf.End), payee);
            _findings.Require(i.Number("fen") == leaf.DuePrincipal, "I8-allocation", e, leaf.DuePrincipal,
                i.Number("fen"));
            foreach (JsonElement own in new[] { from, to }.Where(a => a.TextOr("party") is not null))
            {
                string? present = accounts.GetValueOrDefault(own.Text("party"));
                string told = $"{own.Text("bank")} {own.Text("number")}";
                _findings.Require(present == told, "account-pooled", e, $"{present} of {own.Text("party")}", told);
            }
        }

        /// <summary>
        /// What is unpaid goes to others since the cut-off. The part whose payee stays keeps what had accrued; the
        /// first fen of a leaf are those that were paid.
        /// </summary>
        private void Redirected(Event e)
        {
            foreach (JsonElement changed in e.Data.List("leaves"))
            {
                Interval now = changed.Interval();
                string payee = changed.Text("payee");
                foreach (Share leaf in _leaves.Values.Where(l => l.Start < now.End && now.Start < l.End).ToArray())
                {
                    long start = Math.Max(leaf.Start, now.Start), end = Math.Min(leaf.End, now.End);
                    List<Share> parts = [];
                    if (leaf.Start < start)
                        parts.Add(new Share(leaf.Start, start, leaf.Payee, leaf.Held, leaf.PayBy));
                    parts.Add(Share.Read(changed, start, end));
                    if (end < leaf.End)
                        parts.Add(new Share(end, leaf.End, leaf.Payee, leaf.Held, leaf.PayBy));
                    Share keeps = parts.Find(p => p.Payee == leaf.Payee) ?? parts[0];
                    (keeps.Charged[0], keeps.Charged[1], keeps.Paid[0], keeps.Paid[1], keeps.FenDays) =
                        (leaf.Charged[0], leaf.Charged[1], leaf.Paid[0], leaf.Paid[1], leaf.FenDays);
                    long paid = leaf.Start + leaf.Paid[2];
                    foreach (Share part in parts)
                    {
                        part.Paid[2] = Math.Clamp(paid - part.Start, 0, part.End - part.Start);
                        _leaves[part.Start] = part;
                    }
                }
                Agrees(e, new Interval(now.Start, now.End), payee);
            }
        }

        /// <summary>Whom the clearing pays is whom the voucher's own events name.</summary>
        private void Agrees(Event e, Interval i, string payee)
        {
            foreach (string right in _family?.PayeesIn(i) ?? [])
                _findings.Require(right == payee, "I8-payee", e, $"{right} at {i}", payee);
        }

        private void Received(Event e)
        {
            JsonElement d = e.Data;
            string receipt = d.Text("receipt");
            long fen = d.Number("fen"), over = d.Number("overFen");
            _receipts.Allocated(e, e.Stream["clearing-".Length..], receipt, fen);
            long said = d.List("shares").Sum(s => s.Number("costs") + s.Number("interest") + s.Number("principal"));
            _findings.Require(said + over == fen, "I8-sum", e, fen, said + over);
            (Dictionary<long, long> shares, long left) = Allocate(fen);
            _findings.Require(left == over, "I8-allocation", e, $"{left} in suspense", over);
            foreach (JsonElement s in d.List("shares"))
            {
                Share leaf = _leaves[s.Number("start")];
                long[] paid = [s.Number("costs"), s.Number("interest"), s.Number("principal")];
                long[] right = leaf.Split(shares.GetValueOrDefault(leaf.Start));
                _findings.Require(paid.SequenceEqual(right), "I8-allocation", e,
                    $"{string.Join('/', right)} on {leaf.Start}", string.Join('/', paid));
                shares.Remove(leaf.Start);
                for (int k = 0; k < 3; k++)
                {
                    leaf.Paid[k] += paid[k];
                    _findings.Require(paid[k] >= 0 && leaf.Paid[k] <= leaf.Charged[k], "I8-overpaid", e,
                        $"at most {leaf.Charged[k]}", leaf.Paid[k]);
                }
                // Days that were counted before a receipt of an earlier day came are taken back.
                DateOnly value = d.Day("valueDate") > _payDay ? d.Day("valueDate") : _payDay;
                leaf.FenDays -= (Int128)paid[2] * leaf.Days(value, _charged);
                Principal[receipt] = Principal.GetValueOrDefault(receipt) + paid[2];
            }
            foreach ((long start, long missing) in shares.Where(s => s.Value > 0))
                _findings.Require(false, "I8-allocation", e, $"{missing} on {start}", 0);
            if (over > 0)
                _suspense[$"over:{receipt}"] = over;
        }

        /// <summary>Interest on all fen-days, rounded half up once, less what was charged before.</summary>
        private void Interest(Event e)
        {
            DateOnly through = e.Data.Day("through");
            Dictionary<long, long> said = e.Data.List("lines").ToDictionary(l => l.Number("start"), l =>
                l.Number("fen"));
            (long numerator, long denominator) = e.Data.Text("basis") switch
            {
                "statutory" => (500L, 1_000_000L), // 0.05 % a day, Regulations on payments to SMEs art. 17
                "agreed" => (_terms.Number("agreedPpm"), _terms.Number("yearDays") * 1_000_000L),
                _ => (0L, 1L),
            };
            foreach (Share leaf in _leaves.Values)
            {
                leaf.FenDays += (Int128)leaf.DuePrincipal * leaf.Days(_charged, through);
                long whole = (long)((leaf.FenDays * numerator * 2 + denominator) / (2 * (Int128)denominator));
                long right = Math.Max(0, whole - leaf.Charged[1]), fen = said.GetValueOrDefault(leaf.Start);
                _findings.Require(fen == right, "I8-interest", e, $"{right} on {leaf.Start}", fen);
                leaf.Charged[1] += fen;
            }
            _charged = through;
        }

        /// <summary>By largest remainder over outstanding principal, then over costs and interest left.</summary>
        private (Dictionary<long, long> Shares, long Left) Allocate(long fen)
        {
            Dictionary<long, long> shares = [];
            Share[] open = [.. _leaves.Values.Where(l => l.Due > 0)];
            fen = Fill(fen, [.. open.Where(l => l.DuePrincipal > 0)], l => l.DuePrincipal, shares);
            fen = Fill(fen, [.. open.Where(l => l.DuePrincipal == 0)], l => l.Due, shares);
            return (shares, fen);
        }

        private static long Fill(
            long fen, Share[] leaves, Func<Share, long> weight, Dictionary<long, long> shares)
        {
            Int128 total = leaves.Aggregate(Int128.Zero, (sum, l) => sum + weight(l));
            // Whoever reaches what is due leaves the rest to the others: least due for its weight first.
            Share[] order = [.. leaves.OrderBy(l => (decimal)l.Due / weight(l)).ThenBy(l => l.Start)];
            int n = 0;
            for (; n < order.Length && order[n].Due * total <= (Int128)fen * weight(order[n]); n++)
            {
                shares[order[n].Start] = order[n].Due;
                fen -= order[n].Due;
                total -= weight(order[n]);
            }
            if (n == order.Length || fen == 0)
                return fen;
            var parts = order[n..].Select(l => (l.Start, Whole: (Int128)fen * weight(l) / total,
                Part: (Int128)fen * weight(l) % total)).ToArray();
            long left = fen - (long)parts.Aggregate(Int128.Zero, (sum, p) => sum + p.Whole);
            foreach (var part in parts.OrderByDescending(p => p.Part).ThenBy(p => p.Start))
                shares[part.Start] = (long)part.Whole + (left-- > 0 ? 1 : 0);
            return 0;
        }
    }
}
