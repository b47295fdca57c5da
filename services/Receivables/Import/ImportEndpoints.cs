using System.Buffers.Text;
using EventStore;
using FluentValidation;
using Microsoft.Extensions.Options;
using Npgsql;
using Proofs;
using Receivables.Parties;
using Receivables.Signatures;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Import;

/// <summary>What other platforms call this one.</summary>
public sealed record ImportOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Platform";

    /// <summary>The name that a handover to this platform carries.</summary>
    public string Name { get; init; } = "this-platform";
}

/// <summary>Another platform and its key.</summary>
/// <param name="Platform">Its short name.</param>
/// <param name="Name">Its registered name.</param>
/// <param name="X">Abscissa of its P-256 point, base64url.</param>
/// <param name="Y">Ordinate.</param>
/// <param name="Trust">Its trust file in base64, where it anchors what it records.</param>
public sealed record PlatformRequest(
    string? Platform = null, string? Name = null, string? X = null, string? Y = null, string? Trust = null);

/// <summary>Registered platforms.</summary>
public sealed record PlatformList(IReadOnlyList<PlatformItem> Items);

/// <summary>A registered platform.</summary>
public sealed record PlatformItem(string Platform, string Name, string KeyId);

internal sealed class PlatformShape : AbstractValidator<PlatformRequest>
{
    private const int NameMax = 40;

    public PlatformShape()
    {
        RuleFor(r => r.Platform).Required().Text(1, NameMax);
        RuleFor(r => r.Platform).Must(p => p is null || p.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            .WithErrorCode("field-form");
        RuleFor(r => r.Name).Required().Text(1, 200);
        RuleFor(r => r.X).Required();
        RuleFor(r => r.Y).Required();
        RuleFor(r => r.Trust).Must(t => t is null || IsTrust(t)).WithErrorCode("field-form");
    }

    private static bool IsTrust(string text)
    {
        byte[] bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int length)
            && TrustFile.Parse(bytes.AsSpan(0, length)) is not null;
    }
}

/// <summary>Other platforms, what they hand over, and how far it is taken over.</summary>
internal static class ImportEndpoints
{
    private const long FileBytesMax = 16 << 20;

    /// <summary>Header of a signature over a file between platforms: ES256, r ‖ s, base64url.</summary>
    internal const string SignatureHeader = "Handover-Signature";

    public static void MapImport(this IEndpointRouteBuilder app)
    {
        app.MapPost("/platforms", RegisterAsync).RequireRoles(Role.Operator).Validate(new PlatformShape())
            .WithName("RegisterPlatform").WithSummary("Registers another platform's name and P-256 key.");
        app.MapGet("/platforms", PlatformsAsync)
            .RequireRoles(Role.Operator, Role.Regulator, Role.Member, Role.Reader, Role.Admin)
            .WithName("ListPlatforms").WithSummary("Platforms whose handovers are taken.");
        RouteGroupBuilder imports = app.MapGroup("/imports");
        imports.MapPost("/", ReceiveAsync).RequireRoles(Role.Operator).WithBodyLimit(FileBytesMax)
            .WithName("ReceiveHandover")
            .WithSummary("Takes another platform's signed voucher-handover/1; the same file twice is one.");
        imports.MapGet("/", ReadImports.ListAsync)
            .RequireRoles(Role.Operator, Role.Regulator, Role.Member, Role.Reader, Role.Admin)
            .WithName("ListImports").WithSummary("Handovers that concern the caller.");
        imports.MapGet("/{platform}/{number}", ReadImports.GetAsync)
            .RequireRoles(Role.Operator, Role.Regulator, Role.Member, Role.Reader, Role.Admin)
            .WithName("GetImport")
            .WithSummary("A handover with the state of each voucher and holder, and the caller's balance proof.");
        AnswerHandover.Map(imports);
    }

    private static Task<IResult> RegisterAsync(HttpContext http, Caller caller, JsonBody<PlatformRequest> body)
    {
        PlatformRequest r = body.Value;
        using P256Key? key = P256Key.Read(r.X!, r.Y!);
        if (key is null)
            throw new ProblemException(Problem.Of("signer-key-form"));
        PlatformRegistered registered = new(r.Platform!, r.Name!, key.KeyId, r.X!, r.Y!, r.Trust);
        return Once.RunAsync(http, caller, Once.Key(http.Request, caller, "platform", body.Bytes.Span),
            async (session, token) =>
            {
                WritableStream<PlatformState> stream = await session.FetchForWriting<PlatformState>(
                    ImportEvents.PlatformStream(r.Platform!), token);
                if (stream.Aggregate.Known != registered)
                    stream.AppendOne(session.Context.Stamp(ImportEvents.PlatformRegistered, registered));
                session.QueueSqlCommand(
                    """
                    insert into platforms values ($1, $2, $3)
                    on conflict (platform) do update set name = excluded.name, key_id = excluded.key_id
                    """, registered.Platform, registered.Name, registered.KeyId);
                return Once.Json(
                    StatusCodes.Status200OK, registered, ImportJson.Default.PlatformRegistered);
            });
    }

