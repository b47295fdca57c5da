using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Receivables.Vouchers;
using ServiceDefaults;
using Shouldly;

namespace Services.Tests.Receivables.Vouchers;

/// <summary>
/// A ledger in memory under random commands, some sent twice, some late, with crashes before and after a write; and a
/// second account of it, one party for each fen, that knows nothing of intervals.
/// </summary>
internal sealed class VoucherWorld(int seed)
{
    private const int Families = 4;
    private const long Face = 2_000;
    private static readonly string[] Parties = ["maker", "a", "b", "c", "d", "bank", "factor"];
    private static readonly string Digest = new('d', 64);
    private readonly Random _random = new(seed);
    private readonly PaymentWorld _payments = new(new Random(seed + 1_000));
    private readonly Dictionary<string, FamilyState> _states = [];
    private readonly Dictionary<string, List<(Type Type, byte[] Bytes)>> _streams = [];
    private readonly Dictionary<string, string[]> _holders = [];
    private readonly List<VoucherCommand> _accepted = [];
    private readonly List<VoucherCommand> _late = [];
    private readonly List<string> _roots = [];
    private DateTimeOffset _now = new(2026, 1, 5, 2, 0, 0, TimeSpan.Zero);
    private int _ids;

    public PaymentWorld Payments => _payments;

    public Dictionary<string, int> Accepted { get; } = [];

    public Dictionary<string, int> Refused { get; } = [];

    private DateOnly Today => DateOnly.FromDateTime(_now.UtcDateTime.AddHours(8));

    private string[] Open => [.. _roots.Where(r => _states[r] is { IsClosed: false, Stage: not Stage.None })];

    /// <summary>One command or one turn of the clock, and everything checked.</summary>
    public void Step()
    {
        while (Open.Length < Families)
            Issue();
        int kind = _random.Next(100);
        if (kind < 4)
            Tick();
        else if (kind < 7 && Open.Where(r => _states[r].IsPresented).ToArray() is { Length: > 0 } presented)
        {
            Pay(Pick(presented));
            _payments.Step(Pick(presented), Pick(Parties));
        }
        else if (kind < 10 && _accepted.Count > 0)
            Repeat(_accepted[_random.Next(_accepted.Count)]);
        else if (kind < 16 && _late.Count > 0)
            Send(TakeLate());
        else if (kind < 22)
            _late.Add(Any());
        else
            Send(Any());
    }

    /// <summary>Everything again from the stored bytes: the same balances, byte for byte.</summary>
    public void CheckReplay()
    {
        foreach (string root in _roots)
        {
            FamilyState replayed = Fold(root);
            Picture(replayed).ShouldBe(Picture(_states[root]));
            Invariants.Check(replayed).ShouldBeNull();
        }
        _payments.CheckReceipts();
    }

    private void Issue()
    {
        string root = $"V-{_roots.Count:D26}";
        _roots.Add(root);
        _states[root] = FamilyState.Initial;
        _streams[root] = [];
        Send(new VoucherCommand.Issue(
            Id(), "maker", root, "maker", Pick("a", "b"), Face, Today, Today.AddDays(_random.Next(20, 120)),
            [new TradeReference("invoice", Digest)], new Terms(1, 12, 60)));
    }

    private VoucherCommand Any()
    {
        string root = Pick(Open), party = Pick(Parties);
        FamilyState state = _states[root];
        if (state.Offers.Count > 0 && _random.Next(2) == 0)
            return Answer(state);
        Fragment some = state.Fragments[_random.Next(state.Fragments.Count)];
        string holder = _random.Next(10) == 0 ? party : some.Claim.Holder;
        switch (_random.Next(state.Stage == Stage.Overdue ? 14 : 12))
        {
            case 0 or 1 or 2: return new VoucherCommand.Transfer(Id(), holder, Parts(state, some));
            case 3 or 4:
                return new VoucherCommand.PayFromMany(Id(), holder, party, 30, [
                new Source(root, 10), new Source(Pick([.. _roots.TakeLast(Families)]), 20)]);
            case 5: return new VoucherCommand.OfferPledge(Id(), holder, "bank", [Source(state, some)], Digest);
            case 6:
                return new VoucherCommand.Sell(
                Id(), holder, Pick("bank", "factor"), [Source(state, some)], _random.Next(2) == 0, Digest);
            case 7:
                return new VoucherCommand.Freeze(Id(), "court", root, holder, Amount(), "basis", "case",
                    $"court-{_ids % 3}");
            case 8 or 9: return Lift(state, some);
            case 10:
                return _random.Next(3) == 0
                ? new VoucherCommand.Return(Id(), state.FirstHolder, root)
                : new VoucherCommand.Void(Id(), "maker", root, "set off");
            case 11: return Merge(state, some);
            case 12:
                return new VoucherCommand.ClaimRecourse(Id(), some.Claim.Holder, root,
                    some.Claim.Recourse?.Sale ?? "none");
            default:
                return new VoucherCommand.Repurchase(
                Id(), some.Claim.Recourse?.Seller ?? party, root, some.Claim.Recourse?.Sale ?? "none");
        }
    }

