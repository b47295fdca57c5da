using System.Text.Json;
using EventStore;
using Npgsql;
using Receivables.Parties;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Signatures;

/// <summary>An approval as others of the party see it.</summary>
/// <param name="Role">In what capacity.</param>
/// <param name="KeyId">The key.</param>
/// <param name="Person">Pseudonymous id of the person.</param>
/// <param name="Language">The page that was signed.</param>
/// <param name="PageSha256">Its SHA-256.</param>
/// <param name="At">Time stated.</param>
public sealed record DraftApproval(
    SignerRole Role, string KeyId, string Person, string Language, string PageSha256, string At);

/// <summary>A command that waits, or waited, for approvals.</summary>
/// <param name="Id">The command.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Command">The command.</param>
/// <param name="Names">Registered names that its pages show.</param>
/// <param name="Maker">Who drafted it.</param>
/// <param name="Approvals">Approvals in order.</param>
/// <param name="Missing">Capacities in which nobody has signed yet.</param>
/// <param name="Answer">What it came to, where the last approval carried it out just now.</param>
public sealed record DraftDetails(
    string Id, DraftStatus Status, JsonElement Command, IReadOnlyDictionary<string, string> Names, string? Maker,
    IReadOnlyList<DraftApproval> Approvals, IReadOnlyList<SignerRole> Missing, CommandAnswer? Answer = null);

