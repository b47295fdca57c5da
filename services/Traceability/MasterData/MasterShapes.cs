using FluentValidation;
using ServiceDefaults.Http;
using Traceability.Gs1;

namespace Traceability.MasterData;

/// <summary>Describes the caller's organisation.</summary>
public sealed record OrganisationRequest(Wording? Name = null);

/// <summary>Describes a place.</summary>
public sealed record PlaceRequest(
    Wording? Name = null, Wording? City = null, double? Latitude = null, double? Longitude = null, bool Public = false,
    string? Within = null);

/// <summary>Describes a dealer.</summary>
public sealed record DealerRequest(
    Wording? Name = null, IReadOnlyList<string>? Regions = null, string? Gln = null, string? Organisation = null);

/// <summary>Describes a product.</summary>
public sealed record ProductRequest(Wording? Name = null, Wording? Net = null, IReadOnlyList<Wording>? Claims = null);

/// <summary>Moves a product.</summary>
/// <param name="Tenant">The organisation whose it is from now on.</param>
/// <param name="Basis">On what grounds.</param>
public sealed record ReassignRequest(string? Tenant = null, string? Basis = null);

/// <summary>Publishes a label.</summary>
/// <param name="ShownFrom">From when it is shown; now where it is missing.</param>
/// <param name="Fields">Lines, as on the physical label.</param>
public sealed record LabelRequest(DateTimeOffset? ShownFrom = null, IReadOnlyList<LabelField>? Fields = null);

/// <summary>Sets a product's links.</summary>
public sealed record LinksRequest(IReadOnlyList<ProductLink>? Links = null);

/// <summary>Describes a lot.</summary>
public sealed record LotRequest(
    DateOnly? ProducedOn = null, DateOnly? ExpiresOn = null, Wording? Origin = null, string? OriginGln = null);

/// <summary>Records a certificate.</summary>
public sealed record CertificateRequest(
    string? Number = null, Wording? Title = null, Wording? Issuer = null, DateOnly? ValidFrom = null,
    DateOnly? ValidTo = null, IReadOnlyList<string>? Gtins = null, IReadOnlyList<string>? Lots = null,
    string? Sha256 = null);

/// <summary>Withdraws a certificate.</summary>
public sealed record WithdrawRequest(string? Number = null, DateOnly? On = null, string? Reason = null);

/// <summary>Shapes shared by the requests.</summary>
internal static class MasterShape
{
    /// <summary>Words that the page must never say.</summary>
    public const string Vouches = "claim-of-genuineness";

    public const int NameMax = 120;
    public const int ValueMax = 2000;
    public const int ListMax = 100;

    /// <summary>A GLN: 13 digits, the last one the check digit of the others.</summary>
    public static bool IsGln(string gln) => gln.Length == 13 && CheckDigit.IsValid(gln);

    /// <summary>The words of one thing in at least one language, each within a length.</summary>
    public static void Words<T>(
        this AbstractValidator<T> shape, System.Linq.Expressions.Expression<Func<T, Wording?>> member, int max,
        bool required = true)
    {
        if (required)
            shape.RuleFor(member).Must(w => w is { Zh: not null } or { En: not null }).WithErrorCode("field-required");
        shape.RuleFor(member).Must(w => Fits(w, max)).WithErrorCode("words-form")
            .WithState(_ => new Dictionary<string, object?> { ["max"] = max });
    }

    /// <summary>Whether words can be stored and shown.</summary>
    public static bool Fits(Wording? words, int max) => Fits(words?.Zh, max) && Fits(words?.En, max);

    /// <summary>A list of a bounded length whose elements hold.</summary>
    public static void Each<T, TItem>(
        this AbstractValidator<T> shape, System.Linq.Expressions.Expression<Func<T, IReadOnlyList<TItem>?>> member,
        Func<TItem, bool> holds, bool required = false)
    {
        if (required)
            shape.RuleFor(member).Must(l => l is { Count: > 0 }).WithErrorCode("field-required");
        shape.RuleFor(member).Must(l => l is null || l.Count <= ListMax).WithErrorCode("list-length")
            .WithState(_ => new Dictionary<string, object?> { ["max"] = ListMax });
        shape.RuleFor(member).Must(l => l is null || l.Take(ListMax).All(i => i is not null && holds(i)))
            .WithErrorCode("field-form");
    }

    private static bool Fits(string? text, int max) =>
        text is null || text.Length > 0 && text.Length <= max && !text.Contains('\0') && text.IsWellFormed();
}

internal sealed class OrganisationShape : AbstractValidator<OrganisationRequest>
{
    public OrganisationShape() => this.Words(r => r.Name, MasterShape.NameMax);
}

internal sealed class PlaceShape : AbstractValidator<PlaceRequest>
{
    public PlaceShape()
    {
        this.Words(r => r.Name, MasterShape.NameMax);
        this.Words(r => r.City, MasterShape.NameMax, required: false);
        RuleFor(r => r.Latitude).Must(l => l is null or >= -90 and <= 90).WithErrorCode("field-range")
            .WithState(_ => Range(-90, 90));
        RuleFor(r => r.Within).Must(g => g is null || MasterShape.IsGln(g)).WithErrorCode("gln-form");
        RuleFor(r => r.Longitude).Must(l => l is null or >= -180 and <= 180).WithErrorCode("field-range")
            .WithState(_ => Range(-180, 180));
        RuleFor(r => r.Longitude).NotNull().When(r => r.Latitude is not null).WithErrorCode("field-required");
        RuleFor(r => r.Latitude).NotNull().When(r => r.Longitude is not null).WithErrorCode("field-required");
    }

