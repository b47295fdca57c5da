using Traceability.Codes.Validation;

namespace Traceability.Scanning;

/// <summary>What a scanned serial is, from memory.</summary>
internal sealed class CodeRegister(CodeValidator validator, CodeTables tables)
{
    /// <summary>Whether all issued codes are known yet.</summary>
    public bool IsLoaded => tables.Loaded;

    /// <summary>
    /// The one identity of what was scanned, and what its code is: a serial that was typed with other letters is
    /// corrected, and the lot is the one that its label was activated for, whichever the link names. With it comes who issued
    /// the code, or took it over from another system; null where nobody did.
    /// </summary>
    public (ItemKey Key, CodeState State, string? Issuer) Identify(ItemKey key)
    {
        if (key.Serial is null)
            return (key, CodeState.NotIssuedHere, null);
        CodeFinding found = validator.Find($"https://id.gs1.org/01/{key.Gtin}/21/{Uri.EscapeDataString(key.Serial)}");
        if (found.Standing == CodeStanding.NotOurs)
            return (key, validator.IsIssued(key.Gtin) ? CodeState.NotOurs : CodeState.NotIssuedHere, null);
        LabelPlace? label = found.Batch is { } batch
            ? new LabelPlace(batch.Id, found.Counter, found.Activation?.Dealer)
            : null;
        string? bound = found.Activation?.Lot;
        return (key with
        {
            Serial = found.Serial,
            Lot = bound ?? key.Lot,
            OtherLot = bound is not null && key.Lot is not null && key.Lot != bound ? key.Lot : null,
            IsBound = bound is not null,
            Label = label,
        },
            found switch
            {
                { Standing: CodeStanding.InUse } => CodeState.InUse,
                { Reason: "destroyed" } => CodeState.Destroyed,
                _ => CodeState.NotInUse,
            },
            found.Batch?.Tenant ?? found.List?.Tenant);
    }
}
