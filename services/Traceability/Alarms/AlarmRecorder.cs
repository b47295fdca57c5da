using System.Security.Cryptography;
using System.Text;
using EventStore;
using Npgsql;
using Traceability.Scanning;

namespace Traceability.Alarms;

/// <summary>A code to be judged.</summary>
internal sealed record CloneCase(
    string Owner, CheckedItem Item, bool Unsold, SuspicionLimits Limits, IReadOnlyList<Binding> Bindings,
    KnownDealer? Dealer);

/// <summary>A dealer's goods to be judged.</summary>
internal sealed record DiversionCase(
    string Owner, KnownDealer Dealer, string Uri, string Gtin, string? Lot, IReadOnlyList<AlarmItem> Items,
    SuspicionLimits Limits);

/// <summary>
/// Puts findings on record, each once: while an alarm about the same thing is open nothing is raised, and after it was
/// closed only what was seen since counts.
/// </summary>
internal sealed class AlarmRecorder(Store store, AlarmReading reading, AlarmItems items, TimeProvider time)
{
    /// <summary>Who raises: nobody but the formula.</summary>
    public const string Actor = "alarms";

    /// <summary>The limits that an organisation set, or the usual ones.</summary>
    public Task<SuspicionLimits> LimitsAsync(string owner, CancellationToken cancellation) =>
        store.AggregateStreamAsync<SuspicionLimits>(AlarmEvents.LimitsStream(owner), cancellation);

    /// <summary>Judges a code, and raises where that is due.</summary>
    public async Task<(CloneAssessment Assessment, Guid? Raised)> ConsiderAsync(
        CloneCase found, CancellationToken cancellation)
    {
        string uri = found.Item.Id.Uri;
        Earlier earlier = await EarlierAsync(found.Owner, AlarmKind.Clone, uri, "", cancellation);
        Check[] checks = [.. found.Item.Checks.Where(c => earlier.IsNew(c.At))];
        AlarmSale[] sales = found.Item.Sales.Exists(s => earlier.IsNew(s.At)) ? [.. found.Item.Sales] : [];
        CloneAssessment clone = CloneSuspicion.Assess(
            checks, [.. sales.Select(s => new SaleMark(s.At, s.Seller))], found.Unsold, found.Limits);
        await WatchAsync(found.Owner, AlarmKind.Clone, uri, "", clone.Grade,
            clone.Signs.Count > 0 ? clone.Signs[0] : null, cancellation);
        if (clone.Grade != SuspicionGrade.Alarm || earlier.IsOpen)
            return (clone, null);
        AlarmEvidence evidence = AlarmEvidenceFixing.OfItem(checks, sales, uri, found.Bindings);
        DateTimeOffset[] times = [.. checks.Select(c => c.At), .. sales.Select(s => s.At)];
        AlarmFinding finding = new(
            AlarmKind.Clone, new AlarmSubject(uri, found.Item.Id.Gtin, found.Item.Lot, found.Dealer?.Dealer),
            CloneSuspicion.Formula, found.Limits,
            AlarmEvidenceFixing.Facts(checks, 1) with { Sales = sales.Length, Score = clone.Score },
            [.. clone.Signs.Select(Recorded)], clone.Signs[0].Reason, times.Min(), times.Max());
        return (clone, await RaiseAsync(found.Owner, finding, "", earlier.Count, evidence, found.Dealer, cancellation));
    }

    /// <summary>Raises an alarm about a lot.</summary>
    public async Task<Guid?> RaiseLotAsync(
        string owner, string gtin, string lot, LotCount count, double usual, Sign sign, SuspicionLimits limits,
        CancellationToken cancellation)
    {
        string uri = new ItemKey(gtin, lot).LotUri;
        Earlier earlier = await EarlierAsync(owner, AlarmKind.CloneLot, uri, "", cancellation);
        if (earlier.IsOpen)
            return null;
        IReadOnlyList<CheckedItem> suspected = await reading.ReadAsync(
            await items.SuspectedAsync(owner, gtin, lot, cancellation), time.GetUtcNow().AddDays(-limits.WindowDays),
            cancellation);
        // After a closure the same items are no news.
        if (!suspected.Any(i => i.Checks.Exists(c => earlier.IsNew(c.At))))
            return null;
        Check[] checks = [.. suspected.SelectMany(i => i.Checks)];
        AlarmFinding finding = new(
            AlarmKind.CloneLot, new AlarmSubject(uri, gtin, lot), "cloned-lot/1", limits,
            AlarmEvidenceFixing.Facts(checks, count.Checked) with
            {
                Suspected = count.Suspected,
                Expected = count.Checked * usual,
                Chance = sign.Measure,
            },
            [Recorded(sign)], sign.Reason, checks.Min(c => c.At), checks.Max(c => c.At));
        return await RaiseAsync(
            owner, finding, "", earlier.Count, AlarmEvidenceFixing.OfItems(suspected), null, cancellation);
    }

