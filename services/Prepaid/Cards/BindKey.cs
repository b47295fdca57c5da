using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EventStore;
using FluentValidation;
using Proofs.Receipts;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Prepaid.Cards;

/// <summary>The key of a holder's page.</summary>
/// <param name="Key">Public key of P-256, SPKI in base64url.</param>
/// <param name="Signature">
/// By the key that the card has now, over <c>prepaid-key/1|card|new key</c> (ECDSA, SHA-256, IEEE P1363, base64url); null
/// where the card has none.
/// </param>
public sealed record BindKeyRequest(string? Key = null, string? Signature = null);

internal sealed class BindKeyShape : AbstractValidator<BindKeyRequest>
{
    private const int Longest = 200;

    public BindKeyShape()
    {
        RuleFor(r => r.Key).Required();
        RuleFor(r => r.Key).Must(k => k is null || k.Length <= Longest && Base64Url.IsValid(k)
            && EcdsaNoteKey.IsKey(Base64Url.DecodeFromChars(k))).WithErrorCode("field-form");
        RuleFor(r => r.Signature).Text(1, Longest);
    }
}

/// <summary>
/// A holder's device takes a card: its page makes a key and shows codes that only it can sign. Whoever has the link may do
/// so once; after that a card goes to another device only with the signature of the first.
/// </summary>
internal static class BindKey
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/open/cards/{id:guid}/key", BindAsync).OpenToAll().Validate(new BindKeyShape())
            .WithName("BindCardKey").WithSummary("The holder's page makes a key for codes of the card.");

    /// <summary>Exactly what the key that goes signs for the one that comes.</summary>
    public static byte[] Signed(Guid card, string key) => Encoding.UTF8.GetBytes($"prepaid-key/1|{card}|{key}");

    /// <summary>Whether a card may get another key.</summary>
    internal static bool MayBind(Guid id, Card card, BindKeyRequest request)
    {
        if (card.Key is null || card.Key == request.Key)
            return true;
        try
        {
            using ECDsa before = ECDsa.Create();
            before.ImportSubjectPublicKeyInfo(Base64Url.DecodeFromChars(card.Key), out _);
            return request.Signature is { } signature && before.VerifyData(
                Signed(id, request.Key!), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256);
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return false;
        }
    }

    private static Task<IResult> BindAsync(Guid id, HttpContext http, JsonBody<BindKeyRequest> body, Store store) =>
        HolderAccess.RunAsync(
            id, http, store, $"key {body.Value.Key}", _ => new CardCommand.ChangeKey(body.Value.Key, "holder"), card =>
            {
                if (!MayBind(id, card, body.Value))
                    throw new ProblemException(Problem.Of("card-key-bound"));
            });
}
