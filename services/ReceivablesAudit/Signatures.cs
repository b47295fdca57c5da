using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ReceivablesAudit;

/// <summary>An approval as it is recorded.</summary>
internal sealed record Approval(Event Event)
{
    public string Key => Event.Data.Text("keyId");

    public string Role => Event.Data.Text("role");

    public string Page => Event.Data.Text("pageSha256");

    public string At => Event.Data.Text("at");

    public string Command => $"{Event.Data.Text("party")}/{Event.Data.Text("command")}";
}

/// <summary>A command, with the approvals that hold.</summary>
internal sealed class Command(Event at)
{
    /// <summary>Where it was written down.</summary>
    public Event At { get; } = at;

    /// <summary>What was commanded.</summary>
    public JsonElement Json { get; } = at.Data.GetProperty("command");

    /// <summary>Names that its pages show.</summary>
    public JsonElement Names { get; } = at.Data.GetProperty("names");

    public string Kind => Json.Text("kind");

    public string Party => Json.Text("party");

    public string Id => Json.Text("commandId");

    /// <summary>Approvals over its very page, by their very key.</summary>
    public List<Approval> Approvals { get; } = [];
}

/// <summary>
/// Every approval is one entry of its key's chain, in order and in time, over the bytes of the page, by the key; every
/// command that was carried out has the approvals that its party's rules ask for; every fact has such a command and
/// says nothing else than it. What one transaction wrote comes in any order, so each part waits for the others.
/// </summary>
internal sealed class Signatures(Findings findings, Streams streams, IReadOnlyDictionary<string, string> firstKeys)
    : ICheck
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    private readonly Dictionary<string, Command> _commands = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Approval>> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Version, string? Page,
        DateTimeOffset At)> _chains = new(StringComparer.Ordinal);
    private readonly Powers _powers = new(findings, firstKeys);
    private readonly Facts _facts = new(findings);

    /// <summary>Signatures that hold.</summary>
    public long Valid { get; private set; }

    public void On(Event e)
    {
        switch (e.Kind)
        {
            case "page-approved": Approved(new Approval(e)); break;
            case "command-submitted":
                Wrote(e);
                Executed(e);
                break;
            case "command-drafted": Wrote(e); break;
            case "command-executed": Executed(e); break;
            case "command-withdrawn": break;
            default:
                _powers.On(e);
                _facts.On(e);
                break;
        }
    }

    public void End()
    {
        foreach (Approval approval in _waiting.Values.SelectMany(a => a).Where(a =>
            streams.IsWhole($"command/{a.Command}")))
            findings.Report("command-missing", approval.Event.Place, $"command {approval.Command}", null);
        _powers.End();
        _facts.End();
    }

    private void Wrote(Event e)
    {
        Command command = new(e);
        string id = $"{command.Party}/{command.Id}";
        if (!findings.Require(e.Stream == $"command/{id}" && _commands.TryAdd(id, command), "command-twice", e,
            $"command/{id}, once", e.Stream))
            return;
        foreach (Approval approval in _waiting.GetValueOrDefault(id) ?? [])
            Verify(approval, command);
        _waiting.Remove(id);
    }

    private void Executed(Event e)
    {
        if (!_commands.TryGetValue(e.Stream["command/".Length..], out Command? command))
            return;
        _powers.Executed(command, e);
        _facts.Executed(command);
    }

    private void Approved(Approval a)
    {
        Chain(a);
        if (_commands.TryGetValue(a.Command, out Command? command))
            Verify(a, command);
        else if (_waiting.TryGetValue(a.Command, out List<Approval>? waiting))
            waiting.Add(a);
        else
            _waiting[a.Command] = [a];
    }

    private void Chain(Approval a)
    {
        Event e = a.Event;
        string? previous = e.Data.TextOr("previous");
        (long version, string? page, DateTimeOffset before) = _chains.GetValueOrDefault(a.Key);
        // Where the entry before is withheld, the chain can't be followed to it.
        if (e.Version == version + 1 || streams.IsWhole(e.Stream))
            findings.Require(e.Stream == $"signer/{a.Key}" && e.Version == version + 1 && previous == page,
                "chain-broken", e,
                page ?? "the first entry", previous ?? "the first entry");
        DateTimeOffset at = DateTimeOffset.Parse(a.At, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        findings.Require(at >= before, "time-backwards", e, $"not before {before:u}", a.At);
        findings.Require((at - e.At).Duration() <= Tolerance, "time-off", e,
            $"within {Tolerance.TotalMinutes} minutes of {e.At:u}", a.At);
        _chains[a.Key] = (e.Version, a.Page, at);
    }

    private void Verify(Approval a, Command command)
    {
        byte[] page = Pages.Render(command.Json, command.Names, a.Event.Data);
        string hash = Convert.ToHexStringLower(SHA256.HashData(page));
        if (!findings.Require(hash == a.Page, "page-differs", a.Event, hash, a.Page))
            return;
        // A key that is being bound stands in the command itself.
        JsonElement? key = _powers.KeyOf(command.Party, a.Key)
            ?? (command.Json.TextOr("keyId") == a.Key ? command.Json : null);
        if (!findings.Require(key is not null, "key-unknown", a.Event, $"a key of {command.Party}", a.Key))
            return;
        if (!findings.Require(Holds(key!.Value, a, page), "signature-invalid", a.Event, "a signature over the page",
            a.Event.Data.Text("signature")))
            return;
        Valid++;
        command.Approvals.Add(a);
    }

    private static bool Holds(JsonElement key, Approval a, byte[] page)
    {
        string name = $$"""{"crv":"P-256","kty":"EC","x":"{{key.Text("x")}}","y":"{{key.Text("y")}}"}""";
        if (Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(name))) != a.Key) // RFC 7638
            return false;
        try
        {
            using ECDsa ecdsa = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint
                {
                    X = Base64Url.DecodeFromChars(key.Text("x")),
                    Y = Base64Url.DecodeFromChars(key.Text("y")),
                },
            });
            return ecdsa.VerifyData(page, Base64Url.DecodeFromChars(a.Event.Data.Text("signature")),
                HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (Exception x) when (x is CryptographicException or FormatException)
        {
            return false;
        }
    }
}
