using EventStore;
using Npgsql;
using ServiceDefaults.Auth;

namespace Receivables.Signatures;

/// <summary>
/// The record of an organisation, or for the regulator of all: the canonical bytes of every event, one a line, in the
/// order of the feed. Canonical JSON has no line breaks. Whoever has it checks the signatures without this service.
/// </summary>
internal static class RecordExport
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/signatures/export", ExportAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("ExportRecord").WithSummary("Every event of the organisation as lines of canonical bytes.");

    private static async Task ExportAsync(
        HttpContext http, Caller caller, Store store, CancellationToken cancellation)
    {
        bool all = caller.Is(Role.Regulator);
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            $"select body from store.events {(all ? "" : "where tenant = $1")} order by position");
        if (!all)
            query.Parameters.Add(new() { Value = caller.Tenant });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        http.Response.ContentType = "application/x-ndjson";
        while (await reader.ReadAsync(cancellation))
        {
            await http.Response.Body.WriteAsync(reader.GetFieldValue<byte[]>(0), cancellation);
            await http.Response.Body.WriteAsync("\n"u8.ToArray(), cancellation);
        }
    }
}
