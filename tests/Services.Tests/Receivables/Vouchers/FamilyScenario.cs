using Receivables.Vouchers;
using ServiceDefaults;
using Shouldly;

namespace Services.Tests.Receivables.Vouchers;

/// <summary>Given a voucher of 1,000.00 yuan in supplier A's hands, when …, then ….</summary>
internal sealed class FamilyScenario
{
    public const string Root = "V-00000000000000000000000001";
    public const string Maker = "car-maker", A = "supplier-a", B = "supplier-b", C = "supplier-c", Bank = "bank",
        Court = "court-desk";
    public const long Face = 100_000;
    public static readonly string Digest = new('a', 64);
    public static readonly DateOnly IssueDate = new(2026, 1, 5), DueDate = new(2026, 6, 30);
    private int _commands;

    public FamilyState State { get; private set; } = FamilyState.Initial;

    public DateTimeOffset Now { get; set; } = new(2026, 1, 5, 2, 0, 0, TimeSpan.Zero);

    public List<VoucherEvent> Events { get; } = [];

    public static FamilyScenario Held(Terms? terms = null)
    {
        FamilyScenario scenario = Issued(terms);
        scenario.Accepted(new VoucherCommand.Accept(scenario.Id(), A, "issue", [Root]));
        return scenario;
    }

    public static FamilyScenario Issued(Terms? terms = null)
    {
        FamilyScenario scenario = new();
        scenario.Accepted(Issue(terms));
        return scenario;
    }

    public static VoucherCommand.Issue Issue(Terms? terms = null) => new("issue", Maker, Root, Maker, A, Face,
        IssueDate,
        DueDate, [new TradeReference("invoice", Digest)], terms ?? new Terms());

    public string Id() => $"c{++_commands}";

    /// <summary>The command is accepted; its id is returned, for offers are named by it.</summary>
    public string Accepted(VoucherCommand command)
    {
        Decision<VoucherEvent> decision = Family.Decide(State, command, Root, Now);
        Apply(decision.ShouldBeOfType<Decision<VoucherEvent>.Accepted>(
            (decision as Decision<VoucherEvent>.Refused)?.Rule).Events);
        return command.CommandId;
    }

    /// <summary>The command is refused by that rule.</summary>
    public void Refused(VoucherCommand command, string rule) => Family.Decide(State, command, Root, Now)
        .ShouldBeOfType<Decision<VoucherEvent>.Refused>().Rule.ShouldBe(rule);

    public void Apply(IReadOnlyList<VoucherEvent> events)
    {
        FamilyState before = State;
        foreach (VoucherEvent e in events)
        {
            State = FamilyState.Evolve(State, e);
            Events.Add(e);
        }
        Invariants.CheckAppend(before, events, State);
        Invariants.Check(State).ShouldBeNull();
    }

    public string Transfer(string from, string to, long fen, long? start = null) =>
        Accepted(new VoucherCommand.Transfer(Id(), from, [new Part(Root, to, fen, start)]));

    public void Moved(string from, string to, long fen, long? start = null) =>
        Accepted(new VoucherCommand.Accept(Id(), to, Transfer(from, to, fen, start), [Root]));

    public string Sold(string seller, string buyer, long fen, bool recourse)
    {
        string sale = Accepted(new VoucherCommand.Sell(Id(), seller, buyer, [new Source(Root, fen)], recourse, Digest));
        Accepted(new VoucherCommand.ConfirmSale(Id(), buyer, sale, [Root]));
        return sale;
    }

    public string Pledged(string holder, string pledgee, long fen)
    {
        string pledge = Accepted(
            new VoucherCommand.OfferPledge(Id(), holder, pledgee, [new Source(Root, fen)], Digest));
        Accepted(new VoucherCommand.ConfirmPledge(Id(), pledgee, pledge, [Root]));
        return pledge;
    }

    public string Frozen(string holder, long fen, string account = "court-1") => Accepted(new VoucherCommand.Freeze(
        Id(), Court, Root, holder, fen, "民事诉讼法 253", "(2026)沪01执1号", account));

    public void Overdue()
    {
        Now = State.CutOff;
        Apply(Family.Snapshot(State, Now));
        Now = new DateTimeOffset(DueDate.AddDays(1), new TimeOnly(1, 0), TimeSpan.FromHours(8));
        Apply(Family.FallOverdue(State, Now, DueDate));
        State.Stage.ShouldBe(Stage.Overdue);
    }

    /// <summary>Every fragment as <c>start-end holder</c>, with what encumbers it.</summary>
    public string Picture => Describe(State);

    public static string Describe(FamilyState state) => string.Join(" | ", state.Fragments.Select(f =>
        $"{f.Start}-{f.End} {f.Claim.Holder}"
        + (f.Claim.Reserved is { } r ? $" >{r.To}" : "") + (f.Claim.Pledge is { } p ? $" pledged {p.Pledgee}" : "")
        + (f.Claim.Freeze is { } order ? $" frozen {order.Account}" : "")
        + (f.Claim.PaidFen > 0 ? $" paid {f.Claim.PaidFen}" : "")));

    public long BalanceOf(string party) => State.Fragments.Where(f => f.Claim.Holder == party).Sum(f => f.Fen);
}
