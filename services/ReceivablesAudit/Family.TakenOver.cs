using System.Text.Json;

namespace ReceivablesAudit;

/// <content>Vouchers that came from another platform.</content>
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
}
