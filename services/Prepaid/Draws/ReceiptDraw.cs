using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using EventStore;
using ServiceDefaults;

namespace Prepaid.Draws;

/// <summary>A card that was drawn, and what its check came to.</summary>
/// <param name="Place">Its place among all cards, by id, from 0.</param>
/// <param name="Merchant">Who owes.</param>
/// <param name="Card">The card.</param>
/// <param name="Receipt">The number of its last receipt of the day.</param>
/// <param name="Verdict"><c>proven</c>, <c>refuted</c>, <c>unreadable</c> or <c>incomplete</c>.</param>
/// <param name="Reason">Why, as a holder's check says it.</param>
public sealed record DrawnCard(
    long Place, string Merchant, Guid Card, long Receipt, string Verdict, string Reason);

/// <summary>Facts about a draw.</summary>
public abstract record DrawEvent
{
    private DrawEvent()
    {
    }

    /// <summary>The draw is announced before anybody can know its seed.</summary>
    /// <param name="Day">Whose trees are drawn from.</param>
    /// <param name="Count">How many cards.</param>
    /// <param name="Position">Cards of the feed up to here are drawn from.</param>
    /// <param name="AfterBlock">The hash of the next block is the seed.</param>
    public sealed record Announced(DateOnly Day, int Count, long Position, long AfterBlock) : DrawEvent;

    /// <summary>The cards were drawn and checked.</summary>
    /// <param name="Seed">Hash of the block after the announcement, hexadecimal.</param>
    /// <param name="Population">Cards that were drawn from.</param>
    /// <param name="Cards">Those drawn, in order.</param>
    public sealed record Checked(string Seed, long Population, IReadOnlyList<DrawnCard> Cards) : DrawEvent;
}

/// <summary>A draw, folded; pure.</summary>
/// <param name="Plan">What was announced; null before.</param>
/// <param name="Result">What it came to; null before.</param>
public sealed record ReceiptDraw(DrawEvent.Announced? Plan, DrawEvent.Checked? Result)
{
    /// <summary>There is no such draw.</summary>
    public const string Missing = "draw-not-found";

    /// <summary>Before the first event.</summary>
    public static readonly ReceiptDraw Initial = new(null, null);

    /// <summary>Folds one event.</summary>
    public static ReceiptDraw Evolve(ReceiptDraw draw, DrawEvent e) => e switch
    {
        DrawEvent.Announced a => draw with { Plan = a },
        DrawEvent.Checked c => draw with { Result = c },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a draw."),
    };

    /// <summary>Records a result once.</summary>
    public static Decision<DrawEvent> Record(ReceiptDraw draw, DrawEvent.Checked result) => draw switch
    {
        { Plan: null } => new Decision<DrawEvent>.Refused(Missing),
        { Result: not null } => new Decision<DrawEvent>.Accepted([]),
        _ => new Decision<DrawEvent>.Accepted([result]),
    };

    /// <summary>
    /// The places that a seed draws, each once, in order: the k-th is SHA-256(seed ‖ k in 4 bytes), its first 8 bytes
    /// big-endian, modulo the population. Anybody can draw again.
    /// </summary>
    /// <param name="seed">Hash of the block.</param>
    /// <param name="population">Cards to draw from; far below 2⁴⁰, so that the modulus favours none that matters.</param>
    public static IEnumerable<long> Places(byte[] seed, long population)
    {
        HashSet<long> drawn = [];
        byte[] input = [.. seed, 0, 0, 0, 0];
        for (int k = 0; drawn.Count < population; k++)
        {
            BinaryPrimitives.WriteInt32BigEndian(input.AsSpan(seed.Length), k);
            long place = (long)(BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(input)) % (ulong)population);
            if (drawn.Add(place))
                yield return place;
        }
    }
}

/// <summary>The stable names and stored forms of draws.</summary>
internal static class DrawEvents
{
    private const string Announced = "prepaid.draw-announced.v1";
    private const string Checked = "prepaid.draw-checked.v1";
    private const string Prefix = "draw-";

    /// <summary>All draws have one type of announcement, by which they are listed.</summary>
    public const string AnnouncedType = Announced;

    public static string Stream(Guid id) => $"{Prefix}{id}";

    public static Guid IdOf(string stream) => Guid.Parse(stream.AsSpan(Prefix.Length));

    public static string NameOf(DrawEvent e) => e switch
    {
        DrawEvent.Announced => Announced,
        DrawEvent.Checked => Checked,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddDrawEvents(this EventModel model) => model
        .Event(Announced, DrawJson.Default.Announced)
        .Event(Checked, DrawJson.Default.Checked)
        .Aggregate(ReceiptDraw.Initial, (draw, e) => ReceiptDraw.Evolve(draw, (DrawEvent)e));
}

/// <summary>Stored forms, requests and answers of draws.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DrawEvent.Announced))]
[JsonSerializable(typeof(DrawEvent.Checked))]
[JsonSerializable(typeof(AnnounceDrawRequest))]
[JsonSerializable(typeof(DrawDetails))]
[JsonSerializable(typeof(DrawList))]
[JsonSerializable(typeof(DrawEvidence))]
internal sealed partial class DrawJson : JsonSerializerContext;
