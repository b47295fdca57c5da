using System.Collections.Immutable;
using System.Globalization;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Prepaid.Cards;
using Prepaid.Receipts;
using Proofs.Notes;
using Proofs.Receipts;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Stores;

namespace Prepaid.Custody;

/// <summary>Facts about a bank's keys.</summary>
public abstract record BankEvent
{
    private BankEvent()
    {
    }

    /// <summary>A key signs figures from now on; SPKI in base64.</summary>
    public sealed record KeyRegistered(string Key) : BankEvent;

    /// <summary>It signs no more; what it signed stays good.</summary>
    public sealed record KeyRevoked(string Key, string Reason) : BankEvent;
}

/// <summary>A bank's keys, folded: whether each is still good.</summary>
public sealed record BankKeys(ImmutableDictionary<string, bool> Good)
{
    /// <summary>Before the first event.</summary>
    public static readonly BankKeys Initial = new(ImmutableDictionary<string, bool>.Empty);

    /// <summary>Folds one event.</summary>
    public static BankKeys Evolve(BankKeys keys, BankEvent e) => e switch
    {
        BankEvent.KeyRegistered r => new(keys.Good.SetItem(r.Key, true)),
        BankEvent.KeyRevoked r => new(keys.Good.SetItem(r.Key, false)),
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a bank."),
    };

    /// <summary>Registers a key, or ends one. One that was ended never comes back.</summary>
    public static Decision<BankEvent> Decide(BankKeys keys, BankEvent wanted) => wanted switch
    {
        BankEvent.KeyRegistered r when keys.Good.TryGetValue(r.Key, out bool good) => good
            ? new Decision<BankEvent>.Accepted([]) : new Decision<BankEvent>.Refused("bank-key-ended"),
        BankEvent.KeyRevoked r when !keys.Good.GetValueOrDefault(r.Key) =>
            new Decision<BankEvent>.Refused("bank-key-unknown"),
        _ => new Decision<BankEvent>.Accepted([wanted]),
    };
}

/// <summary>A bank's key.</summary>
/// <param name="Key">Public key of P-256, SPKI in base64.</param>
/// <param name="Ended">Why it ends; null to register it.</param>
public sealed record BankKeyRequest(string? Key = null, string? Ended = null);

/// <summary>A bank's signature under a day's balance.</summary>
public sealed record SignFigureRequest(long Fen = 0, string? Key = null, string? Signature = null);

/// <summary>
/// What the custody bank says that a merchant's account held at a day's end. The text is what is signed (ECDSA, P-256,
/// SHA-256, IEEE P1363), so that anybody checks it without the service.
/// </summary>
/// <param name="Bank">The bank's organisation.</param>
/// <param name="Fen">The balance.</param>
/// <param name="Text">Exactly what is signed.</param>
/// <param name="Key">The bank's key, SPKI in base64.</param>
/// <param name="Signature">64 bytes in base64.</param>
public sealed record SignedFigure(string Bank, long Fen, string Text, string Key, string Signature)
{
    /// <summary>The text of a figure.</summary>
    public static string TextOf(string bank, string merchant, string account, DateOnly day, long fen) => string.Create(
        CultureInfo.InvariantCulture,
        $"prepaid-custody/1\nbank {bank}\nmerchant {merchant}\naccount {account}\nday {day:yyyy-MM-dd}\nbalance {fen}\n");

    /// <summary>Whether the key signed the text.</summary>
    public bool IsSigned
    {
        get
        {
            EcdsaNoteKey key = new(Bank, MerchantSigning.Bytes(Key) ?? []);
            return MerchantSigning.Bytes(Signature) is { Length: 64 } bytes
                && key.Verifies(Text, new NoteSignature(Bank, key.Id, bytes));
        }
    }
}

internal sealed class BankKeyShape : AbstractValidator<BankKeyRequest>
{
    public BankKeyShape()
    {
        RuleFor(r => r.Key).Required();
        RuleFor(r => r.Key).Must(k => MerchantSigning.Bytes(k) is { } spki && EcdsaNoteKey.IsKey(spki))
            .WithErrorCode("field-form");
        RuleFor(r => r.Ended).Text(1, 300);
    }
}

