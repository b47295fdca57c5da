using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using EventStore;
using Microsoft.AspNetCore.Http.Features;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using Traceability.MasterData;
using Traceability.Scanning.Page;

namespace Traceability.Scanning;

/// <summary>Somebody complained. What was written and photographed is kept beside the event and known here by digest.</summary>
/// <param name="Number">The complaint's number.</param>
/// <param name="Link">Path of the link that the complaint is about.</param>
/// <param name="TextSha256">SHA-256 of the words with the secret that is kept with them, so that nobody guesses them.</param>
/// <param name="Content">The photo.</param>
public sealed record ComplaintFiled(string Number, string Link, string TextSha256, FileContent? Content)
{
    /// <summary>Its stable name.</summary>
    public const string Type = "trace.complaint-filed.v1";
}

/// <summary>Takes complaints by a plain form, and lists them for the producer.</summary>
internal static class Complaints
{
    public const string Schema =
        """
        create table complaints (
            number   text        collate "C" primary key,
            tenant   text        collate "C" not null,
            event_id uuid        not null,
            filed_at timestamptz not null,
            link     text        not null,
            words    text        not null,
            secret   bytea       not null,
            contact  text,
            photo    bytea,
            mime     text        collate "C"
        );
        create index complaints_tenant on complaints (tenant, filed_at);
        """;

    /// <summary>Marks what was sent by which form, so that sending it again is no second complaint.</summary>
    public const string FormSchema =
        """
        alter table complaints add once text collate "C";
        create unique index complaints_once on complaints (once);
        """;

    public const int PhotoBytesMax = 3 << 20;

    /// <summary>What is read of a form whose photo is too large, so that its words are not lost; as the gateway passes on.</summary>
    private const int BodyBytesMax = 24 << 20;
    private const int TextMax = 2000;

