using System.Text.Json;
using EventStore;
using EventStore.Projections;
using Npgsql;
using NpgsqlTypes;
using static Traceability.SqlValues;

namespace Traceability.MasterData;

/// <summary>The tables that the consumer page, the resolver and lists read.</summary>
internal sealed class MasterRows : IProjection
{
    public const string Schema =
        """
        create table organisations (
            tenant  text collate "C" primary key,
            name_zh text,
            name_en text
        );
        create table places (
            gln       text    collate "C" primary key,
            tenant    text    collate "C" not null,
            shown     boolean not null,
            name_zh   text,
            name_en   text,
            city_zh   text,
            city_en   text,
            latitude  double precision,
            longitude double precision
        );
        create index places_tenant on places (tenant);
        create table dealers (
            tenant  text   collate "C" not null,
            code    text   collate "C" not null,
            name_zh text,
            name_en text,
            regions text[] not null,
            primary key (tenant, code)
        );
        create table products (
            gtin    text  collate "C" primary key,
            tenant  text  collate "C" not null,
            name_zh text,
            name_en text,
            net_zh  text,
            net_en  text,
            claims  text  not null,
            picture text  collate "C"
        );
        create index products_tenant on products (tenant, gtin);
        create table labels (
            gtin       text        collate "C" not null,
            version    integer     not null,
            shown_from timestamptz not null,
            event_id   uuid        not null,
            fields     text        not null,
            primary key (gtin, version)
        );
        create table product_links (
            gtin       text    collate "C" not null,
            position   integer not null,
            link_type  text    collate "C" not null,
            href       text    not null,
            title      text    not null,
            language   text    collate "C",
            media      text    collate "C",
            lot        text    collate "C",
            is_default boolean not null,
            primary key (gtin, position)
        );
        create table lots (
            gtin        text collate "C" not null,
            lot         text collate "C" not null,
            produced_on date,
            expires_on  date,
            origin_zh   text,
            origin_en   text,
            origin_gln  text collate "C",
            event_id    uuid not null,
            primary key (gtin, lot)
        );
        create table certificates (
            tenant       text   collate "C" not null,
            number       text   collate "C" not null,
            title_zh     text,
            title_en     text,
            issuer_zh    text,
            issuer_en    text,
            valid_from   date   not null,
            valid_to     date   not null,
            gtins        text[] not null,
            lots         text[] not null,
            sha256       text   collate "C",
            withdrawn_on date,
            event_id     uuid   not null,
            primary key (tenant, number)
        );
        create index certificates_gtins on certificates using gin (gtins);
        """;

    /// <summary>The events that say what the consumer page shows, so that a browser can compare them.</summary>
    public const string Records =
        """
        alter table products add event_id uuid;
        alter table places add event_id uuid;
        alter table certificates add withdrawal uuid;
        update products p set event_id = (
            select id from store.events where stream = 'product-' || p.gtin and type = 'trace.product-described.v1'
            order by version desc limit 1);
        update places p set event_id = (
            select id from store.events where stream = 'place-' || p.gln and type = 'trace.place-described.v1'
            order by version desc limit 1);
        update certificates c set withdrawal = (
            select id from store.events where stream = 'certificate-' || c.tenant || '-' || c.number
                and type = 'trace.certificate-withdrawn.v1' order by version desc limit 1) where withdrawn_on is not null;
        create index places_event on places (event_id);
        """;

    /// <summary>Whose a product was before: their events about its goods go on counting.</summary>
    public const string FormerOwners =
        """
        create table product_former_owners (
            gtin   text collate "C" not null,
            tenant text collate "C" not null,
            primary key (gtin, tenant)
        );
        """;

    /// <summary>
    /// Until when it was theirs: what they began or reported before goes on, what they begin afterwards does not.
    /// </summary>
    public const string FormerUntil =
        """
        alter table product_former_owners add until timestamptz not null default 'infinity';
        update product_former_owners f set until = (
            select max(e.recorded_at) from store.events e
            where e.stream = 'product-' || f.gtin and e.type = 'trace.product-reassigned.v1'
              and convert_from(e.body, 'UTF8')::jsonb -> 'data' ->> 'from' = f.tenant);
        """;

