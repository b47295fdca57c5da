using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;

namespace Traceability.MasterData;

/// <summary>The same words in the two languages of the suite; at least one is there.</summary>
public sealed record Wording(string? Zh = null, string? En = null)
{
    /// <summary>The words in a language, or the other one's where they are missing.</summary>
    public string In(bool chinese) => (chinese ? Zh ?? En : En ?? Zh) ?? "";

    /// <summary>Whether it is not said in a language, so that <see cref="In"/> falls back to the other.</summary>
    public bool Lacks(bool chinese) => (chinese ? Zh : En) is null;

    /// <summary>Words of one language: Chinese where any of them is a Han character.</summary>
    public static Wording Of(string text) => text.Any(IsHan) ? new Wording(Zh: text) : new Wording(En: text);

    private static bool IsHan(char c) => c is >= '\u3400' and <= '\u9fff';
}

/// <summary>Who an organisation is to the public.</summary>
/// <param name="Name">Its name.</param>
public sealed record Organisation(Wording Name);

/// <summary>A place that events name by its GLN.</summary>
/// <param name="Gln">13 digits.</param>
/// <param name="Name">What it is called.</param>
/// <param name="City">City or county; missing where it is in the name.</param>
/// <param name="Point">Where it is.</param>
/// <param name="Public">Whether everybody may see name and position.</param>
/// <param name="Within">GLN of the place that it lies in: a hall on a site.</param>
public sealed record Place(string Gln, Wording Name, Wording? City = null, GeoPoint? Point = null, bool Public = false,
    string? Within = null);

/// <summary>A point of WGS 84 in whole millionths of a degree, for events hold no fractions.</summary>
public sealed record GeoPoint(int LatitudeE6, int LongitudeE6)
{
    /// <summary>A point by degrees, or null where one of them is missing.</summary>
    public static GeoPoint? Of(double? latitude, double? longitude) => latitude is { } north && longitude is { } east
        ? new GeoPoint((int)Math.Round(north * 1e6), (int)Math.Round(east * 1e6))
        : null;
}

/// <summary>A dealer of the organisation and where it may sell.</summary>
/// <param name="Code">The organisation's own number for the dealer.</param>
/// <param name="Name">Never shown to the public.</param>
/// <param name="Regions">Codes of city-level regions, or of provinces, which begin their cities' codes.</param>
/// <param name="Gln">Its GLN: goods that are sent there are the dealer's.</param>
/// <param name="Organisation">Its own account in this suite, to which questions are put.</param>
public sealed record Dealer(
    string Code, Wording Name, IReadOnlyList<string> Regions, string? Gln = null, string? Organisation = null);

/// <summary>A trade item.</summary>
/// <param name="Gtin">14 digits.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Net">Net content.</param>
/// <param name="Claims">What its owner claims of it.</param>
public sealed record Product(string Gtin, Wording Name, Wording? Net, IReadOnlyList<Wording> Claims);

/// <summary>A file by digest.</summary>
public sealed record FileContent(string Sha256, long Size, string Mime);

/// <summary>One line of a label.</summary>
public sealed record LabelField(Wording Name, Wording Value);

/// <summary>A link of the resolver.</summary>
/// <param name="Type">Link type, such as <c>gs1:pip</c>.</param>
/// <param name="Href">Absolute, http or https.</param>
/// <param name="Title">What it leads to.</param>
/// <param name="Language">Language tag of what is there.</param>
/// <param name="Media">Media type of what is there.</param>
/// <param name="Lot">Only for this lot.</param>
/// <param name="Default">Whether a request without a link type goes there.</param>
public sealed record ProductLink(
    string Type, string Href, string Title, string? Language = null, string? Media = null, string? Lot = null,
    bool Default = false);

