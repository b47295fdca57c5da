using Proofs.Json;
using Proofs.Liabilities;
using Proofs.Notes;

namespace Proofs.Receipts;

/// <summary>Keys that receipts of a merchant are signed with, file <c>prepaid-keys/1</c>.</summary>
/// <param name="Merchant">The issuer.</param>
/// <param name="Service">The service's key.</param>
/// <param name="Own">The merchant's own keys, of every till, those that were revoked too.</param>
public sealed record ReceiptKeys(string Merchant, NoteKey Service, IReadOnlyList<EcdsaNoteKey> Own)
{
    /// <summary>The name of the format.</summary>
    public const string Format = "prepaid-keys/1";

    /// <summary>Reads a file; null unless it has its one form.</summary>
    public static ReceiptKeys? Parse(ReadOnlySpan<byte> utf8)
    {
        if (CanonicalJson.Parse(utf8) is not { } json)
            return null;
        try
        {
            Members members = new(json);
            members.Constant("format", Format);
            string merchant = members.Text("merchant");
            Members service = members.Object("service");
            ReceiptKeys keys = new(merchant,
                new NoteKey(service.Text("name"), NoteAlgorithm.Ed25519, service.Base64("key", Ed25519.PublicKeySize)),
                members.List("keys", key => new EcdsaNoteKey(merchant, Members.Base64(key))));
            service.End();
            members.End();
            return keys;
        }
        catch (MisshapenException)
        {
            return null;
        }
    }

    /// <summary>The file's one form.</summary>
    public byte[] ToBytes() => CanonicalJson.Write(JsonObject.Of(
        ("format", new JsonString(Format)),
        ("merchant", new JsonString(Merchant)),
        ("service", JsonObject.Of(
            ("name", new JsonString(Service.Name)),
            ("key", new JsonString(Convert.ToBase64String(Service.PublicKey))))),
        ("keys", new JsonArray([.. Own.Select(k => new JsonString(Convert.ToBase64String(k.Spki)))]))));
}

/// <summary>Who signed a receipt.</summary>
/// <param name="Claim">What it says; null where it is no receipt.</param>
/// <param name="ByService">Whether the service signed it.</param>
/// <param name="ByMerchant">Whether the merchant did, with one of its own keys.</param>
public sealed record ReceiptCheck(ReceiptClaim? Claim, bool ByService, bool ByMerchant)
{
    /// <summary>Checks one receipt.</summary>
    public static ReceiptCheck Of(string note, ReceiptKeys keys)
    {
        if (ReceiptClaim.Parse(note) is not { } claim || claim.Merchant != keys.Merchant)
            return new ReceiptCheck(null, false, false);
        SignedNote signed = SignedNote.Parse(note)!;
        return new ReceiptCheck(claim, signed.Signatures.Any(s => keys.Service.Verifies(signed.Text, s)),
            signed.Signatures.Any(s => keys.Own.Any(k => k.Verifies(signed.Text, s))));
    }

    /// <summary>
    /// Numbers that are missing between the first and the last of a card's receipts: a movement that its holder was not
    /// told of, or a receipt that was lost.
    /// </summary>
    public static IReadOnlyList<long> Missing(IEnumerable<ReceiptClaim> receipts)
    {
        SortedSet<long> numbers = [.. receipts.Select(r => r.Number)];
        List<long> missing = [];
        for (long number = 1; number < numbers.Max; number++)
        {
            if (!numbers.Contains(number))
                missing.Add(number);
        }
        return missing;
    }
}
