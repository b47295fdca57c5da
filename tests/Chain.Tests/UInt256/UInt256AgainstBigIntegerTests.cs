using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;
using Word = Chain.Core.UInt256;

namespace Chain.Tests.Words;

/// <summary>Every operation against <see cref="BigInteger"/> on words with many zero, full and one-off limbs.</summary>
public class UInt256AgainstBigIntegerTests
{
    private static readonly BigInteger Modulus = BigInteger.One << 256;
    private static readonly ulong[] EdgeLimbs =
        [0, 0, 1, 2, ulong.MaxValue, ulong.MaxValue - 1, 1ul << 63, (1ul << 63) - 1];

    private static readonly Gen<ulong> Limb = Gen.OneOf(
        Gen.Elements(EdgeLimbs),
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        select ((ulong)(uint)high << 32) | (uint)low);

    private static readonly Gen<Word> Words =
        from a in Limb
        from b in Limb
        from c in Limb
        from d in Limb
        from limbs in Gen.Choose(1, 4)
        select new Word(a, limbs > 1 ? b : 0, limbs > 2 ? c : 0, limbs > 3 ? d : 0);

    private static void Check(Func<Word, Word, Word, bool> property) =>
        Prop.ForAll(
            Arb.From(from a in Words from b in Words from c in Words select (a, b, c)),
            words => property(words.a, words.b, words.c))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    private static BigInteger Big(Word word) => (BigInteger)word;

    private static Word Wrap(BigInteger value) => (Word)(((value % Modulus) + Modulus) % Modulus);

    private static BigInteger Signed(Word word) => word.IsNegative ? Big(word) - Modulus : Big(word);

    [Fact]
    public void Addition_subtraction_and_multiplication_wrap() => Check((a, b, _) =>
        a + b == Wrap(Big(a) + Big(b)) && a - b == Wrap(Big(a) - Big(b)) && a * b == Wrap(Big(a) * Big(b))
        && -a == Wrap(-Big(a)));

    [Fact]
    public void Overflow_is_reported() => Check((a, b, _) =>
        Word.TryAdd(a, b, out var sum) == (Big(a) + Big(b) < Modulus) && sum == a + b
        && Word.TrySubtract(a, b, out var difference) == (Big(a) >= Big(b)) && difference == a - b
        && Word.TryMultiply(a, b, out var product) == (Big(a) * Big(b) < Modulus) && product == a * b);

    [Fact]
    public void Division_gives_quotient_and_remainder() => Check((a, b, _) =>
    {
        if (b.IsZero)
            return true;
        var quotient = Word.DivRem(a, b, out var remainder);
        return Big(quotient) == Big(a) / Big(b) && Big(remainder) == Big(a) % Big(b) && a % b == remainder;
    });

    [Fact]
    public void Modular_operations_use_the_full_width() => Check((a, b, m) => m.IsZero
        ? Word.AddMod(a, b, m).IsZero && Word.MulMod(a, b, m).IsZero
        : Big(Word.AddMod(a, b, m)) == (Big(a) + Big(b)) % Big(m)
            && Big(Word.MulMod(a, b, m)) == Big(a) * Big(b) % Big(m));

    [Fact]
    public void Signed_division_truncates_towards_zero() => Check((a, b, _) => b.IsZero
        ? Word.SignedDivide(a, b).IsZero && Word.SignedModulo(a, b).IsZero
        : Word.SignedDivide(a, b) == Wrap(BigInteger.Divide(Signed(a), Signed(b)))
            && Word.SignedModulo(a, b) == Wrap(BigInteger.Remainder(Signed(a), Signed(b))));

    [Fact]
    public void Comparisons_agree() => Check((a, b, _) =>
        (a < b) == (Big(a) < Big(b)) && (a > b) == (Big(a) > Big(b)) && (a <= b) == (Big(a) <= Big(b))
        && (a >= b) == (Big(a) >= Big(b)) && (a == b) == (Big(a) == Big(b))
        && Word.SignedLessThan(a, b) == (Signed(a) < Signed(b))
        && a.CompareTo(b) == Math.Sign(Big(a).CompareTo(Big(b))));

    [Fact]
    public void Bitwise_operations_agree() => Check((a, b, _) =>
        (a & b) == Wrap(Big(a) & Big(b)) && (a | b) == Wrap(Big(a) | Big(b)) && (a ^ b) == Wrap(Big(a) ^ Big(b))
        && ~a == Wrap(Modulus - 1 - Big(a)) && a.BitLength == (int)Big(a).GetBitLength());

    [Fact]
    public void Shifts_agree() => Check((a, b, _) =>
    {
        var shift = (int)(b.Limb0 % 260);
        return a << shift == Wrap(Big(a) << shift) && a >> shift == Wrap(Big(a) >> shift)
            && Word.ShiftRightArithmetic(a, shift) == Wrap(Signed(a) >> shift);
    });

    [Fact]
    public void Exponentiation_wraps() => Check((a, b, _) =>
    {
        Word exponent = b.Limb0 % 1000;
        return Word.Exp(a, exponent) == Wrap(BigInteger.ModPow(Big(a), Big(exponent), Modulus));
    });

    [Fact]
    public void Sign_extension_copies_the_top_bit_of_the_byte() => Check((a, b, _) =>
    {
        var index = b.Limb0 % 34;
        if (index >= 31)
            return Word.SignExtend(a, index) == a;
        var bits = (int)(8 * (index + 1));
        var low = Big(a) % (BigInteger.One << bits);
        var expected = low >> (bits - 1) == 1 ? low - (BigInteger.One << bits) : low;
        return Word.SignExtend(a, index) == Wrap(expected) && Word.SignExtend(a, ~(Word)0) == a;
    });

    [Fact]
    public void Encodings_round_trip() => Check((a, _, _) =>
        Word.FromBigEndian(a.ToBigEndian()) == a && Word.FromBigEndian(a.ToMinimalBigEndian()) == a
        && Word.Parse(a.ToString()) == a && Word.Parse(a.ToHexQuantity()) == a && Wrap(Big(a)) == a);

    [Theory]
    [InlineData("0x1" + "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639936")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0xg")]
    public void Text_that_is_no_word_is_refused(string text) => Should.Throw<FormatException>(() => Word.Parse(text));

    [Fact]
    public void Dividing_by_zero_throws_for_operators() =>
        Should.Throw<DivideByZeroException>(() => Word.One / Word.Zero);
}
