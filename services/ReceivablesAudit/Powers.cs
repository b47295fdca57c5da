using System.Text.Json;

namespace ReceivablesAudit;

/// <summary>A key of a party, from its binding to its end.</summary>
internal sealed record BoundKey(JsonElement Json, bool Revoked = false)
{
    public string Person => Json.Text("person");

    /// <summary>Whether it could sign in a capacity, for an amount, on a day.</summary>
    public bool May(string role, long fen, DateOnly day) => !Revoked
        && Json.List("roles").Any(r => r.GetString() == role)
        && Json.Number("limitFen") >= fen && Json.Day("validFrom") <= day && day <= Json.Day("validUntil");
}

/// <summary>
/// Who may sign for whom: the parties' keys and rules as they stood at each moment. What changes them rests on the
/// signature of an administrator's key, back to the party's first key, which the party itself must have published.
/// </summary>
internal sealed class Powers(Findings findings, IReadOnlyDictionary<string, string> firstKeys)
{
    private const long UsualLimit = 1_000_000_000; // ten million yuan: above it a second checker signs
    private readonly Dictionary<string, PartyState> _parties = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Event> _waiting = new(StringComparer.Ordinal);

    /// <summary>A key as it was bound.</summary>
    public JsonElement? KeyOf(string party, string key) =>
        Party(party).Keys.TryGetValue(key, out BoundKey? bound) ? bound.Json : null;

    public void On(Event e)
    {
        if (!e.Stream.StartsWith("party/", StringComparison.Ordinal))
            return;
        PartyState party = Party(e.Stream["party/".Length..]);
        switch (e.Kind)
        {
            case "party-registered" or "party-renamed": party.Names.Add(e.Data.Text("name")); break;
            case "founder-named":
                party.Founder = e.Data.Text("person");
                if (e.Data.Text("ground") == "administrator")
                    party.RevokeAll();
                break;
            case "party-merged" or "party-bankrupt":
                party.Into = e.Data.TextOr("into");
                foreach (string key in party.Keys.Keys.ToArray())
                    party.Keys[key] = party.Keys[key] with { Revoked = true };
                break;
            // Stopping a lost key takes power away and needs no signature.
            case "key-revoked" when e.Data.TextOr("command") is null: party.Revoke(e.Data.Text("keyId")); break;
            case "key-bound" or "key-revoked" or "policy-set":
                _waiting[$"{e.Stream["party/".Length..]}/{e.Data.Text("command")}"] = e;
                break;
            default: break;
        }
    }

    /// <summary>A command was carried out: it had the approvals that it needed then.</summary>
    public void Executed(Command c, Event at)
    {
        PartyState party = Party(c.Party), actor = party;
        // What went into another acts by its successor's keys.
        for (int i = 0; i < _parties.Count && actor.Into is { } into; i++)
            actor = Party(into);
        DateOnly day = at.At.Day();
        foreach (JsonProperty name in c.Names.EnumerateObject())
        {
            if (_parties.TryGetValue(name.Name, out PartyState? named) && named.Names.Count > 0)
                findings.Require(named.Names.Contains(name.Value.GetString()!), "name-differs", at, named.Names[^1],
                    name.Value);
        }
        if (c.Kind is "bind-key" or "revoke-key" or "set-policy")
            Managed(c, party, day, at);
        else
            Approved(c, actor, day, at);
    }

    public void End()
    {
        foreach (Event e in _waiting.Values)
            findings.Report("key-unsigned", e.Place, $"a signed command {e.Data.Text("command")}", null);
    }

    private void Approved(Command c, PartyState party, DateOnly day, Event at)
    {
        long fen = Amount(c);
        string[] roles = fen > party.SecondCheckerAbove ? ["maker", "checker", "second-checker"] : ["maker", "checker"];
        List<string> people = [];
        foreach (string role in roles)
        {
            Approval? by = c.Approvals.Find(a =>
                a.Role == role && party.Keys.TryGetValue(a.Key, out BoundKey? key) && key.May(role, fen, day));
            if (findings.Require(by is not null, "approvals-missing", at, $"a {role} with power over {fen} fen",
                    string.Join(", ", c.Approvals.Select(a => $"{a.Role} {a.Key}"))))
                people.Add(party.Keys[by!.Key].Person);
        }
        findings.Require(people.Distinct().Count() == people.Count, "maker-is-checker", at, "different people",
            string.Join(", ", people));
    }

