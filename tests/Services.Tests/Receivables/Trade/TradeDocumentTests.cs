using FsCheck;
using FsCheck.Fluent;
using Proofs;
using Receivables.Trade;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Trade;

public class TradeDocumentTests
{
    private static readonly TradeState Invoice = TradeState.Evolve(
        TradeState.Initial, new TradeEvent.Deposited(TradeKind.Invoice, new("a"), new(1, "b")));

    private static readonly TradeEvent.Reversed Note = new(new("c"), new(1, "d"));

    [Fact]
    public void Only_invoices_are_used_checked_and_taken_back()
    {
        TradeState contract = TradeState.Evolve(
            TradeState.Initial, new TradeEvent.Deposited(TradeKind.Contract, new("a"), new(1, "b")));
        Refusal(TradeDocument.Use(contract, 100, "V", 1)).ShouldBe("trade-not-an-invoice");
        Refusal(TradeDocument.Reverse(contract, Note, 100, 1)).ShouldBe("trade-not-an-invoice");
        Refusal(TradeDocument.Check(contract, new("manual", CheckResult.Matches, "e"))).ShouldBe("trade-not-an-invoice");
    }

    [Fact]
    public void Vouchers_use_no_more_than_gross_less_red_letter_notes()
    {
        TradeState used = After(Invoice, TradeDocument.Use(Invoice, 100, "V-1", 60));
        Refusal(TradeDocument.Use(used, 100, "V-2", 41)).ShouldBe("invoice-exhausted");
        After(used, TradeDocument.Use(used, 100, "V-2", 40)).UsedFen.ShouldBe(100);
        Refusal(TradeDocument.Use(Invoice, 100, "V-1", 0)).ShouldBe("invoice-exhausted");
    }

    [Fact]
    public void A_red_letter_note_after_issue_asks_for_top_up_or_return()
    {
        TradeState used = After(Invoice, TradeDocument.Use(Invoice, 100, "V-1", 60));
        TradeDocument.Reverse(used, Note, 100, 40).ShouldBeOfType<Decision<TradeEvent>.Accepted>().Events.Count.ShouldBe(1);
        TradeEvent.ShortfallAlarmed alarm = TradeDocument.Reverse(used, Note, 100, 70)
            .ShouldBeOfType<Decision<TradeEvent>.Accepted>().Events[1].ShouldBeOfType<TradeEvent.ShortfallAlarmed>();
        (alarm.ShortfallFen, alarm.Asked).ShouldBe((30, "top-up-or-return"));
        alarm.Vouchers.ShouldBe(["V-1"]);
        Refusal(TradeDocument.Reverse(used, Note, 100, 101)).ShouldBe("invoice-reversed-too-far");
    }

    [Fact]
    public void The_alarm_ends_when_what_is_left_covers_what_is_used()
    {
        TradeState used = After(Invoice, TradeDocument.Use(Invoice, 100, "V-1", 60));
        TradeState alarmed = After(used, TradeDocument.Reverse(used, Note, 100, 70));
        alarmed.Alarmed.ShouldBeTrue();
        TradeState some = After(alarmed, TradeDocument.Release(alarmed, 30, "V-1", 29, "topped-up"));
        some.Alarmed.ShouldBeTrue();
        After(some, TradeDocument.Release(some, 30, "V-1", 1, "topped-up")).Alarmed.ShouldBeFalse();
        Refusal(TradeDocument.Release(some, 30, "V-2", 1, "topped-up")).ShouldBe("invoice-not-used");
    }

    [Fact]
    public void Whatever_is_asked_nothing_is_used_twice_or_below_nothing()
    {
        Gen<(int Kind, int Voucher, int Fen)> step = from kind in Gen.Choose(0, 2)
                                                     from voucher in Gen.Choose(0, 4)
                                                     from fen in Gen.Choose(-5, 80)
                                                     select (kind, voucher, fen);
        Prop.ForAll(step.ListOf(60).ToArbitrary(), steps =>
        {
            (TradeState state, long worth) = (Invoice, 200);
            foreach ((int kind, int voucher, int fen) in steps)
            {
                Decision<TradeEvent> decision = kind switch
                {
                    0 => TradeDocument.Use(state, worth, $"V-{voucher}", fen),
                    1 => TradeDocument.Release(state, worth, $"V-{voucher}", fen, "topped-up"),
                    _ => TradeDocument.Reverse(state, Note, worth, fen / 8),
                };
                if (decision is Decision<TradeEvent>.Accepted && kind == 2)
                    worth -= fen / 8;
                state = After(state, decision);
                state.Uses.Values.ShouldAllBe(f => f > 0);
                state.Alarmed.ShouldBe(state.UsedFen > worth);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void An_invoice_shows_one_statement_without_the_others()
    {
        TradeBody body = new(TradeKind.Invoice, "24312000000123456789", null, "seats", "carmaker", 113_00, 100_00,
            new DateOnly(2026, 11, 1), null);
        byte[] secret = TradeFiles.NewSecret();
        TradeStatements commitment = TradeFiles.Commit(secret, body);
        commitment.Count.ShouldBe(7);
        IReadOnlyList<Statement> statements = TradeFiles.StatementsOf(body);
        int gross = statements.ToList().FindIndex(s => s.Pointer == "/grossFen");
        string shown = System.Text.Encoding.UTF8.GetString(Statements.Disclose(secret, statements, [gross]));
        shown.ShouldContain("11300");
        shown.ShouldNotContain("24312000000123456789");
        TradeFiles.Commit(TradeFiles.NewSecret(), body).Root.ShouldNotBe(commitment.Root);
    }

    [Theory]
    [InlineData(-1, true, "consent-period")]
    [InlineData(0, true, "consent-period")]
    [InlineData(1, true, null)]
    [InlineData(180 * 24 * 60, true, null)]
    [InlineData(180 * 24 * 60 + 1, true, "consent-period")]
    [InlineData(1, false, "consent-not-a-bank")]
    public void A_consent_is_to_a_bank_and_ends(int minutes, bool bank, string? rule)
    {
        DateTimeOffset now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);
        Decision<ConsentEvent> decision = Consent.Give(
            new ConsentEvent.Given("bank", "A-1", [Guid.Empty], now.AddMinutes(minutes)), bank, now);
        (decision as Decision<ConsentEvent>.Refused)?.Rule.ShouldBe(rule);
        (decision is Decision<ConsentEvent>.Accepted).ShouldBe(rule is null);
    }

    private static TradeState After(TradeState state, Decision<TradeEvent> decision) =>
        decision is Decision<TradeEvent>.Accepted accepted ? accepted.Events.Aggregate(state, TradeState.Evolve) : state;

    private static string? Refusal(Decision<TradeEvent> decision) => (decision as Decision<TradeEvent>.Refused)?.Rule;
}
