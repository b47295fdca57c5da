using System.Text.Json;
using Npgsql;

namespace Traceability.Graph;

/// <summary>A captured event as the EPCIS tables have it, before its ids became numbers.</summary>
internal sealed class CapturedRow
{
    private const string CbvStem = "https://ref.gs1.org/cbv/";
    private const string MasterData = "urn:epcglobal:cbv:mda:";
    private const string LotName = "lotNumber";

    public required long Seq { get; init; }
    public required Guid Id { get; init; }
    public required DateTime At { get; init; }
    public required DateTime Recorded { get; init; }
    public required StepKind Kind { get; init; }
    public required StepAction Action { get; init; }
    public required string Tenant { get; init; }
    public required byte[] Hash { get; init; }
    public required bool DeclaresError { get; init; }
    public string BizStep { get; init; } = "";
    public string Disposition { get; init; } = "";
    public string? Place { get; init; }
    public string? Process { get; init; }
    public string? Destination { get; set; }
    public string? Lot { get; set; }
    public List<string> Glns { get; } = [];
    public List<CapturedItem> Items { get; } = [];

    /// <summary>Reads the next events of the feed.</summary>
    public static async Task<List<CapturedRow>> ReadAsync(
        NpgsqlConnection connection, long after, int limit, CancellationToken cancellation)
    {
        await using NpgsqlBatch batch = new(connection);
        const string range = "seq > $1 and seq <= (select max(seq) from (select seq from epcis_events where seq > $1 order by seq limit $2) m)";
        Add("select seq, id, event_time, record_time, type, action, tenant, hash, error_time is not null, biz_step, disposition, "
            + $"coalesce(biz_location, read_point), transformation_id from epcis_events where {range} order by seq");
        Add($"select seq, role, uri, null::numeric, null::text, false from epcis_epcs where {range} union all "
            + $"select seq, role, class_uri, quantity, uom, true from epcis_quantities where {range} order by 1");
        Add($"select seq, side, uri, gln, type from epcis_parties where {range}");
        Add("select e.seq, b.body from epcis_events e join epcis_bodies b on b.event_id = e.id "
            + $"where {range.Replace("seq > $1 and seq", "e.seq > $1 and e.seq", StringComparison.Ordinal)} "
            + "and (e.type = 'TransformationEvent' or (e.type = 'ObjectEvent' and e.action = 'ADD'))");
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellation);
        List<CapturedRow> rows = [];
        while (await reader.ReadAsync(cancellation))
            rows.Add(Event(reader));
        // Each statement sees what was committed before it: events that came after the first are left for the next time.
        Dictionary<long, CapturedRow> bySeq = rows.ToDictionary(r => r.Seq);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            bySeq.GetValueOrDefault(reader.GetInt64(0))?.Items.Add(new CapturedItem(
                (ItemRole)reader.GetInt16(1), reader.GetString(2), reader.GetBoolean(5),
                reader.IsDBNull(3) ? null : reader.GetDecimal(3), Text(reader, 4) ?? ""));
        }
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            bySeq.GetValueOrDefault(reader.GetInt64(0))?.AddParty(
                reader.GetInt16(1), reader.GetString(2), Text(reader, 3), Text(reader, 4));
        }
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            if (bySeq.TryGetValue(reader.GetInt64(0), out CapturedRow? row))
                row.Lot = LotNumber(reader.GetFieldValue<byte[]>(1));
        }
        return rows;

        void Add(string sql)
        {
            NpgsqlBatchCommand command = new(sql);
            command.Parameters.Add(new() { Value = after });
            if (sql.Contains("$2", StringComparison.Ordinal))
                command.Parameters.Add(new() { Value = limit });
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>
    /// The lot number in an event's instance master data (CBV 2.0, section 9.3: cbvmda:lotNumber, by any prefix that the
    /// event binds to that name space), or null.
    /// </summary>
    public static string? LotNumber(ReadOnlySpan<byte> body)
    {
        (string Name, string Lot)? found = null;
        int context = -1;
        Utf8JsonReader json = new(body);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool ilmd = json.ValueTextEquals("ilmd"u8), scope = json.ValueTextEquals("@context"u8);
            json.Read();
            if (scope)
                context = (int)json.TokenStartIndex;
            if (ilmd && json.TokenType == JsonTokenType.StartObject)
                found = LotMember(ref json);
            else
                json.Skip();
        }
        return found is { } lot && IsLot(lot.Name, context < 0 ? default : body[context..]) ? lot.Lot : null;
    }

    private static (string Name, string Lot)? LotMember(ref Utf8JsonReader ilmd)
    {
        (string, string)? found = null;
        while (ilmd.Read() && ilmd.TokenType == JsonTokenType.PropertyName)
        {
            string name = ilmd.GetString()!;
            ilmd.Read();
            if (name.EndsWith(LotName, StringComparison.Ordinal) && ilmd.TokenType == JsonTokenType.String
                && (found is null || name is LotName or "cbvmda:" + LotName))
                found = (name, ilmd.GetString()!);
            ilmd.Skip();
        }
        return found;
    }

    private static bool IsLot(string name, ReadOnlySpan<byte> context)
    {
        if (name is LotName or "cbvmda:" + LotName or MasterData + LotName)
            return true;
        if (!name.EndsWith(":" + LotName, StringComparison.Ordinal) || context.IsEmpty)
            return false;
        Utf8JsonReader json = new(context);
        using JsonDocument document = JsonDocument.ParseValue(ref json);
        string prefix = name[..^(LotName.Length + 1)];
        return (document.RootElement.ValueKind == JsonValueKind.Array
                ? document.RootElement.EnumerateArray() : Enumerable.Repeat(document.RootElement, 1))
            .Any(c => c.ValueKind == JsonValueKind.Object && c.TryGetProperty(prefix, out JsonElement meant)
                && meant.ValueKind == JsonValueKind.String && meant.GetString() == MasterData);
    }

    private static CapturedRow Event(NpgsqlDataReader reader) => new()
    {
        Seq = reader.GetInt64(0),
        Id = reader.GetGuid(1),
        At = reader.GetDateTime(2),
        Recorded = reader.GetDateTime(3),
        Kind = reader.GetString(4) switch
        {
            "AggregationEvent" => StepKind.Aggregation,
            "TransactionEvent" => StepKind.Transaction,
            "TransformationEvent" => StepKind.Transformation,
            "AssociationEvent" => StepKind.Association,
            _ => StepKind.Object,
        },
        Action = Text(reader, 5) switch
        {
            "ADD" => StepAction.Add,
            "OBSERVE" => StepAction.Observe,
            "DELETE" => StepAction.Delete,
            _ => StepAction.None,
        },
        Tenant = reader.GetString(6),
        Hash = reader.GetFieldValue<byte[]>(7),
        DeclaresError = reader.GetBoolean(8),
        BizStep = Word(Text(reader, 9)),
        Disposition = Word(Text(reader, 10)),
        Place = Text(reader, 11),
        Process = Text(reader, 12),
    };

    /// <summary>A destination with the goods (owning or possessing party) goes before a mere place.</summary>
    private void AddParty(short side, string uri, string? gln, string? type)
    {
        if (gln is not null && !Glns.Contains(gln))
            Glns.Add(gln);
        if (side == (short)Epcis.Storage.Side.Destination
            && (Destination is null || type?.EndsWith("possessing_party", StringComparison.Ordinal) == true))
            Destination = uri;
    }

    /// <summary>The bare word of a CBV URI such as <c>https://ref.gs1.org/cbv/BizStep-shipping</c>.</summary>
    private static string Word(string? uri) => uri is null ? ""
        : uri.StartsWith(CbvStem, StringComparison.Ordinal) && uri.IndexOf('-', CbvStem.Length) is var dash and > 0
            ? uri[(dash + 1)..]
            : uri;

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}

/// <summary>One participant of a captured event.</summary>
internal sealed record CapturedItem(ItemRole Role, string Uri, bool Counted, decimal? Quantity, string Unit);
