using FsCheck;
using FsCheck.Fluent;
using Prepaid.Disposal;
using Proofs.Liabilities;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>Who is paid what when a merchant fails.</summary>
public sealed class DisposalTests
{
    [Fact]
    public void A_sum_is_divided_pro_rata_to_the_fen() =>
        Waterfall.ProRata([333_333_33, 333_333_33, 333_333_34], 700_000_00).ShouldBe([233_333_33, 233_333_33, 233_333_34]);

    [Fact]
    public void Custody_pays_before_insurance_and_insurance_before_the_guarantor_and_gifts_come_last()
    {
        IReadOnlyList<PaidClaim> paid = Waterfall.Of([Claim(1, 600, 999), Claim(2, 400, 0)],
            [new("custody", 500), new("insurance", 300), new("guarantee", 100)]);
        paid[0].Paid.ShouldBe([300, 180, 60]);
        paid[1].Paid.ShouldBe([200, 120, 40]);
        paid.Select(p => p.OpenFen).ShouldBe([60, 40]);
    }

    [Fact]
    public void Nothing_is_paid_from_nothing_and_nobody_gets_more_than_the_claim() => Prop.ForAll(
        Gen.ArrayOf(Gen.Choose(0, 10_000), 7).Zip(Gen.ArrayOf(Gen.Choose(0, 30_000), 3)).ToArbitrary(), drawn =>
        {
            CardBalance[] claims = [.. drawn.Item1.Select((c, i) => Claim(i, c, 5))];
            Source[] sources = [.. drawn.Item2.Select((f, i) => new Source($"s{i}", f))];
            IReadOnlyList<PaidClaim> paid = Waterfall.Of(claims, sources);
            long open = claims.Sum(c => c.Owed.PrincipalFen);
            for (int s = 0; s < sources.Length; s++)
            {
                long given = paid.Sum(p => p.Paid[s]);
                given.ShouldBe(Math.Min(sources[s].Fen, open));
                open -= given;
            }
            paid.ShouldAllBe(p => p.OpenFen >= 0 && p.Paid.All(x => x >= 0));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void The_same_figures_are_the_same_pack()
    {
        Source[] sources = [new("custody", 500)];
        byte[] list = ClaimPack.List(Waterfall.Of([Claim(1, 600, 9)], sources), sources);
        System.Text.Encoding.UTF8.GetString(list).Split('\n')[1].ShouldEndWith(",600,9,3,500,100");
        byte[] Zip() => ClaimPack.Zip(new DateOnly(2026, 3, 2), [("claims.csv", list)]);
        Zip().ShouldBe(Zip());
    }

    private static CardBalance Claim(int id, long principal, long gift) =>
        new(new Guid(id, 0, 0, new byte[8]), new Liability(principal, gift), 3);
}
