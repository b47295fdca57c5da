using System.Text.Json;

namespace ReceivablesAudit;

/// <content>Vouchers that came from another platform, and those that went to one.</content>
internal sealed partial class Family
{
    /// <summary>What another platform states of its holders covers the face, each fen once.</summary>
    private void TakenOver(JsonElement d)
    {
        Require(_stage == "offered" && _at.Version == 2, "voucher-stage", "the second event", _stage);
        Answered(d.Text("command"), null, [new Interval(0, FaceFen)]);
        long at = 0;
        _leaves.Clear();
        foreach (JsonElement part in d.List("stated").OrderBy(p => p.Number("start")))
        {
            (long start, long fen, string to) = (part.Number("start"), part.Number("fen"), part.Text("to"));
            Require(start == at && fen > 0, "I4-partition", at, start);
            _leaves.Add(new Leaf(start, start + fen, new Claim(
                to, d.Text("command"), (int)part.Number("depth"), Offer: d.Text("command"), To: to)));
            Post(null, to, fen);
            at = start + fen;
        }
        Require(at == FaceFen, "I1-face", FaceFen, at);
        _stage = "active";
    }

    /// <summary>
    /// Nothing moves from the debtor's word on; what is closed as moved was agreed and filed to that very platform, and is
    /// stated as it was held.
    /// </summary>
    private void Handover(string kind, JsonElement d)
    {
        switch (kind)
        {
            case "handover-agreed":
                RequireBeforeCutOff();
                Require(d.Text("by") == _debtor && d.Number("faceFen") == FaceFen, "voucher-stage", _debtor, d.Text("by"));
                RequireAll(new Interval(0, FaceFen), c => c is { Pledge: null, Freeze: null, Offer: null, Recourse: null },
                    "I6-encumbered", "free", c => c.Offer ?? c.Pledge ?? c.Freeze?.Id ?? c.Recourse?.Id);
                (_stage, _leaving) = ("leaving", d.Text("platform"));
                break;
            case "handover-filed":
                Require(_stage == "leaving" && d.Text("platform") == _leaving, "voucher-stage", $"agreed with {_leaving}",
                    $"{_stage} {d.Text("platform")}");
                (_stage, _filed) = ("handed-over", d.Text("number"));
                break;
            case "handover-ended":
                Require(_stage == (d.Text("reason") == "declined" ? "handed-over" : "leaving"), "voucher-stage",
                    "a handover that can end so", $"{_stage}, {d.Text("reason")}");
                _stage = "active";
                break;
            default:
                Require(_stage == "handed-over" && (d.Text("platform"), d.Text("number")) == (_leaving, _filed),
                    "voucher-stage", $"handed over to {_leaving}/{_filed}", $"{_stage} {d.Text("platform")}");
                MovedAway(d.List("stated"));
                break;
        }
    }

    private void MovedAway(IEnumerable<JsonElement> stated)
    {
        long at = 0;
        foreach (JsonElement part in stated.OrderBy(p => p.Number("start")))
        {
            (long start, long fen, string to) = (part.Number("start"), part.Number("fen"), part.Text("to"));
            Require(start == at && fen > 0, "I4-partition", at, start);
            RequireAll(new Interval(start, start + fen), c => c.Holder == to, "I4-holder", to, c => c.Holder);
            Post(to, null, fen);
            at = start + fen;
        }
        Require(at == FaceFen, "I1-face", FaceFen, at);
        _stage = "moved";
    }
}
