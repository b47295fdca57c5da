using Receivables.Maturity;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Maturity;

/// <summary>A bank's receipt arrives once, whatever it is called and wherever it is sent.</summary>
public sealed class PaymentTests
{
    private static readonly PaymentEvent.Received Arrived = new("102/R-1", 100, new DateOnly(2026, 3, 2), "");

    [Theory]
    [InlineData("R-1")]
    [InlineData(" r-1 ")]
    [InlineData("R -\u00a01")]
    [InlineData("Ｒ－１")]
    public void Spellings_of_a_receipts_number_are_one_receipt(string number)
    {
        ReceiptId.IsNumber(number).ShouldBeTrue();
        ReceiptId.Of("102", number).ShouldBe("102/R-1");
        ReceiptId.Of("103", number).ShouldNotBe("102/R-1");
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("R/1")]
    [InlineData("R\u00001")]
    [InlineData("R\u202e1")]
    public void What_could_look_like_another_number_is_none(string number) =>
        ReceiptId.IsNumber(number).ShouldBeFalse();

    [Fact]
    public void A_receipt_for_a_voucher_goes_there_whole_and_nowhere_else_ever_after()
    {
        PaymentState state = Then(PaymentState.Initial, Payment.ReceiveFor(PaymentState.Initial, Arrived, "V-1", "d"));
        state.Matched!.Parts.ShouldBe([new PaymentPart("V-1", 100)]);
        Payment.Places(state).ShouldBe("V-1 100");
        Payment.ReceiveFor(state, Arrived, "V-1", "d")
            .ShouldBeOfType<Decision<PaymentEvent>.Accepted>().Events.ShouldBeEmpty();
        Payment.Receive(state, Arrived).ShouldBeOfType<Decision<PaymentEvent>.Accepted>().Events.ShouldBeEmpty();
        Rule(Payment.ReceiveFor(state, Arrived, "V-2", "d")).ShouldBe(Payment.Elsewhere);
        Rule(Payment.ReceiveFor(state, Arrived with { Fen = 101 }, "V-1", "d")).ShouldBe(Payment.Elsewhere);
        Rule(Payment.Receive(state, Arrived with { ValueDate = new DateOnly(2026, 3, 3) })).ShouldBe(Payment.Elsewhere);
    }

    [Fact]
    public void What_waits_in_suspense_is_not_taken_again_for_a_voucher()
    {
        PaymentState state = Then(PaymentState.Initial, Payment.Receive(PaymentState.Initial, Arrived));
        Rule(Payment.ReceiveFor(state, Arrived, "V-1", "d")).ShouldBe(Payment.Elsewhere);
        Payment.Places(state).ShouldBe("suspense 100");
    }

    private static PaymentState Then(PaymentState state, Decision<PaymentEvent> decision) =>
        decision.ShouldBeOfType<Decision<PaymentEvent>.Accepted>().Events.Aggregate(state, PaymentState.Evolve);

    private static string Rule(Decision<PaymentEvent> decision) =>
        decision.ShouldBeOfType<Decision<PaymentEvent>.Refused>().Rule;
}
