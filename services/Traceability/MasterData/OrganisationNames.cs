using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Traceability.MasterData;

/// <summary>What an organisation calls itself to the public.</summary>
/// <param name="Id">The organisation.</param>
/// <param name="Name">Its name.</param>
public sealed record NamedOrganisation(string Id, Wording Name);

/// <summary>
/// Names of organisations whose ids the caller knows from an answer, so that pages need not show ids alone. Names are
/// public by their owners' own description; who is here at all is not told.
/// </summary>
internal static class OrganisationNames
{
    private const int IdsMax = 500;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/organisations/names", HandleAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("OrganisationNames").WithSummary("Public names of organisations by their ids.");

    private static async Task<IResult> HandleAsync(
        HttpRequest request, Store store, CancellationToken cancellationToken)
    {
        string[] ids = [.. request.Query["id"].OfType<string>().Distinct()];
        if (ids.Length is 0 or > IdsMax)
            return Problem.Of("query-invalid", ("field", "id"));
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select tenant, name_zh, name_en from organisations where tenant = any($1) order by tenant");
        command.Parameters.Add(new() { Value = ids.Where(i => !i.Contains('\0')).ToArray() });
        List<NamedOrganisation> named = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.Words(1) is { } name)
                named.Add(new NamedOrganisation(reader.GetString(0), name));
        }
        return TypedResults.Json(named, OrganisationNamesJson.Default.ListNamedOrganisation);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<NamedOrganisation>))]
internal sealed partial class OrganisationNamesJson : JsonSerializerContext;
