using EventStore;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Receivables.Credit;

/// <summary>A member's meter.</summary>
public sealed record CreditMember(
    string Member, long LimitFen, long ReservedFen, long UsedFen, long FreeFen, bool Frozen, long? OfferedFen = null);

/// <summary>A line with its meter: limit = split + unsplit, and of each part limit = used + reserved + free.</summary>
public sealed record CreditLineDetails(
    Guid Line, string Grantor, string Group, long LimitFen, long SplitFen, long ReservedFen, long UsedFen, bool Frozen,
    IReadOnlyList<CreditMember> Members, bool Accepted = false);

/// <summary>Reads lines: who granted them, the head of the group, members their own part, the regulator.</summary>
internal static class GetLines
{
    public static void Map(IEndpointRouteBuilder lines)
    {
        lines.MapGet("", ListAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("ListCreditLines").WithSummary("Credit lines that concern the organisation.");
        lines.MapGet("/{id:guid}", GetAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetCreditLine").WithSummary("A credit line with what is reserved, used and free.");
    }

    private static async Task<IResult> ListAsync(Caller caller, Store store, CancellationToken cancellation) =>
        TypedResults.Json(await ReadAsync(caller, null, store, cancellation), CreditJson.Default.ListCreditLineDetails);

    private static async Task<IResult> GetAsync(Guid id, Caller caller, Store store, CancellationToken cancellation) =>
        await ReadAsync(caller, id, store, cancellation) is [var line]
            ? TypedResults.Json(line, CreditJson.Default.CreditLineDetails)
            : Problem.Of(CreditDecider.Missing, ("line", id));

    private static async Task<List<CreditLineDetails>> ReadAsync(
        Caller caller, Guid? id, Store store, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select l.id, l.grantor, l.group_head, l.limit_fen, l.frozen,
                m.member, m.limit_fen, m.reserved_fen, m.used_fen, m.frozen, l.accepted,
                m.offered_fen
            from credit_lines l left join credit_members m on m.line = l.id
                and ($2 or l.grantor = $1 or l.group_head = $1 or m.member = $1)
            where ($3::uuid is null or l.id = $3)
                and ($2 or l.grantor = $1 or l.group_head = $1 or m.member is not null)
            order by l.id, m.member
            """);
        command.Parameters.Add(new() { Value = caller.Tenant });
        command.Parameters.Add(new() { Value = caller.Is(Role.Regulator) });
        command.Parameters.Add(new() { Value = (object?)id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        Dictionary<Guid, (CreditLineDetails Line, List<CreditMember> Members)> lines = [];
        while (await reader.ReadAsync(cancellation))
        {
            Guid line = reader.GetGuid(0);
            if (!lines.TryGetValue(line, out var entry))
            {
                List<CreditMember> members = [];
                entry = (new CreditLineDetails(
                    line, reader.GetString(1), reader.GetString(2), reader.GetInt64(3), 0, 0, 0, reader.GetBoolean(4),
                    members, reader.GetBoolean(10)), members);
                lines.Add(line, entry);
            }
            if (reader.IsDBNull(5))
                continue;
            (long limit, long reserved, long used) = (reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8));
            entry.Members.Add(new CreditMember(
                reader.GetString(5), limit, reserved, used, limit - reserved - used, reader.GetBoolean(9),
                reader.IsDBNull(11) ? null : reader.GetInt64(11)));
        }
        return [.. lines.Values.Select(l => l.Line with
        {
            SplitFen = l.Members.Sum(m => Math.Max(m.LimitFen, m.OfferedFen ?? 0)),
            ReservedFen = l.Members.Sum(m => m.ReservedFen),
            UsedFen = l.Members.Sum(m => m.UsedFen),
        })];
    }
}
