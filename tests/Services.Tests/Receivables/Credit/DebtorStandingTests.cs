using Receivables.Credit;
using Receivables.Rules;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Credit;

public sealed class DebtorStandingTests
{
    private const string Digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static StandingRecorded Of(
        StandingKind kind, string reference, bool cleared = false, string? proof = null) =>
        new(kind, reference, cleared, "test", proof);

    [Fact]
    public void A_debtor_is_stopped_until_everything_against_it_is_cleared()
    {
        DebtorStanding standing = DebtorStanding.Initial;
        foreach (StandingRecorded e in (StandingRecorded[])
        [
            Of(StandingKind.VoucherOverdue, "V1"), Of(StandingKind.VoucherOverdue, "V2"),
            Of(StandingKind.BondDefault, "B"),
        ])
            standing = DebtorStanding.Evolve(standing, e);
        standing.Now.ShouldBe(new Standing(true, true, false));
        standing = DebtorStanding.Evolve(standing, Of(StandingKind.VoucherOverdue, "V1", true, Digest));
        standing.Now.VoucherOverdue.ShouldBeTrue();
        standing = DebtorStanding.Evolve(standing, Of(StandingKind.VoucherOverdue, "V2", true, Digest));
        standing = DebtorStanding.Evolve(standing, Of(StandingKind.BondDefault, "B", true, Digest));
        standing.Now.ShouldBe(Standing.Good);
    }

    [Fact]
    public void Clearing_wants_a_proof_and_what_is_known_is_not_recorded_again()
    {
        DebtorStanding open = DebtorStanding.Evolve(
            DebtorStanding.Initial, Of(StandingKind.PersistentlyOverdue, "2026-01"));
        DebtorStanding.Decide(open, Of(StandingKind.PersistentlyOverdue, "2026-01", true))
            .ShouldBe(new Decision<StandingRecorded>.Refused(DebtorStanding.NoProof));
        foreach (Decision<StandingRecorded> nothing in new[]
        {
            DebtorStanding.Decide(open, Of(StandingKind.PersistentlyOverdue, "2026-01")),
            DebtorStanding.Decide(DebtorStanding.Initial, Of(StandingKind.BondDefault, "B", true)),
        })
            nothing.ShouldBeOfType<Decision<StandingRecorded>.Accepted>().Events.ShouldBeEmpty();
    }
}
