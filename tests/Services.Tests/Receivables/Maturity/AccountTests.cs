using Receivables.Maturity;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Maturity;

/// <summary>Whose account money goes to: signed by the party, confirmed by its bank, nobody else's.</summary>
public sealed class AccountTests
{
    private const string Digest = "";
    private PayoutState _payout = PayoutState.Initial;

    [Fact]
    public void Nothing_is_paid_to_an_account_that_no_bank_has_confirmed()
    {
        Set("1").ShouldBe(1);
        _payout.Present.ShouldBeNull();
        PayoutState.Confirm(_payout, Confirmed("2"))
            .ShouldBe(new Decision<AccountConfirmed>.Refused(PayoutState.NotSet));
        Confirm("1").ShouldBe(1);
        _payout.Present.ShouldBe(new AccountNumber("102", "1"));
        Confirm("1").ShouldBe(0);
        Set("1").ShouldBe(0);
    }

    [Fact]
    public void Who_goes_to_another_account_and_back_is_paid_to_the_first_again()
    {
        foreach (string number in new[] { "1", "2", "1" })
        {
            Set(number).ShouldBe(1);
            Confirm(number).ShouldBe(1);
            _payout.Present!.Number.ShouldBe(number);
        }
        // Coming back before the bank has confirmed the other ends the wish.
        Set("2").ShouldBe(1);
        Set("1").ShouldBe(1);
        _payout.Wanted.ShouldBeNull();
        PayoutState.Confirm(_payout, Confirmed("2"))
            .ShouldBe(new Decision<AccountConfirmed>.Refused(PayoutState.NotSet));
    }

    private int Set(string number)
    {
        IReadOnlyList<AccountSet> events = PayoutState.Set(_payout, new AccountSet("c", "a", "102", number))
            .EventsOrProblem();
        _payout = events.Aggregate(_payout, PayoutState.Evolve);
        return events.Count;
    }

    private int Confirm(string number)
    {
        IReadOnlyList<AccountConfirmed> events = PayoutState.Confirm(_payout, Confirmed(number)).EventsOrProblem();
        _payout = events.Aggregate(_payout, PayoutState.Evolve);
        return events.Count;
    }

    private static AccountConfirmed Confirmed(string number) => new("a", "102", number, Digest);
}