    private VoucherCommand Answer(FamilyState state)
    {
        Offer offer = Pick([.. state.Offers.Values.OrderBy(o => o.Id, StringComparer.Ordinal)]);
        string to = offer.Open[_random.Next(offer.Open.Count)].To;
        string[] roots = [.. _roots.Where(r => _states[r].Offers.TryGetValue(offer.Id, out Offer? o)
            && o.Open.Any(p => p.To == to))];
        return _random.Next(8) switch
        {
            0 => new VoucherCommand.Reject(Id(), to, offer.Id, roots),
            1 => new VoucherCommand.Withdraw(Id(), offer.From, offer.Id, [state.Root]),
            _ => offer.Kind switch
            {
                OfferKind.Pledge => new VoucherCommand.ConfirmPledge(Id(), to, offer.Id, roots),
                OfferKind.Sale => new VoucherCommand.ConfirmSale(Id(), to, offer.Id, roots),
                OfferKind.Recourse => new VoucherCommand.Repurchase(Id(), to, state.Root,
                    state.Fragments.In(offer.Open[0].Interval).First().Claim.Recourse!.Sale),
                _ => new VoucherCommand.Accept(Id(), to, offer.Id, roots),
            },
        };
    }

    private VoucherCommand Lift(FamilyState state, Fragment some) =>
        state.Fragments.Select(f => f.Claim.Pledge).FirstOrDefault(p => p is not null) is { } pledge
            && _random.Next(2) == 0
            ? new VoucherCommand.ReleasePledge(Id(), pledge.Pledgee, pledge.Id, [state.Root])
            : new VoucherCommand.Unfreeze(
                Id(), "court", state.Root, state.Orders.Keys.Order(StringComparer.Ordinal).FirstOrDefault()
                    ?? some.Claim.Freeze?.Order ?? "none", "basis", "case");

    private VoucherCommand.Merge Merge(FamilyState state, Fragment some)
    {
        List<Fragment> run = [.. state.Fragments.SkipWhile(f => f != some).TakeWhile(f =>
            f.Claim.Holder == some.Claim.Holder)];
        return new VoucherCommand.Merge(Id(), some.Claim.Holder, state.Root, some.Start, run[^1].End);
    }

