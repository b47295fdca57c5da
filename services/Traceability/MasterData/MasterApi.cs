using System.Globalization;
using EventStore;
using EventStore.Idempotency;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Epcis.Queries;
using Traceability.Gs1;
using Traceability.Scanning;
using Traceability.Visibility;

namespace Traceability.MasterData;

/// <summary>The answer to a description.</summary>
/// <param name="EventId">Event that records it, or nothing where it was known already.</param>
/// <param name="Version">Version of the thing's stream.</param>
public sealed record MasterAnswer(Guid? EventId, long Version);

/// <summary>
/// Writes master data. Every key has a stream of its own, so that the organisation that described it first is the only
/// one that can describe it again.
/// </summary>
internal static class MasterApi
{
    /// <summary>Where a day begins first.</summary>
    private static readonly TimeSpan Easternmost = TimeSpan.FromHours(14);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPut("/organisation", OrganisationAsync).RequireRoles(Role.Admin).Validate(new OrganisationShape())
            .WithName("DescribeOrganisation").WithSummary("Says who the organisation is to the public.");
        app.MapPut("/places/{gln}", PlaceAsync).RequireRoles(Role.Member, Role.Admin).Validate(new PlaceShape())
            .WithName("DescribePlace").WithSummary("Describes a place by its GLN.");
        app.MapPut("/dealers/{code}", DealerAsync).RequireRoles(Role.Member, Role.Admin).Validate(new DealerShape())
            .WithName("DescribeDealer").WithSummary("Describes a dealer and its territory.");
        app.MapPut("/products/{gtin}", ProductAsync).RequireRoles(Role.Member, Role.Admin).Validate(new ProductShape())
            .WithName("DescribeProduct").WithSummary("Describes a product by its GTIN.");
        app.MapPost("/products/{gtin}/labels", LabelAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new LabelShape()).WithName("PublishLabel").WithSummary("Publishes the next version of a label.");
        app.MapPut("/products/{gtin}/owner", ReassignAsync).RequireRoles(Role.Regulator, Role.Operator)
            .Validate(new ReassignShape()).WithName("ReassignProduct")
            .WithSummary("Moves a product to another organisation; what was recorded stays whose it is.");
        app.MapPut("/products/{gtin}/links", LinksAsync).RequireRoles(Role.Member, Role.Admin).Validate(new LinksShape())
            .WithName("SetLinks").WithSummary("Sets what the resolver leads to.");
        app.MapPut("/products/{gtin}/lots/{lot}", LotAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new LotShape()).WithName("DescribeLot").WithSummary("Describes a lot.");
        app.MapPost("/certificates", CertificateAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new CertificateShape()).WithName("RecordCertificate").WithSummary("Records a certificate.");
        app.MapPost("/certificates/withdraw", WithdrawAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new WithdrawShape()).WithName("WithdrawCertificate").WithSummary("Withdraws a certificate.");
    }

    private static Task<IResult> OrganisationAsync(HttpContext http, Caller caller, JsonBody<OrganisationRequest> body) =>
        DescribeAsync(http, caller, $"organisation-{caller.Tenant}", body.Bytes, new MasterEvent.OrganisationDescribed(
            new Organisation(body.Value.Name!)));

    private static async Task<IResult> PlaceAsync(
        string gln, HttpContext http, Caller caller, JsonBody<PlaceRequest> body, Viewers viewers)
    {
        if (!MasterShape.IsGln(gln))
            throw new ProblemException(Problem.Of("gln-invalid", ("gln", gln)));
        PlaceRequest r = body.Value;
        bool confirmed = (await viewers.OfAsync(caller, http.RequestAborted)).Glns.Contains(gln);
        return await RecordAsync(http, caller, $"place-{gln}", body.Bytes, _ => new MasterCommand.Describe(
            new MasterEvent.PlaceDescribed(
                new Place(gln, r.Name!, r.City, GeoPoint.Of(r.Latitude, r.Longitude), r.Public, r.Within)), confirmed));
    }

    private static Task<IResult> DealerAsync(string code, HttpContext http, Caller caller, JsonBody<DealerRequest> body)
    {
        Keyed(code, 40);
        return DescribeAsync(http, caller, $"dealer-{caller.Tenant}-{code}", body.Bytes, new MasterEvent.DealerDescribed(
            new Dealer(
                code, body.Value.Name!, body.Value.Regions ?? [], body.Value.Gln, body.Value.Organisation)));
    }

    private static Task<IResult> ProductAsync(string gtin, HttpContext http, Caller caller, JsonBody<ProductRequest> body)
    {
        string key = Gtin(gtin);
        ProductRequest r = body.Value;
        return DescribeAsync(http, caller, $"product-{key}", body.Bytes, new MasterEvent.ProductDescribed(
            new Product(key, r.Name!, r.Net, r.Claims ?? [])));
    }

    private static Task<IResult> LabelAsync(
        string gtin, HttpContext http, Caller caller, JsonBody<LabelRequest> body)
    {
        string key = Gtin(gtin);
        return RecordAsync(http, caller, $"product-{key}", body.Bytes, session => new MasterCommand.PublishLabel(
            key, session.Context.Now, body.Value.ShownFrom, body.Value.Fields!));
    }

    private static Task<IResult> ReassignAsync(
        string gtin, HttpContext http, Caller caller, JsonBody<ReassignRequest> body)
    {
        string key = Gtin(gtin);
        return RecordAsync(http, caller, $"product-{key}", body.Bytes,
            _ => new MasterCommand.Reassign(key, body.Value.Tenant!, body.Value.Basis!));
    }

    private static Task<IResult> LinksAsync(string gtin, HttpContext http, Caller caller, JsonBody<LinksRequest> body)
    {
        string key = Gtin(gtin);
        return RecordAsync(http, caller, $"product-{key}", body.Bytes,
            _ => new MasterCommand.SetLinks(key, body.Value.Links!));
    }

    private static async Task<IResult> LotAsync(
        string gtin, string lot, HttpContext http, Caller caller, JsonBody<LotRequest> body, Store store,
        TimeProvider time)
    {
        string key = Gtin(gtin);
        // Routing leaves an escaped slash, which a lot may have, as it is.
        lot = RawPath.After(http, "lots");
        Keyed(lot, 20);
        MasterState product = await store.AggregateStreamAsync<MasterState>($"product-{key}", http.RequestAborted);
        if (product.Tenant != caller.Tenant)
            return Problem.Of(MasterRules.Unknown, ("key", key));
        LotRequest r = body.Value;
        if (r.ProducedOn > DateOnly.FromDateTime(time.GetUtcNow().ToOffset(Easternmost).DateTime))
            return Problem.Of("lot-in-future", ("day", r.ProducedOn.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        return await DescribeAsync(http, caller, $"lot-{key}-{lot}", body.Bytes, new MasterEvent.LotDescribed(
            new Lot(key, lot, r.ProducedOn, r.ExpiresOn, r.Origin, r.OriginGln)));
    }

    private static async Task<IResult> CertificateAsync(
        HttpContext http, Caller caller, JsonBody<CertificateRequest> body, Store store)
    {
        CertificateRequest r = body.Value;
        List<string> gtins = [.. r.Gtins!.Select(Gtin)];
        foreach (string gtin in gtins)
        {
            MasterState product = await store.AggregateStreamAsync<MasterState>($"product-{gtin}", http.RequestAborted);
            if (product.Tenant != caller.Tenant)
                return Problem.Of(MasterRules.Unknown, ("key", gtin));
        }
        return await DescribeAsync(http, caller, $"certificate-{caller.Tenant}-{r.Number}", body.Bytes,
            new MasterEvent.CertificateRecorded(new Certificate(
                r.Number!, r.Title!, r.Issuer!, r.ValidFrom!.Value, r.ValidTo!.Value, gtins, r.Lots ?? [], r.Sha256)));
    }

    private static Task<IResult> WithdrawAsync(HttpContext http, Caller caller, JsonBody<WithdrawRequest> body) =>
        RecordAsync(http, caller, $"certificate-{caller.Tenant}-{body.Value.Number}", body.Bytes,
            _ => new MasterCommand.Withdraw(body.Value.Number!, body.Value.On!.Value, body.Value.Reason!));

    private static Task<IResult> DescribeAsync(
        HttpContext http, Caller caller, string stream, ReadOnlyMemory<byte> body, MasterEvent e) =>
        RecordAsync(http, caller, stream, body, _ => new MasterCommand.Describe(e));

    /// <summary>Decides on a stream and records what it comes to.</summary>
    public static Task<IResult> RecordAsync(
        HttpContext http, Caller caller, string stream, ReadOnlyMemory<byte> body, Func<Session, MasterCommand> command)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"master {stream} {http.Request.Path}", body.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<MasterState> thing = await session.FetchForWriting<MasterState>(stream, token);
            IReadOnlyList<MasterEvent> decided = MasterRules.Decide(thing.Aggregate, caller.Tenant, command(session))
                .EventsOrProblem(("key", stream[(stream.IndexOf('-', StringComparison.Ordinal) + 1)..]));
            NewEvent[] events = [.. decided.Select(e => session.Context.Stamp(MasterEvents.NameOf(e), e))];
            thing.AppendMany(events);
            return Once.Json(
                events.Length > 0 && thing.CurrentVersion == 0 ? StatusCodes.Status201Created : StatusCodes.Status200OK,
                new MasterAnswer(events.FirstOrDefault()?.Id, thing.CurrentVersion + events.Length),
                MasterJson.Default.MasterAnswer);
        });
    }

    /// <summary>A GTIN of a path in its 14 digits.</summary>
    /// <exception cref="ProblemException">It is none.</exception>
    public static string Gtin(string gtin) => CheckDigit.TryGtin14(gtin, out string key)
        ? key
        : throw new ProblemException(Problem.Of("gtin-invalid", ("gtin", gtin)));

    // Characters of GS1 set 82 (General Specifications, figure 7.11-1), for which AI 10 is made.
    private static void Keyed(string text, int max)
    {
        if (text.Length == 0 || text.Length > max || text.Any(c => !ItemKey.IsSet82(c)))
            throw new ProblemException(Problem.Of("key-form", ("key", text), ("max", max)));
    }
}