/// <summary>The desk of people: a command is drafted, shown, approved by one after the other, and carried out.</summary>
internal sealed class Drafts(
    Store store, CommandDesk desk, PartyDirectory parties, TimeProvider time) : IDisposable
{
    private const int PageMax = 200;

    private const int Desks = 64;

    // One at a time for each draft, so that nobody decides on approvals that another is just adding to; drafts that
    // share a desk wait for each other, which costs time and never an approval.
    private readonly SemaphoreSlim[] _desks = [.. Enumerable.Range(0, Desks).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Keeps a command until it is approved; the same one again is the same draft.</summary>
    public async Task<DraftDetails> DraftAsync(Caller caller, JsonElement sent, CancellationToken cancellation)
    {
        (SignedCommand command, SortedDictionary<string, string> names) =
            await desk.ReadAsync(caller, sent, cancellation);
        if (command.Party != caller.Tenant)
            throw new ProblemException(Problem.Of("command-party"));
        await using Session session = store.OpenSession(caller.Context(time));
        WritableStream<CommandState> stream =
            await session.FetchForWriting<CommandState>(CommandState.Stream(command.Party, command.Id), cancellation);
        if (stream.Aggregate.Status == DraftStatus.None)
        {
            stream.AppendOne(CommandDesk.Stamp(
                session.Context, new SigningEvent.Drafted(command.Json, names, caller.Subject)));
            try
            {
                await session.SaveChangesAsync(cancellation);
            }
            catch (ConcurrencyException)
            {
                return await DraftAsync(caller, sent, cancellation);
            }
        }
        else if (!command.IsStoredAs(stream.Aggregate.Command))
            throw new ProblemException(Problem.Of("command-id-used"));
        return await GetAsync(caller, command.Id, cancellation);
    }

    /// <summary>A draft of the caller's organisation.</summary>
    public async Task<DraftDetails> GetAsync(Caller caller, string id, CancellationToken cancellation)
    {
        (CommandState state, Signed signed) = await LoadAsync(caller, id, cancellation);
        return Describe(state, signed);
    }

    /// <summary>The page that one person is to sign.</summary>
    public async Task<(Signed Signed, CommandState State)> FindAsync(
        Caller caller, string id, CancellationToken cancellation)
    {
        (CommandState state, Signed signed) = await LoadAsync(caller, id, cancellation);
        return (signed, state);
    }

    /// <summary>Adds an approval; the last one carries the command out in the same transaction.</summary>
    public async Task<DraftDetails> ApproveAsync(
        Caller caller, string id, ApprovalRequest approval, long? expectedVersion, CancellationToken cancellation)
    {
        (CommandState _, Signed wanted) = await LoadAsync(caller, id, cancellation);
        CommandDesk.RequireParty(caller, wanted.Command, caller.Tenant);
        if (wanted.All.TrueForAll(a => a.PageSha256 != approval.PageSha256))
            await desk.ClaimAsync(caller, wanted, [approval], cancellation);
        SemaphoreSlim one = DeskOf(caller, id);
        await one.WaitAsync(cancellation);
        try
        {
            (CommandState state, Signed signed) = await LoadAsync(caller, id, cancellation);
            // The first key of a party signs alone, so that an administrator's account has to stand for it.
            if (approval.Role != SignerRole.Holder
                || signed.Command.Facts.NewKey is { } key && signed.Party.IsFirst(key))
                CommandDesk.RequireAdmin(caller, signed.Command);
            if (signed.All.Any(a => a.PageSha256 == approval.PageSha256 && a.Signature == approval.Signature))
                return Describe(state, signed);
            RequireOpen(state, id);
            using HeldChains held = await desk.HoldAsync(signed, [approval], cancellation);
            signed.Add(desk.Verify(caller, signed, held, approval), held);
            if (signed.Missing.Count > 0)
            {
                await RecordAsync(caller, signed, held, cancellation);
                return Describe(state, signed);
            }
            CommandAnswer answer = await desk.ExecuteAsync(
                caller, signed, held, new SigningEvent.Executed(id), state.Version, expectedVersion, cancellation);
            return Describe(state with { Status = DraftStatus.Executed }, signed) with { Answer = answer };
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Gives a draft up.</summary>
    public async Task<DraftDetails> WithdrawAsync(
        Caller caller, string id, string reason, CancellationToken cancellation)
    {
        SemaphoreSlim one = DeskOf(caller, id);
        await one.WaitAsync(cancellation);
        try
        {
            (CommandState state, Signed signed) = await LoadAsync(caller, id, cancellation);
            if (state.Status == DraftStatus.Withdrawn)
                return Describe(state, signed);
            RequireOpen(state, id);
            await using Session session = store.OpenSession(caller.Context(time));
            session.Append(CommandState.Stream(caller.Tenant, id), state.Version,
                CommandDesk.Stamp(session.Context, new SigningEvent.Withdrawn(id, reason)));
            await session.SaveChangesAsync(cancellation);
            return Describe(state with { Status = DraftStatus.Withdrawn }, signed);
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>
    /// Open drafts of the caller's organisation, oldest first, a page of them after a draft; or only those of the page that
    /// wait for the caller.
    /// </summary>
    public async Task<DraftList> OpenAsync(
        Caller caller, bool mine, string? cursor, CancellationToken cancellation)
    {
        List<string> ids = [];
        await using (NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select id from drafts where party = $1 and state = 'open' and ($2 = '' or (drafted_at, id) > (
                select drafted_at, id from drafts where party = $1 and id = $2)) order by drafted_at, id limit $3
            """))
        {
            query.Parameters.Add(new() { Value = caller.Tenant });
            query.Parameters.Add(new() { Value = cursor ?? "" });
            query.Parameters.Add(new() { Value = PageMax + 1 });
            await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                ids.Add(reader.GetString(0));
        }
        List<DraftDetails> drafts = [];
        foreach (string id in ids.Take(PageMax))
        {
            (CommandState state, Signed signed) = await LoadAsync(caller, id, cancellation);
            if (!mine || WaitsFor(caller.Subject, signed))
                drafts.Add(Describe(state, signed));
        }
        return new DraftList(drafts, ids.Count > PageMax ? ids[PageMax - 1] : null);
    }

    public void Dispose()
    {
        foreach (SemaphoreSlim desk in _desks)
            desk.Dispose();
    }

    private SemaphoreSlim DeskOf(Caller caller, string id) =>
        _desks[(uint)HashCode.Combine(caller.Tenant, id) % Desks];

    /// <summary>Whether a person holds a key that may give one of the missing approvals.</summary>
    private static bool WaitsFor(string person, Signed signed) =>
        signed.Given.All(g => g.Person != person)
        && (signed.Party.Keys.Values.Any(k => k.Revoked is null && k.Key.Person == person
                && k.Key.LimitFen >= signed.Command.Facts.AmountFen && k.Key.Roles.Intersect(signed.Missing).Any())
            || signed.Missing.Contains(SignerRole.Holder) && signed.Command.Facts.NewKey?.Person == person);

    private static void RequireOpen(CommandState state, string id)
    {
        if (state.Status != DraftStatus.Open)
            throw new ProblemException(Problem.Of("draft-closed", ("id", id)));
    }

    private async Task RecordAsync(Caller caller, Signed signed, HeldChains held, CancellationToken cancellation)
    {
        await using Session session = store.OpenSession(caller.Context(time));
        foreach (AppendedWith e in CommandDesk.Record(session.Context, signed))
            session.Append(e.Stream, e.ExpectedVersion, e.Event);
        await session.SaveChangesAsync(cancellation);
        held.Keep();
    }

    private async Task<(CommandState State, Signed Signed)> LoadAsync(
        Caller caller, string id, CancellationToken cancellation)
    {
        CommandState state =
            await store.AggregateStreamAsync<CommandState>(CommandState.Stream(caller.Tenant, id), cancellation);
        if (state.Status == DraftStatus.None)
            throw new ProblemException(Problem.Of("draft-not-found", ("id", id)));
        SignedCommand command = SignedCommand.Read(state.Command);
        Signed signed = new(command, state.Names, await parties.GetAsync(command.Party, cancellation));
        signed.All.AddRange(await ApprovalsAsync(id, command.Party, cancellation));
        return (state, signed);
    }

    private async Task<List<SigningEvent.PageApproved>> ApprovalsAsync(
        string id, string party, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            """
            select key_id, role, language, page, previous, at, signature from approvals
            where party = $1 and command = $2 order by position
            """);
        query.Parameters.Add(new() { Value = party });
        query.Parameters.Add(new() { Value = id });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<SigningEvent.PageApproved> approvals = [];
        while (await reader.ReadAsync(cancellation))
        {
            approvals.Add(new SigningEvent.PageApproved(
                id, party, reader.GetString(0), Enum.Parse<SignerRole>(reader.GetString(1)), reader.GetString(2),
                reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetString(5),
                reader.GetString(6)));
        }
        return approvals;
    }

    private static DraftDetails Describe(CommandState state, Signed signed) => new(
        signed.Command.Id, state.Status, state.Command, signed.Names, state.Maker,
        [.. signed.All.Zip(signed.Given, (a, g) => new DraftApproval(
            a.Role, a.KeyId, g.Person, a.Language, a.PageSha256, a.At))],
        state.Status == DraftStatus.Open ? signed.Missing : []);
}
