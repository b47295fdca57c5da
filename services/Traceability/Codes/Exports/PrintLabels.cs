using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using EventStore;
using Microsoft.AspNetCore.Http.Features;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Paper;
using ServiceDefaults.Problems;
using Traceability.Codes.Batches;
using Traceability.Codes.Keys;
using Traceability.Codes.Validation;

namespace Traceability.Codes.Exports;

/// <summary>Labels as pictures in an archive, or on sheets ready to print.</summary>
internal static class PrintLabels
{
    private const int ArchiveMax = 20_000;
    private const int SheetsMax = 1_000;

    public static void Map(IEndpointRouteBuilder codes)
    {
        codes.MapGet("/batches/{id:guid}/labels.zip", ZipAsync).RequireRoles(Role.Member, Role.Admin)
            .WithName("LabelArchive").WithSummary("Labels as SVG or PNG files, up to 20,000; go on with from.");
        codes.MapGet("/batches/{id:guid}/labels.pdf", PdfAsync).RequireRoles(Role.Member, Role.Admin)
            .WithName("LabelSheets").WithSummary("Label sheets ready to print, up to 1,000 labels; go on with from.");
        codes.MapGet("/batches/{id:guid}/label", One).RequireRoles(Role.Member, Role.Admin)
            .WithName("OneLabel").WithSummary("The symbol of one code, by its counter, as SVG or PNG.");
    }

    private static async Task<IResult> ZipAsync(
        Guid id, HttpContext http, Caller caller, CodeValidator validator, CodeKeys keys, string format = "svg",
        int? from = null, int? count = null)
    {
        KnownBatch batch = BatchAccess.Known(validator, caller.Tenant, id);
        CodeRange range = ExportCodes.RangeOf(batch, from, count, ArchiveMax);
        if (format is not ("svg" or "png"))
            return Problem.Of("code-query-form", ("field", nameof(format)));
        HttpResponse response = http.Response;
        response.ContentType = "application/zip";
        // The archive writes its headers synchronously; they are a few bytes beside a symbol that was just drawn.
        http.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition =
            $"attachment; filename=\"labels-{batch.Gtin}-{batch.Opened.Number}-{range.From + 1}.zip\"";
        await using ZipArchive archive = await ZipArchive.CreateAsync(
            response.Body, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8, http.RequestAborted);
        for (int counter = range.From; counter < range.To; counter++)
        {
            (string serial, string link) = Label(batch, keys, counter);
            byte[] picture = format == "png" ? QrSymbol.Png(link) : Encoding.UTF8.GetBytes(QrSymbol.Svg(link));
            ZipArchiveEntry entry = archive.CreateEntry(
                string.Create(CultureInfo.InvariantCulture, $"{counter + 1:D10}-{serial}.{format}"),
                format == "png" ? CompressionLevel.NoCompression : CompressionLevel.Fastest);
            await using Stream target = await entry.OpenAsync(http.RequestAborted);
            await target.WriteAsync(picture, http.RequestAborted);
        }
        return Results.Empty;
    }

    private static async Task<IResult> PdfAsync(
        Guid id, HttpContext http, Caller caller, CodeValidator validator, CodeKeys keys, Store store,
        int? from = null, int? count = null, int columns = 5)
    {
        KnownBatch batch = BatchAccess.Known(validator, caller.Tenant, id);
        CodeRange range = ExportCodes.RangeOf(batch, from, count, SheetsMax);
        if (columns is < 2 or > 10)
            return Problem.Of("code-query-form", ("field", nameof(columns)));
        string name = WebUtility.HtmlEncode(await NameAsync(store, batch.Gtin, http.RequestAborted));
        StringBuilder html = new(Head(columns));
        for (int counter = range.From; counter < range.To; counter++)
        {
            (string serial, string link) = Label(batch, keys, counter);
            // Human readable interpretation: GS1 General Specifications §4.14, identifiers in brackets.
            html.Append("<div class=l><p class=n>").Append(name).Append("</p>").Append(QrSymbol.Svg(link))
                .Append("<p>(01) ").Append(batch.Gtin).Append("<br>(21) ").Append(serial).Append("<br><span>")
                .Append(CultureInfo.InvariantCulture, $"{counter + 1}").Append("</span></div>");
        }
        byte[]? pdf = await PdfPrinter.PrintAsync(
            html.Append("</body></html>").ToString(), null, http.RequestAborted);
        return pdf is null
            ? Problem.Of("label-printer-unavailable")
            : Results.File(
                pdf, "application/pdf", $"labels-{batch.Gtin}-{batch.Opened.Number}-{range.From + 1}-{range.To}.pdf");
    }

    private static async Task<string> NameAsync(Store store, string gtin, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select coalesce(name_zh, name_en) from products where gtin = $1");
        command.Parameters.Add(new() { Value = gtin });
        return await command.ExecuteScalarAsync(cancellationToken) as string ?? "";
    }

    private static IResult One(
        Guid id, Caller caller, CodeValidator validator, CodeKeys keys, int counter = 0, string format = "svg")
    {
        KnownBatch batch = BatchAccess.Known(validator, caller.Tenant, id);
        CodeRange range = ExportCodes.RangeOf(batch, counter, 1);
        (string serial, string link) = Label(batch, keys, range.From);
        return format switch
        {
            "svg" => Results.File(Encoding.UTF8.GetBytes(QrSymbol.Svg(link)), "image/svg+xml", $"{batch.Gtin}-{serial}.svg"),
            "png" => Results.File(QrSymbol.Png(link), "image/png", $"{batch.Gtin}-{serial}.png"),
            _ => Problem.Of("code-query-form", ("field", nameof(format))),
        };
    }

    private static (string Serial, string Link) Label(KnownBatch batch, CodeKeys keys, int counter)
    {
        string serial = batch.SerialOf(keys[batch.Opened.KeyVersion], counter);
        return (serial, $"{batch.Opened.Stem}/01/{batch.Gtin}/21/{serial}");
    }

    // Dotted lines of 0.2 mm show where to cut.
    private static string Head(int columns) =>
        $$"""
        <!DOCTYPE html><html><head><meta charset="utf-8"><style>
        @page { size: A4; margin: 10mm }
        body { margin: 0; font: {{(columns > 6 ? 4 : 6).ToString(CultureInfo.InvariantCulture)}}pt/1.25 monospace; text-align: center }
        .l { display: inline-block; width: {{(100m / columns).ToString("0.###", CultureInfo.InvariantCulture)}}%;
             box-sizing: border-box; padding: 1mm; border: .2mm dotted #999; break-inside: avoid }
        .l svg { width: 90% } p { margin: 0 } span { color: #555 }
        .n { font-family: sans-serif; height: 2.5em; overflow: hidden }
        </style></head><body>
        """;
}
