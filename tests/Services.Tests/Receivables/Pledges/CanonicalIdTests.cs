using FsCheck;
using FsCheck.Fluent;
using Receivables.Pledges;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Pledges;

public sealed class CanonicalIdTests
{
    private const string Digital = "cn-einvoice/1|24312000000123456789";
    private const string Long = "cn-einvoice/1|04403190011100345678";
    private const string Short = "cn-einvoice/1|440319001100345678";

    [Theory]
    [InlineData(null, "24312000000123456789", Digital)]
    [InlineData("", " 2431 2000 0001 2345 6789 ", Digital)]
    [InlineData(null, "２４３１２０００００００１２３４５６７８９", Digital, "full-width digits, one too many", true)]
    [InlineData(null, "２４３１２００００００１２３４５６７８９", Digital)]
    [InlineData(null, "２４３１ ２０００　０００１-2345－6789", Digital)]
    [InlineData(null, "00024312000000123456789", Digital)]
    [InlineData(null, "2431\u00a02000\u20090001‐2345–6789", Digital)]
    [InlineData("044031900111", "00345678", Long)]
    [InlineData("044031900111", "345678", Long)]
    [InlineData("44031900111", "345678", Long)]
    [InlineData("0044031900111", "0000345678", Long)]
    [InlineData("０４４０３１９００１１１", "００３４５６７８", Long)]
    [InlineData(null, "04403190011100345678", Long)]
    [InlineData(null, "0440 3190 0111 0034 5678", Long)]
    [InlineData(null, "0004403190011100345678", Long)]
    [InlineData("4403190011", "00345678", Short)]
    [InlineData("004403190011", "345678", Short)]
    [InlineData(null, "440319001100345678", Short)]
    [InlineData(null, "00440319001100345678", Short)]
    public void Spellings_of_one_invoice_give_one_id(
        string? code, string number, string expected, string? why = null, bool refused = false)
    {
        string? problem = CanonicalId.Invoice(code, number, out CanonicalId? id);
        if (refused)
        {
            problem.ShouldBe(CanonicalIdError.Invoice, why);
            return;
        }
        problem.ShouldBeNull();
        id!.Text.ShouldBe(expected);
    }

    [Theory]
    [InlineData(null, "", "pledge-number-form")]
    [InlineData(null, "   ", "pledge-number-form")]
    [InlineData(null, "12345678", "pledge-invoice-number")] // A number needs its code.
    [InlineData(null, "2431200000012345678", "pledge-invoice-number")] // 19 digits: read in two ways.
    [InlineData(null, "19312000000123456789", "pledge-invoice-number")] // No fully digital invoice before 2021.
    [InlineData(null, "243120000001234567890", "pledge-invoice-number")]
    [InlineData("044031900111", "24312000000123456789", "pledge-invoice-number")] // Fully digital ones have no code.
    [InlineData("044031900111", "123456789", "pledge-invoice-number")]
    [InlineData("044031900111", "00000000", "pledge-invoice-number")]
    [InlineData("744031900111", "12345678", "pledge-invoice-number")]
    [InlineData("0440319001112", "12345678", "pledge-invoice-number")]
    [InlineData("0", "24312000000123456789", "pledge-invoice-number")]
    [InlineData(null, "2431200000012345678O", "pledge-number-form")] // A letter for a zero.
    [InlineData(null, "٢٤٣١٢٠٠٠٠٠٠١٢٣٤٥٦٧٨٩", "pledge-number-form")] // Arabic-Indic digits.
    [InlineData(null, "²4312000000123456789", "pledge-number-form")]
    [InlineData(null, "二四312000000123456789", "pledge-number-form")]
    [InlineData(null, "2431\u200b2000000123456789", "pledge-number-form")] // Zero-width space.
    [InlineData(null, "𝟚4312000000123456789", "pledge-number-form")]
    [InlineData(null, "24312000000123456789/1", "pledge-number-form")]
    [InlineData(null, "24312000000123456789                                             ", "pledge-number-form")]
    public void What_is_no_invoice_or_could_be_two_is_refused(string? code, string number, string problem) =>
        CanonicalId.Invoice(code, number, out _).ShouldBe(problem);