    private static async Task<IResult> PlatformsAsync(Store store, CancellationToken cancellation)
    {
        await using NpgsqlCommand query =
            store.DataSource.CreateCommand("select platform, name, key_id from platforms order by platform");
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<PlatformItem> items = [];
        while (await reader.ReadAsync(cancellation))
            items.Add(new PlatformItem(reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        return TypedResults.Json(new PlatformList(items), ImportJson.Default.PlatformList);
    }

    private static async Task<IResult> ReceiveAsync(
        HttpContext http, Caller caller, Store store, PartyDirectory parties, IOptions<ImportOptions> me,
        CancellationToken cancellation)
    {
        byte[] bytes = (await http.Request.ReadBytesAsync(cancellation)).ToArray();
        (Handover? read, string? form) = Handover.Read(bytes);
        if (form is not null || read is not { } file)
            return Problem.Of(form ?? "import-form");
        if (file.To != me.Value.Name)
            return Problem.Of("import-for-another", ("to", file.To), ("me", me.Value.Name));
        string signature = http.Request.Headers[SignatureHeader].ToString();
        PlatformState platform = await store.AggregateStreamAsync<PlatformState>(
            ImportEvents.PlatformStream(file.Platform), cancellation);
        if (platform.Known is not { } known)
            return Problem.Of("import-platform-unknown", ("platform", file.Platform));
        if (!Verifies(known, bytes, signature))
            return Problem.Of("import-signature", ("header", SignatureHeader));
        if (file.Fault() is { } fault)
            return Problem.Of(fault);
        byte[]? trust = known.Trust is { } text ? Convert.FromBase64String(text) : null;
        if (trust is not null && HandoverProofs.Unproven(file, trust) is { } unproven)
            return Problem.Of("import-unproven", ("root", unproven));
        foreach (string party in file.Vouchers.SelectMany(v => v.Stated.Select(p => p.To).Append(v.Debtor)
            .Append(v.Holder)).Distinct(StringComparer.Ordinal))
        {
            if ((await parties.FindAsync(party, cancellation)).Status == PartyStatus.Unknown)
                return Problem.Of("import-party-unknown", ("party", party));
        }
        HandoverReceived received = new(
            file.Platform, file.Number, Handover.Digest(bytes), known.KeyId, signature, file.TotalFen, file.SumRoot,
            [.. file.Vouchers.Select(v => v.Root)], trust is null ? null : TrustFile.Fingerprint(trust));
        return await Once.RunAsync(http, caller, null, (session, token) =>
            StoreAsync(store, session, received, bytes, token));
    }

    private static async Task<EventStore.Idempotency.StoredResponse> StoreAsync(
        Store store, Session session, HandoverReceived received, byte[] file, CancellationToken cancellation)
    {
        WritableStream<ImportState> stream = await session.FetchForWriting<ImportState>(
            ImportEvents.Stream(received.Platform, received.Number), cancellation);
        IReadOnlyList<HandoverReceived> news = ImportState.Decide(stream.Aggregate, received).EventsOrProblem(
            ("number", received.Number));
        if (news.Count > 0)
        {
            if (await TakenAsync(store, received.Vouchers, cancellation) is { } root)
                throw new ProblemException(Problem.Of("import-voucher-exists", ("root", root)));
            stream.AppendOne(session.Context.Stamp(ImportEvents.HandoverReceived, received));
            session.QueueSqlCommand(
                "insert into imports values ($1, $2, $3, $4, $5)", received.Platform, received.Number,
                received.FileSha256, file, session.Context.Now.UtcDateTime);
            session.QueueSqlCommand(
                "insert into import_vouchers select unnest($1), $2, $3 on conflict do nothing",
                received.Vouchers.ToArray(), received.Platform, received.Number);
        }
        return Once.Json(StatusCodes.Status200OK, received, ImportJson.Default.HandoverReceived);
    }

    /// <summary>The first of some vouchers that is here already, or was handed over before.</summary>
    private static async Task<string?> TakenAsync(
        Store store, IReadOnlyList<string> roots, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select root from import_vouchers where root = any($1)
            union select root from vouchers where root = any($1) order by 1 limit 1
            """);
        query.Parameters.Add(new() { Value = roots.ToArray() });
        return (string?)await query.ExecuteScalarAsync(cancellation);
    }

    /// <summary>Whether a platform signed these bytes.</summary>
    internal static bool Verifies(PlatformRegistered platform, byte[] file, string signature)
    {
        using P256Key? key = P256Key.Read(platform.X, platform.Y);
        return key is not null && Base64Url.IsValid(signature)
            && key.Verify(file, Base64Url.DecodeFromChars(signature));
    }
}