    private Part[] Parts(FamilyState state, Fragment some) => [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ =>
    {
        Source source = Source(state, some);
        return new Part(state.Root, Pick(Parties), source.Fen, source.Start);
    })];

    private Source Source(FamilyState state, Fragment some) => _random.Next(3) switch
    {
        0 => new Source(state.Root, Amount()),
        1 => new Source(state.Root, some.Fen, some.Start),
        _ => new Source(state.Root, Math.Max(some.Fen / 2, 1), some.Start + (some.Fen / 3)),
    };

    private long Amount() => _random.Next(12) == 0 ? _random.Next(-5, 1) : _random.Next(1, 300);

    private void Tick()
    {
        _now += TimeSpan.FromHours(_random.Next(1, 60));
        foreach (string root in Open)
        {
            FamilyState state = _states[root];
            Write(root, Family.Tick(state, _now, day => day));
            if (_states[root].Stage is Stage.Presented or Stage.Overdue && _random.Next(4) == 0)
                Pay(root);
        }
    }

    private void Pay(string root)
    {
        if (_payments.Receive(root, Today) is { Payments.Length: > 0 } taken)
            Write(root, Family.Pay(_states[root], taken.Receipt, taken.Payments).EventsOrProblem());
    }

    private VoucherCommand TakeLate()
    {
        int index = _random.Next(_late.Count);
        VoucherCommand command = _late[index];
        _late.RemoveAt(index);
        return command;
    }

    private void Repeat(VoucherCommand command)
    {
        foreach (string root in command.Roots)
        {
            Family.Decide(_states[root], command, root, _now)
                .ShouldBe(new Decision<VoucherEvent>.Refused(Refusal.Repeated), $"{seed}: {command}");
        }
    }

    private void Send(VoucherCommand command)
    {
        Dictionary<string, IReadOnlyList<VoucherEvent>> decided = [];
        foreach (string root in command.Roots)
        {
            switch (Family.Decide(_states[root], command, root, _now))
            {
                case Decision<VoucherEvent>.Accepted accepted: decided[root] = accepted.Events; break;
                case Decision<VoucherEvent>.Refused refused:
                    Refused[refused.Rule] = Refused.GetValueOrDefault(refused.Rule) + 1;
                    return;
                default: throw new InvalidOperationException();
            }
        }
        int crash = _random.Next(40);
        if (crash == 0)
        {
            // Before the commit: nothing of it may be there afterwards.
            command.Roots.ToList().ForEach(Restart);
            return;
        }
        foreach ((string root, IReadOnlyList<VoucherEvent> events) in decided)
            Write(root, events);
        _accepted.Add(command);
        Accepted[command.GetType().Name] = Accepted.GetValueOrDefault(command.GetType().Name) + 1;
        if (crash == 1)
            command.Roots.ToList().ForEach(Restart);
    }

    private void Write(string root, IReadOnlyList<VoucherEvent> events)
    {
        FamilyState before = _states[root];
        FamilyState after = events.Aggregate(before, FamilyState.Evolve);
        Invariants.CheckAppend(before, events, after);
        _states[root] = after;
        foreach (VoucherEvent e in events)
        {
            _streams[root].Add((e.GetType(), JsonSerializer.SerializeToUtf8Bytes(e, Json(e.GetType()))));
            Account(root, e);
        }
        if (events.Count > 0)
            Check(root);
        _payments.Follow(root, events, after, Today);
    }

    private void Account(string root, VoucherEvent e)
    {
        void Move(string to, IEnumerable<Interval> intervals)
        {
            foreach (Interval i in intervals)
                Array.Fill(_holders[root], to, (int)i.Start, (int)i.Fen);
        }
        switch (e)
        {
            case VoucherEvent.Issued x:
                _holders[root] = new string[x.FaceFen];
                Move(x.Holder, [new Interval(0, x.FaceFen)]);
                break;
            case VoucherEvent.Transferred x: Move(x.To, x.Intervals); break;
            case VoucherEvent.Sold x: Move(x.Buyer, x.Intervals); break;
            case VoucherEvent.Repurchased x: Move(x.Seller, x.Intervals); break;
            default: break;
        }
    }

    private void Check(string root)
    {
        FamilyState state = _states[root];
        Invariants.Check(state).ShouldBeNull($"seed {seed}, {root}");
        foreach (Fragment f in state.Fragments)
        {
            if (_holders[root].AsSpan((int)f.Start, (int)f.Fen).ContainsAnyExcept(f.Claim.Holder))
                throw new InvalidOperationException($"seed {seed}, {root}: {f} is held by another");
        }
    }

    private void Restart(string root)
    {
        FamilyState folded = Fold(root);
        Picture(folded).ShouldBe(Picture(_states[root]));
        _states[root] = folded;
    }

    private FamilyState Fold(string root) => _streams[root]
        .Select(e => (VoucherEvent)JsonSerializer.Deserialize(e.Bytes, Json(e.Type))!)
        .Aggregate(FamilyState.Initial, FamilyState.Evolve);

    private static JsonTypeInfo Json(Type type) => VoucherJson.Default.GetTypeInfo(type)!;

    private static string Picture(FamilyState state) => string.Join('\n', (IEnumerable<string>)
    [
        $"{state.Stage} {state.FaceFen} {state.OfferedFen} {state.DueDate} {state.Fragments.PaidFen}",
        .. state.Fragments.Select(f => f.ToString()),
        .. state.Offers.Values.OrderBy(o => o.Id,
            StringComparer.Ordinal).Select(o => $"{o.Id} {o.Kind} {string.Join(',', o.Open)}"),
        .. state.Orders.Keys.Order(StringComparer.Ordinal),
        .. state.Commands.Order(StringComparer.Ordinal),
    ]);

    private string Id() => $"c{++_ids}";

    private T Pick<T>(params T[] items) => items[_random.Next(items.Length)];
}
