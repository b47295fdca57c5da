using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;
using Receivables.Ledger;
using Receivables.Maturity;
using Receivables.Parties;
using Receivables.Pledges;
using Receivables.Trade;
using Receivables.Vouchers;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Receivables.Signatures;

/// <summary>What a command came to.</summary>
/// <param name="CommandId">The command.</param>
/// <param name="At">When it was carried out.</param>
/// <param name="Families">Families of vouchers that it concerned, with their versions after it.</param>
public sealed record CommandAnswer(string CommandId, DateTimeOffset At, IReadOnlyList<FamilyVersion>? Families = null)
{
    /// <summary>Whether it was carried out before and nothing was stored now.</summary>
    [JsonIgnore]
    public bool Repeated { get; init; }
}

/// <summary>Checks approvals and carries commands out in the transaction that records who approved them.</summary>
internal sealed class CommandDesk(
    Store store, PartyDirectory parties, SignerChains chains, SignerKeyCache keys, InvoiceUse invoices, ClaimDesk claims,
    TimeProvider time, IServiceProvider services)
{
    private const int AttemptsMax = 4;

    /// <summary>Reads a command of the caller's organisation with the names that its pages show.</summary>
    public async Task<(SignedCommand Command, SortedDictionary<string, string> Names)> ReadAsync(
        Caller caller, JsonElement sent, CancellationToken cancellation)
    {
        SignedCommand command = await FillAsync(SignedCommand.Read(sent), cancellation);
        RequireParty(caller, command, (await parties.ActingAsync(command.Party, cancellation)).Actor);
        SortedDictionary<string, string> names = new(StringComparer.Ordinal);
        foreach (string party in SignedPage.Parties(command.Json))
            names[party] = (await parties.GetAsync(party, cancellation)).Name;
        return (command, names);
    }

    /// <summary>
    /// The command with what the ledger tells of what it answers, where it was not sent along: people sign amounts, not
    /// the names of offers.
    /// </summary>
    private async Task<SignedCommand> FillAsync(SignedCommand command, CancellationToken cancellation)
    {
        if (command.Voucher is not { Shown: null } voucher || !Shown.IsNeeded(voucher))
            return command;
        VoucherLedger ledger = services.GetRequiredService<VoucherLedger>();
        List<Shown?> families = [];
        foreach (string root in voucher.Roots)
        {
            // What is offered to a party stays as it is until it answers: a copy that knows of it is good enough.
            Shown? told = Shown.IsFixed(voucher) && ledger.Peek(root) is { } known ? Shown.In(known, voucher) : null;
            families.Add(told ?? Shown.In((await ledger.ReadAsync(root, cancellation)).State, voucher));
        }
        return Shown.Over(families) is { } shown ? command.With(shown) : command;
    }

    /// <summary>Carries out a command that came with all its approvals.</summary>
    public async Task<CommandAnswer> SubmitAsync(
        Caller caller, JsonElement sent, IReadOnlyList<ApprovalRequest> approvals, long? expectedVersion,
        CancellationToken cancellation)
    {
        (SignedCommand command, SortedDictionary<string, string> names) = await ReadAsync(caller, sent, cancellation);
        RequireAdmin(caller, command);
        (PartyState party, _) = await parties.ActingAsync(command.Party, cancellation);
        Signed signed = new(command, names, party);
        ProblemException? unclaimed = null;
        try
        {
            await ClaimAsync(caller, signed, approvals, cancellation);
        }
        catch (ProblemException e)
        {
            unclaimed = e;
        }
        using HeldChains held = await HoldAsync(signed, approvals, cancellation);
        try
        {
            if (unclaimed is not null)
                throw unclaimed;
            foreach (ApprovalRequest approval in approvals)
                signed.Add(Verify(caller, signed, held, approval), held);
            RequireAll(signed);
            return await ExecuteAsync(
                caller, signed, held, new SigningEvent.Submitted(command.Json, names), 0, expectedVersion, cancellation);
        }
        catch (ProblemException)
        {
            // Most commands are new, so only what fails is looked up: with the chains in hand the same command in
            // flight has been answered by now.
            CommandState state = await store.AggregateStreamAsync<CommandState>(
                CommandState.Stream(command.Party, command.Id), cancellation);
            if (state.Status != DraftStatus.None)
                return await RepeatAsync(state, command, cancellation);
            throw;
        }
    }

    /// <summary>Holds the chains of the keys that approve; names of keys that nobody has must not fill the memory.</summary>
    public Task<HeldChains> HoldAsync(
        Signed signed, IReadOnlyList<ApprovalRequest> approvals, CancellationToken cancellation)
    {
        foreach (ApprovalRequest approval in approvals)
        {
            if (ApprovalRules.KeyOf(signed.Party, signed.Command.Facts, approval.Role, approval.KeyId) is null)
                throw new ProblemException(Problem.Of(ApprovalRules.KeyUnknown, ("key", approval.KeyId)));
        }
        return chains.HoldAsync(approvals.Select(a => a.KeyId), cancellation);
    }

    /// <summary>
    /// Claims what an issue rests on once all its approvals hold, before anything is held for it: the chain takes seconds.
    /// </summary>
    public async Task ClaimAsync(
        Caller caller, Signed signed, IReadOnlyList<ApprovalRequest> approvals, CancellationToken cancellation)
    {
        if (signed.Command.Voucher is not VoucherCommand.Issue issue || !claims.Demanded)
            return;
        CommandState state = await store.AggregateStreamAsync<CommandState>(
            CommandState.Stream(signed.Command.Party, signed.Command.Id), cancellation);
        if (state.Status is DraftStatus.Executed or DraftStatus.Withdrawn)
            return;
        Signed trial = signed.Copy();
        using (HeldChains held = await HoldAsync(trial, approvals, cancellation))
        {
            foreach (ApprovalRequest approval in approvals)
                trial.Add(Verify(caller, trial, held, approval), held);
            held.Drop();
        }
        if (trial.Missing.Count > 0)
            return;
        RequireLimits(trial);
        await claims.ClaimAsync(issue, cancellation);
    }

    /// <summary>Verifies one approval against the rules, the page and the key.</summary>
    /// <exception cref="ProblemException">It does not hold.</exception>
    public SigningEvent.PageApproved Verify(
        Caller caller, Signed signed, HeldChains held, ApprovalRequest approval)
    {
        CommandFacts facts = signed.Command.Facts;
        SignerChain chain = held.Of(approval.KeyId);
        if (!SignedPage.Languages.Contains(approval.Language))
            throw new ProblemException(Problem.Of("page-language"));
        string? rule = ApprovalRules.Against(
            signed.Party, facts, signed.Given, chain, approval.Signing, time.GetUtcNow());
        if (rule is null && approval.Role == SignerRole.Holder && chain.Version > 0)
            rule = Party.KeyUsed;
        if (rule is not null)
        {
            Problem problem = Problem.Of(rule, ("role", SignedPage.KebabName(approval.Role)), ("key", approval.KeyId),
                ("minutes", (int)ApprovalRules.TimeTolerance.TotalMinutes));
            throw new ProblemException(rule == ApprovalRules.HeadStale ? problem.With("head", chain.Head) : problem);
        }
        byte[] page = SignedPage.Render(signed.Command.Json, signed.Names, approval.Language, approval.Signing);
        if (SignedPage.Hash(page) != approval.PageSha256)
            throw new ProblemException(Problem.Of("page-differs").With("page", Encoding.UTF8.GetString(page)));
        BoundKey key = ApprovalRules.KeyOf(signed.Party, facts, approval.Role, approval.KeyId)!;
        // Otherwise one administrator could give two keys to two names and be maker and checker alone.
        if (facts.ManagesKeys && key.Person != caller.Subject)
            throw new ProblemException(Problem.Of(ApprovalRules.OtherPerson, ("key", approval.KeyId)));
        if (!Base64Url.IsValid(approval.Signature)
            || !keys.Of(key).Verify(page, Base64Url.DecodeFromChars(approval.Signature)))
            throw new ProblemException(Problem.Of("signature-invalid", ("role", SignedPage.KebabName(approval.Role))));
        return new SigningEvent.PageApproved(
            signed.Command.Id, signed.Command.Party, approval.KeyId, approval.Role, approval.Language,
            approval.PageSha256, approval.Previous, approval.At, approval.Signature);
    }

    /// <summary>Carries out a command whose approvals were verified, together with their record.</summary>
    public async Task<CommandAnswer> ExecuteAsync(
        Caller caller, Signed signed, HeldChains held, SigningEvent commandEvent, long commandVersion,
        long? expectedVersion, CancellationToken cancellation)
    {
        RequireLimits(signed);
        // What nobody saw nobody signed; the ledger compares what was seen with what is.
        if (signed.Command.Voucher is { Shown: null } voucher && Shown.IsNeeded(voucher)
            && (await FillAsync(signed.Command, cancellation)).Filled)
        {
            held.Drop();
            throw new ProblemException(Problem.Of(Refusal.ShownDiffers));
        }
        EventContext context = new(time, caller.Subject, signed.Command.Party);
        AppendedWith[] record =
        [
            .. Record(context, signed),
            new(CommandState.Stream(signed.Command.Party, signed.Command.Id), commandVersion, Stamp(context, commandEvent)),
        ];
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                CommandAnswer answer = signed.Command.Consent is { } consent
                    ? await ExecuteAsync(context, consent, signed.All[0].PageSha256, record, cancellation)
                    : signed.Command.Keys is { } keyCommand
                    ? await ExecuteAsync(context, keyCommand, record, cancellation)
                    : signed.Command.Account is { } account
                    ? await ExecuteAsync(
                        new EventContext(time, signed.All[0].KeyId, account.Party), account, record, cancellation)
                    : await ExecuteAsync(signed, [.. await InvoicesAsync(caller, signed, cancellation), .. record],
                        expectedVersion, cancellation);
                // No chain goes on by approvals that were not stored.
                if (answer.Repeated)
                    held.Drop();
                else
                    held.Keep();
                return answer;
            }
            catch (ProblemException)
            {
                held.Drop();
                if (signed.Command.Voucher is VoucherCommand.Issue issue && claims.Demanded)
                    await claims.GiveUpAsync(issue.Root, CancellationToken.None);
                throw;
            }
            catch (ConcurrencyException e) when (attempt < AttemptsMax && TradeDocument.IsStream(e.Stream))
            {
                // Another voucher used the invoice meanwhile; what is left may be enough.
            }
            catch (ConcurrencyException)
            {
                throw new ProblemException(Problem.Of("command-raced"));
            }
        }
    }

    /// <summary>The events of approvals that are not recorded yet.</summary>
    public static IReadOnlyList<AppendedWith> Record(EventContext context, Signed signed) =>
        [.. signed.New.Select(n =>
            new AppendedWith(SignerChain.Stream(n.Event.KeyId), n.Version, Stamp(context, n.Event)))];

    public static NewEvent Stamp(EventContext context, SigningEvent e) => context.Stamp(SigningEvents.NameOf(e), e);

    /// <summary>A party's own people act for it, or those of its successor.</summary>
    public static void RequireParty(Caller caller, SignedCommand command, string actor)
    {
        if (caller.Tenant != actor && caller.Tenant != command.Party)
            throw new ProblemException(Problem.Of("command-party"));
        // A person may ask for a key of its own; it is bound by an administrator's signature.
        if (command.Facts.NewKey?.Person != caller.Subject)
            RequireAdmin(caller, command);
        bool order = command.Voucher is VoucherCommand.Freeze or VoucherCommand.Unfreeze;
        bool may = order ? caller.Is(Role.Regulator)
            : command.Facts.ManagesKeys || caller.Is(Role.Member) || caller.Is(Role.Admin);
        if (!may)
            throw new ProblemException(Problem.Of(order ? CourtOrders.NoCourt : "command-party"));
    }

    /// <summary>What decides about keys is sent in by an administrator.</summary>
    public static void RequireAdmin(Caller caller, SignedCommand command)
    {
        if (command.Facts.ManagesKeys && !caller.Is(Role.Admin))
            throw new ProblemException(Problem.Of("command-admin"));
    }

    public static void RequireAll(Signed signed)
    {
        if (signed.Missing is { Count: > 0 } missing)
            throw new ProblemException(Problem.Of(
                ApprovalRules.Missing, ("roles", string.Join(", ", missing.Select(SignedPage.KebabName)))));
    }

    /// <summary>The amount may have come to be known after a key signed.</summary>
    private static void RequireLimits(Signed signed)
    {
        foreach (SigningEvent.PageApproved a in signed.All)
        {
            BoundKey? key = ApprovalRules.KeyOf(signed.Party, signed.Command.Facts, a.Role, a.KeyId);
            if (a.Role != SignerRole.Holder && key?.LimitFen < signed.Command.Facts.AmountFen)
                throw new ProblemException(Problem.Of(
                    ApprovalRules.LimitExceeded, ("role", SignedPage.KebabName(a.Role)), ("key", a.KeyId)));
        }
    }

    /// <summary>What an issue uses of its invoices.</summary>
    private async Task<IReadOnlyList<AppendedWith>> InvoicesAsync(
        Caller caller, Signed signed, CancellationToken cancellation) =>
        signed.Command.Voucher is VoucherCommand.Issue issue
            ? await invoices.OfAsync(caller.Subject, issue, cancellation)
            : [];

    private async Task<CommandAnswer> ExecuteAsync(
        Signed signed, AppendedWith[] record, long? expectedVersion, CancellationToken cancellation)
    {
        ILedger ledger = services.GetRequiredService<ILedger>();
        Approved approved = new(signed.All[0].PageSha256, [.. signed.All.Select(a => new ApprovalSignature(
            SignedPage.KebabName(a.Role), a.KeyId, a.PageSha256, a.Previous, a.Signature))])
        {
            Record = record,
        };
        LedgerAnswer answer = await ledger.ExecuteAsync(signed.Command.Voucher!, approved, expectedVersion, cancellation);
        return new CommandAnswer(answer.CommandId, answer.At, answer.Families) { Repeated = answer.Repeated };
    }

    private async Task<CommandAnswer> ExecuteAsync(
        EventContext context, ConsentCommand command, string page, AppendedWith[] record,
        CancellationToken cancellation)
    {
        await using Session session = store.OpenSession(context);
        WritableStream<TermConsents> stream = await session.FetchForWriting<TermConsents>(
            TermConsents.Stream(command.Party, command.Debtor), cancellation);
        stream.AppendOne(TermConsents.Of(context, command, page));
        foreach (AppendedWith e in record)
            session.Append(e.Stream, e.ExpectedVersion, e.Event);
        await session.SaveChangesAsync(cancellation);
        return new CommandAnswer(command.CommandId, record[^1].Event.OccurredAt);
    }

    private async Task<CommandAnswer> ExecuteAsync(
        EventContext context, KeyCommand command, AppendedWith[] record, CancellationToken cancellation)
    {
        await using Session session = store.OpenSession(context);
        WritableStream<PartyState> stream =
            await session.FetchForWriting<PartyState>(Party.Stream(command.Party), cancellation);
        PartyCommand wanted = command switch
        {
            KeyCommand.BindKey c => new PartyCommand.BindKey(c.Key, c.CommandId),
            KeyCommand.RevokeKey c => new PartyCommand.RevokeKey(c.KeyId, c.Reason, c.CommandId),
            KeyCommand.SetPolicy c => new PartyCommand.SetPolicy(
                new ApprovalPolicy(c.SecondCheckerAboveFen), c.CommandId),
            _ => throw new InvalidOperationException($"{command.GetType().Name} is not a command about keys."),
        };
        stream.AppendMany(Party.Decide(stream.Aggregate, wanted).EventsOrProblem(("party", command.Party)));
        foreach (AppendedWith e in record)
            session.Append(e.Stream, e.ExpectedVersion, e.Event);
        try
        {
            await session.SaveChangesAsync(cancellation);
        }
        finally
        {
            parties.Forget(command.Party);
        }
        return new CommandAnswer(command.CommandId, record[^1].Event.OccurredAt);
    }

    private async Task<CommandAnswer> ExecuteAsync(
        EventContext context, AccountCommand.SetAccount command, AppendedWith[] record, CancellationToken cancellation)
    {
        await using Session session = store.OpenSession(context);
        await AccountCommand.ExecuteAsync(session, command, record, cancellation);
        return new CommandAnswer(command.CommandId, record[^1].Event.OccurredAt);
    }

    /// <summary>The answer to a command that is there already.</summary>
    private async Task<CommandAnswer> RepeatAsync(
        CommandState state, SignedCommand command, CancellationToken cancellation)
    {
        if (state.Status != DraftStatus.Executed || !command.IsStoredAs(state.Command))
            throw new ProblemException(Problem.Of("command-id-used"));
        if (SignedCommand.Read(state.Command).Voucher is { } voucher)
        {
            LedgerAnswer answer = await services.GetRequiredService<ILedger>()
                .ExecuteAsync(voucher, new Approved("", []), null, cancellation);
            return new CommandAnswer(answer.CommandId, answer.At, answer.Families);
        }
        IReadOnlyList<StoredEvent> events =
            await store.FetchStreamAsync(CommandState.Stream(command.Party, command.Id), cancellation);
        return new CommandAnswer(command.Id, events[^1].OccurredAt);
    }
}
