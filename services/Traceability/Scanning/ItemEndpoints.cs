using System.Text;
using System.Text.Json.Nodes;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Features;
using ServiceDefaults.Problems;
using Traceability.Epcis.Findings;
using Traceability.MasterData;
using Traceability.Scanning.Page;

namespace Traceability.Scanning;

/// <summary>
/// Serves scanned links: the resolver's answers and the consumer page. Known codes are served at any rate; what leads
/// nowhere is limited for each source, so that nobody tries serial numbers.
/// </summary>
internal sealed class ItemEndpoints(
    ItemReader reader, CodeRegister codes, NeverIssued issued, ScanRecorder recorder, TimeProvider time) : IDisposable
{
    private const int MissesAtOnce = 30;

    private readonly PartitionedRateLimiter<string> _misses = PartitionedRateLimiter.Create<string, string>(source =>
        RateLimitPartition.GetTokenBucketLimiter(source, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = MissesAtOnce,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(2),
            QueueLimit = 0,
        }));

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapMethods("/{ai:int:min(0)}/{**path}", ["GET", "HEAD"],
            (HttpContext http, ItemEndpoints items) => items.AnswerAsync(http)).AllowAnonymous()
            .WithName("ResolveLink").WithSummary("A scanned GS1 Digital Link: page, redirect or linkset.");
        app.MapMethods("/{ai:int:min(0)}/{**path}", ["OPTIONS"], (HttpContext http) =>
        {
            AllowOrigins(http.Response);
            http.Response.Headers.Allow = "GET, HEAD, OPTIONS";
            return TypedResults.NoContent();
        }).AllowAnonymous();
        app.MapGet("/.well-known/gs1resolver", (HttpContext http) =>
        {
            AllowOrigins(http.Response);
            return Json(Resolver.Description(Origin(http.Request)), "application/json");
        }).AllowAnonymous().WithName("DescribeResolver").WithSummary("The resolver's description file.");
        app.MapGet("/scan.js", (HttpContext http) =>
        {
            http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            return TypedResults.Bytes(ItemView.Module, "text/javascript; charset=utf-8");
        }).AllowAnonymous();
    }

    public void Dispose() => _misses.Dispose();

    /// <summary>Scheme and host as the client knows them; the portal names the host.</summary>
    public static string Origin(HttpRequest request) =>
        $"{request.Scheme}://{request.Headers["X-Forwarded-Host"].FirstOrDefault() ?? request.Host.Value}";

    /// <summary>Whether the reader reads Chinese.</summary>
    public static bool IsChinese(HttpRequest request) => request.Query["lang"].FirstOrDefault() switch
    {
        "zh" => true,
        "en" => false,
        _ => Language.Of(request) != Language.English,
    };

    private async Task<IResult> AnswerAsync(HttpContext http)
    {
        AllowOrigins(http.Response);
        bool chinese = IsChinese(http.Request);
        string target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        if (!ItemKey.TryParse(target, out ItemKey? key, out string? fault))
            return Missed(http) ?? Unreadable(http, fault, chinese);
        if (!codes.IsLoaded)
            return Problem.Of("codes-loading");
        (key, CodeState code, string? issuer) = codes.Identify(key);
        DateTimeOffset now = time.GetUtcNow();
        ItemFacts facts = await reader.ReadAsync(key, now, http.RequestAborted);
        if (facts.Product is null)
            return Missed(http) ?? NotHere(http, key, chinese);
        // What the producer gave a code before its codes were made here is none of ours, and no forgery either.
        if (code == CodeState.NotOurs && (await issued.OfAsync([key.ItemUri], http.RequestAborted)).Count == 0)
            code = CodeState.NotIssuedHere;
        // Codes that another organisation took over say nothing about this one's goods.
        Wording? former = issuer is null || issuer == facts.Product.Tenant
            ? null
            : facts.Product.Former.GetValueOrDefault(issuer);
        facts.Code = issuer is null || issuer == facts.Product.Tenant || former is not null
            ? code
            : CodeState.NotIssuedHere;
        facts.IssuedBy = former;
        if (facts.Code == CodeState.NotOurs && Missed(http) is { } limited)
            return limited;
        LinkRequest request = LinkRequest.Of(http.Request);
        http.Response.Headers.Link =
            $"<{Origin(http.Request)}{key.Path}?linkType=linkset>; rel=\"linkset\"; type=\"{Resolver.LinksetType}\", "
            + $"<{key.Canonical}>; rel=\"owl:sameAs\"";
        Resolution resolution = facts.Code == CodeState.NotOurs && request.LinkType is null
            ? new Resolution.Page()
            : Resolver.Resolve(key, facts.Links, request);
        switch (resolution)
        {
            case Resolution.Redirect when request.LinkType is null && Warns(facts):
                return Page(http, facts, chinese, now, request.View);
            case Resolution.Redirect(var href):
                if (request.LinkType is null && key.Serial is not null)
                    recorder.Record(http, facts);
                return TypedResults.Redirect(href, permanent: false, preserveMethod: true);
            case Resolution.Linkset when facts.Code != CodeState.NotOurs:
                return Linkset(http, key, facts, StatusCodes.Status200OK);
            case Resolution.Linkset or Resolution.NoSuchLink:
                // Nothing at this level: what there is of the product.
                return Linkset(http, new ItemKey(key.Gtin), facts, StatusCodes.Status404NotFound);
            default:
                return Page(http, facts, chinese, now, request.View);
        }
    }

    /// <summary>Whether the page warns of something that whoever scans must see before the owner's own page.</summary>
    private static bool Warns(ItemFacts facts) =>
        facts.Recall is not null || facts.Key.OtherLot is not null || facts.Code is CodeState.Retired or CodeState.NotInUse or CodeState.Destroyed;

    private Bytes Page(HttpContext http, ItemFacts facts, bool chinese, DateTimeOffset now, string? view)
    {
        Headers(http.Response, chinese);
        if (view == "report")
            return Html(ItemView.RenderReport(facts, chinese, now, Complaints.NewForm()));
        if (facts.Key.Serial is null)
            http.Response.Headers.CacheControl = "public, max-age=30";
        else
            recorder.Record(http, facts);
        bool ours = facts.Code != CodeState.NotOurs;
        return Html(ItemView.Render(facts, chinese, now), ours ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);
    }

    /// <summary>A link that names no item here: a page for whoever reads it, the problem for a program.</summary>
    private static IResult Unreadable(HttpContext http, string fault, bool chinese)
    {
        if (!ReadsPages(http.Request))
            return Problem.Of(fault);
        Headers(http.Response, chinese);
        string path = http.Request.Path.ToUriComponent();
        return fault == ItemKey.NotServed
            ? Html(ItemView.RenderMessage(path, chinese,
                chinese ? "这不是单件商品的码" : "This is not the code of a product",
                chinese
                    ? "扫到的可能是箱、托盘或场所的码，这里只显示商品。请扫商品包装上的二维码。"
                    : "It may be the code of a case, a pallet or a place; only products are shown here. Scan the code on the product's own package."),
                StatusCodes.Status404NotFound)
            : Html(ItemView.RenderMessage(path, chinese,
                chinese ? "这个码读不出商品" : "This code can't be read", Reason(fault, chinese)
                + (chinese ? "请擦净后重扫一次；仍然不行，请保留商品并联系卖家。" : " Wipe it and scan again; if that does not help, keep the goods and ask the seller.")),
                StatusCodes.Status400BadRequest);
    }

    private static string Reason(string fault, bool chinese) => fault switch
    {
        ItemKey.Digit => chinese
            ? "商品条码（GTIN）的校验位不对：有一位扫错、输错或印错了。"
            : "The check digit of the product's number (GTIN) is wrong: a digit was misread, mistyped or misprinted.",
        ItemKey.Character => chinese
            ? "链接里有商品码不会有的字符：可能扫了别的码，或链接被改动过。"
            : "The link has a character that no product's code has: it may be another code, or was changed.",
        _ => chinese
            ? "它不是完整的商品码：少了一部分，某一部分太长，或顺序不对。"
            : "It is no complete product code: a part is missing or too long, or stands in the wrong place.",
    };

    private static bool ReadsPages(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static IResult NotHere(HttpContext http, ItemKey key, bool chinese)
    {
        if (!ReadsPages(http.Request))
            return Problem.Of("not-found");
        Headers(http.Response, chinese);
        return Html(ItemView.RenderMessage(key, chinese,
            chinese ? "这里没有这件商品" : "This product is not here",
            chinese
                ? $"没有机构在这里登记GTIN {key.Gtin}。可能扫到了别的系统的码；请看包装上的说明。"
                : $"No organisation has described GTIN {key.Gtin} here. The code may be of another system; see the package."),
            StatusCodes.Status404NotFound);
    }

    /// <summary>Counts a code that leads nowhere; the refusal once a source has had too many.</summary>
    private IResult? Missed(HttpContext http)
    {
        string source = http.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        using RateLimitLease lease = _misses.AttemptAcquire(source);
        if (lease.IsAcquired)
            return null;
        http.Response.Headers.RetryAfter = "2";
        if (!ReadsPages(http.Request))
            return Problem.Of("rate-limited");
        bool chinese = IsChinese(http.Request);
        Headers(http.Response, chinese);
        return Html(ItemView.RenderMessage(http.Request.Path.ToUriComponent(), chinese,
            chinese ? "暂时查不了这个码" : "This code can't be looked up right now",
            chinese
                ? "您所在的网络刚才查了很多这里没有的码，所以要等一等。请过几秒再扫一次。一直这样的话，这个码很可能不是生产者发出的：请不要食用或使用，保留商品和凭证，向生产者核实。"
                : "Many codes that are not here were looked up from your network just now, so there is a short wait. Scan again in a few seconds. If it stays like this, the producer has probably not issued the code: do not eat or use the goods, keep them with the receipt, and ask the producer."),
            StatusCodes.Status429TooManyRequests);
    }

    private static void Headers(HttpResponse response, bool chinese)
    {
        response.Headers.ContentSecurityPolicy = ItemView.Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.ContentLanguage = chinese ? "zh-CN" : "en";
        response.Headers.Vary = "Accept, Accept-Language";
        response.Headers.CacheControl = "no-store";
    }

    private static void AllowOrigins(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlAllowMethods = "GET, HEAD, OPTIONS";
        response.Headers.AccessControlExposeHeaders = "Link";
    }

    private static Bytes Linkset(HttpContext http, ItemKey key, ItemFacts facts, int status)
    {
        http.Response.Headers.Vary = "Accept, Accept-Language";
        return Json(Resolver.Linkset(
            key, facts.Links, facts.Product!.Name, Origin(http.Request), LinkRequest.Of(http.Request)), Resolver.LinksetType, status);
    }

    private static Bytes Html(byte[] page, int status = StatusCodes.Status200OK) => new Bytes(page, "text/html; charset=utf-8", status);

    private static Bytes Json(JsonObject body, string type, int status = StatusCodes.Status200OK) =>
        new Bytes(Encoding.UTF8.GetBytes(body.ToJsonString(Readable)), type, status);

    private static readonly System.Text.Json.JsonSerializerOptions Readable =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private sealed record Bytes(byte[] Body, string Type, int Status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            HttpResponse response = httpContext.Response;
            response.StatusCode = Status;
            response.ContentType = Type;
            response.ContentLength = Body.Length;
            return HttpMethods.IsHead(httpContext.Request.Method)
                ? Task.CompletedTask
                : response.Body.WriteAsync(Body, httpContext.RequestAborted).AsTask();
        }
    }
}
