using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Services.Tests.Proofs;
using Shouldly;
using Voprf;
using Xunit;

namespace Services.Tests.Receivables.Pledges;

/// <summary>RFC 9380 and RFC 9497 by their own vectors, and by noble-curves as a second implementation.</summary>
public sealed class OprfTests
{
    private static readonly JsonElement Vectors =
        VectorFiles.Json(VectorFiles.Read("voprf/rfc9497-p256-voprf.json"));

    private static readonly Scalar Key = Secret(Vectors.GetProperty("skSm").GetString()!);
    private static readonly Point PublicKey = PointOf(Vectors.GetProperty("pkSm").GetString()!);

    public static TheoryData<int> Batches => [.. Enumerable.Range(0, Vectors.GetProperty("vectors").GetArrayLength())];

    public static TheoryData<int> CurveVectors => [0, 1, 2, 3, 4];

    [Theory]
    [MemberData(nameof(CurveVectors))]
    public void Hashing_to_the_curve_gives_the_points_of_RFC_9380(int index)
    {
        JsonElement file = VectorFiles.Json(VectorFiles.Read("voprf/rfc9380-p256-sswu-ro.json"));
        JsonElement vector = file.GetProperty("vectors")[index];
        byte[] message = Encoding.ASCII.GetBytes(vector.GetProperty("msg").GetString()!);
        byte[] domain = Encoding.ASCII.GetBytes(file.GetProperty("dst").GetString()!);

        BigInteger[] u = HashToCurve.ToField(message, domain);

        u[0].ShouldBe(Number(vector, "u0"));
        u[1].ShouldBe(Number(vector, "u1"));
        HashToCurve.Map(u[0]).ShouldBe(Affine(vector, "q0"));
        HashToCurve.Map(u[1]).ShouldBe(Affine(vector, "q1"));
        HashToCurve.ToPoint(message, domain).ShouldBe(Affine(vector, "p"));
    }

    [Fact]
    public void The_key_pair_is_derived_as_RFC_9497_says()
    {
        Oprf.DeriveKey(Bytes(Vectors, "seed"), Bytes(Vectors, "keyInfo")).ShouldBe(Key);
        Point.MultiplyGenerator(Key).ShouldBe(PublicKey);
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public void Every_vector_of_RFC_9497_passes(int index)
    {
        JsonElement vector = Vectors.GetProperty("vectors")[index];
        string[] inputs = Texts(vector, "input");
        List<(Point Blinded, Point Evaluated)> pairs = [];
        for (int i = 0; i < inputs.Length; i++)
        {
            byte[] input = Convert.FromHexString(inputs[i]);
            Scalar blind = Secret(Texts(vector, "blind")[i]);
            Point blinded = Oprf.Blind(input, blind);
            blinded.ToString().ShouldBe(Texts(vector, "blindedElement")[i]);
            Point evaluated = Oprf.Evaluate(Key, blinded);
            evaluated.ToString().ShouldBe(Texts(vector, "evaluationElement")[i]);
            Convert.ToHexStringLower(Oprf.Finalize(input, blind, evaluated)).ShouldBe(Texts(vector, "output")[i]);
            pairs.Add((blinded, evaluated));
        }
        Scalar random = Secret(vector.GetProperty("proofRandomScalar").GetString()!);
        EqualityProof proof = Oprf.Prove(Key, PublicKey, pairs, random);
        Convert.ToHexStringLower(proof.ToBytes()).ShouldBe(vector.GetProperty("proof").GetString());
        Oprf.Verify(PublicKey, pairs, proof).ShouldBeTrue();
    }

    [Fact]
    public void A_proof_with_any_byte_changed_or_for_another_point_is_refused()
    {
        Point blinded = Oprf.Blind("invoice"u8, Scalar.Of(7));
        Point evaluated = Oprf.Evaluate(Key, blinded);
        byte[] bytes = Oprf.Prove(Key, PublicKey, [(blinded, evaluated)], Scalar.NewRandom()).ToBytes();
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= 1;
            (EqualityProof.TryRead(changed, out EqualityProof? wrong)
                && Oprf.Verify(PublicKey, [(blinded, evaluated)], wrong)).ShouldBeFalse($"byte {i}");
        }
        EqualityProof.TryRead(bytes, out EqualityProof? proof).ShouldBeTrue();
        Oprf.Verify(PublicKey, [(blinded, evaluated + Point.Generator)], proof!).ShouldBeFalse();
        Oprf.Verify(PublicKey, [(blinded + Point.Generator, evaluated)], proof!).ShouldBeFalse();
        Oprf.Verify(Point.Generator, [(blinded, evaluated)], proof!).ShouldBeFalse();
        Oprf.Verify(PublicKey, [], proof!).ShouldBeFalse();
    }

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("00", "the identity")]
    [InlineData("000000000000000000000000000000000000000000000000000000000000000000", "zeros")]
    [InlineData("020000000000000000000000000000000000000000000000000000000000000001", "x of no point")]
    [InlineData("02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", "x = p")]
    [InlineData("02ffffffff00000001000000000000000000000001000000000000000000000004", "x above p")]
    [InlineData("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5", "the uncompressed form")]
    [InlineData("056b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", "another prefix")]
    [InlineData("036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c29600", "a surplus byte")]
    [InlineData("036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2", "a byte too few")]
    public void What_is_no_canonical_point_is_refused(string hex, string what) =>
        Point.TryRead(Convert.FromHexString(hex), out _).ShouldBeFalse(what);

    [Fact]
    public void Points_in_hex_have_one_form()
    {
        string generator = Point.Generator.ToString();
        Point.TryRead(generator, out Point? read).ShouldBeTrue();
        read.ShouldBe(Point.Generator);
        Point.TryRead(generator.ToUpperInvariant(), out _).ShouldBeFalse();
        Point.TryRead((string?)null, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_scalar_of_the_order_or_above_is_refused_and_zero_makes_no_point()
    {
        Scalar.TryRead(Scalar.OrderBytes, out _).ShouldBeFalse();
        byte[] most = Scalar.OrderBytes.ToArray();
        most[^1]--;
        Scalar.TryRead(most, out Scalar? last).ShouldBeTrue();
        (last! + Scalar.Of(1)).IsZero.ShouldBeTrue();
        Should.Throw<ArgumentException>(() => Point.MultiplyGenerator(Scalar.Of(0)));
        Should.Throw<ArgumentException>(() => Point.Generator + (last * Point.Generator));
        Should.Throw<DivideByZeroException>(() => Scalar.Of(0).Inverse());
    }

    private static Point Affine(JsonElement vector, string name) => Point.FromAffine(
        Convert.FromHexString(vector.GetProperty(name + "x").GetString()!),
        Convert.FromHexString(vector.GetProperty(name + "y").GetString()!));

    private static BigInteger Number(JsonElement vector, string name) => BigInteger.Parse(
        "0" + vector.GetProperty(name).GetString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static byte[] Bytes(JsonElement json, string name) => Convert.FromHexString(json.GetProperty(name).GetString()!);

    private static string[] Texts(JsonElement json, string name) =>
        [.. json.GetProperty(name).EnumerateArray().Select(t => t.GetString()!)];

    private static Scalar Secret(string hex) =>
        Scalar.TryRead(Convert.FromHexString(hex), out Scalar? scalar) ? scalar : throw new FormatException(hex);

    private static Point PointOf(string hex) =>
        Point.TryRead(hex, out Point? point) ? point : throw new FormatException(hex);
}