    /// <summary>Asks for those that wait for an answer.</summary>
    private const string Open = "open";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/complaints", FileAsync).OpenToAll().WithBodyLimit(BodyBytesMax).DisableAntiforgery()
            .WithName("FileComplaint").WithSummary("Files a complaint, perhaps with a photo; a form, answered by a page.");
        ComplaintPage.Map(app);
        AnswerComplaint.Map(app);
        app.MapGet("/complaints", ListAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("ListComplaints")
            .WithSummary("Complaints about the organisation's products; of all to a regulator, without words.");
        app.MapGet("/complaints/{number}/photo", PhotoAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("ComplaintPhoto").WithSummary("The photo of a complaint.");
    }

    /// <summary>The mark of a new form.</summary>
    public static string NewForm() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static async Task<IResult> FileAsync(
        HttpContext http, Store store, ItemReader reader, TimeProvider time, CancellationToken cancellationToken)
    {
        if (http.Request.ContentLength is null or > BodyBytesMax || !http.Request.HasFormContentType)
            return Problem.Of(http.Request.HasFormContentType ? "body-too-large" : "media-type-unsupported");
        IFormCollection form = await http.Request.ReadFormAsync(
            new FormOptions { MultipartBodyLengthLimit = BodyBytesMax, ValueCountLimit = 10 },
            cancellationToken);
        bool chinese = form["lang"].ToString() is { Length: > 0 } lang ? lang == "zh" : ItemEndpoints.IsChinese(http.Request);
        if (!ItemKey.TryParse(form["key"].ToString(), out ItemKey? key, out string? fault))
            return Problem.Of(fault);
        ItemFacts facts = await reader.ReadAsync(key, time.GetUtcNow(), cancellationToken);
        if (facts.Product is null)
            return Problem.Of("not-found");

        string once = form["once"].ToString() is { Length: 32 } mark && mark.All(char.IsAsciiHexDigitLower) ? mark : NewForm();
        (string text, string contact) = (form["text"].ToString().Trim(), form["contact"].ToString().Trim());
        bool large = form.Files.GetFile("photo") is { Length: > PhotoBytesMax };
        byte[] photo = large ? [] : await PhotoOfAsync(form, cancellationToken);
        string? wrong = large ? TooLarge(chinese) : Wrong(text, contact, photo, chinese);
        if (wrong is not null)
        {
            PageHeaders(http.Response);
            return TypedResults.Content(
                Encoding.UTF8.GetString(ItemView.RenderReport(facts, chinese, time.GetUtcNow(), once, wrong, text, contact)),
                "text/html; charset=utf-8", statusCode: StatusCodes.Status422UnprocessableEntity);
        }
        string content = Mark(once, key, text, contact, photo);
        string number = await NumberAsync(store, content, cancellationToken)
            ?? await RecordAsync(store, time, facts, content, text, contact, photo, cancellationToken);
        // Relative, because the gateway has the service under an address of its own; reloading it files nothing.
        http.Response.Headers.Location = $"complaints/{number}/filed?lang={(chinese ? "zh" : "en")}";
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
    }

    /// <summary>
    /// What was sent by which form: sending the same again is no second complaint, and whoever goes back and writes
    /// something else has written another. No field holds a zero character (<see cref="Wrong"/>).
    /// </summary>
    private static string Mark(string form, ItemKey key, string text, string contact, byte[] photo) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
            '\0', form, key.Path, text, contact, Convert.ToHexStringLower(SHA256.HashData(photo))))));

    private static async Task<string?> NumberAsync(Store store, string once, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand("select number from complaints where once = $1");
        command.Parameters.Add(new() { Value = once });
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    private static async Task<string> RecordAsync(
        Store store, TimeProvider time, ItemFacts facts, string once, string text, string contact, byte[] photo,
        CancellationToken cancellationToken)
    {
        EventContext context = new(time, "consumer", facts.Product!.Tenant);
        await using Session session = store.OpenSession(context);
        string number = "C-" + Convert.ToHexString(RandomNumberGenerator.GetBytes(5));
        byte[] secret = RandomNumberGenerator.GetBytes(16);
        string digest = Convert.ToHexStringLower(SHA256.HashData([.. secret, .. Encoding.UTF8.GetBytes(text)]));
        FileContent? content = photo.Length == 0 ? null : new FileContent(
            Convert.ToHexStringLower(SHA256.HashData(photo)), photo.Length, Pictures.MimeOf(photo)!);
        NewEvent e = context.Stamp(ComplaintFiled.Type, new ComplaintFiled(
            number, (facts.Key with { Lot = facts.KnownLot }).Path, digest, content));
        session.StartStream($"complaint-{number}", e);
        session.QueueSqlCommand(
            """
            insert into complaints (number, tenant, event_id, filed_at, link, words, secret, contact, photo, mime, once)
            values ($1, $2, $3, $4, $5, $6, $7, nullif($8, ''), nullif($9, ''::bytea), nullif($10, ''), $11)
            """,
            number, facts.Product.Tenant, e.Id, e.OccurredAt.UtcDateTime, facts.Key.Path, text, secret, contact, photo,
            content?.Mime ?? "", once);
        try
        {
            await session.SaveChangesAsync(cancellationToken);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Sent twice at once: the other one is the complaint.
            if (await NumberAsync(store, once, cancellationToken) is { } first)
                return first;
            throw;
        }
        return number;
    }

    private static async Task<byte[]> PhotoOfAsync(IFormCollection form, CancellationToken cancellationToken)
    {
        if (form.Files.GetFile("photo") is not { Length: > 0 } file)
            return [];
        using MemoryStream photo = new((int)file.Length);
        await file.CopyToAsync(photo, cancellationToken);
        return photo.ToArray();
    }

    private static string TooLarge(bool chinese) => chinese
        ? "照片超过3 MB，没有提交任何内容。您写的还在下面：请换一张小的照片，或不带照片提交。"
        : "The photo is larger than 3 MB and nothing was sent. Your words are below: choose a smaller photo, or send without one.";

    private static string? Wrong(string text, string contact, byte[] photo, bool chinese)
    {
        if (text.Length is 0 or > TextMax || text.Contains('\0') || !text.IsWellFormed())
            return chinese ? $"请写下发生了什么，1～{TextMax}个字；您写了{text.Length}个。没有提交任何内容。"
                : $"Write what happened in 1–{TextMax} characters; you wrote {text.Length}. Nothing was sent.";
        if (contact.Length > 100 || contact.Contains('\0'))
            return chinese ? "联系方式最多100个字。没有提交任何内容。" : "The contact takes at most 100 characters. Nothing was sent.";
        if (photo.Length > 0 && Pictures.MimeOf(photo) is null)
            return chinese ? "照片不是JPEG、PNG或WebP图片。没有提交任何内容。" : "The photo is not a JPEG, PNG or WebP picture. Nothing was sent.";
        return null;
    }

    private static async Task<IResult> ListAsync(
        Caller caller, Store store, TimeProvider time, CancellationToken cancellationToken, int skip = 0, int limit = 200,
        string? state = null, string? number = null)
    {
        // How organisations deal with complaints is a regulator's business; what consumers wrote in confidence is not.
        bool all = caller.Is(Role.Regulator);
        DateTimeOffset now = time.GetUtcNow();
        // Open ones wait for an answer: the oldest goes first.
        bool open = state == Open;
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             select number, event_id, filed_at, link, words, contact, photo is not null, state, tenant,
                 (select min(s.at) from complaint_steps s
                  where s.number = c.number and s.kind = {(short)ComplaintStage.Answered})
             from complaints c
             where (tenant = $1 or $6) and (not $4 or state < {(short)ComplaintStage.Answered}) and ($5 = '' or number = $5)
             order by case when $4 then filed_at end, filed_at desc, number offset $2 limit $3
             """);
        command.Parameters.Add(new() { Value = caller.Tenant });
        command.Parameters.Add(new() { Value = Math.Clamp(skip, 0, 1_000_000) });
        command.Parameters.Add(new() { Value = Math.Clamp(limit, 1, 200) });
        command.Parameters.Add(new() { Value = open });
        command.Parameters.Add(new() { Value = number ?? "" });
        command.Parameters.Add(new() { Value = all });
        List<Complaint> complaints = [];
        await using (NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken))
            {
                DateTimeOffset filed = row.GetFieldValue<DateTimeOffset>(2);
                complaints.Add(new Complaint(
                    row.GetString(0), row.GetGuid(1), filed, row.GetString(3), all ? null : row.GetString(4),
                    all ? null : row.Text(5), row.GetBoolean(6), AnswerComplaint.Name((ComplaintStage)row.GetInt16(7)), [],
                    ComplaintRules.Deadline(filed, row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9), now),
                    all ? row.GetString(8) : null));
            }
        }
        ILookup<string, ComplaintStep> steps = await ComplaintPage.StepsAsync(
            store, [.. complaints.Select(c => c.Number)], cancellationToken);
        complaints = [.. complaints.Select(c => c with
        {
            Steps = [.. steps[c.Number].Select(s => new ComplaintDone(
                AnswerComplaint.Name(s.Stage), s.At, all ? null : s.Words))],
        })];
        return TypedResults.Json(complaints, ComplaintJson.Default.ListComplaint);
    }

    private static async Task<IResult> PhotoAsync(
        string number, HttpContext http, Caller caller, Store store, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select photo, mime from complaints where number = $1 and tenant = $2 and photo is not null");
        command.Parameters.Add(new() { Value = number });
        command.Parameters.Add(new() { Value = caller.Tenant });
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
            return Problem.Of("not-found");
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "private, no-store";
        string ending = row.Text(1) switch { "image/png" => "png", "image/webp" => "webp", _ => "jpg" };
        return TypedResults.Bytes(row.GetFieldValue<byte[]>(0), "application/octet-stream", $"{number}.{ending}");
    }

    public static void PageHeaders(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = ItemView.Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
    }
}

/// <summary>
/// A complaint as its producer reads it; a regulator reads whose it is, and neither its words nor the answers'.
/// </summary>
internal sealed record Complaint(
    string Number, Guid EventId, DateTimeOffset FiledAt, string Link, string? Words, string? Contact, bool HasPhoto,
    string State, IReadOnlyList<ComplaintDone> Steps, ComplaintDeadline? Deadline, string? Tenant);

/// <summary>What was done about a complaint: <c>received</c>, <c>answered</c> with its words, or <c>closed</c>.</summary>
internal sealed record ComplaintDone(string State, DateTimeOffset At, string? Words);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(ComplaintFiled))]
[JsonSerializable(typeof(List<Complaint>))]
[JsonSerializable(typeof(ComplaintReceived))]
[JsonSerializable(typeof(ComplaintAnswered))]
[JsonSerializable(typeof(ComplaintClosed))]
[JsonSerializable(typeof(ComplaintStepRequest))]
[JsonSerializable(typeof(ComplaintStepAnswer))]
internal sealed partial class ComplaintJson : JsonSerializerContext;
