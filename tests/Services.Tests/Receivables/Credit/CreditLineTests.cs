using FsCheck;
using FsCheck.Fluent;
using Receivables.Credit;
using Receivables.Rules;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Credit;

public sealed class CreditLineTests
{
    private static readonly DateOnly Today = new(2026, 3, 2);

    private static CreditLine Given(params CreditEvent[] events) =>
        events.Aggregate(CreditLine.Initial, CreditLine.Evolve);

    private static CreditLine Line(params CreditEvent[] more) =>
        Given([new CreditEvent.Granted("bank", "group", 1_000), new CreditEvent.LineAccepted(), new CreditEvent.MemberSet("a", 600), .. more]);

    private static CreditCommand.Reserve Reserve(
        string voucher, long fen, string member = "a", Standing? standing = null) =>
        new(voucher, member, fen, standing ?? Standing.Good, Today);

    private static CreditEvent[] Accepted(CreditLine line, CreditCommand command) =>
        [.. CreditDecider.Decide(line, command).ShouldBeOfType<Decision<CreditEvent>.Accepted>().Events];

    private static string Refused(CreditLine line, CreditCommand command) =>
        CreditDecider.Decide(line, command).ShouldBeOfType<Decision<CreditEvent>.Refused>().Rule;

    [Fact]
    public void What_is_reserved_becomes_used_and_then_free_again()
    {
        CreditLine line = Line();
        foreach ((CreditCommand command, MemberLine expected) in new (CreditCommand, MemberLine)[]
        {
            (Reserve("V1", 600), new MemberLine(600, 600, 0, false)),
            (new CreditCommand.Use("V1"), new MemberLine(600, 0, 600, false)),
            (new CreditCommand.Release("V1", "receipt-1", 250), new MemberLine(600, 0, 350, false)),
            (new CreditCommand.Release("V1", "receipt-2", null), new MemberLine(600, 0, 0, false)),
        })
        {
            line = Accepted(line, command).Aggregate(line, CreditLine.Evolve);
            line.Of("a").ShouldBe(expected);
            // The same command again changes nothing.
            if (command is not CreditCommand.Reserve)
                Accepted(line, command).ShouldBeEmpty();
        }
        line.Of("a").FreeFen.ShouldBe(600);
    }

    [Fact]
    public void A_reservation_is_keyed_by_its_voucher()
    {
        CreditLine line = Line(new CreditEvent.Reserved("V1", "a", 100));
        Accepted(line, Reserve("V1", 100)).ShouldBeEmpty();
        Refused(line, Reserve("V1", 101)).ShouldBe(CreditDecider.Differs);
        Refused(line, Reserve("V1", 100, "b")).ShouldBe(CreditDecider.Differs);
        CreditLine ended = CreditLine.Evolve(line, new CreditEvent.Released("V1", "a", "void", 100));
        Refused(ended, Reserve("V1", 100)).ShouldBe(CreditDecider.Differs);
        Refused(ended, new CreditCommand.Use("V1")).ShouldBe(CreditDecider.NotReserved);
    }

    [Fact]
    public void Nothing_is_reserved_beyond_what_is_free()
    {
        Refused(Line(), Reserve("V1", 601)).ShouldBe(CreditDecider.NotFree);
        Refused(Line(new CreditEvent.Reserved("V0", "a", 1)), Reserve("V1", 600)).ShouldBe(CreditDecider.NotFree);
        Refused(Line(), Reserve("V1", 1, "stranger")).ShouldBe(CreditDecider.Missing);
        Refused(Line(), Reserve("V1", long.MaxValue)).ShouldBe(CreditDecider.NotFree);
    }

    [Fact]
    public void A_groups_line_is_split_to_members_and_no_further()
    {
        Refused(Line(), new CreditCommand.SetMember("b", 401, "group")).ShouldBe(CreditDecider.Exceeded);
        Refused(Line(), new CreditCommand.SetMember("b", long.MaxValue, "group")).ShouldBe(CreditDecider.Exceeded);
        Accepted(Line(), new CreditCommand.SetMember("b", 400, "group")).Length.ShouldBe(1);
        Refused(Line(new CreditEvent.Reserved("V1", "a", 300)), new CreditCommand.SetMember("a", 299, "group"))
            .ShouldBe(CreditDecider.BelowTaken);
        Refused(Line(), new CreditCommand.ChangeLimit(599)).ShouldBe(CreditDecider.BelowTaken);
        Refused(Given(), Reserve("V1", 1)).ShouldBe(CreditDecider.Missing);
    }

    [Fact]
    public void A_line_counts_when_the_head_of_the_group_accepted_it()
    {
        CreditLine line = Given(
            new CreditEvent.Granted("bank", "group", 1_000), new CreditEvent.MemberSet("group", 500));
        Refused(line, Reserve("V1", 1, "group")).ShouldBe(CreditDecider.NotAccepted);
        Refused(line, new CreditCommand.Accept("stranger")).ShouldBe(CreditDecider.Missing);
        line = Accepted(line, new CreditCommand.Accept("group")).Aggregate(line, CreditLine.Evolve);
        Refused(line, new CreditCommand.Accept("group")).ShouldBe(CreditDecider.NothingOffered);
        Accepted(line, Reserve("V1", 500, "group")).Length.ShouldBe(1);
    }

