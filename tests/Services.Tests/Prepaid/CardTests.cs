using Prepaid.Cards;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

public sealed class CardTests
{
    private static readonly DateOnly Today = new(2026, 3, 2);
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 4, 0, 0, TimeSpan.Zero);

    private static Lot Value(string id, long paid, long gift = 0, DrawOrder order = DrawOrder.InProportion,
        DateOnly? ends = null) =>
        new(id, LotKind.Value, Today, paid, gift, paid + gift, null, null, ends, order, "c");

    private static Lot Times(string id, long paid, long times, string? item = "cut", long gift = 0,
        DateOnly? ends = null) =>
        new(id, LotKind.Counted, Today, paid, gift, times, item, null, ends, DrawOrder.InProportion, "c");

    private static Lot Year(string id, long paid) => new(
        id, LotKind.Timed, Today, paid, 0, 365, null, Today, Today.AddDays(365), DrawOrder.InProportion, "c");

    private static Card With(params Lot[] lots) => Then(Card.Initial,
        [new CardCommand.Open("gym", "north", "key", true, "", false), .. lots.Select(l => new CardCommand.Sell(l, "north"))]);

    private static Card Then(Card card, params CardCommand[] commands) =>
        commands.Aggregate(card, (c, command) => Accepted(c, command).Aggregate(c, Card.Evolve));

    private static IReadOnlyList<CardEvent> Accepted(Card card, CardCommand command) =>
        CardDecider.Decide(card, command).ShouldBeOfType<Decision<CardEvent>.Accepted>().Events;

    private static string Refused(Card card, CardCommand command) =>
        CardDecider.Decide(card, command).ShouldBeOfType<Decision<CardEvent>.Refused>().Rule;

    private static CardCommand.Redeem Redeem(string id, params Wanted[] wanted) =>
        new(id, "north", HolderProof.PageKey, wanted, null, LotOrder.OldestFirst, Now, Today);

    private static Wanted Worth(long fen, long? list = null) => new(LotKind.Value, "any", 1, list ?? fen, fen);

    private static Wanted Cut(long times = 1) => new(LotKind.Counted, "cut", times, times * 8_000, times * 5_000);

    [Theory]
    [InlineData(DrawOrder.InProportion, 225_00, 75_00)]
    [InlineData(DrawOrder.PaidFirst, 200_00, 100_00)]
    [InlineData(DrawOrder.GiftFirst, 300_00, 0)]
    public void What_is_owed_of_a_value_lot_follows_the_contracts_order(DrawOrder order, long principal, long gift)
    {
        Card card = Then(With(Value("1", 300_00, 100_00, order)), Redeem("r", Worth(100_00)));
        Owed.For(card, Today).ShouldBe(new Owed(principal, gift));
    }

    [Fact]
    public void Counted_and_timed_lots_are_owed_by_what_is_left()
    {
        Card card = Then(With(Times("1", 1_000_00, 12), Year("2", 3_650_00)), Redeem("r", Cut(5)));
        // 100000 × 7 ÷ 12 = 58333.33, up; the year has not begun to run out.
        Owed.For(card, Today).ShouldBe(new Owed(58_334 + 365_000, 0));
        Owed.For(card.Find("2")!, Today.AddDays(165)).ShouldBe(new Owed(2_000_00, 0));
        Owed.For(card.Find("2")!, Today.AddDays(365)).ShouldBe(default);
    }

    [Fact]
    public void Lots_are_taken_oldest_first_and_the_receipt_shows_it()
    {
        Card card = With(Value("1", 60_00), Value("2", 100_00, 100_00));
        CardEvent.Redeemed redeemed = Accepted(card, Redeem("r", Worth(80_00, list: 100_00)))
            .ShouldHaveSingleItem().ShouldBeOfType<CardEvent.Redeemed>();
        redeemed.Receipt.ShouldBe(3);
        redeemed.Draws.ShouldBe(
        [
            new Draw("1", 60_00, 75_00, 60_00, new Owed(60_00, 0)),
            new Draw("2", 20_00, 25_00, 20_00, new Owed(10_00, 10_00)),
        ]);
    }

    [Fact]
    public void The_lot_that_ends_first_goes_first_where_the_contract_says_so()
    {
        Card card = With(Value("1", 60_00), Value("2", 60_00, ends: Today.AddDays(9)));
        CardEvent.Redeemed redeemed = (CardEvent.Redeemed)Accepted(
            card, Redeem("r", Worth(80_00)) with { Order = LotOrder.FirstToEnd })[0];
        redeemed.Draws.Select(d => (d.Lot, d.Units)).ShouldBe([("2", 60_00L), ("1", 20_00L)]);
    }

    [Fact]
    public void Nothing_is_taken_where_not_all_is_there()
    {
        Card card = With(Value("1", 60_00), Times("2", 1_000_00, 2));
        Refused(card, Redeem("r", Worth(60_01))).ShouldBe(CardDecider.TooMuch);
        Refused(card, Redeem("r", Cut(2), Cut())).ShouldBe(CardDecider.TooMuch);
        // A value lot doesn't stand in for a count, nor one item for another.
        Refused(card, Redeem("r", new Wanted(LotKind.Counted, "wash", 1, 0, 0))).ShouldBe(CardDecider.TooMuch);
        Refused(card, Redeem("r")).ShouldBe(CardDecider.NothingWanted);
        Refused(card, Redeem("r", Worth(0))).ShouldBe(CardDecider.NothingWanted);
        Refused(card, Redeem("r", Worth(-5))).ShouldBe(CardDecider.NothingWanted);
        Refused(card, Redeem("r", Worth(long.MaxValue))).ShouldBe(CardDecider.TooLarge);
    }

    [Fact]
    public void The_same_redemption_twice_is_one_and_a_code_is_used_once()
    {
        Card card = Then(With(Value("1", 60_00)), Redeem("r", Worth(20_00)) with { Code = "nonce" });
        Accepted(card, Redeem("r", Worth(20_00)) with { Code = "nonce" }).ShouldBeEmpty();
        Refused(card, Redeem("other", Worth(20_00)) with { Code = "nonce" }).ShouldBe(CardDecider.CodeUsed);
    }

    [Fact]
    public void A_lot_beyond_its_term_stays_owed_and_can_be_activated_again()
    {
        Card card = With(Value("1", 60_00, ends: Today));
        Refused(card, Redeem("r", Worth(10_00))).ShouldBe(CardDecider.TermOver);
        Owed.For(card, Today).PrincipalFen.ShouldBe(60_00);
        card = Then(card, new CardCommand.Reactivate("1", Today.AddDays(30)), Redeem("r", Worth(10_00)));
        Owed.For(card, Today).PrincipalFen.ShouldBe(50_00);
        // A term is never made shorter.
        Accepted(card, new CardCommand.Reactivate("1", Today)).ShouldBeEmpty();
    }

    [Fact]
    public void What_a_clerk_entered_can_be_objected_to_for_24_hours()
    {
        Card card = Then(With(Value("1", 60_00)),
            Redeem("clerk", Worth(10_00)) with { Proof = HolderProof.Clerk }, Redeem("code", Worth(10_00)));
        Refused(card, new CardCommand.Object("code", Now, Today)).ShouldBe(CardDecider.TooLate);
        Refused(card, new CardCommand.Object("clerk", Now.AddHours(24), Today)).ShouldBe(CardDecider.TooLate);
        Card back = Then(card, new CardCommand.Object("clerk", Now.AddHours(24).AddTicks(-1), Today));
        Owed.For(back, Today).PrincipalFen.ShouldBe(50_00);
        back.Receipts.ShouldBe(4);
        // Not what has been paid back meanwhile.
        Refused(Then(card, new CardCommand.Refund("1", 40_00, "art. 15", Today)),
            new CardCommand.Object("clerk", Now, Today)).ShouldBe(CardDecider.LotRefunded);
    }

    [Fact]
    public void A_frozen_or_unconfirmed_card_redeems_nothing()
    {
        Card card = Then(With(Value("1", 60_00)), new CardCommand.Freeze("lost"));
        Refused(card, Redeem("r", Worth(10_00))).ShouldBe(CardDecider.IsFrozen);
        Then(card, new CardCommand.ChangeKey("new", "lost"), new CardCommand.Unfreeze("found"),
            Redeem("r", Worth(10_00))).Key.ShouldBe("new");
        Card stated = Then(Card.Initial,
            new CardCommand.Open("gym", "north", null, false, "", true), new CardCommand.Sell(Value("1", 60_00), "north"));
        Refused(stated, Redeem("r", Worth(10_00))).ShouldBe(CardDecider.Unconfirmed);
        Then(stated, new CardCommand.Confirm(), Redeem("r", Worth(10_00))).Receipts.ShouldBe(2);
    }

    [Fact]
    public void Lots_of_no_sense_are_not_sold()
    {
        Card card = With();
        foreach (Lot lot in new[]
        {
            Value("1", 0), Value("1", -1, 2), Value("1", 10) with { Units = 11 }, Times("1", 10, 0),
            Year("1", 10) with { Units = 364 }, Year("1", 10) with { Ends = null }, Value("1", long.MaxValue),
        })
            Refused(card, new CardCommand.Sell(lot, "north")).ShouldBe(CardDecider.LotShape);
        Refused(Then(card, new CardCommand.Sell(Value("1", 5), "north")),
            new CardCommand.Sell(Value("1", 6), "north")).ShouldBe(CardDecider.LotName);
    }

    /// <summary>Money in = redeemed + refunded + owed, for each lot, after every step of any life.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void No_fen_is_lost_or_made(int seed)
    {
        Random random = new(seed);
        Card card = With();
        List<CardEvent> events = [];
        Dictionary<string, Owed> gone = [];
        for (int step = 0; step < 2_000; step++)
        {
            if (CardDecider.Decide(card, Any(random, step))
                is not Decision<CardEvent>.Accepted { Events: var accepted })
                continue;
            foreach (CardEvent e in accepted)
            {
                card = Card.Evolve(card, e);
                foreach ((string lot, Owed owed) in Moved(e))
                    gone[lot] = gone.GetValueOrDefault(lot) + owed;
            }
            events.AddRange(accepted);
            foreach (HeldLot lot in card.Lots)
            {
                Owed sum = gone.GetValueOrDefault(lot.Lot.Id) + Owed.For(lot, Today);
                sum.PrincipalFen.ShouldBe(lot.Lot.PaidFen, $"seed {seed}, step {step}, {lot}");
                sum.GiftFen.ShouldBe(lot.Lot.GiftFen, $"seed {seed}, step {step}, {lot}");
            }
        }
        card.Receipts.ShouldBe(events.Count(e => e is not (CardEvent.Frozen or CardEvent.Unfrozen)));
        events.OfType<CardEvent.Redeemed>().Count().ShouldBeGreaterThan(100);
        events.OfType<CardEvent.Reversed>().ShouldNotBeEmpty();
        events.OfType<CardEvent.Refunded>().ShouldNotBeEmpty();
    }

    private static IEnumerable<(string Lot, Owed Owed)> Moved(CardEvent e) => e switch
    {
        CardEvent.Redeemed r => r.Draws.Select(d => (d.Lot, d.Taken)),
        CardEvent.Reversed r => r.Draws.Select(d => (d.Lot, default(Owed) - d.Taken)),
        CardEvent.Refunded r => [(r.Lot, r.Ended)],
        _ => [],
    };

    private static CardCommand Any(Random random, int step) => random.Next(10) switch
    {
        0 => new CardCommand.Sell(random.Next(2) == 0
            ? Value($"v{step}", random.Next(1, 10_000), random.Next(3_000), (DrawOrder)random.Next(3))
            : Times($"c{step}", random.Next(1, 10_000), random.Next(1, 20), gift: random.Next(500)), "north"),
        1 => new CardCommand.Reverse($"r{random.Next(Math.Max(1, step))}", "mistake", Today),
        2 => new CardCommand.Refund(
            $"{(random.Next(2) == 0 ? 'v' : 'c')}{random.Next(step + 1)}", 0, "art. 15", Today),
        3 when random.Next(9) == 0 => new CardCommand.Freeze("court"),
        4 => new CardCommand.Unfreeze("court"),
        5 => Redeem($"r{step}", Cut(random.Next(1, 4))),
        6 => Redeem($"r{step}", Worth(random.Next(1, 4_000)), Cut()),
        _ => Redeem($"r{step}", Worth(random.Next(1, 4_000))),
    };

    private static CardCommand.Queue Queued(string id, long fen, double hoursAgo = 1) => new(
        Redeem(id, Worth(fen)) with { Proof = HolderProof.Queued }, Now.AddHours(-hoursAgo));

    [Fact]
    public void The_first_report_in_the_servers_order_wins_and_the_other_is_the_merchants_loss()
    {
        Card card = With(Value("1", 100_00));
        // The later till's clock says that it was first; that decides nothing.
        card = Then(card, Queued("a", 80_00, hoursAgo: 1));
        CardEvent.LostByMerchant lost = Accepted(card, Queued("b", 80_00, hoursAgo: 20))
            .ShouldHaveSingleItem().ShouldBeOfType<CardEvent.LostByMerchant>();
        (lost.PriceFen, lost.Reason).ShouldBe((80_00, CardDecider.TooMuch));
        card = Card.Evolve(card, lost);
        Owed.For(card, Today).ShouldBe(new Owed(20_00, 0));
        card.Receipts.ShouldBe(2, "a loss is no movement of the card");
        // Retries, of the winner and of the loser, change nothing; nor does the loser win after a top-up.
        Accepted(card, Queued("a", 80_00)).ShouldBeEmpty();
        card = Then(card, new CardCommand.Sell(Value("2", 500_00), "north"));
        Accepted(card, Queued("b", 80_00)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(500_00, 24, null)]
    [InlineData(500_01, 1, CardDecider.QueueLimit)]
    [InlineData(1_00, 24.01, CardDecider.QueueLimit)]
    [InlineData(1_00, -48, null)]
    public void An_offline_till_has_limits_and_a_clock_ahead_gains_nothing(long fen, double hoursAgo, string? loss)
    {
        CardEvent e = Accepted(With(Value("1", 1_000_00)), Queued("a", fen, hoursAgo)).ShouldHaveSingleItem();
        (e as CardEvent.LostByMerchant)?.Reason.ShouldBe(loss);
        (e is CardEvent.LostByMerchant).ShouldBe(loss is not null);
        (e as CardEvent.Redeemed)?.ObjectBy.ShouldBe(Now + CardDecider.Objection);
    }

    [Fact]
    public void No_queue_of_reports_makes_a_balance_negative()
    {
        Random random = new(7);
        Card card = With(Value("1", 300_00));
        long given = 0;
        for (int i = 0; i < 200; i++)
        {
            CardCommand.Queue report = Queued($"r{random.Next(60)}", random.Next(1, 90_00), random.Next(0, 30));
            foreach (CardEvent e in Accepted(card, report))
            {
                given += e is CardEvent.Redeemed r ? r.Draws.Sum(d => d.Units) : 0;
                card = Card.Evolve(card, e);
            }
            Owed.For(card, Today).PrincipalFen.ShouldBe(300_00 - given);
            Owed.For(card, Today).PrincipalFen.ShouldBeGreaterThanOrEqualTo(0);
        }
        card.Losses.Count.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_list_of_old_cards_is_taken_over_as_stated_or_the_wrong_line_is_named()
    {
        const string head = "name,branch,kind,units,principal,gift,item,starts,ends\n";
        (IReadOnlyList<OldCard> cards, int wrong) = Read("\uFEFF" + head
            + "no 1,north,value,,300.5,20,,,\r\nno 2,north,counted,7,700,,cut,,\n".Replace(",700,,", ",700,0,")
            + "no 3,south,timed,,365,0,,2026-01-01,2027-01-01\n", Today);
        wrong.ShouldBe(0);
        cards.Select(c => (c.Name, c.Lot.Kind, c.Lot.PaidFen, c.Lot.Units)).ShouldBe(
        [
            ("no 1", LotKind.Value, 300_50, 320_50), ("no 2", LotKind.Counted, 700_00, 7),
            ("no 3", LotKind.Timed, 365_00, 365),
        ]);
        foreach (string line in new[]
        {
            "a,n,value,,1.005,0,,,", "a,n,counted,,1,0,,,", "a,n,timed,,1,0,,2026-01-01,", "a,n,gift,,1,0,,,", ",n,value,,1,0,,,",
            "a,n,value,,-1,0,,,", "a,n,value,,0,0,,,", "a,n,value,,1,0,,x,", "no 1,n,value,,1,0,,,",
        })
            Read(head + "no 1,north,value,,1,0,,,\n" + line + "\n", Today).Wrong.ShouldBe(3, line);
        Read("other\n", Today).Wrong.ShouldBe(1);
        // The same name is the same card, and nobody else's.
        TakeOver taker = new(new byte[32]);
        taker.IdOf("gym", "no 1").ShouldBe(taker.IdOf("gym", "no 1"));
        taker.IdOf("gym", "no 1").ShouldNotBe(taker.IdOf("spa", "no 1"));
    }

    [Fact]
    public void A_stated_balance_is_disputed_until_its_holder_confirms()
    {
        Card card = Then(Card.Initial, new CardCommand.Open("gym", "north", null, false, "", true),
            new CardCommand.Sell(Value("1", 60_00), "north"));
        card = Then(card, new CardCommand.Dispute(new Owed(90_00, 0), "receipt of May"));
        card.Claimed.ShouldBe(new Owed(90_00, 0));
        Refused(card, Redeem("r", Worth(1))).ShouldBe(CardDecider.Unconfirmed);
        Owed.For(card, Today).ShouldBe(new Owed(60_00, 0), "what is owed is what was stated until somebody decides");
        card = Then(card, new CardCommand.Confirm());
        card.Claimed.ShouldBeNull();
        Refused(card, new CardCommand.Dispute(new Owed(1, 0), "")).ShouldBe(CardDecider.NotStated);
    }

    private static (IReadOnlyList<OldCard> Cards, int Wrong) Read(string text, DateOnly today) =>
        TakeOver.Read(TakeOverSheet.OfText(text), today);
}
