using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using NpgsqlTypes;

namespace Traceability.Epcis.Capture;

/// <summary>A capture job as it stands.</summary>
internal sealed record CaptureJob(
    Guid Id, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, ErrorBehaviour Behaviour, int Total, int? Captured,
    IReadOnlyList<CaptureError> Errors)
{
    /// <summary>No error so far; of a finished job, none at all.</summary>
    public bool Success => Errors.Count == 0;
}

/// <summary>A job that is still to be done.</summary>
internal sealed record OpenJob(
    Guid Id, string Tenant, string Subject, ErrorBehaviour Behaviour, CaptureDocument Document);

/// <summary>
/// Capture jobs. A job is durable before it is answered; its result is written in the transaction of its events, and
/// only once, so that a worker that stops anywhere leaves a job that is either done or still to be done.
/// </summary>
internal sealed class CaptureJobs(Store store)
{
    public const string Schema =
        """
        create table epcis_captures (
            id         uuid        primary key,
            created_at timestamptz not null,
            total      int         not null,
            tenant     text collate "C" not null,
            subject    text collate "C" not null,
            behaviour  text collate "C" not null,
            form       text collate "C" not null,
            input      bytea compression lz4
        );
        create index epcis_captures_open on epcis_captures (id) where input is not null;
        create index epcis_captures_tenant on epcis_captures (tenant, id);

        create table epcis_capture_results (
            id          uuid        primary key,
            finished_at timestamptz not null,
            captured    int         not null,
            errors      text        not null
        );
        """;

    /// <summary>Name of the constraint that refuses a second result.</summary>
    public const string OneResult = "epcis_capture_results_pkey";

    private const string Columns =
        """
        c.id, c.created_at, r.finished_at, c.behaviour, c.total, r.captured, r.errors
        from epcis_captures c left join epcis_capture_results r using (id)
        """;

    /// <summary>Queues a new job onto a session.</summary>
    public static void Queue(Session session, Guid id, ErrorBehaviour behaviour, int total, CaptureDocument document) =>
        session.QueueSqlCommand(
            """
            insert into epcis_captures (id, created_at, total, tenant, subject, behaviour, form, input)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            id, session.Context.Now.UtcDateTime, total, session.Context.Tenant, session.Context.Actor,
            behaviour.ToString(), document.Form.ToString(), document.Bytes.ToArray());

    /// <summary>Queues a job that is done in the transaction that it begins in.</summary>
    public static void QueueDone(
        Session session, Guid id, ErrorBehaviour behaviour, int total, DocumentForm form, CaptureDecision decision) =>
        session.QueueSqlCommand(
            """
            with job as (
                insert into epcis_captures (id, created_at, total, tenant, subject, behaviour, form)
                values ($1, $2, $3, $4, $5, $6, $7) returning id)
            insert into epcis_capture_results (id, finished_at, captured, errors) select id, $2, $8, $9 from job
            """,
            id, session.Context.Now.UtcDateTime, total, session.Context.Tenant, session.Context.Actor,
            behaviour.ToString(), form.ToString(), decision.Accepted.Count, Text(decision.Errors));

    /// <summary>Queues a job's result; the input is no longer needed.</summary>
    public static void Finish(Session session, Guid id, int captured, IReadOnlyList<CaptureError> errors)
    {
        session.QueueSqlCommand(
            "insert into epcis_capture_results (id, finished_at, captured, errors) values ($1, $2, $3, $4)",
            id, session.Context.Now.UtcDateTime, captured, Text(errors));
        session.QueueSqlCommand("update epcis_captures set input = null where id = $1", id);
    }

    private static string Text(IReadOnlyList<CaptureError> errors) =>
        JsonSerializer.Serialize(errors, CaptureJobJson.Default.IReadOnlyListCaptureError);

    /// <summary>Jobs that are still to be done, oldest first.</summary>
    public async Task<IReadOnlyList<Guid>> OpenAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select id from epcis_captures where input is not null order by id");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<Guid> jobs = [];
        while (await reader.ReadAsync(cancellationToken))
            jobs.Add(reader.GetGuid(0));
        return jobs;
    }

    /// <summary>A job, or null when it is done.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="withDocument">Whether its document is to be read too.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    public async Task<OpenJob?> TakeAsync(Guid id, bool withDocument, CancellationToken cancellationToken)
    {
        string input = withDocument ? "input" : "''::bytea";
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
            select tenant, subject, behaviour, form, {input} from epcis_captures where id = $1 and input is not null
            """);
        command.Parameters.Add(new() { Value = id });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new OpenJob(
                id, reader.GetString(0), reader.GetString(1), Enum.Parse<ErrorBehaviour>(reader.GetString(2)),
                new CaptureDocument(Enum.Parse<DocumentForm>(reader.GetString(3)), reader.GetFieldValue<byte[]>(4)))
            : null;
    }

    /// <summary>An organisation's job, or null.</summary>
    public async Task<CaptureJob?> FindAsync(string tenant, Guid id, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"select {Columns} where c.id = $1 and c.tenant = $2");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = tenant });
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>An organisation's jobs, newest first.</summary>
    public async Task<IReadOnlyList<CaptureJob>> ListAsync(
        string tenant, Guid? before, int limit, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"select {Columns} where c.tenant = $1 and ($2 is null or c.id < $2) order by c.id desc limit $3");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = (object?)before ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = limit });
        return await ReadAsync(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<CaptureJob>> ReadAsync(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<CaptureJob> jobs = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            bool done = !reader.IsDBNull(2);
            jobs.Add(new CaptureJob(
                reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1),
                done ? reader.GetFieldValue<DateTimeOffset>(2) : null, Enum.Parse<ErrorBehaviour>(reader.GetString(3)),
                reader.GetInt32(4), done ? reader.GetInt32(5) : null,
                done ? JsonSerializer.Deserialize(
                    reader.GetString(6), CaptureJobJson.Default.IReadOnlyListCaptureError)! : []));
        }
        return jobs;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<CaptureError>))]
internal sealed partial class CaptureJobJson : JsonSerializerContext;
