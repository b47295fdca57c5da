using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Traceability.Codes.Serials;
using Xunit;

namespace Services.Tests.Traceability.Codes;

/// <summary>Serials: unique, reversible, unforgeable.</summary>
public sealed class SerialTests
{
    private const long Gtin = 6901234567892;

    private static readonly SerialKey Key = new(1, Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    // RFC 4493 section 4.
    [Theory]
    [InlineData(0, "bb1d6929e95937287fa37d129b756746")]
    [InlineData(16, "070a16b46b4d4144f79bdd9dd04a287c")]
    [InlineData(40, "dfa66747de9ae63030ca32611497c827")]
    [InlineData(64, "51f0bebf7e3b9d92fc49741779363cfe")]
    public void AES_CMAC_gives_the_RFCs_codes(int length, string code)
    {
        byte[] key = Convert.FromHexString("2b7e151628aed2a6abf7158809cf4f3c");
        byte[] message = Convert.FromHexString(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
            + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")[..length];
        foreach (bool processor in new[] { true, false })
        {
            byte[] actual = new byte[16];
            new Cmac(new AesBlock(key, processor)).Of(message).CopyTo(actual);
            Convert.ToHexStringLower(actual).ShouldBe(code);
        }
    }

    [Fact]
    public void The_processors_AES_equals_the_platforms()
    {
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 255), 32).ToArbitrary(), bytes =>
        {
            byte[] key = [.. bytes.Take(16).Select(b => (byte)b)];
            Vector128<byte> block = Vector128.Create([.. bytes.Skip(16).Select(b => (byte)b)], 0);
            return new AesBlock(key, processor: true).Encrypt(block)
                == new AesBlock(key, processor: false).Encrypt(block);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_serial_has_its_parts_where_the_scheme_says()
    {
        // The scheme again, by the platform's primitives and big numbers.
        byte[] secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] k1 = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 16, info: "serial tag"u8.ToArray());
        byte[] k2 = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 16, info: "serial mask"u8.ToArray());
        const int batch = 0x1234567 & Serial.BatchMax;
        const int counter = 123_456_789;
        byte[] message = [.. Big(Gtin, 6), 1, .. Big(batch, 4), .. Big(counter, 4)];
        byte[] code = new byte[16];
        new Cmac(new AesBlock(k1, processor: false)).Of(message).CopyTo(code);
        byte[] tag = code[..5];
        using Aes aes = Aes.Create();
        aes.Key = k2;
        byte[] mask = aes.EncryptEcb([.. tag, 1, .. new byte[10]], PaddingMode.None);
        UInt128 bits = ((UInt128)1 << 95)
            | ((UInt128)((((ulong)batch << 30) | counter) ^ (Number(mask[..8]) >> 9)) << 40)
            | Number(tag);
        string expected = string.Concat(Enumerable.Range(0, 20)
            .Select(i => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(int)((bits >> (95 - (5 * i))) & 31)]));

        Serial.Of(Key, Gtin, batch, counter).ShouldBe(expected);
        expected[0].ShouldBe('1');
    }

    [Fact]
    public void Every_serial_is_read_back()
    {
        var any = from gtin in Gen.Choose(0, int.MaxValue)
                  from batch in Gen.Choose(0, Serial.BatchMax)
                  from counter in Gen.Choose(0, Serial.CounterMax)
                  from version in Gen.Choose(1, 31)
                  select (gtin: gtin * 46_566L, batch, counter, version);
        Prop.ForAll(any.ToArbitrary(), c =>
        {
            SerialKey key = new(c.version, Enumerable.Repeat((byte)c.version, 32).ToArray());
            string serial = Serial.Of(key, c.gtin, c.batch, c.counter);
            return serial.Length == 20 && Serial.VersionOf(serial) == c.version
                && Serial.TryRead(key, c.gtin, serial, out int batch, out int counter)
                && (batch, counter) == (c.batch, c.counter)
                && !Serial.TryRead(key, c.gtin + 1, serial, out _, out _);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void No_two_items_share_a_serial_and_neighbours_look_unrelated()
    {
        HashSet<string> seen = [];
        HashSet<string> bodies = [];
        for (int i = 0; i < 200_000; i++)
        {
            string serial = Serial.Of(Key, Gtin, i / 50_000, i % 50_000);
            seen.Add(serial).ShouldBeTrue();
            bodies.Add(serial[1..6]);
        }
        // Random bodies of 25 bits: about 199,400 of 200,000 differ; counted ones would repeat their leading
        // characters.
        bodies.Count.ShouldBeGreaterThan(198_000);
    }

    [Fact]
    public void One_changed_character_makes_a_serial_nobody_made()
    {
        string serial = Serial.Of(Key, Gtin, 7, 42);
        for (int i = 0; i < serial.Length; i++)
        {
            foreach (char c in "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
            {
                string changed = serial[..i] + c + serial[(i + 1)..];
                Serial.TryRead(Key, Gtin, changed, out _, out _).ShouldBe(changed == serial);
            }
        }
    }

    [Fact]
    public void Random_texts_do_not_pass()
    {
        System.Random random = new(7);
        Span<char> text = stackalloc char[20];
        for (int i = 0; i < 1_000_000; i++)
        {
            text[0] = '1';
            for (int k = 1; k < 20; k++)
                text[k] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[random.Next(32)];
            Serial.TryRead(Key, Gtin, text, out _, out _).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("1o0il-LI0Oo 00000 0000z", "10011110000000000000")]
    [InlineData("1abcdefghjkmnpqrstvw", "1ABCDEFGHJKMNPQRSTVW")]
    [InlineData("1ABCDEFGHJKMNPQRSTV", null)]
    [InlineData("1ABCDEFGHJKMNPQRSTVWX", null)]
    [InlineData("1ABCDEFGHJKMNPQRSTVU", null)]
    [InlineData("0ABCDEFGHJKMNPQRSTVW", null)]
    [InlineData("1ABCDEFGHJKMNPQRSTV\u0131", null)]
    [InlineData("", null)]
    public void What_was_typed_is_corrected_before_it_is_looked_up(string typed, string? serial)
    {
        if (serial is not null && serial.EndsWith('0'))
            serial = serial[..^1] + "Z";
        Serial.Correct(typed).ShouldBe(serial);
    }

    [Fact]
    public void Generating_allocates_nothing()
    {
        byte[] text = new byte[20];
        Serial.Write(Key, Gtin, 0, 0, text);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
            Serial.Write(Key, Gtin, 1, i, text);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void A_numeric_serial_fits_a_tag_and_is_read_back()
    {
        var any = from gtin in Gen.Choose(0, int.MaxValue)
                  from high in Gen.Choose(0, (1 << 17) - 1)
                  from low in Gen.Choose(0, (1 << 18) - 1)
                  from version in Gen.Choose(1, 7)
                  select (gtin: gtin * 46_566L, position: ((long)high << 18) | (uint)low, version);
        Prop.ForAll(any.ToArbitrary(), c =>
        {
            SerialKey key = new(c.version, Enumerable.Repeat((byte)c.version, 32).ToArray());
            long serial = NumericSerial.Of(key, c.gtin, c.position);
            return serial is > 0 and < 1L << 38 && NumericSerial.VersionOf(serial) == c.version
                && NumericSerial.TryParse($"{serial}", out long parsed) && parsed == serial
                && NumericSerial.TryRead(key, c.gtin, serial, out long position) && position == c.position;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Numeric_serials_are_unique_and_spread()
    {
        HashSet<long> seen = [];
        long low = 0;
        for (int i = 0; i < 100_000; i++)
        {
            long serial = NumericSerial.Of(Key, Gtin, i);
            seen.Add(serial).ShouldBeTrue();
            low += (serial & ((1L << 35) - 1)) < 1L << 34 ? 1 : 0;
        }
        low.ShouldBeInRange(49_000, 51_000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("034359738368")]
    [InlineData("274877906944")]
    [InlineData("34359738367")]
    [InlineData(" 34359738368")]
    [InlineData("99999999999999999999")]
    public void A_number_out_of_range_is_no_numeric_serial(string text) =>
        NumericSerial.TryParse(text, out _).ShouldBeFalse();

    private static byte[] Big(long value, int length) =>
        [.. Enumerable.Range(0, length).Select(i => (byte)(value >> (8 * (length - 1 - i))))];

    private static ulong Number(byte[] bytes) => bytes.Aggregate(0UL, (n, b) => (n << 8) | b);
}
