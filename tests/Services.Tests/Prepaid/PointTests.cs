using FsCheck;
using FsCheck.Fluent;
using Prepaid.Points;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>Points: never from nothing, never money, and exchanged by whole multiples.</summary>
public sealed class PointTests
{
    private static readonly DateOnly Day = new(2026, 3, 2);

    private static PointAccount Of(string issuer, long points) => new PointEvent[]
    {
        new PointEvent.Opened(issuer, "a"), new PointEvent.Earned("e", points, "x"),
    }.Aggregate(PointAccount.Initial, PointAccount.Evolve);

    [Fact]
    public void Points_are_never_from_nothing() => Prop.ForAll(
        Gen.ArrayOf(Gen.Choose(0, 4).Zip(Gen.Choose(-3, 30)), 40).ToArbitrary(), commands =>
        {
            (PointAccount a, PointAccount b) = (Of("a", 50), Of("b", 50));
            Agreement agreement = Agreed(3, 2);
            (long given, long spent, long left, long came) = (100, 0, 0, 0);
            for (int i = 0; i < commands.Length; i++)
            {
                (int kind, long points, string id) = (commands[i].Item1, commands[i].Item2, $"c{i}");
                switch (kind)
                {
                    case 0:
                        given += Try(ref a, new PointEvent.Earned(id, points, "x"));
                        break;
                    case 1 or 2:
                        spent -= Try(ref a, new PointEvent.Spent(id, points, "towel"));
                        break;
                    default:
                        if (Agreement.Exchange(agreement, id, points, Day) is not Decision<AgreementEvent>.Accepted
                            { Events: [AgreementEvent.Exchanged x] } || Try(ref a, new PointEvent.SentAway(id, points, default)) == 0)
                            break;
                        (left, came) = (left + x.Gave, came + x.Got);
                        Try(ref b, new PointEvent.Received(id, x.Got, default));
                        agreement = Agreement.Evolve(agreement, x);
                        break;
                }
                a.Balance.ShouldBeGreaterThanOrEqualTo(0);
            }
            (a.Balance + b.Balance).ShouldBe(given - spent - left + came);
            (came * 3).ShouldBe(left * 2);
            agreement.Position.ShouldBe(left);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Theory]
    [InlineData("cash")]
    [InlineData("Card-top-up")]
    [InlineData("voucher.100")]
    public void Nothing_as_good_as_money_is_taken_for_points(string item) =>
        PointAccount.Decide(Of("a", 50), new PointEvent.Spent("s", 10, item)).ShouldBeRefused(PointAccount.NoMoney);

    [Fact]
    public void The_same_movement_twice_is_one_and_another_of_its_name_is_refused()
    {
        PointAccount a = Of("a", 50);
        PointAccount.Decide(a, new PointEvent.Earned("e", 50, "x"))
            .ShouldBeOfType<Decision<PointEvent>.Accepted>().Events.ShouldBeEmpty();
        PointAccount.Decide(a, new PointEvent.Earned("e", 51, "x")).ShouldBeRefused(PointAccount.Taken);
        PointAccount.Decide(a, new PointEvent.Spent("s", 51, "towel")).ShouldBeRefused(PointAccount.TooFew);
    }

    [Fact]
    public void Exchange_needs_both_issuers_whole_multiples_and_a_day_in_the_term()
    {
        Agreement one = Agreement.Evolve(Agreement.Between("a", "b"), new AgreementEvent.Proposed("a", new(3, 2, Day)));
        Agreement.Exchange(one, "x", 3, Day).ShouldBeRefused(Agreement.NotAgreed);
        Agreement.Exchange(Agreed(3, 2), "x", 4, Day).ShouldBeRefused(Agreement.Multiples);
        Agreement.Exchange(Agreed(3, 2), "x", 3, Day.AddDays(1)).ShouldBeRefused(Agreement.NotAgreed);
    }

    [Fact]
    public void A_note_settles_at_most_the_position_and_each_once()
    {
        Agreement a = Agreement.Evolve(Agreed(1, 1), new AgreementEvent.Exchanged("x", 10, 10));
        Agreement.Note(a, new("n", 11, "w")).ShouldBeRefused(Agreement.OverPosition);
        a = Agreement.Evolve(a, new AgreementEvent.Noted("n", 4, "w"));
        a.Position.ShouldBe(6);
        Agreement.Note(a, new("n", 4, "w")).ShouldBeOfType<Decision<AgreementEvent>.Accepted>().Events.ShouldBeEmpty();
    }

    private static Agreement Agreed(long give, long get) => new AgreementEvent[]
    {
        new AgreementEvent.Proposed("a", new(give, get, Day)), new AgreementEvent.Proposed("b", new(give, get, Day)),
    }.Aggregate(Agreement.Between("a", "b"), Agreement.Evolve);

    /// <summary>Tries a movement and says by how much the balance changed.</summary>
    private static long Try(ref PointAccount account, PointEvent wanted)
    {
        if (PointAccount.Decide(account, wanted) is not Decision<PointEvent>.Accepted { Events: [var e] })
            return 0;
        long before = account.Balance;
        account = PointAccount.Evolve(account, e);
        return account.Balance - before;
    }
}
