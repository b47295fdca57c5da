using System.Text.Json.Nodes;
using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using Traceability.Epcis.Queries;

namespace Traceability.Epcis.Subscriptions;

/// <summary>Queries with a name, an organisation's own (<c>/queries</c>).</summary>
internal sealed class NamedQueries(Store store)
{
    public const string Schema =
        """
        create table epcis_queries (
            tenant     text collate "C" not null,
            name       text collate "C" not null,
            query      text        not null,
            created_at timestamptz not null,
            primary key (tenant, name)
        );
        """;

    private const int NameMax = 100;

    public static void Map(IEndpointRouteBuilder epcis)
    {
        epcis.MapPost("/queries", CreateAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .WithName("CreateQuery").WithSummary("Names a query.");
        epcis.MapGet("/queries", ListAsync).RequireRoles(GetEvents.Readers)
            .WithName("ListQueries").WithSummary("The organisation's named queries.");
        epcis.MapGet("/queries/{name}", GetAsync).RequireRoles(GetEvents.Readers)
            .WithName("GetQuery").WithSummary("A named query's definition.");
        epcis.MapDelete("/queries/{name}", DeleteAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .WithName("DeleteQuery").WithSummary("Removes a named query with its subscriptions.");
        epcis.MapGet("/queries/{name}/events", EventsAsync).RequireRoles(GetEvents.Readers)
            .WithName("RunQuery").WithSummary("Events of a named query, in pages.");
    }

    /// <summary>A query's definition, or null.</summary>
    public async Task<JsonObject?> FindAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command =
            store.DataSource.CreateCommand("select query from epcis_queries where tenant = $1 and name = $2");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = name });
        return await command.ExecuteScalarAsync(cancellationToken) is string text
            ? (JsonObject)JsonNode.Parse(text)!
            : null;
    }

    private static async Task<IResult> CreateAsync(
        HttpContext http, Caller caller, NamedQueries queries, TimeProvider time, CancellationToken cancellationToken)
    {
        if (PollQuery.IsXml(http.Request))
            return await PollQuery.AnswerAsync(http, caller, queries, cancellationToken);
        JsonBody<JsonObject> body = await JsonBody<JsonObject>.BindAsync(http);
        if (body.Value["name"] is not JsonValue named || !named.TryGetValue(out string? name)
            || name.Length is 0 or > NameMax || name.Contains('\0') || body.Value["query"] is not JsonObject query)
            return Problem.Of("query-form");
        if (name is PollQuery.EventQueryName or PollQuery.MasterDataQueryName)
            return Exists(name);
        try
        {
            QueryParameters.Read(query);
        }
        catch (QueryParameterException e)
        {
            return EpcisProblems.Parameter(e.Parameter);
        }
        await using NpgsqlCommand command = queries.Command(
            """
            insert into epcis_queries (tenant, name, query, created_at) values ($1, $2, $3, $4)
            on conflict do nothing
            """,
            caller.Tenant, name, query.ToJsonString(), time.GetUtcNow().UtcDateTime);
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
            return Exists(name);
        return TypedResults.Created($"/epcis/v2/queries/{Uri.EscapeDataString(name)}");
    }

    /// <summary>The standard's own names are taken too.</summary>
    private static Problem Exists(string name) =>
        Problem.Of("query-exists", ("name", name)).With("exception", "epcisException:DuplicateNameException");

    private static async Task<IResult> ListAsync(
        HttpContext http, Caller caller, NamedQueries queries, PageTokens tokens, CancellationToken cancellationToken)
    {
        PageRequest page = await tokens.ReadAsync(http, caller, "queries", cancellationToken);
        await using NpgsqlCommand command = queries.Command(
            "select name, query from epcis_queries where tenant = $1 and name > $2 order by name limit $3",
            caller.Tenant, page.After ?? "", page.Size + 1);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<JsonObject> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            JsonNode? query = JsonNode.Parse(reader.GetString(1));
            found.Add(new JsonObject { ["name"] = reader.GetString(0), ["query"] = query });
        }
        if (found.Count > page.Size)
        {
            found.RemoveAt(page.Size);
            tokens.SendNext(http, caller, "queries", page, found[^1]["name"]!.GetValue<string>());
        }
        return Results.Json(new JsonArray([.. found]));
    }

    private static async Task<IResult> GetAsync(
        HttpContext http, Caller caller, NamedQueries queries, CancellationToken cancellationToken)
    {
        string name = RawPath.After(http, "queries");
        return await queries.FindAsync(caller.Tenant, name, cancellationToken) is { } query
            ? Results.Json(new JsonObject { ["name"] = name, ["query"] = query })
            : EpcisProblems.NoSuchName("query-not-found");
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext http, Caller caller, NamedQueries queries, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = queries.Command(
            "delete from epcis_queries where tenant = $1 and name = $2", caller.Tenant, RawPath.After(http, "queries"));
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1
            ? TypedResults.NoContent()
            : EpcisProblems.NoSuchName("query-not-found");
    }

    private static async Task<IResult> EventsAsync(
        HttpContext http, Caller caller, NamedQueries queries, CancellationToken cancellationToken)
    {
        if (http.Request.Headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase))
            return EpcisProblems.NotImplemented("WebSocket");
        EventDocument.IsXml(http.Request);
        string name = RawPath.After(http, "queries");
        if (name == PollQuery.MasterDataQueryName)
            return EpcisProblems.NotImplemented(name);
        return await queries.FindAsync(caller.Tenant, name, cancellationToken) is { } query
            ? await GetEvents.AnswerAsync(http, caller, QueryParameters.Read(query), name, cancellationToken)
            : EpcisProblems.NoSuchName("query-not-found");
    }

    private NpgsqlCommand Command(string sql, params Span<object> values) => store.Command(sql, values);
}
