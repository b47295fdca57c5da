using Evidence.Deposits;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Evidence;

public class DepositTests
{
    private static readonly Content File = new(new string('a', 64));
    private static readonly DepositId Self = new(Guid.Parse("0199a000-0000-7000-8000-000000000001"));
    private static readonly DepositId Other = new(Guid.Parse("0199a000-0000-7000-8000-000000000002"));
    private static readonly DepositEvent Deposited = new DepositEvent.Deposited(File, "contract.pdf", "B-1", null, null, false);
    private static readonly DepositEvent Stored = new DepositEvent.Deposited(File, "contract.pdf", "B-1", null, null, true);
    private static readonly DepositEvent Superseded = new DepositEvent.Superseded(Other, null);

    [Fact]
    public void Evidence_is_deposited_once()
    {
        DepositCommand.Deposit command = new(File, "contract.pdf", "B-1", null, null, false);
        Given().When(command).ShouldBe([Deposited]);
        Refusal(Given(Deposited).Decide(command)).ShouldBe(Deposit.Exists);
    }

    [Fact]
    public void Custody_is_recorded_in_the_order_it_happened()
    {
        Given(Deposited).When(new DepositCommand.HandOver("notary", null))
            .ShouldBe([new DepositEvent.HandedOver("notary", null)]);
        Given(Deposited).When(new DepositCommand.Access("hearing")).ShouldBe([new DepositEvent.Accessed("hearing")]);
        Given(Deposited).When(new DepositCommand.Supplement(File, null))
            .ShouldBe([new DepositEvent.Supplemented(File, null)]);
    }

    [Fact]
    public void Nothing_happens_to_a_deposit_that_is_not_there()
    {
        foreach (DepositCommand command in (DepositCommand[])
                 [
                     new DepositCommand.HandOver("notary", null), new DepositCommand.Access("hearing"),
                     new DepositCommand.Supplement(File, null), new DepositCommand.EraseFile("request"),
                     new DepositCommand.Supersede(Self, Other, true, null),
                 ])
            Refusal(Given().Decide(command)).ShouldBe(Deposit.Missing);
    }

    [Fact]
    public void A_superseded_deposit_can_still_be_accessed_but_not_changed()
    {
        Given(Deposited).When(new DepositCommand.Supersede(Self, Other, true, null)).ShouldBe([Superseded]);
        Given(Deposited, Superseded).When(new DepositCommand.Access("appeal"))
            .ShouldBe([new DepositEvent.Accessed("appeal")]);
        Refusal(Given(Deposited, Superseded).Decide(new DepositCommand.HandOver("notary", null)))
            .ShouldBe(Deposit.Superseded);
        Refusal(Given(Deposited, Superseded).Decide(new DepositCommand.Supersede(Self, Other, true, null)))
            .ShouldBe(Deposit.Superseded);
    }

    [Fact]
    public void Only_another_deposit_of_the_organisation_supersedes()
    {
        Refusal(Given(Deposited).Decide(new DepositCommand.Supersede(Self, Self, true, null)))
            .ShouldBe(Deposit.SupersedesItself);
        Refusal(Given(Deposited).Decide(new DepositCommand.Supersede(Self, Other, false, null)))
            .ShouldBe(Deposit.ReplacementMissing);
    }

    [Fact]
    public void A_stored_file_is_erased_once_even_after_the_deposit_was_superseded()
    {
        DepositEvent erased = new DepositEvent.FileErased("request");
        Given(Stored).When(new DepositCommand.EraseFile("request")).ShouldBe([erased]);
        Given(Stored, Superseded).When(new DepositCommand.EraseFile("request")).ShouldBe([erased]);
        Refusal(Given(Stored, erased).Decide(new DepositCommand.EraseFile("request"))).ShouldBe(Deposit.FileMissing);
        Refusal(Given(Deposited).Decide(new DepositCommand.EraseFile("request"))).ShouldBe(Deposit.FileMissing);
    }

    private static History Given(params DepositEvent[] events) => new(events);

    private static string Refusal(Decision<DepositEvent> decision) =>
        decision.ShouldBeOfType<Decision<DepositEvent>.Refused>().Rule;

    private sealed record History(DepositEvent[] Events)
    {
        public Decision<DepositEvent> Decide(DepositCommand command) =>
            Deposit.Decide(Events.Aggregate(DepositState.Initial, DepositState.Evolve), command);

        public IReadOnlyList<DepositEvent> When(DepositCommand command) =>
            Decide(command).ShouldBeOfType<Decision<DepositEvent>.Accepted>().Events;
    }
}