/// <summary>A lot of a product.</summary>
/// <param name="Gtin">14 digits.</param>
/// <param name="Number">Lot number, AI 10.</param>
/// <param name="ProducedOn">Day of production or harvest.</param>
/// <param name="ExpiresOn">Last day of shelf life.</param>
/// <param name="Origin">Where it comes from, in words.</param>
/// <param name="OriginGln">The place of origin.</param>
public sealed record Lot(
    string Gtin, string Number, DateOnly? ProducedOn = null, DateOnly? ExpiresOn = null, Wording? Origin = null,
    string? OriginGln = null);

/// <summary>A certificate of an organisation's products.</summary>
/// <param name="Number">The issuer's number.</param>
/// <param name="Title">What it certifies.</param>
/// <param name="Issuer">Who issued it.</param>
/// <param name="ValidFrom">First day.</param>
/// <param name="ValidTo">Last day.</param>
/// <param name="Gtins">The products it covers.</param>
/// <param name="Lots">Only these lots of them; empty for all.</param>
/// <param name="Sha256">Digest of the document.</param>
public sealed record Certificate(
    string Number, Wording Title, Wording Issuer, DateOnly ValidFrom, DateOnly ValidTo, IReadOnlyList<string> Gtins,
    IReadOnlyList<string> Lots, string? Sha256 = null);

/// <summary>Facts about master data. What is described anew replaces what was said before.</summary>
public abstract record MasterEvent
{
    private MasterEvent()
    {
    }

    /// <summary>An organisation said who it is.</summary>
    public sealed record OrganisationDescribed(Organisation Organisation) : MasterEvent;

    /// <summary>A place was described.</summary>
    public sealed record PlaceDescribed(Place Place) : MasterEvent;

    /// <summary>A dealer and its territory were described.</summary>
    public sealed record DealerDescribed(Dealer Dealer) : MasterEvent;

    /// <summary>A product was described.</summary>
    public sealed record ProductDescribed(Product Product) : MasterEvent;

    /// <summary>A product's picture was chosen.</summary>
    public sealed record ProductPictured(string Gtin, FileContent Picture) : MasterEvent;

    /// <summary>A version of a product's label was published; it is shown from then until the next one.</summary>
    public sealed record LabelPublished(
        string Gtin, int Version, DateTimeOffset ShownFrom, IReadOnlyList<LabelField> Fields) : MasterEvent;

    /// <summary>A product's links were set.</summary>
    public sealed record ProductLinked(string Gtin, IReadOnlyList<ProductLink> Links) : MasterEvent;

    /// <summary>
    /// An authority moved a product to another organisation (GS1 GTIN Management: a GTIN goes with the brand). What was
    /// recorded, and the codes that were issued, stay whose they are.
    /// </summary>
    /// <param name="Gtin">14 digits.</param>
    /// <param name="From">Whose it was.</param>
    /// <param name="To">Whose it is from now on.</param>
    /// <param name="Basis">On what grounds: a contract, a merger, a ruling.</param>
    public sealed record ProductReassigned(string Gtin, string From, string To, string Basis) : MasterEvent;

    /// <summary>A lot was described.</summary>
    public sealed record LotDescribed(Lot Lot) : MasterEvent;

    /// <summary>A certificate was recorded.</summary>
    public sealed record CertificateRecorded(Certificate Certificate) : MasterEvent;

    /// <summary>A certificate no longer holds.</summary>
    public sealed record CertificateWithdrawn(string Number, DateOnly On, string Reason) : MasterEvent;
}

/// <summary>The stable names and stored forms of these events.</summary>
internal static class MasterEvents
{
    public const string LabelPublished = "trace.label-published.v1";
    public const string PlaceDescribed = "trace.place-described.v1";
    public const string ProductDescribed = "trace.product-described.v1";
    public const string CertificateWithdrawn = "trace.certificate-withdrawn.v1";
    public const string ProductReassigned = "trace.product-reassigned.v1";
    public const string LotDescribed = "trace.lot-described.v1";
    public const string CertificateRecorded = "trace.certificate-recorded.v1";

