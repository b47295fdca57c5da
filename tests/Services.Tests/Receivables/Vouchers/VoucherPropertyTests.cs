using System.Globalization;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Vouchers;

public class VoucherPropertyTests
{
    private const int Steps = 10_000;

    /// <summary>Setting <c>VOUCHER_SEEDS</c> runs as many more seeds.</summary>
    public static TheoryData<int> Seeds
    {
        get
        {
            string? more = Environment.GetEnvironmentVariable("VOUCHER_SEEDS");
            return [.. Enumerable.Range(1, more is null ? 6 : int.Parse(more, CultureInfo.InvariantCulture))];
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Ten_thousand_random_commands_keep_every_invariant_and_replay_to_the_same_bytes(int seed)
    {
        VoucherWorld world = new(seed);
        for (int i = 0; i < Steps; i++)
            world.Step();
        world.CheckReplay();
        // The run says something only if each kind of command was carried out and many rules were met.
        foreach (string kind in new[]
                 {
                     "Issue", "Accept", "Reject", "Withdraw", "Transfer", "PayFromMany", "OfferPledge", "ConfirmPledge",
                     "ReleasePledge", "Sell", "ConfirmSale", "Freeze", "Unfreeze", "Merge",
                 })
        {
            world.Accepted.GetValueOrDefault(kind).ShouldBeGreaterThan(10, $"seed {seed}: {kind}");
        }
        world.Payments.Redirected.ShouldBeGreaterThan(5);
        world.Payments.Repeated.ShouldBeGreaterThan(10);
        world.Payments.Instructed.ShouldBePositive();
        world.Accepted.GetValueOrDefault("ClaimRecourse").ShouldBePositive();
        world.Accepted.GetValueOrDefault("Repurchase").ShouldBePositive();
        world.Accepted.Values.Sum().ShouldBeGreaterThan(Steps / 5);
        world.Refused.Count.ShouldBeGreaterThan(15);
    }
}
