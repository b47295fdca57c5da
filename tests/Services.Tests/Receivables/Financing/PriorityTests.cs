using Receivables.Financing;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Financing;

public sealed class PriorityTests
{
    private const string Digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static readonly DateTimeOffset Ten = new(2026, 3, 2, 10, 0, 0, TimeSpan.FromHours(8));

    private static Claimant Of(string name, int? registered = null, int? notified = null, long fen = 100) => new(
        name, fen, registered is { } r ? new RegisterReceipt($"R{r}", Ten.AddMinutes(r), Digest) : null,
        notified is { } n ? Ten.AddMinutes(n) : null);

    [Fact]
    public void Civil_code_768_puts_the_registered_first_by_time_then_the_notified_then_the_rest_in_proportion()
    {
        IReadOnlyList<Rank> ranks = Priority.Of(
        [
            Of("none-2", fen: 200), Of("notified-late", notified: 2),
            Of("registered-late", registered: 9, notified: -50),
            Of("none-1"), Of("notified-first", notified: 1), Of("registered-first", registered: 5),
        ]);
        ranks.Select(r => (r.Basis, string.Join('+', r.Claimants.Select(c => c.Financier)))).ShouldBe(
        [
            (RankBasis.Registered, "registered-first"), (RankBasis.Registered, "registered-late"),
            (RankBasis.Notified, "notified-first"), (RankBasis.Notified, "notified-late"),
            (RankBasis.Proportional, "none-1+none-2"),
        ]);
        ranks[^1].Shares(100).ShouldBe([33, 67]);
    }

    [Fact]
    public void Registrations_of_one_second_stand_on_one_rank() =>
        Priority.Of([Of("b", registered: 1), Of("a", registered: 1)]).ShouldHaveSingleItem()
            .Claimants.Select(c => c.Financier).ShouldBe(["a", "b"]);
}
