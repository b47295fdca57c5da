using System.Text.Json.Serialization;
using EventStore;
using EventStore.Idempotency;
using EventStore.Projections;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Epcis.Storage;

namespace Traceability.Visibility;

/// <summary>What was recorded about who may see what.</summary>
internal abstract record VisibilityEvent
{
    private VisibilityEvent()
    {
    }

    /// <summary>
    /// An authority found that a GLN is the organisation's, so that events which name it are shown to it.
    /// </summary>
    internal sealed record GlnConfirmed(string Gln, string Tenant) : VisibilityEvent;

    /// <summary>The organisation shows its events to another, or no longer.</summary>
    internal sealed record PartnersNamed(IReadOnlyList<string> Partners) : VisibilityEvent;

    /// <summary>What the organisation publishes and keeps back, and whether contradictions are refused.</summary>
    internal sealed record DisclosureSet(
        IReadOnlyList<string> Published, IReadOnlyList<string> Withheld, bool Strict) : VisibilityEvent;
}

/// <summary>Organisations that see all events of this one.</summary>
public sealed record PartnersRequest(IReadOnlyList<string>? Partners = null);

/// <summary>JSON pointers that everybody, or nobody else, may see; strict refuses contradictions.</summary>
public sealed record DisclosureRequest(
    IReadOnlyList<string>? Published = null, IReadOnlyList<string>? Withheld = null, bool Strict = false);

/// <summary>Whose a GLN is.</summary>
public sealed record GlnRequest(string? Tenant = null);

/// <summary>Sets who may see what.</summary>
internal static class ManageVisibility
{
    private const int ListMax = 200;
    private const int TextMax = 200;

    public static EventModel AddVisibility(this EventModel model) => model
        .Event("trace.gln-confirmed.v1", VisibilityJson.Default.GlnConfirmed)
        .Event("trace.partners-named.v1", VisibilityJson.Default.PartnersNamed)
        .Event("trace.disclosure-set.v1", VisibilityJson.Default.DisclosureSet)
        .Aggregate(Settings.None, (Settings settings, StoredEvent _) => settings)
        .Inline(new ViewerRows())
        .Migrate("trace-0008-confirmed-glns", ViewerRows.Schema);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPut("/glns/{gln}/owner", ConfirmAsync).RequireRoles(Role.Regulator, Role.Operator)
            .WithName("ConfirmGln").WithSummary("Confirms whose a GLN is: events that name it are shown to its owner.");
        app.MapPut("/partners", PartnersAsync).RequireRoles(Role.Admin)
            .WithName("NamePartners").WithSummary("Names the organisations that see this one's events.");
        app.MapPut("/disclosure", DisclosureAsync).RequireRoles(Role.Admin)
            .WithName("SetDisclosure").WithSummary("Sets what the organisation publishes and keeps back.");
    }

    private static Task<IResult> ConfirmAsync(string gln, HttpContext http, Caller caller, JsonBody<GlnRequest> body)
    {
        if (Party.GlnOf($"https://id.gs1.org/414/{gln}") is null || body.Value.Tenant is not { Length: > 0 } tenant)
            throw new ProblemException(Problem.Of("gln-owner", ("gln", gln)));
        return RecordAsync(http, caller, $"gln-owner-{gln}", body.Bytes, new VisibilityEvent.GlnConfirmed(gln, tenant));
    }

    private static Task<IResult> PartnersAsync(HttpContext http, Caller caller, JsonBody<PartnersRequest> body) =>
        RecordAsync(http, caller, $"partners-{caller.Tenant}", body.Bytes,
            new VisibilityEvent.PartnersNamed(Checked(body.Value.Partners, _ => true)));

    private static Task<IResult> DisclosureAsync(HttpContext http, Caller caller, JsonBody<DisclosureRequest> body) =>
        RecordAsync(http, caller, $"disclosure-{caller.Tenant}", body.Bytes, new VisibilityEvent.DisclosureSet(
            Checked(body.Value.Published, VisibilityRule.IsPointer), Checked(body.Value.Withheld, VisibilityRule.IsPointer),
            body.Value.Strict));

    private static IReadOnlyList<string> Checked(IReadOnlyList<string>? texts, Func<string, bool> form)
    {
        IReadOnlyList<string> list = texts ?? [];
        return list.Count <= ListMax
            && list.All(t => t is { Length: > 0 and <= TextMax } && !t.Contains('\0') && form(t))
            ? list
            : throw new ProblemException(Problem.Of("disclosure-form", ("max", ListMax)));
    }

    private static Task<IResult> RecordAsync(
        HttpContext http, Caller caller, string stream, ReadOnlyMemory<byte> body, VisibilityEvent e) =>
        Once.RunAsync(http, caller, Once.Key(http.Request, caller, stream, body.Span), async (session, token) =>
        {
            WritableStream<Settings> written = await session.FetchForWriting<Settings>(stream, token);
            written.AppendOne(e);
            return new StoredResponse(StatusCodes.Status204NoContent, "application/json", default);
        });

    /// <summary>Each setting replaces the one before, so a decision needs nothing but the stream's version.</summary>
    private sealed record Settings
    {
        public static readonly Settings None = new();
    }
}

/// <summary>The tables of who may see what, as the rule asks for them.</summary>
internal sealed class ViewerRows : IProjection
{
    public const string Schema =
        """
        drop table trace_glns;
        create table trace_gln_owners (
            gln    text collate "C" primary key,
            tenant text collate "C" not null
        );
        create index trace_gln_owners_tenant on trace_gln_owners (tenant);
        """;

    public string Name => "trace-viewers";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            switch (e.Type)
            {
                case "trace.gln-confirmed.v1":
                    VisibilityEvent.GlnConfirmed owner = (VisibilityEvent.GlnConfirmed)e.Data;
                    sql.Add(
                        """
                        insert into trace_gln_owners (gln, tenant) values ($1, $2)
                        on conflict (gln) do update set tenant = excluded.tenant
                        """, owner.Gln, owner.Tenant);
                    break;
                case "trace.partners-named.v1":
                    sql.Add("delete from trace_partners where tenant = $1", e.Tenant);
                    sql.Add(
                        """
                        insert into trace_partners (tenant, partner) select $1, p from unnest($2) as p
                        on conflict do nothing
                        """, e.Tenant, ((VisibilityEvent.PartnersNamed)e.Data).Partners.ToArray());
                    break;
                case "trace.disclosure-set.v1":
                    VisibilityEvent.DisclosureSet set = (VisibilityEvent.DisclosureSet)e.Data;
                    sql.Add(
                        """
                        insert into trace_policies (tenant, published, withheld, strict) values ($1, $2, $3, $4)
                        on conflict (tenant) do update set published = excluded.published, withheld = excluded.withheld,
                            strict = excluded.strict
                        """, e.Tenant, set.Published.ToArray(), set.Withheld.ToArray(), set.Strict);
                    break;
                default:
                    break;
            }
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate trace_gln_owners, trace_partners, trace_policies");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(VisibilityEvent.GlnConfirmed))]
[JsonSerializable(typeof(VisibilityEvent.PartnersNamed))]
[JsonSerializable(typeof(VisibilityEvent.DisclosureSet))]
internal sealed partial class VisibilityJson : JsonSerializerContext;
