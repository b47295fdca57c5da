using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using EventStore;
using EventStore.Idempotency;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Codes.Quotas;
using Traceability.Codes.Validation;
using Traceability.MasterData;

namespace Traceability.Codes.Foreign;

/// <summary>A list that was imported.</summary>
public sealed record ImportAnswer(Guid Id, string Name, string Kind, int Count, string Sha256, Guid EventId);

/// <summary>
/// Imports codes that another system made: text/csv, one code a line, as a stream. A file is taken whole or not at all.
/// </summary>
internal static class ImportCodes
{
    private const long BodyBytesMax = 512L << 20;
    private const int ChunkCodes = 65_536;
    private const int NameMax = 100;
    private const int ReadSeconds = 300;

    /// <summary>Each product's codes are counted in its own stream, in the same transaction.</summary>
    private const int GtinsMax = 1_000;

    /// <summary>Most codes that one organisation may have imported, over all its lists: 16 bytes of memory each.</summary>
    public const int TenantCodesMax = 10_000_000;

    // A list is held in memory until it is stored. Few at a time keep that bounded, and the time each may take keeps a
    // slow upload from holding a place.
    private static readonly SemaphoreSlim Readers = new(4, 4);

    // Held while a list is stored and learnt, so that the limit of an organisation is counted on all its lists.
    private static readonly SemaphoreSlim One = new(1, 1);

    private const int ListedMax = 1_000;

