using System.Text;
using Proofs.Json;

namespace Proofs.Liabilities;

/// <summary>What a holder's check of a day came to.</summary>
/// <param name="Verdict">Proven, refuted, unreadable, or incomplete where the trust file is too old.</param>
/// <param name="Reason">Why: <c>ok</c>, a fault of the proof, or a reason of the chain's proof.</param>
/// <param name="Day">The day, where it is known.</param>
/// <param name="Own">The card's balance by the holder's receipt, where it is known.</param>
/// <param name="Root">The root on the chain, where it is proven.</param>
/// <param name="Block">The block that proves it.</param>
public sealed record LiabilityResult(
    Verdict Verdict, string Reason, DateOnly? Day = null, CardBalance? Own = null, LiabilityRoot? Root = null,
    ProvingBlock? Block = null)
{
    /// <summary>The result as RFC 8785 JSON, the same from every verifier; amounts in fen.</summary>
    public byte[] ToJson()
    {
        List<(string, JsonValue)> members =
            [("verdict", new JsonString(Verdict.ToString().ToLowerInvariant())), ("reason", new JsonString(Reason))];
        if (Day is { } day)
            members.Add(("day", FileForm.Day(day)));
        if (Own is { } own)
        {
            members.Add(("own", Amounts(own.Owed, ("card", new JsonString(own.Card.ToString())),
                ("receipt", new JsonInteger(own.Receipt)))));
        }
        if (Root is { } root)
            members.Add(("total", Amounts(root.Total, ("root", new JsonString(Convert.ToHexStringLower(root.Hash))))));
        if (Block is { } block)
        {
            members.Add(("block", JsonObject.Of(
                ("number", new JsonInteger(block.Number)), ("timestamp", new JsonInteger(block.Timestamp)))));
        }
        return CanonicalJson.Write(JsonObject.Of(members));
    }

    private static JsonObject Amounts(Liability owed, params (string, JsonValue)[] more) => JsonObject.Of(
        [("principal", new JsonInteger(owed.PrincipalFen)), ("gift", new JsonInteger(owed.GiftFen)), .. more]);
}

/// <summary>
/// A holder's check, offline: own receipt, the service's proof, the root with its proof by the chain, the trust file.
/// Only the receipt and the trust file are believed.
/// </summary>
public static class LiabilityAudit
{
    /// <summary>Checks that the balance of a receipt is counted in the root of a day.</summary>
    /// <param name="receipt">The holder's last receipt up to that day, a signed note.</param>
    /// <param name="proof">File <c>prepaid-liability/1</c>.</param>
    /// <param name="root">File <c>prepaid-root/1</c>.</param>
    /// <param name="trustFile">The trust file of the chain group.</param>
    public static LiabilityResult Check(
        string receipt, ReadOnlySpan<byte> proof, ReadOnlySpan<byte> root, ReadOnlySpan<byte> trustFile)
    {
        if (TrustFile.Parse(trustFile) is not { } trust)
            return Unreadable("trust-file");
        if (ReceiptClaim.Parse(receipt) is not { } claim)
            return Unreadable("receipt");
        if (LiabilityRootFile.Parse(root) is not { } rooted)
            return Unreadable("root");
        if (LiabilityProofFile.Parse(proof) is not { } file)
            return Unreadable("proof");
        if (rooted.Merchant != claim.Merchant || file.Merchant != claim.Merchant)
            return new LiabilityResult(Verdict.Refuted, "other-merchant", rooted.Day);
        if (rooted.Day != file.Day || rooted.Day < claim.Day)
            return new LiabilityResult(Verdict.Refuted, "other-day", rooted.Day);
        (Answer answer, ProvingBlock? block, LiabilityRoot? known) = rooted.Read(trust);
        CardBalance own = claim.On(rooted.Day);
        if (answer.State != AnswerState.Proven)
        {
            Verdict verdict = answer.State == AnswerState.Refuted ? Verdict.Refuted : Verdict.Incomplete;
            return new LiabilityResult(verdict, answer.Reason, rooted.Day, own);
        }
        if (known is null)
            return new LiabilityResult(Verdict.Refuted, "no-root", rooted.Day, own, null, block);
        LiabilityFault fault = LiabilityCheck.Verify(known, claim.Merchant, rooted.Day, own, file.Proofs);
        return new LiabilityResult(
            fault == LiabilityFault.None ? Verdict.Proven : Verdict.Refuted, Name(fault), rooted.Day, own, known, block);
    }

    /// <summary>A fault's stable name.</summary>
    public static string Name(LiabilityFault fault)
    {
        if (fault == LiabilityFault.None)
            return "ok";
        StringBuilder name = new();
        foreach (char c in fault.ToString())
            name.Append(char.IsUpper(c) && name.Length > 0 ? "-" : "").Append(char.ToLowerInvariant(c));
        return name.ToString();
    }

    private static LiabilityResult Unreadable(string file) => new(Verdict.Unreadable, file);
}
