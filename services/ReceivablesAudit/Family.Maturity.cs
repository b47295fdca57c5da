using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ReceivablesAudit;

/// <content>Cut-off, payment, default and recourse.</content>
internal sealed partial class Family
{
    /// <summary>The cut-off: the list of payees is derived and must have the hash that was recorded.</summary>
    private void Snapshot(JsonElement d)
    {
        Require(_stage == "active", "voucher-stage", "active", _stage);
        Require(_at.At >= _cutOff, "I7-cut-off", $"not before {_cutOff:u}", _at.At.ToString("u"));
        Payees = [.. Joined().Select(l => (l.Start, l.End, l.Claim.Payee))];
        string lines = string.Concat(Payees.Select(p => string.Create(CultureInfo.InvariantCulture,
            $"{p.Start}-{p.End} {p.Payee}\n")));
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)));
        Require(hash == d.Text("payeesSha256") && Payees.Count == d.Number("fragments"), "I7-payees",
            $"{Payees.Count} payees {hash}", $"{d.Number("fragments")} payees {d.Text("payeesSha256")}");
        _stage = "presented";
    }

    private void Pay(JsonElement d)
    {
        Require(_stage is "presented" or "overdue", "voucher-stage", "presented or overdue", _stage);
        Require(_receipts.Add(d.Text("receipt")), "I8-receipt-twice", "a new receipt", d.Text("receipt"));
        foreach (JsonElement payment in d.List("payments"))
        {
            Interval i = payment.Interval();
            long fen = payment.Number("fen");
            RequireAll(i, c => c.Holder == payment.Text("holder"), "I4-holder", payment.Text("holder"), c => c.Holder);
            RequireAll(i, c => c.Payee == payment.Text("payee"), "I8-payee", payment.Text("payee"), c => c.Payee);
            Require(fen > 0 && _paid.Pay(i, fen) == 0, "I1-face", $"at most {i.Fen} on {i}", _paid.In(i) + fen);
            Post(payment.Text("holder"), null, fen);
            PaidByReceipt[d.Text("receipt")] = PaidByReceipt.GetValueOrDefault(d.Text("receipt")) + fen;
        }
        Require(Paid <= FaceFen, "I1-face", $"at most {FaceFen} paid", Paid);
    }

    private void ClaimedRecourse(JsonElement d)
    {
        Require(_stage == "overdue", "voucher-stage", "overdue", _stage);
        foreach (Interval i in d.Intervals())
        {
            RequireAll(i, c => c.Holder == d.Text("holder"), "I4-holder", d.Text("holder"), c => c.Holder);
            RequireAll(i, c => c.Recourse is { } r && r.Id == d.Text("sale") && r.Who == d.Text("seller"), "recourse",
                $"sold by {d.Text("seller")} in {d.Text("sale")}", c => c.Recourse?.Id);
        }
        Change(d.Intervals(), c => c with { Offer = d.Text("command"), To = d.Text("seller") });
    }

    private void Repurchased(JsonElement d)
    {
        foreach (Interval i in d.Intervals())
        {
            RequireAll(i, c => c.Holder == d.Text("holder"), "I4-holder", d.Text("holder"), c => c.Holder);
            RequireAll(i, c => c.To == d.Text("seller") && c.Recourse?.Id == d.Text("sale"), "recourse",
                $"claimed of {d.Text("seller")} in {d.Text("sale")}", c => c.Recourse?.Id);
        }
        Post(d.Text("holder"), d.Text("seller"), d.Intervals().Sum(i => i.Fen - _paid.In(i)));
        Change(d.Intervals(), c => c with
        {
            Holder = d.Text("seller"),
            Via = d.Text("command"),
            Offer = null,
            To = null,
            Recourse = c.Recourse?.Next,
        });
    }
}