    [Fact]
    public void Noise_around_digits_never_makes_a_second_key()
    {
        Gen<(string, string)> cases =
            from year in Gen.Choose(21, 35)
            from rest in Gen.ListOf(Gen.Choose(0, 9), 18)
            let digits = year + string.Concat(rest)
            from noisy in Noisy(digits)
            from zeros in Gen.Choose(0, 5)
            select (digits, new string('0', zeros) + noisy);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            CanonicalId.Invoice(null, c.Item2, out CanonicalId? id).ShouldBeNull(c.Item2);
            return id!.Text == "cn-einvoice/1|" + c.Item1;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Fact]
    public void Invoices_of_different_numbers_have_different_ids()
    {
        Gen<(string?, string)> spelling =
            from kind in Gen.Choose(0, 2)
            from number in Gen.Choose(1, 3)
            select kind switch
            {
                0 => ((string?)null, $"2431200000012345678{number}"),
                1 => ("044031900111", $"{number}"),
                _ => ("4403190011", $"{number}"),
            };
        Prop.ForAll(spelling.ToArbitrary(), spelling.ToArbitrary(), (a, b) =>
        {
            CanonicalId.Invoice(a.Item1, a.Item2, out CanonicalId? left).ShouldBeNull();
            CanonicalId.Invoice(b.Item1, b.Item2, out CanonicalId? right).ShouldBeNull();
            return left == right == (a == b);
        }).Check(Config.QuickThrowOnFailure);
    }

    [Fact]
    public void Other_things_have_prefixes_of_their_own()
    {
        CanonicalId.LandRight("440305 001002 gb00012 w00000000", out CanonicalId? land).ShouldBeNull();
        land!.Text.ShouldBe("cn-land-right/1|440305001002GB00012W00000000");
        CanonicalId.Animal("2 150102 00012345", out CanonicalId? cow).ShouldBeNull();
        cow!.Text.ShouldBe("cn-animal-tag/1|215010200012345");
        CanonicalId.WarehouseReceipt("91350100m000100y43", "ＣＫ-00012", out CanonicalId? receipt).ShouldBeNull();
        receipt!.Text.ShouldBe("cn-warehouse-receipt/1|91350100M000100Y43|CK00012");
    }

    [Theory]
    [InlineData("440305001002GB00012W0000000")]
    [InlineData("940305001002GB00012W00000000")]
    [InlineData("440305001002GB00012W00000000\n")]
    public void A_number_of_no_land_unit_is_refused(string number) =>
        CanonicalId.LandRight(number, out _).ShouldNotBeNull();

    [Theory]
    [InlineData("415010200012345")] // Species 1 pig, 2 cattle, 3 sheep.
    [InlineData("21501020001234")]
    public void A_number_of_no_ear_tag_is_refused(string number) =>
        CanonicalId.Animal(number, out _).ShouldBe(CanonicalIdError.Thing);

    [Fact]
    public void A_keeper_with_a_wrong_check_character_is_refused() =>
        CanonicalId.WarehouseReceipt("91350100M000100Y44", "1", out _).ShouldBe(CanonicalIdError.Thing);

    [Fact]
    public void An_id_shows_its_kind_and_not_its_number_in_logs()
    {
        CanonicalId.Invoice(null, "24312000000123456789", out CanonicalId? id).ShouldBeNull();
        id!.ToString().ShouldBe("cn-einvoice/1|…");
    }

    private static Gen<string> Noisy(string digits) =>
        from marks in Gen.ListOf(Gen.Choose(0, 9), digits.Length)
        select string.Concat(digits.Zip(marks, (d, mark) => mark switch
        {
            0 => $" {d}",
            1 => $"{(char)(d - '0' + '０')}",
            2 => $"　{(char)(d - '0' + '０')}",
            3 => $"-{d}",
            _ => $"{d}",
        }));
}