    /// <summary>Judges a carton, or a dealer's goods of a lot or product, and raises where that is due.</summary>
    public async Task<(SuspicionGrade Grade, Guid? Raised)> ConsiderAsync(
        DiversionCase found,
        Func<IReadOnlyCollection<string>, Task<IReadOnlyDictionary<string, IReadOnlyList<Binding>>>> movements,
        CancellationToken cancellation)
    {
        AlarmDealer dealer = found.Dealer.Dealer;
        Earlier earlier = await EarlierAsync(found.Owner, AlarmKind.Diversion, found.Uri, dealer.Code, cancellation);
        Observation[] seen = [.. found.Items.Select(i => i.First!).Where(o => earlier.IsNew(o.At))];
        DiversionAssessment diversion = Diversion.Assess(seen, dealer.Regions, found.Limits);
        await WatchAsync(
            found.Owner, AlarmKind.Diversion, found.Uri, dealer.Code, diversion.Grade, diversion.Sign, cancellation);
        // What an open alarm is about stays named by it, even where later scans would not raise it again.
        if (earlier.IsOpen)
            return (SuspicionGrade.Alarm, null);
        if (diversion.Grade != SuspicionGrade.Alarm)
            return (diversion.Grade, null);
        string[] uris = [.. diversion.Counted.Select(c => c.Observation.Item)];
        IReadOnlyDictionary<string, IReadOnlyList<Binding>> chain = await movements(uris);
        AlarmEvidence evidence = AlarmEvidenceFixing.OfDealer(diversion, dealer.Code, chain);
        AlarmFinding finding = new(
            AlarmKind.Diversion, new AlarmSubject(found.Uri, found.Gtin, found.Lot, dealer), Diversion.Formula,
            found.Limits, AlarmEvidenceFixing.Facts(diversion, seen), [Recorded(diversion.Sign!)],
            diversion.Sign!.Reason, seen.Min(o => o.At), seen.Max(o => o.At));
        return (diversion.Grade, await RaiseAsync(
            found.Owner, finding, dealer.Code, earlier.Count, evidence, found.Dealer, cancellation));
    }

    private static AlarmSign Recorded(Sign sign) => new(sign.Code, sign.Reason, sign.Measure, sign.Weight);

    private async Task<Guid?> RaiseAsync(
        string owner, AlarmFinding finding, string dealer, int before, AlarmEvidence evidence, KnownDealer? described,
        CancellationToken cancellation)
    {
        Guid id = IdOf(owner, finding.Kind, finding.Subject.Uri, dealer, before);
        AlarmEvidence whole = evidence with
        {
            Sources = await SourcesAsync(evidence, finding.Kind == AlarmKind.Diversion ? described?.EventId : null, cancellation),
        };
        await using Session session = store.OpenSession(new EventContext(time, Actor, owner));
        AlarmEvent[] facts = [new AlarmEvent.Raised(finding), new AlarmEvent.EvidenceFixed(whole)];
        session.StartStream(
            AlarmEvents.Stream(id), facts.Select(e => session.Context.Stamp(AlarmEvents.NameOf(e), e)));
        AlarmNotices.Queue(session, owner, id, "raised", finding.Reason);
        try
        {
            await session.SaveChangesAsync(cancellation);
            return id;
        }
        catch (ConcurrencyException)
        {
            // Another process was first; its alarm is the same.
            return null;
        }
    }

    private async Task<IReadOnlyList<AlarmSource>> SourcesAsync(
        AlarmEvidence evidence, Guid? territory, CancellationToken cancellation)
    {
        (string What, Guid Id)[] sources =
        [
            .. territory is { } described ? [("territory", described)] : Array.Empty<(string, Guid)>(),
            .. evidence.Sources.Select(s => (s.What, s.EventId)), .. evidence.Chain.Select(l => ("movement", l.EventId)),
            .. evidence.Sales.Where(s => s.EventId is not null).Select(s => ("sale", s.EventId!.Value)),
        ];
        IReadOnlyDictionary<Guid, string> digests = await reading.DigestsAsync(sources.Select(s => s.Id), cancellation);
        return
        [
            .. sources.DistinctBy(s => s.Id).Where(s => digests.ContainsKey(s.Id))
                .Select(s => new AlarmSource(s.What, s.Id, digests[s.Id])),
        ];
    }

    /// <summary>Signs below an alarm are kept in view while they hold.</summary>
    private async Task WatchAsync(
        string owner, AlarmKind kind, string uri, string dealer, SuspicionGrade grade, Sign? sign,
        CancellationToken cancellation)
    {
        if (grade == SuspicionGrade.Watch && sign is not null)
        {
            await using NpgsqlCommand keep = reading.Command(
                """
                insert into alarm_watches values ($1, $2, $3, $4, $5, $6, $7)
                on conflict (owner, kind, subject, dealer) do update
                set at = excluded.at, reason_zh = excluded.reason_zh, reason_en = excluded.reason_en
                """, owner, (short)kind, uri, dealer, time.GetUtcNow().UtcDateTime, sign.Reason.Zh!, sign.Reason.En!);
            await keep.ExecuteNonQueryAsync(cancellation);
            return;
        }
        await using NpgsqlCommand drop = reading.Command(
            "delete from alarm_watches where owner = $1 and kind = $2 and subject = $3 and dealer = $4",
            owner, (short)kind, uri, dealer);
        await drop.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<Earlier> EarlierAsync(
        string owner, AlarmKind kind, string uri, string dealer, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = reading.Command(
            """
            select count(*)::int, coalesce(bool_or(closed_at is null), false), max(closed_at) from alarms
            where owner = $1 and subject = $2 and kind = $3 and ($4 = '' or dealer = $4)
            """, owner, uri, (short)kind, dealer);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new Earlier(
            reader.GetInt32(0), reader.GetBoolean(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2));
    }

    // A UUIDv8 (RFC 9562 section 5.8), so that two processes that find the same thing begin the same stream.
    private static Guid IdOf(string owner, AlarmKind kind, string uri, string dealer, int before)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{owner}\n{(int)kind}\n{uri}\n{dealer}\n{before}"));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }

    private sealed record Earlier(int Count, bool IsOpen, DateTimeOffset? ClosedAt)
    {
        public bool IsNew(DateTimeOffset at) => ClosedAt is null || at > ClosedAt;
    }
}
