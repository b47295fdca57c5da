using System.Text.Json;

namespace ReceivablesAudit;

/// <summary>
/// A fact about a voucher names the command that led to it, carries the very approvals of that command, and says
/// nothing else than it. What nobody commands is of few kinds: the cut-off, lapsed offers, payments, being overdue.
/// </summary>
internal sealed class Facts(Findings findings)
{
    private static readonly Dictionary<string, Rule> Rules = new(StringComparer.Ordinal)
    {
        ["voucher-issued"] = new("issuer", ["issue", "take-over"]),
        ["voucher-taken-over"] = new(null, ["take-over"]),
        ["statement-confirmed"] = new("holder", ["accept"]),
        ["statement-disputed"] = new("holder", ["reject"]),
        ["handover-agreed"] = new("by", ["hand-over"]),
        ["handover-ended"] = new(null, ["withdraw", "freeze"]),
        ["voucher-accepted"] = new("holder", ["accept"]),
        ["transfer-offered"] = new("from", ["transfer", "pay-from-many"]),
        ["transferred"] = new("to", ["accept"]),
        ["offer-rejected"] = new("by", ["reject"]),
        ["offer-withdrawn"] = new(null, ["withdraw"]),
        ["pledge-offered"] = new("holder", ["offer-pledge"]),
        ["pledged"] = new("pledgee", ["confirm-pledge"]),
        ["pledge-released"] = new(null, ["release-pledge"]),
        ["sale-offered"] = new("seller", ["sell"]),
        ["sold"] = new("buyer", ["confirm-sale"]),
        ["recourse-claimed"] = new("holder", ["claim-recourse"]),
        ["repurchased"] = new("seller", ["repurchase"]),
        ["frozen"] = new("by", ["freeze"]),
        ["unfrozen"] = new(null, ["unfreeze"]),
        ["return-offered"] = new("from", ["return"]),
        ["voucher-returned"] = new(null, ["accept"]),
        ["voucher-voided"] = new(null, ["void", "reject", "withdraw"]),
        ["merged"] = new("holder", ["merge"]),
        ["account-set"] = new("party", ["set-account"]),
        ["splitting-alarmed"] = new("party", ["transfer", "pay-from-many", "offer-pledge", "sell"]),
    };

    private static readonly string[] Uncommanded = ["offer-lapsed", "snapshot-taken", "payment-recorded",
        "fell-overdue", "handover-filed", "voucher-moved"];
    private static readonly string[] Answers = ["transferred", "pledged", "sold", "pledge-released", "unfrozen"];
    private static readonly string[] Offers = ["transfer-offered", "pledge-offered", "sale-offered", "frozen"];
    private readonly Dictionary<string, List<Event>> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lapsed = new(StringComparer.Ordinal);

    private sealed record Rule(string? Actor, string[] Kinds);

    public void On(Event e)
    {
        if (!(Vouchers.IsVoucher(e) || e.Kind == "account-set") || Uncommanded.Contains(e.Kind))
        {
            if (e.Kind == "offer-lapsed")
                _lapsed.Add($"{e.Stream} {e.Data.Text("command")}");
            return;
        }
        string command = e.Data.Text("command");
        // An issue that nobody accepted in time is void without a command.
        if (e.Kind == "handover-ended" && e.Data.Text("reason") is ("lapsed" or "declined"))
            return;
        if (e.Kind == "voucher-voided" && _lapsed.Contains($"{e.Stream} {command}"))
            return;
        if (_waiting.TryGetValue(command, out List<Event>? waiting))
            waiting.Add(e);
        else
            _waiting[command] = [e];
    }

    /// <summary>A command was carried out: the facts that name it are compared with it.</summary>
    public void Executed(Command c)
    {
        if (!_waiting.TryGetValue(c.Id, out List<Event>? facts))
            return;
        // Two parties may give two commands one id: the key that signed first tells whose it is.
        foreach (Event e in facts.Where(f => c.Approvals.Exists(a => a.Key == f.Actor)).ToArray())
        {
            facts.Remove(e);
            Compare(e, c);
        }
        if (facts.Count == 0)
            _waiting.Remove(c.Id);
    }