internal sealed class SignFigureShape : AbstractValidator<SignFigureRequest>
{
    public SignFigureShape()
    {
        RuleFor(r => r.Fen).InclusiveBetween(-CardDecider.MostFen, CardDecider.MostFen).WithErrorCode("field-range");
        RuleFor(r => r.Key).Required();
        RuleFor(r => r.Signature).Required();
    }
}

/// <summary>The custody bank's signed figure, which stands beside each root.</summary>
internal static class SignFigure
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/banks/own/keys", KeyAsync).RequireRoles(Role.Admin).Validate(new BankKeyShape())
            .WithName("RegisterBankKey").WithSummary("The custody bank registers a key that signs balances, or ends it.");
        app.MapPut("/custody/{merchant}/figures/{day}", SignAsync).RequireRoles(Role.Member)
            .Validate(new SignFigureShape())
            .WithName("SignCustodyFigure").WithSummary("The custody bank signs a day's balance.");
    }

    /// <summary>The stable names and stored forms of banks.</summary>
    public static EventModel AddBankEvents(this EventModel model) => model
        .Event("prepaid.bank-key-registered.v1", PrepaidJson.Default.BankKeyRegistered)
        .Event("prepaid.bank-key-revoked.v1", PrepaidJson.Default.BankKeyRevoked)
        .Aggregate(BankKeys.Initial, (keys, e) => BankKeys.Evolve(keys, (BankEvent)e));

    /// <summary>A merchant's signed figure of a day; null where there is none.</summary>
    public static async Task<SignedFigure?> FindAsync(
        Store store, string merchant, DateOnly day, CancellationToken token)
    {
        CustodyAccount account =
            await store.AggregateStreamAsync<CustodyAccount>(CustodySlice.Stream(merchant), token);
        return account.Figures.TryGetValue(day, out CustodyEvent.FigureSigned? f) ? Figure(merchant, account, f) : null;
    }

    private static string Stream(string bank) => $"bank-{bank}";

    private static SignedFigure Figure(string merchant, CustodyAccount account, CustodyEvent.FigureSigned f) => new(
        account.Bank!, f.Fen, SignedFigure.TextOf(account.Bank!, merchant, account.Account!, f.Day, f.Fen), f.Key,
        f.Signature);

    private static Task<IResult> KeyAsync(HttpContext http, Caller caller, JsonBody<BankKeyRequest> body)
    {
        BankKeyRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, "bank-key", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<BankKeys> stream = await session.FetchForWriting<BankKeys>(Stream(caller.Tenant), token);
            foreach (BankEvent e in BankKeys.Decide(stream.Aggregate, r.Ended is null
                         ? new BankEvent.KeyRegistered(r.Key!) : new BankEvent.KeyRevoked(r.Key!, r.Ended))
                     .EventsOrProblem())
                stream.AppendOne(e);
            return Once.Json(StatusCodes.Status200OK, r, PrepaidJson.Default.BankKeyRequest);
        });
    }

    private static async Task<IResult> SignAsync(
        string merchant, DateOnly day, HttpContext http, Caller caller, JsonBody<SignFigureRequest> body, Store store)
    {
        CustodyEvent.FigureSigned signed = new(day, body.Value.Fen, body.Value.Key!, body.Value.Signature!);
        BankKeys keys = await store.AggregateStreamAsync<BankKeys>(Stream(caller.Tenant), http.RequestAborted);
        return await CustodySlice.RunAsync(http, caller, merchant, body.Bytes, (account, _, _) => Task.FromResult(
            account.Bank != caller.Tenant ? CustodyAccount.Refuse(CustodyAccount.Missing)
            : Sign(account, keys, merchant, signed)));
    }

    /// <summary>Takes a figure: signed by a good key of the bank, one for each day.</summary>
    internal static Decision<CustodyEvent> Sign(
        CustodyAccount account, BankKeys keys, string merchant, CustodyEvent.FigureSigned signed)
    {
        if (!keys.Good.GetValueOrDefault(signed.Key))
            return CustodyAccount.Refuse("bank-key-unknown");
        if (!Figure(merchant, account, signed).IsSigned)
            return CustodyAccount.Refuse("figure-signature-wrong");
        return account.Figures.TryGetValue(signed.Day, out CustodyEvent.FigureSigned? known)
            ? known.Fen == signed.Fen ? CustodyAccount.Accept() : CustodyAccount.Refuse("figure-taken")
            : CustodyAccount.Accept(signed);
    }
}