    public static void Map(IEndpointRouteBuilder codes)
    {
        codes.MapPost("/lists", HandleAsync).RequireRoles(Role.Member, Role.Admin).WithBodyLimit(BodyBytesMax)
            .WithName("ImportCodes").WithSummary("Imports codes made elsewhere: items (gtin,serial), drug or plain.");
        codes.MapGet("/lists", (Caller caller, CodeValidator validator, int skip = 0, int limit = ListedMax) =>
                TypedResults.Json<IReadOnlyList<KnownList>>(
                [.. validator.ListsOf(caller.Tenant).Skip(Math.Max(skip, 0)).Take(Math.Clamp(limit, 1, ListedMax))], CodeJson.Default.IReadOnlyListKnownList))
            .RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("ListImports").WithSummary("The organisation's imported lists, newest first.");
    }

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, CodeValidator validator, Store store, IConfiguration configuration,
        string? name = null, string? kind = null)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > NameMax || !name.IsWellFormed()
            || name.Any(IsHostile) || name.Contains("..", StringComparison.Ordinal))
            return Problem.Of("code-query-form", ("field", nameof(name)));
        if (!ListReader.Kinds.Contains(kind))
            return Problem.Of("code-query-form", ("field", nameof(kind)));
        if (http.Request.ContentType?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) != true)
            return Problem.Of("media-type-unsupported");
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ListReader reader = new(kind!, validator);
        TimeSpan limit = TimeSpan.FromSeconds(configuration.GetValue("CodeLists:ReadSeconds", ReadSeconds));
        using CancellationTokenSource slow = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        slow.CancelAfter(limit);
        try
        {
            await Readers.WaitAsync(slow.Token);
            try
            {
                await ReadAsync(http.Request.BodyReader, hash, reader, slow.Token);
                UInt128[] digests = reader.Sorted();
                if (reader.Gtins.Count > GtinsMax)
                    return Problem.Of("code-list-products", ("max", GtinsMax), ("count", reader.Gtins.Count));
                if (await ProductOwners.OthersAsync(store, reader.Gtins.Keys, caller.Tenant, slow.Token) is { } others)
                    return Problem.Of(Quotas.GtinCodes.NotOwner, ("gtin", others));
                ForeignCodesImported list = new(
                    name, kind!, digests.Length, Convert.ToHexStringLower(hash.GetHashAndReset()));
                return await StoreAsync(http, caller, list, digests, reader.Gtins);
            }
            finally
            {
                Readers.Release();
            }
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return Problem.Of("code-list-slow", ("seconds", (int)limit.TotalSeconds));
        }
    }

    private static async Task<IResult> StoreAsync(
        HttpContext http, Caller caller, ForeignCodesImported list, UInt128[] digests,
        IReadOnlyDictionary<string, int> gtins)
    {
        CodeValidator validator = http.RequestServices.GetRequiredService<CodeValidator>();
        IdempotencyKey? key = Once.Key(
            http.Request, caller, $"import-codes {list.Kind} {list.Name}", Convert.FromHexString(list.Sha256));
        await One.WaitAsync(http.RequestAborted);
        try
        {
            IResult result = await Once.RunAsync(http, caller, key, async (session, token) =>
            {
                long there = validator.ListsOf(caller.Tenant).Sum(l => (long)l.Count);
                if (there + list.Count > TenantCodesMax)
                    throw new ProblemException(Problem.Of(
                        "code-lists-full", ("max", TenantCodesMax), ("there", there), ("count", list.Count)));
                Guid id = session.Context.NewId();
                StoredResponse stored = Store(session, id, list, digests);
                await TakeOverAsync(http.RequestServices, session, id, gtins, token);
                return stored;
            });
            await http.RequestServices.GetRequiredService<CodeTables>().CatchUpAsync(http.RequestAborted);
            return result;
        }
        finally
        {
            One.Release();
        }
    }

    /// <summary>A name is shown and may become a file's: no controls, nothing that turns text around, no path.</summary>
    private static bool IsHostile(char c) =>
        char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format || c is '/' or '\\' or ':';

    /// <summary>
    /// Takes the codes over for each of their GTINs, from its quotas where it has any: however made, each is an item, and
    /// output that is certified later counts it.
    /// </summary>
    private static async Task TakeOverAsync(
        IServiceProvider services, Session session, Guid list, IReadOnlyDictionary<string, int> gtins, CancellationToken token)
    {
        DateOnly today = GtinCodesState.DayOf(services.GetRequiredService<TimeProvider>().GetUtcNow());
        string owner = session.Context.Tenant;
        foreach ((string gtin, int count) in gtins)
        {
            WritableStream<Quotas.GtinCodesState> stream =
                await session.FetchForWriting<Quotas.GtinCodesState>(CodeEvents.StreamOfGtin(gtin), token);
            MasterState product = await session.AggregateStreamAsync<MasterState>($"product-{gtin}", token);
            Quotas.Quota[] valid = [.. stream.Aggregate.BindingOf(owner).Where(q => q.IsValid(today))];
            stream.AppendMany(Quotas.GtinCodes.TakeOver(stream.Aggregate, owner, list, count, today, product.Tenant)
                .EventsOrProblem(
                    ("gtin", gtin), ("asked", count), ("certified", valid.Sum(q => q.Amount)),
                    ("issued", stream.Aggregate.Issued), ("left", valid.Sum(q => q.Left))));
        }
    }

    private static StoredResponse Store(Session session, Guid id, ForeignCodesImported list, UInt128[] digests)
    {
        NewEvent e = session.Context.Stamp(CodeEvents.Imported, list);
        session.StartStream(CodeEvents.StreamOfList(id), e);
        for (int i = 0; i < digests.Length; i += ChunkCodes)
        {
            byte[] chunk = ForeignCodes.Write(digests.AsSpan(i, Math.Min(ChunkCodes, digests.Length - i)));
            session.QueueSqlCommand("insert into code_list_chunks values ($1, $2, $3)", id, i / ChunkCodes, chunk);
        }
        return Once.Json(
            StatusCodes.Status201Created,
            new ImportAnswer(id, list.Name, list.Kind, list.Count, list.Sha256, e.Id), CodeJson.Default.ImportAnswer);
    }

    private static async Task ReadAsync(
        PipeReader body, IncrementalHash hash, ListReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await body.ReadAsync(cancellationToken);
            bool done;
            ReadOnlySequence<byte> rest = read.Buffer;
            try
            {
                done = Take(ref rest, read.IsCompleted, hash, reader);
            }
            catch
            {
                // What was read is given back, so that the server can still take the rest in and answer.
                body.AdvanceTo(read.Buffer.End);
                throw;
            }
            body.AdvanceTo(rest.Start, read.Buffer.End);
            if (done)
                return;
        }
    }

    private static bool Take(ref ReadOnlySequence<byte> buffer, bool completed, IncrementalHash hash, ListReader reader)
    {
        while (buffer.PositionOf((byte)'\n') is { } end)
        {
            SequencePosition next = buffer.GetPosition(1, end);
            foreach (ReadOnlyMemory<byte> part in buffer.Slice(0, next))
                hash.AppendData(part.Span);
            reader.Line(buffer.Slice(0, end));
            buffer = buffer.Slice(next);
        }
        if (buffer.Length > ListReader.LineBytesMax || (completed && !buffer.IsEmpty))
        {
            foreach (ReadOnlyMemory<byte> part in buffer)
                hash.AppendData(part.Span);
            reader.Line(buffer);
            buffer = buffer.Slice(buffer.End);
        }
        return completed;
    }
}