    public void End()
    {
        foreach (Event e in _waiting.Values.SelectMany(f => f).OrderBy(e => e.Position))
            findings.Report("fact-without-command", e.Place,
                $"command {e.Data.Text("command")}, carried out and signed by {e.Actor}", null);
    }

    private void Compare(Event e, Command c)
    {
        Rule rule = Rules[e.Kind];
        JsonElement d = e.Data;
        findings.Require(rule.Kinds.Contains(c.Kind), "fact-differs", e, string.Join(" or ", rule.Kinds), c.Kind);
        if (rule.Actor is { } actor)
            findings.Require(d.Text(actor) == c.Party, "fact-differs", e, $"{actor} {c.Party}", d.Text(actor));
        foreach (JsonProperty said in d.EnumerateObject())
        {
            bool compared = said.Name is not ("command" or "approved" or "parts" or "expires" or "fragments"
                or "party" or "from");
            if (compared && c.Json.TryGetProperty(said.Name, out JsonElement commanded))
                findings.Require(JsonElement.DeepEquals(said.Value, commanded), "fact-differs", e,
                    $"{said.Name} {commanded}", said.Value);
        }
        if (Offers.Contains(e.Kind))
            findings.Require(Amounts(e).SequenceEqual(Amounts(c, e.Stream)), "fact-differs", e,
                string.Join(", ", Amounts(c, e.Stream)), string.Join(", ", Amounts(e)));
        Answered(e, c);
        if (d.TryGetProperty("approved", out JsonElement approved))
            Signed(e, approved, c);
    }

    /// <summary>What an answer moved in a voucher is what its page showed.</summary>
    private void Answered(Event e, Command c)
    {
        if (!Answers.Contains(e.Kind))
            return;
        JsonElement[] shown = c.Json.TryGetProperty("shown", out JsonElement s)
            ? [.. s.List("parts").Where(p => p.Text("root") == e.Stream)] : [];
        long moved = e.Data.Intervals().Sum(i => i.Fen);
        findings.Require(shown.Length == 1 && shown[0].Number("fen") == moved, "fact-differs", e,
            shown.Length == 0 ? "an amount shown" : $"{shown[0].Number("fen")} as shown", moved);
    }

    private void Signed(Event e, JsonElement approved, Command c)
    {
        foreach (JsonElement s in approved.List("signatures"))
        {
            bool given = c.Approvals.Exists(a => a.Role == s.Text("role") && a.Key == s.Text("keyId")
                && a.Page == s.Text("signedSha256") && a.Event.Data.Text("signature") == s.Text("signature"));
            findings.Require(given, "fact-approval-differs", e, $"an approval of {c.Id}",
                $"{s.Text("role")} {s.Text("keyId")}");
        }
    }

    /// <summary>Fen by receiver, of what was offered or frozen; nothing for other facts.</summary>
    private static IEnumerable<string> Amounts(Event e) => Sum(e.Kind switch
    {
        "transfer-offered" => e.Data.List("parts").Select(p => (p.Text("to"), p.Interval().Fen)),
        "pledge-offered" => e.Data.Intervals().Select(i => (e.Data.Text("pledgee"), i.Fen)),
        "sale-offered" => e.Data.Intervals().Select(i => (e.Data.Text("buyer"), i.Fen)),
        "frozen" => e.Data.Intervals().Select(i => (e.Data.Text("account"), i.Fen)),
        _ => [],
    });

    private static IEnumerable<string> Amounts(Command c, string root)
    {
        return Sum(c.Kind switch
        {
            "transfer" => Of("parts").Select(p => (p.Text("to"), p.Number("fen"))),
            "pay-from-many" => Of("from").Select(p => (c.Json.Text("to"), p.Number("fen"))),
            "offer-pledge" => Of("from").Select(p => (c.Json.Text("pledgee"), p.Number("fen"))),
            "sell" => Of("from").Select(p => (c.Json.Text("buyer"), p.Number("fen"))),
            "freeze" => [(c.Json.Text("account"), c.Json.Number("fen"))],
            _ => [],
        });

        IEnumerable<JsonElement> Of(string list) => c.Json.List(list).Where(p => p.Text("root") == root);
    }

    private static IEnumerable<string> Sum(IEnumerable<(string To, long Fen)> parts) => parts
        .GroupBy(p => p.To, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => $"{g.Sum(p => p.Fen)} to {g.Key}");
}