    /// <summary>Decisions about keys and rules.</summary>
    private void Managed(Command c, PartyState party, DateOnly day, Event at)
    {
        Approval? signed = c.Approvals.Find(a =>
            a.Role == "admin" && party.Keys.TryGetValue(a.Key, out BoundKey? key) && key.May("admin", 0, day));
        bool admin = signed is not null;
        if (!_waiting.Remove($"{c.Party}/{c.Id}", out Event? fact))
        {
            findings.Report("key-unsigned", at.Place, $"what {c.Kind} came to", null);
            return;
        }
        JsonElement d = fact.Data;
        if (fact.Kind == "key-bound")
        {
            JsonElement key = d.GetProperty("key");
            string id = key.Text("keyId");
            bool first = party.Keys.Count == 0 || party.Founder == key.Text("person");
            bool held = c.Approvals.Exists(a => a.Role == "holder" && a.Key == id);
            bool same = key.EnumerateObject().All(m =>
                c.Json.TryGetProperty(m.Name, out JsonElement said) && JsonElement.DeepEquals(said, m.Value));
            findings.Require(c.Kind == "bind-key" && held && same && (first || admin), "key-unsigned", fact,
                "as its command says, signed", id);
            findings.Require(first || !admin || party.Keys[signed!.Key].Person != key.Text("person"),
                "maker-is-checker", fact, "a holder and an administrator who are different people", key.Text("person"));
            if (first && firstKeys.TryGetValue(c.Party, out string? published))
                findings.Require(published.Split('+').Contains(id), "first-key-untrusted", fact, published, id);
            party.Keys[id] = new BoundKey(key);
            if (party.Founder == key.Text("person"))
                party.Founder = null;
        }
        else if (fact.Kind == "key-revoked")
        {
            findings.Require(admin && c.Json.TextOr("keyId") == d.Text("keyId"), "key-unsigned", fact,
                c.Json.TextOr("keyId"), d.Text("keyId"));
            party.Revoke(d.Text("keyId"));
        }
        else
        {
            long above = d.GetProperty("policy").Number("secondCheckerAboveFen");
            findings.Require(admin && c.Kind == "set-policy" && c.Json.Number("secondCheckerAboveFen") == above,
                "key-unsigned",
                fact, "as its command says, signed", above);
            party.SecondCheckerAbove = above;
        }
    }

    /// <summary>What a command moves by its own words: answers say it in what they show.</summary>
    private static long Amount(Command c) => c.Kind switch
    {
        "issue" or "take-over" or "hand-over" or "consent-to-term" => c.Json.Number("faceFen"),
        "transfer" => c.Json.List("parts").Sum(p => p.Number("fen")),
        "pay-from-many" or "freeze" => c.Json.Number("fen"),
        "offer-pledge" or "sell" => c.Json.List("from").Sum(p => p.Number("fen")),
        _ => c.Json.TryGetProperty("shown", out JsonElement shown) ? shown.Number("fen") : 0,
    };

    private PartyState Party(string id) =>
        _parties.TryGetValue(id, out PartyState? party) ? party : _parties[id] = new PartyState();

    private sealed class PartyState
    {
        public Dictionary<string, BoundKey> Keys { get; } = new(StringComparer.Ordinal);

        public List<string> Names { get; } = [];

        public long SecondCheckerAbove { get; set; } = UsualLimit;

        /// <summary>The party that it went into.</summary>
        public string? Into { get; set; }

        /// <summary>Who may bind a first key anew, by a document of a court or of the registry.</summary>
        public string? Founder { get; set; }

        public void RevokeAll()
        {
            foreach (string key in Keys.Keys.ToArray())
                Revoke(key);
        }

        public void Revoke(string key)
        {
            if (Keys.TryGetValue(key, out BoundKey? bound))
                Keys[key] = bound with { Revoked = true };
        }
    }
}
