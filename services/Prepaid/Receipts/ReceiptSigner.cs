using System.Text;
using EventStore;
using Prepaid.Cards;
using Proofs.Notes;
using ServiceDefaults;
using ServiceDefaults.Problems;

namespace Prepaid.Receipts;

/// <summary>
/// The service's signature under receipts: Ed25519, so that the same receipt always has the same bytes.
/// </summary>
/// <param name="name">Name of the key.</param>
/// <param name="seed">Its seed, 32 bytes.</param>
internal sealed class ReceiptSigner(string name, byte[] seed)
{
    private readonly NoteSigner _signer = new(name, NoteAlgorithm.Ed25519, seed);

    /// <summary>What verifiers know of the key.</summary>
    public NoteKey Public => _signer.Public;

    /// <summary>A receipt as a signed note with the merchant's line where there is one.</summary>
    public async Task<IResult> AnswerAsync(Guid card, long number, Store store, CancellationToken token) =>
        await NoteAsync(card, number, store, token) is { } note
            ? TypedResults.Text(note.ToString(), "text/plain", Encoding.UTF8)
            : Problem.Of("receipt-not-found", ("number", number));

    /// <summary>The receipt; it is folded from the events and kept nowhere. Null where there is none.</summary>
    public async Task<SignedNote?> NoteAsync(Guid card, long number, Store store, CancellationToken token)
    {
        Card state = Card.Initial;
        foreach (StoredEvent stored in await store.FetchStreamAsync(CardEvents.Stream(card), token))
        {
            CardEvent e = (CardEvent)stored.Data;
            state = Card.Evolve(state, e);
            if (Receipt.NumberOf(e) != number)
                continue;
            string text = Receipt.Text(
                card, state, e, (stored.Id, Convert.ToHexStringLower(stored.Digest.Span)), stored.OccurredAt,
                CardRun.Day(stored.OccurredAt));
            NoteSignature? own = await MerchantSigning.FindAsync(store.DataSource, state.Merchant, card, number, token);
            return new SignedNote(text, own is null ? [_signer.Sign(text)] : [_signer.Sign(text), own]);
        }
        return null;
    }

    /// <summary>Wires it with a key of the service's own, made at the first start.</summary>
    public static void Add(WebApplicationBuilder builder) => builder.Services.AddSingleton(s =>
    {
        ServiceOptions options = s.GetRequiredService<Microsoft.Extensions.Options.IOptions<ServiceOptions>>().Value;
        return new ReceiptSigner(
            "prepaid-receipts", SecretFile.ReadOrCreate(Path.Combine(options.Data, "receipt.key")));
    });
}
