using Identity.Clients;
using Identity.Organisations;
using Identity.Users;
using Npgsql;
using NpgsqlTypes;

namespace Identity;

/// <summary>Lists for the management interface.</summary>
internal static class AccountLists
{
    public static async Task<IReadOnlyList<OrganisationAnswer>> OrganisationsAsync(
        this Accounts accounts, string? id, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = accounts.Query(
            """
            select id, name, credit_code, registered_at from organisations
            where $1 is null or id = $1 order by registered_at, id
            """, id);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<OrganisationAnswer> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new OrganisationAnswer(reader.GetString(0), reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3)));
        }
        return found;
    }

    public static async Task<IReadOnlyList<UserAnswer>> UsersAsync(
        this Accounts accounts, string tenant, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = accounts.Query(
            "select id, roles, open, added_at from users where tenant = $1 order by added_at, id", tenant);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<UserAnswer> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new UserAnswer(reader.GetString(0), tenant, null, null, reader.GetFieldValue<string[]>(1),
                reader.GetBoolean(2), reader.GetFieldValue<DateTimeOffset>(3)));
        }
        return found;
    }

    public static async Task<IReadOnlyList<ClientAnswer>> ClientsAsync(
        this Accounts accounts, string tenant, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = accounts.Query(
            """
            select id, name, roles, redirect_uris, open from clients
            where tenant = $1 order by registered_at, id
            """, tenant);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<ClientAnswer> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new ClientAnswer(reader.GetString(0), tenant, reader.GetString(1),
                reader.GetFieldValue<string[]>(2), reader.GetFieldValue<string[]>(3), reader.GetBoolean(4)));
        }
        return found;
    }

    public static async Task<bool> OrganisationExistsAsync(
        this Accounts accounts, string id, CancellationToken cancellationToken) =>
        await accounts.ScalarAsync("select id from organisations where id = $1", id, cancellationToken) is not null;

    public static async Task<bool> CreditCodeTakenAsync(
        this Accounts accounts, string code, CancellationToken cancellationToken) =>
        await accounts.ScalarAsync(
            "select id from organisations where credit_code = $1", code, cancellationToken) is not null;

    public static async Task<string?> TenantOfUserAsync(
        this Accounts accounts, string id, CancellationToken cancellationToken) =>
        await accounts.ScalarAsync("select tenant from users where id = $1", id, cancellationToken);

    public static async Task<string?> TenantOfClientAsync(
        this Accounts accounts, string id, CancellationToken cancellationToken) =>
        await accounts.ScalarAsync("select tenant from clients where id = $1", id, cancellationToken);

    private static async Task<string?> ScalarAsync(
        this Accounts accounts, string sql, string value, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = accounts.Query(sql, value);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    private static NpgsqlCommand Query(this Accounts accounts, string sql, string? value)
    {
        NpgsqlCommand command = accounts.DataSource.CreateCommand(sql);
        command.Parameters.Add(new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        return command;
    }
}
