using System.Security.Cryptography;
using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Traceability.MasterData;

/// <summary>Pictures of products, by digest; served to everybody.</summary>
internal static class Pictures
{
    public const string Schema =
        """
        create table pictures (
            sha256 text  collate "C" primary key,
            mime   text  collate "C" not null,
            body   bytea not null
        );
        """;

    /// <summary>What the first load of a consumer page can carry.</summary>
    public const int BytesMax = 26 * 1024;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPut("/products/{gtin}/picture", ChooseAsync).RequireRoles(Role.Member, Role.Admin).WithBodyLimit(1 << 20)
            .WithName("ChoosePicture").WithSummary("Chooses a product's picture: WebP, JPEG or PNG, at most 26 KB.");
        app.MapGet("/pictures/{sha256}", ShowAsync).AllowAnonymous()
            .WithName("ShowPicture").WithSummary("A picture by its digest.");
    }

    /// <summary>The media type by the first bytes, whatever the sender says; null for anything else.</summary>
    public static string? MimeOf(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"
        : bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47]) ? "image/png"
        : bytes.Length > 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8) ? "image/webp"
        : null;

    private static async Task<IResult> ChooseAsync(string gtin, HttpContext http, Caller caller)
    {
        string key = MasterApi.Gtin(gtin);
        using MemoryStream body = new();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        byte[] bytes = body.ToArray();
        if (bytes.Length > BytesMax)
            return Problem.Of("picture-too-large", ("max", BytesMax), ("size", bytes.Length));
        if (MimeOf(bytes) is not { } mime)
            return Problem.Of("picture-form");
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return await MasterApi.RecordAsync(http, caller, $"product-{key}", bytes, session =>
        {
            session.QueueSqlCommand(
                "insert into pictures values ($1, $2, $3) on conflict do nothing", sha256, mime, bytes);
            return new MasterCommand.ChoosePicture(key, new FileContent(sha256, bytes.Length, mime));
        });
    }

    private static async Task<IResult> ShowAsync(string sha256, HttpContext http, Store store)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand("select mime, body from pictures where sha256 = $1");
        command.Parameters.Add(new() { Value = sha256 });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(http.RequestAborted);
        if (!await reader.ReadAsync(http.RequestAborted))
            return Problem.Of("not-found");
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'";
        return TypedResults.Bytes(reader.GetFieldValue<byte[]>(1), reader.GetString(0));
    }
}