    [Fact]
    public void A_members_larger_part_counts_when_it_accepts_and_is_bound_for_it_meanwhile()
    {
        CreditLine line = Accepted(Line(), new CreditCommand.SetMember("b", 300, "group"))
            .Aggregate(Line(), CreditLine.Evolve);
        Refused(line, Reserve("V1", 1, "b")).ShouldBe(CreditDecider.NotFree);
        Refused(line, new CreditCommand.SetMember("c", 101, "group")).ShouldBe(CreditDecider.Exceeded);
        Refused(line, new CreditCommand.Accept("a")).ShouldBe(CreditDecider.NothingOffered);
        line = Accepted(line, new CreditCommand.Accept("b")).Aggregate(line, CreditLine.Evolve);
        Accepted(line, Reserve("V1", 300, "b")).Length.ShouldBe(1);
        // Less needs nobody's leave, and the head sets its own part itself.
        Accepted(line, new CreditCommand.SetMember("b", 200, "group")).ShouldBe([new CreditEvent.MemberSet("b", 200)]);
        Accepted(line, new CreditCommand.SetMember("group", 100, "group"))
            .ShouldBe([new CreditEvent.MemberSet("group", 100)]);
    }

    [Fact]
    public void A_strangers_frozen_line_is_not_there() =>
        Refused(Line(new CreditEvent.Frozen(null, "court")), Reserve("V1", 1, "stranger"))
            .ShouldBe(CreditDecider.Missing);

    [Theory]
    [InlineData(null)]
    [InlineData("a")]
    public void A_freeze_stops_what_is_new_but_not_what_frees(string? member)
    {
        CreditLine line = Line(new CreditEvent.Reserved("V1", "a", 100), new CreditEvent.Frozen(member, "court"));
        Refused(line, Reserve("V2", 1)).ShouldBe(CreditDecider.IsFrozen);
        Refused(line, new CreditCommand.Use("V1")).ShouldBe(CreditDecider.IsFrozen);
        Accepted(line, new CreditCommand.Release("V1", "void", null)).Length.ShouldBe(1);
        Accepted(line, new CreditCommand.Freeze(member, "again")).ShouldBeEmpty();
        CreditLine thawed = Accepted(line, new CreditCommand.Unfreeze(member, "court"))
            .Aggregate(line, CreditLine.Evolve);
        Accepted(thawed, new CreditCommand.Use("V1")).Length.ShouldBe(1);
    }

    [Fact]
    public void Notice_77_article_15_stops_reserving_for_a_debtor_that_is_overdue()
    {
        Standing overdue = new(VoucherOverdue: true, false, false);
        Refused(Line(), Reserve("V1", 1, standing: overdue)).ShouldBe(CreditDecider.Stopped);
        Accepted(Line(), Reserve("V1", 1, standing: overdue) with { Today = new DateOnly(2025, 6, 14) })
            .Length.ShouldBe(1);
    }

    [Fact]
    public void Under_any_commands_used_reserved_and_free_make_the_limit_and_none_is_negative() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue).ListOf(400)), seeds =>
        {
            CreditLine line = Line();
            foreach (int seed in seeds)
            {
                if (CreditDecider.Decide(line, Random(seed)) is Decision<CreditEvent>.Accepted accepted)
                    line = accepted.Events.Aggregate(line, CreditLine.Evolve);
                if (!Holds(line))
                    return false;
            }
            return true;
        }).QuickCheckThrowOnFailure();

    private static CreditCommand Random(int seed)
    {
        string member = (seed / 7 % 3) switch { 0 => "a", 1 => "b", _ => "c" };
        string voucher = $"V{seed / 21 % 9}";
        long fen = seed / 189 % 500;
        return (seed % 7) switch
        {
            0 or 1 => Reserve(voucher, fen + 1, member),
            2 => new CreditCommand.Use(voucher),
            3 => new CreditCommand.Release(voucher, $"k{fen % 5}", fen % 3 == 0 ? null : fen),
            4 => fen % 2 == 0 ? new CreditCommand.SetMember(member, fen, "group") : new CreditCommand.Accept(member),
            5 => new CreditCommand.ChangeLimit(fen * 4),
            _ => fen % 2 == 0 ? new CreditCommand.Freeze(member, "x") : new CreditCommand.Unfreeze(member, "x"),
        };
    }

    private static bool Holds(CreditLine line)
    {
        foreach ((string name, MemberLine member) in line.Members)
        {
            Taken[] taken = [.. line.Vouchers.Values.Where(t => t.Member == name)];
            if (member.ReservedFen != taken.Where(t => !t.Issued).Sum(t => t.LeftFen)
                || member.UsedFen != taken.Where(t => t.Issued).Sum(t => t.LeftFen))
                return false;
            if (member.BoundFen < member.LimitFen)
                return false;
            if (member is { ReservedFen: < 0 } or { UsedFen: < 0 } || member.FreeFen < 0)
                return false;
        }
        return line.SplitFen <= line.LimitFen && line.Vouchers.Values.All(t => t.LeftFen >= 0);
    }
}
