using Shouldly;
using Voprf;
using Xunit;

namespace Services.Tests.Receivables.Pledges;

public sealed class ThresholdTests
{
    private readonly Scalar[] _secrets = [.. Enumerable.Range(0, 6).Select(_ => Scalar.NewRandom())];

    private IReadOnlyList<Dealing> Dealings =>
        [.. Enumerable.Range(0, 3).Select(i => new Dealing(_secrets[2 * i], _secrets[(2 * i) + 1]))];

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    public void Any_two_holders_give_what_the_whole_key_would(int first, int second)
    {
        Scalar whole = _secrets[0] + _secrets[2] + _secrets[4];
        byte[] input = [1, 2, 3];
        Scalar blind = Scalar.NewRandom();
        Point blinded = Oprf.Blind(input, blind);

        Point combined = ThresholdKey.Combine(
            [(first, Share(first) * blinded), (second, Share(second) * blinded)]);

        combined.ShouldBe(whole * blinded);
        Oprf.Finalize(input, blind, combined)
            .ShouldBe(Oprf.Finalize(input, Scalar.Of(1), Oprf.Evaluate(whole, Oprf.Blind(input, Scalar.Of(1)))));
    }

    [Fact]
    public void One_holder_alone_or_twice_gives_nothing()
    {
        Point part = Share(1) * Point.Generator;
        Should.Throw<ArgumentException>(() => ThresholdKey.Combine([(1, part)]));
        Should.Throw<ArgumentException>(() => ThresholdKey.Combine([(1, part), (1, part)]));
    }

    [Fact]
    public void Public_shares_come_from_the_commitments_and_a_wrong_share_is_seen()
    {
        IReadOnlyList<Dealing> dealings = Dealings;
        ThresholdKey key = DealingCommitments.Join([.. dealings.Select(d => d.Commitments)]);
        for (int holder = 1; holder <= 3; holder++)
        {
            key.Shares[holder - 1].ShouldBe(Point.MultiplyGenerator(Share(holder)));
            dealings[0].Commitments.Fits(holder, dealings[0].ShareFor(holder)).ShouldBeTrue();
            dealings[0].Commitments.Fits(holder, dealings[1].ShareFor(holder)).ShouldBeFalse();
        }
        key.PublicKey.ShouldBe(Point.MultiplyGenerator(_secrets[0] + _secrets[2] + _secrets[4]));
    }

    [Fact]
    public void A_part_is_verified_against_its_own_holders_share()
    {
        ThresholdKey key = DealingCommitments.Join([.. Dealings.Select(d => d.Commitments)]);
        Point blinded = Oprf.Blind("x"u8, Scalar.NewRandom());
        PartialEvaluation part = Part(1, blinded, key);
        key.Verify(blinded, part).ShouldBeTrue();
        key.Verify(blinded, part with { Holder = 2 }).ShouldBeFalse();
        key.Verify(blinded, part with { Holder = 4 }).ShouldBeFalse();
        key.Verify(blinded, part with { Evaluated = part.Evaluated + Point.Generator }).ShouldBeFalse();
    }

    [Fact]
    public void Public_points_of_no_common_key_are_refused() =>
        Should.Throw<ArgumentException>(() => new ThresholdKey(
            Point.Generator, [.. Dealings.Select(d => d.Commitments.Constant)]));

    private PartialEvaluation Part(int holder, Point blinded, ThresholdKey key)
    {
        Point evaluated = Share(holder) * blinded;
        return new PartialEvaluation(holder, evaluated,
            Oprf.Prove(Share(holder), key.Shares[holder - 1], [(blinded, evaluated)], Scalar.NewRandom()));
    }

    private Scalar Share(int holder) => Dealings.Select(d => d.ShareFor(holder)).Aggregate((a, b) => a + b);
}