    public string Name => "master-data";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            // Types of other slices may be known to this build only by their names.
            if (e.Type.StartsWith("trace.", StringComparison.Ordinal) && e.Data is MasterEvent data)
                Project(e, data, sql);
        }
    }

    public void Reset(SqlBatch sql) => sql.Add(
        "truncate organisations, places, trace_places, dealers, products, product_former_owners, labels, product_links, lots, certificates");

    private static void Project(StoredEvent e, MasterEvent data, SqlBatch sql)
    {
        switch (data)
        {
            case MasterEvent.OrganisationDescribed { Organisation: var o }:
                sql.Add(
                    """
                    insert into organisations values ($1, $2, $3) on conflict (tenant) do update
                    set name_zh = excluded.name_zh, name_en = excluded.name_en
                    """, e.Tenant, Text(o.Name.Zh), Text(o.Name.En));
                break;
            case MasterEvent.PlaceDescribed { Place: var p }:
                sql.Add("delete from places where gln = $1", p.Gln);
                sql.Add(
                    "insert into places values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", p.Gln, e.Tenant, p.Public,
                    Text(p.Name.Zh), Text(p.Name.En), Text(p.City?.Zh), Text(p.City?.En), Degrees(p.Point?.LatitudeE6),
                    Degrees(p.Point?.LongitudeE6), e.Id);
                sql.Add(
                    """
                    insert into trace_places values ($1, $2) on conflict (uri) do update set parent = excluded.parent
                    """, Places.UriOf(p.Gln), Text(p.Within is { } site ? Places.UriOf(site) : null));
                break;
            case MasterEvent.DealerDescribed { Dealer: var d }:
                sql.Add("delete from dealers where tenant = $1 and code = $2", e.Tenant, d.Code);
                sql.Add(
                    """
                    insert into dealers (tenant, code, name_zh, name_en, regions, gln, organisation, event_id)
                    values ($1, $2, $3, $4, $5, $6, $7, $8)
                    """, e.Tenant, d.Code, Text(d.Name.Zh), Text(d.Name.En), d.Regions.ToArray(), Text(d.Gln),
                    Text(d.Organisation), e.Id);
                break;
            case MasterEvent.LotDescribed { Lot: var l }:
                sql.Add("delete from lots where gtin = $1 and lot = $2", l.Gtin, l.Number);
                sql.Add("insert into lots values ($1, $2, $3, $4, $5, $6, $7, $8)", l.Gtin, l.Number,
                    Day(l.ProducedOn), Day(l.ExpiresOn), Text(l.Origin?.Zh), Text(l.Origin?.En), Text(l.OriginGln), e.Id);
                break;
            case MasterEvent.CertificateRecorded { Certificate: var c }:
                sql.Add("delete from certificates where tenant = $1 and number = $2", e.Tenant, c.Number);
                sql.Add("insert into certificates values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, null, $12)",
                    e.Tenant, c.Number, Text(c.Title.Zh), Text(c.Title.En), Text(c.Issuer.Zh), Text(c.Issuer.En),
                    c.ValidFrom, c.ValidTo, c.Gtins.ToArray(), c.Lots.ToArray(), Text(c.Sha256), e.Id);
                break;
            case MasterEvent.CertificateWithdrawn w:
                sql.Add("update certificates set withdrawn_on = $3, withdrawal = $4 where tenant = $1 and number = $2",
                    e.Tenant, w.Number, w.On, e.Id);
                break;
            default:
                ProjectProduct(e, data, sql);
                break;
        }
    }

    private static void ProjectProduct(StoredEvent e, MasterEvent data, SqlBatch sql)
    {
        switch (data)
        {
            case MasterEvent.ProductDescribed { Product: var p }:
                sql.Add(
                    """
                    insert into products values ($1, $2, $3, $4, $5, $6, $7, null, $8) on conflict (gtin) do update
                    set name_zh = excluded.name_zh, name_en = excluded.name_en, net_zh = excluded.net_zh,
                        net_en = excluded.net_en, claims = excluded.claims, event_id = excluded.event_id
                    """, p.Gtin, e.Tenant, Text(p.Name.Zh), Text(p.Name.En), Text(p.Net?.Zh), Text(p.Net?.En),
                    JsonSerializer.Serialize([.. p.Claims], MasterJson.Default.ListWording), e.Id);
                break;
            case MasterEvent.ProductReassigned r:
                sql.Add("update products set tenant = $2 where gtin = $1", r.Gtin, r.To);
                sql.Add(
                    """
                    insert into product_former_owners values ($1, $2, $3)
                    on conflict (gtin, tenant) do update set until = excluded.until
                    """, r.Gtin, r.From, e.OccurredAt.UtcDateTime);
                break;
            case MasterEvent.ProductPictured p:
                sql.Add("update products set picture = $2 where gtin = $1", p.Gtin, p.Picture.Sha256);
                break;
            case MasterEvent.LabelPublished l:
                sql.Add("insert into labels values ($1, $2, $3, $4, $5)", l.Gtin, l.Version, l.ShownFrom.UtcDateTime, e.Id,
                    JsonSerializer.Serialize([.. l.Fields], MasterJson.Default.ListLabelField));
                break;
            case MasterEvent.ProductLinked l:
                sql.Add("delete from product_links where gtin = $1", l.Gtin);
                for (int i = 0; i < l.Links.Count; i++)
                {
                    ProductLink link = l.Links[i];
                    sql.Add("insert into product_links values ($1, $2, $3, $4, $5, $6, $7, $8, $9)", l.Gtin, i,
                        link.Type, link.Href, link.Title, Text(link.Language), Text(link.Media), Text(link.Lot),
                        link.Default);
                }
                break;
            default:
                throw new InvalidOperationException($"{data.GetType().Name} has no rows.");
        }
    }

    private static NpgsqlParameter Degrees(int? millionths) =>
        Optional(millionths / 1e6, NpgsqlDbType.Double);

    private static NpgsqlParameter Day(DateOnly? day) =>
        Optional(day, NpgsqlDbType.Date);
}
