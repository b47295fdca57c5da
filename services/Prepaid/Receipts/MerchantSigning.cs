using EventStore;
using FluentValidation;
using Npgsql;
using Prepaid.Cards;
using Prepaid.Merchants;
using Proofs.Notes;
using Proofs.Receipts;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Prepaid.Receipts;

/// <summary>A till's key.</summary>
/// <param name="Key">Public key of P-256, SPKI in base64.</param>
/// <param name="Till">What the merchant calls the device.</param>
public sealed record RegisterKeyRequest(string? Key = null, string? Till = null);

/// <summary>The merchant's signature under a receipt.</summary>
/// <param name="Key">The registered key, SPKI in base64.</param>
/// <param name="Signature">Over the receipt's text, IEEE P1363 in base64.</param>
public sealed record SignReceiptRequest(string? Key = null, string? Signature = null);

internal sealed class RegisterKeyShape : AbstractValidator<RegisterKeyRequest>
{
    public RegisterKeyShape()
    {
        RuleFor(r => r.Key).Required();
        RuleFor(r => r.Key).Must(k => MerchantSigning.Bytes(k) is { } spki && EcdsaNoteKey.IsKey(spki))
            .WithErrorCode("field-form");
        RuleFor(r => r.Till).Required();
        RuleFor(r => r.Till).Text(1, 100);
    }
}

internal sealed class SignReceiptShape : AbstractValidator<SignReceiptRequest>
{
    public SignReceiptShape()
    {
        RuleFor(r => r.Key).Required();
        RuleFor(r => r.Signature).Required();
        RuleFor(r => r.Signature).Must(s => MerchantSigning.Bytes(s) is { Length: 64 }).WithErrorCode("field-form");
    }
}

/// <summary>
/// The merchant's own signature under receipts: a key of the till that the service never has, so that neither can write a
/// receipt alone. A receipt without it says so by its lines.
/// </summary>
internal static class MerchantSigning
{
    /// <summary>Its table: a signature proves itself, so that it is no event.</summary>
    public const string Schema =
        """
        create table receipt_signatures (
            card      uuid   not null,
            number    bigint not null,
            key       bytea  not null,
            signature bytea  not null,
            primary key (card, number)
        );
        """;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/merchants/own/keys", RegisterAsync).RequireRoles(Role.Admin).Validate(new RegisterKeyShape())
            .WithName("RegisterReceiptKey").WithSummary("Registers a till's key, which then signs receipts.");
        app.MapPost("/merchants/own/key-revocations", RevokeAsync).RequireRoles(Role.Admin)
            .Validate(new RegisterKeyShape())
            .WithName("RevokeReceiptKey").WithSummary("Ends a till's key; what it signed stays good.");
        app.MapGet("/open/merchants/{id}/keys", KeysAsync).OpenToAll()
            .WithName("GetReceiptKeys").WithSummary("The keys that a merchant's receipts are signed with.");
        app.MapPost("/cards/{id:guid}/receipts/{number:long}/signature", SignAsync).RequireRoles(Role.Member)
            .Validate(new SignReceiptShape())
            .WithName("SignReceipt").WithSummary("Adds the merchant's own signature to a receipt.");
    }

    /// <summary>Base64, or null.</summary>
    internal static byte[]? Bytes(string? base64)
    {
        byte[] bytes = new byte[base64?.Length ?? 0];
        return base64 is not null && Convert.TryFromBase64String(base64, bytes, out int length) ? bytes[..length] : null;
    }

    /// <summary>The merchant's line under a receipt; null where it has not signed.</summary>
    public static async Task<NoteSignature?> FindAsync(
        NpgsqlDataSource database, string merchant, Guid card, long number, CancellationToken token)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            "select key, signature from receipt_signatures where card = $1 and number = $2");
        query.Parameters.Add(new() { Value = card });
        query.Parameters.Add(new() { Value = number });
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(token);
        return await rows.ReadAsync(token)
            ? new NoteSignature(merchant, new EcdsaNoteKey(merchant, rows.GetFieldValue<byte[]>(0)).Id,
                rows.GetFieldValue<byte[]>(1))
            : null;
    }

    private static Task<IResult> RegisterAsync(HttpContext http, Caller caller, JsonBody<RegisterKeyRequest> body) =>
        FileMerchant.RunAsync(http, caller, caller.Tenant, body.Bytes,
            new MerchantCommand.RegisterKey(body.Value.Key!, body.Value.Till!));

    private static Task<IResult> RevokeAsync(HttpContext http, Caller caller, JsonBody<RegisterKeyRequest> body) =>
        FileMerchant.RunAsync(http, caller, caller.Tenant, body.Bytes,
            new MerchantCommand.RevokeKey(body.Value.Key!, body.Value.Till!));

    private static async Task<IResult> KeysAsync(string id, Store store, ReceiptSigner signer, CancellationToken token)
    {
        Merchant merchant = await store.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(id), token);
        return merchant.Filing is null ? Problem.Of(Merchant.Missing) : TypedResults.Bytes(new ReceiptKeys(
            id, signer.Public, [.. merchant.Keys.Keys.Order(StringComparer.Ordinal)
                .Select(k => new EcdsaNoteKey(id, Convert.FromBase64String(k)))]).ToBytes(), "application/json");
    }

    private static async Task<IResult> SignAsync(
        Guid id, long number, Caller caller, JsonBody<SignReceiptRequest> body, Store store, ReceiptSigner signer,
        CancellationToken token)
    {
        Merchant merchant = await store.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(caller.Tenant), token);
        if (!merchant.Keys.TryGetValue(body.Value.Key!, out MerchantKey? key) || key.Revoked)
            return Problem.Of("receipt-key-unknown");
        CardRun.OwnedBy(caller.Tenant)(await store.AggregateStreamAsync<Card>(CardEvents.Stream(id), token));
        if (await signer.NoteAsync(id, number, store, token) is not { } note)
            return Problem.Of("receipt-not-found", ("number", number));
        byte[] spki = Convert.FromBase64String(body.Value.Key!);
        EcdsaNoteKey own = new(caller.Tenant, spki);
        byte[] signature = Bytes(body.Value.Signature)!;
        if (!own.Verifies(note.Text, new NoteSignature(caller.Tenant, own.Id, signature)))
            return Problem.Of("receipt-signature-wrong", ("number", number));
        await using NpgsqlCommand insert = store.DataSource.CreateCommand(
            "insert into receipt_signatures values ($1, $2, $3, $4) on conflict do nothing");
        foreach (object value in (object[])[id, number, spki, signature])
            insert.Parameters.Add(new() { Value = value });
        await insert.ExecuteNonQueryAsync(token);
        return await signer.AnswerAsync(id, number, store, token);
    }
}