    private static Dictionary<string, object?> Range(int min, int max) => new() { ["min"] = min, ["max"] = max };
}

internal sealed class DealerShape : AbstractValidator<DealerRequest>
{
    public DealerShape()
    {
        this.Words(r => r.Name, MasterShape.NameMax);
        this.Each(r => r.Regions, region => region.Length is > 0 and <= 20 && region.All(char.IsAsciiLetterOrDigit));
        RuleFor(r => r.Gln).Must(g => g is null || MasterShape.IsGln(g)).WithErrorCode("field-form");
        RuleFor(r => r.Organisation).Text(1, 100);
    }
}

internal sealed class ProductShape : AbstractValidator<ProductRequest>
{
    public ProductShape()
    {
        this.Words(r => r.Name, MasterShape.NameMax);
        this.Words(r => r.Net, MasterShape.NameMax, required: false);
        this.Each(r => r.Claims, claim => MasterShape.Fits(claim, MasterShape.NameMax));
        RuleFor(r => r.Name).Must(w => !Vouching.Says(w)).WithErrorCode(MasterShape.Vouches);
        RuleFor(r => r.Net).Must(w => !Vouching.Says(w)).WithErrorCode(MasterShape.Vouches);
        RuleFor(r => r.Claims).Must(l => l is null || !l.Any(Vouching.Says)).WithErrorCode(MasterShape.Vouches);
    }
}

internal sealed class ReassignShape : AbstractValidator<ReassignRequest>
{
    public ReassignShape()
    {
        RuleFor(r => r.Tenant).Required();
        RuleFor(r => r.Tenant).Text(1, 100);
        RuleFor(r => r.Basis).Required();
        RuleFor(r => r.Basis).Text(1, 500);
    }
}

internal sealed class LabelShape : AbstractValidator<LabelRequest>
{
    public LabelShape()
    {
        this.Each(
            r => r.Fields,
            f => f is { Name: not null, Value: not null }
                && MasterShape.Fits(f.Name, MasterShape.NameMax) && MasterShape.Fits(f.Value, MasterShape.ValueMax),
            required: true);
        RuleFor(r => r.Fields).Must(l => l is null || !l.Any(f => f is not null && (Vouching.Says(f.Name) || Vouching.Says(f.Value))))
            .WithErrorCode(MasterShape.Vouches);
    }
}

internal sealed class LinksShape : AbstractValidator<LinksRequest>
{
    public LinksShape()
    {
        RuleFor(r => r.Links).NotNull().WithErrorCode("field-required");
        this.Each(r => r.Links, IsLink);
        RuleFor(r => r.Links).Must(l => l is null || l.Count(i => i is { Default: true, Lot: null }) <= 1)
            .WithErrorCode("one-default-link");
    }

    // Only web addresses: a link with a script in it would run wherever a page shows it.
    private static bool IsLink(ProductLink link) =>
        link.Type is { Length: > 4 and <= 60 } && link.Type.StartsWith("gs1:", StringComparison.Ordinal)
        && link.Type.AsSpan(4).IndexOfAnyExcept(Letters) < 0
        && link.Href is { Length: <= 2000 } && Uri.TryCreate(link.Href, UriKind.Absolute, out Uri? uri)
        && uri.Scheme is "https" or "http" && uri.IsWellFormedOriginalString()
        && link.Title is { Length: > 0 and <= MasterShape.NameMax } && link.Title.IsWellFormed()
        && Short(link.Language) && Short(link.Media) && link.Lot is null or { Length: > 0 and <= 20 };

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static bool Short(string? text) =>
        text is null || text.Length is > 0 and <= 40 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-/+.".Contains(c));
}

internal sealed class LotShape : AbstractValidator<LotRequest>
{
    public LotShape()
    {
        this.Words(r => r.Origin, MasterShape.NameMax, required: false);
        RuleFor(r => r.OriginGln).Must(g => g is null || MasterShape.IsGln(g)).WithErrorCode("gln-form");
        RuleFor(r => r.ExpiresOn).Must((r, d) => d is null || r.ProducedOn is null || d >= r.ProducedOn)
            .WithErrorCode("dates-order");
    }
}

internal sealed class CertificateShape : AbstractValidator<CertificateRequest>
{
    public CertificateShape()
    {
        RuleFor(r => r.Number).Required();
        RuleFor(r => r.Number).Text(1, 80);
        this.Words(r => r.Title, MasterShape.NameMax);
        this.Words(r => r.Issuer, MasterShape.NameMax);
        RuleFor(r => r.ValidFrom).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.ValidTo).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.ValidTo).Must((r, d) => d is null || r.ValidFrom is null || d >= r.ValidFrom)
            .WithErrorCode("dates-order");
        this.Each(r => r.Gtins, gtin => CheckDigit.TryGtin14(gtin, out _), required: true);
        this.Each(r => r.Lots, lot => lot.Length is > 0 and <= 20);
        RuleFor(r => r.Sha256)
            .Must(d => d is null || d.Length == 64 && d.All(c => char.IsAsciiHexDigitLower(c) || char.IsAsciiDigit(c)))
            .WithErrorCode("field-form");
    }
}

internal sealed class WithdrawShape : AbstractValidator<WithdrawRequest>
{
    public WithdrawShape()
    {
        RuleFor(r => r.Number).Required();
        RuleFor(r => r.On).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Reason).Required();
        RuleFor(r => r.Reason).Text(1, 500);
    }
}