    public static string NameOf(MasterEvent e) => e switch
    {
        MasterEvent.OrganisationDescribed => "trace.organisation-described.v1",
        MasterEvent.PlaceDescribed => PlaceDescribed,
        MasterEvent.DealerDescribed => "trace.dealer-described.v1",
        MasterEvent.ProductDescribed => ProductDescribed,
        MasterEvent.ProductPictured => "trace.product-pictured.v1",
        MasterEvent.LabelPublished => LabelPublished,
        MasterEvent.ProductLinked => "trace.product-linked.v1",
        MasterEvent.ProductReassigned => ProductReassigned,
        MasterEvent.LotDescribed => LotDescribed,
        MasterEvent.CertificateRecorded => CertificateRecorded,
        MasterEvent.CertificateWithdrawn => CertificateWithdrawn,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddMasterData(this EventModel model) => model
        .Event("trace.organisation-described.v1", MasterJson.Default.OrganisationDescribed)
        .Event(PlaceDescribed, MasterJson.Default.PlaceDescribed)
        .Event("trace.dealer-described.v1", MasterJson.Default.DealerDescribed)
        .Event(ProductDescribed, MasterJson.Default.ProductDescribed)
        .Event("trace.product-pictured.v1", MasterJson.Default.ProductPictured)
        .Event(LabelPublished, MasterJson.Default.LabelPublished)
        .Event("trace.product-linked.v1", MasterJson.Default.ProductLinked)
        .Event(ProductReassigned, MasterJson.Default.ProductReassigned)
        .Event(LotDescribed, MasterJson.Default.LotDescribed)
        .Event(CertificateRecorded, MasterJson.Default.CertificateRecorded)
        .Event(CertificateWithdrawn, MasterJson.Default.CertificateWithdrawn)
        .Aggregate(MasterState.Initial, (state, e) => MasterState.Evolve(state, e.Tenant, (MasterEvent)e.Data))
        .Inline(new MasterRows())
        .Migrate("trace-0301-master-data", MasterRows.Schema)
        .Migrate("trace-0302-pictures", Pictures.Schema)
        .Migrate("trace-0309-shown-records", MasterRows.Records)
        .Migrate("trace-0315-former-owners", MasterRows.FormerOwners)
        .Migrate("trace-0316-former-until", MasterRows.FormerUntil);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(MasterEvent.OrganisationDescribed))]
[JsonSerializable(typeof(MasterEvent.PlaceDescribed))]
[JsonSerializable(typeof(MasterEvent.DealerDescribed))]
[JsonSerializable(typeof(MasterEvent.ProductDescribed))]
[JsonSerializable(typeof(MasterEvent.ProductPictured))]
[JsonSerializable(typeof(MasterEvent.LabelPublished))]
[JsonSerializable(typeof(MasterEvent.ProductLinked))]
[JsonSerializable(typeof(MasterEvent.ProductReassigned))]
[JsonSerializable(typeof(MasterEvent.LotDescribed))]
[JsonSerializable(typeof(MasterEvent.CertificateRecorded))]
[JsonSerializable(typeof(MasterEvent.CertificateWithdrawn))]
[JsonSerializable(typeof(MasterAnswer))]
[JsonSerializable(typeof(IReadOnlyList<Product>))]
[JsonSerializable(typeof(IReadOnlyList<Place>))]
[JsonSerializable(typeof(IReadOnlyList<Dealer>))]
[JsonSerializable(typeof(IReadOnlyList<Lot>))]
[JsonSerializable(typeof(IReadOnlyList<Certificate>))]
[JsonSerializable(typeof(ShownLabel))]
[JsonSerializable(typeof(IReadOnlyList<ShownLabel>))]
[JsonSerializable(typeof(List<LabelField>))]
[JsonSerializable(typeof(List<Wording>))]
internal sealed partial class MasterJson : JsonSerializerContext;

/// <summary>Times in the one form that events have: <c>yyyy-MM-ddTHH:mm:ss.fffZ</c>.</summary>
internal sealed class InstantConverter : JsonConverter<DateTimeOffset>
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTimeOffset.ParseExact(
            reader.GetString()!, Form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture));
}
