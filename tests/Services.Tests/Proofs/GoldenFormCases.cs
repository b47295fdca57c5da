using System.Text;
using Chain.Core;
using Proofs;

namespace Services.Tests.Proofs;

/// <summary>Files that can't be read: other spellings, other members, trust files that prove nothing.</summary>
internal static class GoldenFormCases
{
    public static IEnumerable<GoldenCase> All() => [.. Bundles(), .. Trusts()];

    private static IEnumerable<GoldenCase> Bundles()
    {
        yield return Form("newline", t => t + "\n");
        yield return Form("space", t => t.Replace("{\"chain\"", "{ \"chain\""));
        yield return Form("byte-order-mark", t => "\ufeff" + t);
        yield return Form("empty", _ => "");
        yield return Form("array", t => "[" + t + "]");
        yield return Form("other-format", t => t.Replace("anchor-proof/1", "anchor-proof/2"));
        yield return Form("member-order", t => t.Replace("\"index\":3,", "").Replace("{\"checkpoint\"", "{\"index\":3,\"checkpoint\""));
        yield return Form("doubled-member", t => t.Replace("\"index\":3,", "\"index\":3,\"index\":3,"));
        yield return Form("unknown-member", t => t.Replace("\"index\":3,", "\"index\":3,\"note\":1,"));
        yield return Form("missing-member", t => t.Replace("\"index\":3,", ""));
        yield return Form("event-and-digest",
            t => t.Replace("\"event\":", $"\"digest\":\"{new string('0', 64)}\",\"event\":"));
        yield return Form("neither-event-nor-digest", t => t.Remove(t.IndexOf("\"event\""), t.IndexOf("\"format\"") - t.IndexOf("\"event\"")));
        yield return Form("negative-number", t => t.Replace("\"index\":3,", "\"index\":-3,"));
        yield return Form("fraction", t => t.Replace("\"index\":3,", "\"index\":3.0,"));
        yield return Form("exponent", t => t.Replace("\"index\":3,", "\"index\":3e0,"));
        yield return Form("number-too-large", t => t.Replace("\"index\":3,", "\"index\":9007199254740992,"));
        yield return Form("number-as-text", t => t.Replace("\"index\":3,", "\"index\":\"3\","));
        yield return Form("upper-case-hex", t => UpperCase(t));
        yield return Form("base64-without-padding", t => t.Replace("=\"", "\""));
        yield return Form("checkpoint-with-extension",
            t => t.Replace("evidence\\n7\\n", "evidence\\n7\\n").Replace("\\n\\n—", "\\nmore\\n\\n—"));
        yield return Form("checkpoint-without-signature", t => t.Remove(t.IndexOf("— "), t.IndexOf("\",\"index\"") - t.IndexOf("— ")));
        yield return Form("checkpoint-size-with-zero", t => t.Replace("evidence\\n7\\n", "evidence\\n07\\n"));
        foreach (var (name, text) in Events())
            yield return new Draft { Text = t => WithEvent(t, text) }.Case("unreadable-event-" + name, "bundle");
    }

    private static IEnumerable<(string, string)> Events()
    {
        var right = Encoding.UTF8.GetString(TestNetwork.Event());
        yield return ("not-json", "hello");
        yield return ("newline", right + "\n");
        yield return ("missing-member", right.Replace(",\"version\":1", ""));
        yield return ("unknown-member", right.Replace(",\"version\":1", ",\"version\":1,\"x\":1"));
        yield return ("two-names-in-one", "{\"actor,data\":" + right[(right.IndexOf("\"data\":") + 7)..]);
        yield return ("doubled-member", right.Replace("\"version\":1", "\"version\":1,\"version\":2"));
        yield return ("fraction", right.Replace("\"version\":1", "\"version\":1.5"));
        yield return ("lone-surrogate", right.Replace("收到", "\\ud800"));
    }

    private static IEnumerable<GoldenCase> Trusts()
    {
        var next = new TestNetwork(5, "later");
        ValidatorSet Adopt(int? seals = null, Hash32? code = null,
            Func<ValidatorSetProof, ValidatorSetProof>? change = null) => new TestNetwork(4).Adopt(next, 12, seals, code, change);
        yield return Set("set-sealed-by-too-few", Adopt(seals: 2));
        yield return Set("set-of-other-contract", Adopt(code: Hash32.Zero));
        yield return Set("set-of-other-addresses", Adopt() with { Addresses = [.. next.Validators.Skip(1)] });
        yield return Set("set-of-other-block", Adopt() with { From = 13 });
        yield return Set("set-without-element-proof", Adopt(change: p => p with { StorageProofs = [.. p.StorageProofs.Take(5)] }));
        yield return Set("set-with-surplus-node",
            Adopt(change: p => p with { AccountProof = [.. p.AccountProof, p.AccountProof[0]] }));
        yield return Set("set-by-strangers", new TestNetwork(4, "stranger").Adopt(next, 12));
        yield return Trust("sets-out-of-order", t => t with { Validators = [.. t.Validators, Adopt(), Adopt()] });
        yield return Trust("set-against-pin",
            t => t with { Validators = [.. t.Validators, Adopt()], Pin = new PinnedBlock(11, Hash32.Zero) });
        yield return Trust("no-set", t => t with { Validators = [] });
        yield return Trust("empty-set", t => t with { Validators = [t.Validators[0] with { Addresses = [] }] });
        yield return Trust("unsorted-addresses",
            t => t with { Validators = [t.Validators[0] with { Addresses = [.. t.Validators[0].Addresses.Reverse()] }] });
        yield return Trust("one-contract", t => t with { Contracts = [t.Contracts[0]] });
        yield return Trust("contracts-swapped", t => t with { Contracts = [t.Contracts[1], t.Contracts[0]] });
        yield return Trust("no-log", t => t with { Logs = [] });
        yield return Trust("log-twice", t => t with { Logs = [t.Logs[0], t.Logs[0]] });
        yield return Trust("short-key", t => t with { Logs = [t.Logs[0] with { PublicKey = new byte[31] }] });
        yield return new Draft { TrustText = t => t + "\n" }.Case("unreadable-trust-newline", "trust-file");
        yield return new Draft { TrustText = t => t.Replace("\"group\":", "\"groop\":") }
            .Case("unreadable-trust-unknown-member", "trust-file");
        yield return new Draft { TrustText = _ => "", Text = _ => "" }.Case("unreadable-both", "trust-file");
    }

    private static GoldenCase Form(string name, Func<string, string> change) =>
        new Draft { Text = change }.Case("unreadable-" + name, "bundle");

    private static GoldenCase Set(string name, ValidatorSet set) =>
        Trust(name, t => t with { Validators = [.. t.Validators, set] });

    private static GoldenCase Trust(string name, Func<TrustFile, TrustFile> change) =>
        new Draft { Trust = change }.Case("unreadable-trust-" + name, "trust-file");

    private static string UpperCase(string text)
    {
        var start = text.IndexOf("\"path\":[\"") + 9;
        return text[..start] + text.Substring(start, 64).ToUpperInvariant() + text[(start + 64)..];
    }

    private static string WithEvent(string text, string content)
    {
        var start = text.IndexOf("\"event\":\"") + 9;
        return text[..start] + Convert.ToBase64String(Encoding.UTF8.GetBytes(content)) + text[text.IndexOf('"', start)..];
    }
}
