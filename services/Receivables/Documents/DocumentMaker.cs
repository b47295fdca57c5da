using EventStore;
using Microsoft.Extensions.Options;
using Receivables.Parties;
using ServiceDefaults;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Auth;
using ServiceDefaults.Paper;
using ServiceDefaults.Problems;

namespace Receivables.Documents;

/// <summary>An event whose proof a document carries.</summary>
/// <param name="Name">Name of the attached file.</param>
/// <param name="Event">The event.</param>
/// <param name="Whole">Whether its bytes are in the bundle, or its digest alone where others are named in it.</param>
internal sealed record Proven(string Name, StoredEvent Event, bool Whole = true);

/// <summary>What a document is made of.</summary>
/// <param name="File">Its file's name without ending.</param>
/// <param name="Title">What it is.</param>
/// <param name="Number">What it is about.</param>
/// <param name="Lead">Its first sentence.</param>
/// <param name="Parts">Its parts.</param>
/// <param name="Proofs">The facts behind it, the one that its symbol leads to first.</param>
internal sealed record Draft(
    string File, string Title, string Number, string Lead, IReadOnlyList<SheetPart> Parts,
    IReadOnlyList<Proven> Proofs)
{
    /// <summary>Files besides the proofs.</summary>
    public IReadOnlyList<PdfAttachment> Files { get; init; } = [];
}

/// <summary>
/// Makes documents: PDF/A-3 with the proofs of the facts that they state and the trust file attached, sealed by the
/// service. A document without its proof is not made: until there is one the answer is 202 and how far it has come.
/// </summary>
internal sealed class DocumentMaker(
    ProofBundles bundles, AnchorClient anchor, PartyDirectory parties, DocumentSealFile seal, TimeProvider time,
    IOptionsMonitor<AuthOptions> auth)
{
    /// <summary>There is no printer, or it failed.</summary>
    public const string NoPrinter = "document-printer-unavailable";

    private const int WaitMaxSeconds = 60;
    private const string Json = "application/json";

    /// <summary>The language that is asked for, or else the request's.</summary>
    public static Wording Words(HttpContext http, string? language) => new(
        language is "zh" or "en" ? language == "zh" : Language.Of(http.Request) == Language.Chinese);

    /// <summary>A party as documents name it: registered name, credit code where it has one, id.</summary>
    public async Task<string> NameAsync(string party, Wording words, CancellationToken cancellation)
    {
        PartyState state = await parties.FindAsync(party, cancellation);
        return state.Status == PartyStatus.Unknown ? party
            : words[$"{state.Name}（{state.CreditCode ?? party}）", $"{state.Name} ({state.CreditCode ?? party})"];
    }

    /// <summary>The document as a file, or how far the first proof that is missing has come.</summary>
    public async Task<IResult> AnswerAsync(
        HttpContext http, Wording words, Draft draft, int wait, CancellationToken cancellation)
    {
        TimeSpan patience = TimeSpan.FromSeconds(Math.Clamp(wait, 0, WaitMaxSeconds));
        List<PdfAttachment> files = [.. draft.Files];
        foreach (Proven fact in draft.Proofs)
        {
            (byte[]? bundle, AnchorState state) = await bundles.GetAsync(
                fact.Event.Id, fact.Event.Bytes, fact.Event.Digest, fact.Whole, patience, cancellation);
            if (bundle is null)
                return TypedResults.Json(state, DocumentJson.Default.AnchorState, statusCode: 202);
            files.Add(new PdfAttachment($"{fact.Name}.proof.json", Json, bundle));
        }
        if (await anchor.TrustAsync(cancellation) is { } trust)
            files.Add(new PdfAttachment("trust.json", Json, trust));
        DateTimeOffset now = time.GetUtcNow();
        Guid id = draft.Proofs[0].Event.Id;
        Sheet sheet = new(words.Chinese, draft.Title, draft.Number, draft.Lead, draft.Parts,
            $"{Origin}/verify?event={id}", Limits(words, files, now));
        byte[]? pdf = await PdfPrinter.PrintAsync(SheetHtml.Render(sheet), $"{draft.File}-{id}", cancellation);
        if (pdf is null)
            return Problem.Of(NoPrinter);
        http.Response.Headers.CacheControl = "private, no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.File(
            ArchivePdf.Seal(pdf, files, seal.Seal, now), "application/pdf", $"{draft.File}.pdf");
    }

    /// <summary>The address that people reach the suite at: Identity's, which tokens name.</summary>
    private string Origin => new Uri(auth.Get(AuthOptions.Section).Issuer).GetLeftPart(UriPartial.Authority);

    private string[] Limits(Wording w, List<PdfAttachment> files, DateTimeOffset now)
    {
        string names = string.Join(w["、", ", "], files.Select(f => f.Name));
        return
        [
            w[$"本文件附有{names}，任何人可离线核验：所列事实在所示时间已存在、此后未被改动。",
                $"Attached are {names}: anybody can verify offline that the facts existed at the time shown and "
                + "weren't changed since."],
            w["证明不说明事实本身真实，也不说明没有其他事实；以核验当时的登记为准。",
                "A proof doesn't show that a fact is true, nor that there is no other; what is recorded at the time "
                + "of checking counts."],
            w[$"本文件由服务以自签证书签章（证书SHA-256：{seal.Seal.Fingerprint}），表明由本服务生成，"
                + "还不是可靠电子签名（《电子签名法》第十三条）。",
                $"The service sealed this file with a certificate of its own (SHA-256 {seal.Seal.Fingerprint}): that "
                + "shows who made it and is not yet a reliable electronic signature (Electronic Signature Law "
                + "art. 13)."],
            w[$"生成时间：{w.Time(now)}。", $"Made at {w.Time(now)}."],
        ];
    }
}

/// <summary>The service's seal, made when it is first asked for.</summary>
internal sealed class DocumentSealFile(IOptions<ServiceOptions> service, TimeProvider time) : IDisposable
{
    private readonly Lazy<DocumentSeal> _seal = new(() => DocumentSeal.Open(
        Path.Combine(service.Value.Data, "seal", "documents.p12"), service.Value.Name, time.GetUtcNow()));

    public DocumentSeal Seal => _seal.Value;

    public void Dispose()
    {
        if (_seal.IsValueCreated)
            _seal.Value.Dispose();
    }
}
