using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Shouldly;
using Traceability.Graph;
using Traceability.Sensors;
using Xunit;

namespace Services.Tests.Traceability.Sensors;

public class ColdChainTests
{
    private static readonly DateTime Begin = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    // For two readings T ± 1 K the mean is T + 10 000/(2T²) − 1/T to second order: 24.0532 °C for 23 °C and 25 °C.
    [Theory]
    [InlineData("20,20,20", 20)]
    [InlineData("23,25", 24.0532)]
    [InlineData("5", 5)]
    public void Mean_kinetic_temperature_of_equal_intervals(string celsius, double expected) =>
        ColdChain.MeanKinetic(Series(celsius)).ShouldBe(expected, 0.002);

    [Fact]
    public void Heat_weighs_more_than_the_arithmetic_mean_and_by_its_time()
    {
        ColdChain.MeanKinetic(Series("5,5,5,25")).ShouldBeGreaterThan(10);
        Reading[] shortHeat = [new(Begin, 5), new(Begin.AddHours(9), 25), new(Begin.AddHours(10), 5), new(Begin.AddHours(20), 5)];
        Reading[] longHeat = [new(Begin, 5), new(Begin.AddHours(1), 25), new(Begin.AddHours(10), 5), new(Begin.AddHours(20), 5)];
        ColdChain.MeanKinetic(shortHeat).ShouldBeLessThan(ColdChain.MeanKinetic(longHeat));
    }

    [Fact]
    public void A_reading_does_not_hold_through_a_time_of_which_nothing_is_known()
    {
        Reading[] series = [new(Begin, 5), new(Begin.AddHours(1), 25), new(Begin.AddHours(10), 5), new(Begin.AddHours(11), 5)];
        Window missing = new(Begin.AddHours(1), Begin.AddHours(10));
        ColdChain.MeanKinetic(series, [missing]).ShouldBe(ColdChain.MeanKinetic(Series("5,25,5,5")), 0.002);
        ColdChain.MeanKinetic(series, [missing]).ShouldBeLessThan(ColdChain.MeanKinetic(series));
    }

    [Fact]
    public void An_excursion_lasts_from_the_first_reading_outside_to_the_first_inside()
    {
        IReadOnlyList<Excursion> found = ColdChain.Excursions(
            Series("4,9,12,9,4,1,4,9"), new ValueRange(2, 8, TimeSpan.FromMinutes(30)));
        found.ShouldBe(
        [
            new Excursion(Begin.AddMinutes(10), Begin.AddMinutes(40), 12, true, 3, true),
            new Excursion(Begin.AddMinutes(50), Begin.AddMinutes(60), 1, false, 1, false),
            new Excursion(Begin.AddMinutes(70), Begin.AddMinutes(70), 9, true, 1, false),
        ]);
    }

    [Fact]
    public void A_jump_from_too_hot_to_too_cold_is_two_excursions() =>
        ColdChain.Excursions(Series("9,1"), new ValueRange(2, 8, TimeSpan.Zero)).Select(e => e.High).ShouldBe([true, false]);

    [Theory]
    [InlineData("2026-01-01T00:00:00Z,4.20\n1767225660000,-0.5\r\n", 2)]
    [InlineData("time,value\n2026-01-01T08:00:00+08:00,4\n", 1)]
    [InlineData("", null)]
    [InlineData("2026-01-01T00:00:00Z,4\n2026-01-01T00:00:00Z,5\n", null)]
    [InlineData("2026-01-01T00:00:00Z,4\nbroken", null)]
    [InlineData("2026-01-01T00:00:00Z,NaN", null)]
    [InlineData("2026-01-01T00:00:00Z,4;5", null)]
    [InlineData("2026-13-01T00:00:00Z,4", null)]
    public void Csv_is_read_whole_or_not_at_all(string csv, int? count) =>
        (Readings.FromCsv(Encoding.UTF8.GetBytes(csv))?.Count).ShouldBe(count);

    [Theory]
    [InlineData("[[\"2026-01-01T00:00:00Z\",4.2],[1767225660000,5]]", 2)]
    [InlineData("[]", null)]
    [InlineData("[[1767225660000,\"5\"]]", null)]
    [InlineData("[[1767225660000,5,6]]", null)]
    [InlineData("[[1767225660000,5]", null)]
    [InlineData("{\"a\":1}", null)]
    public void Json_is_read_whole_or_not_at_all(string json, int? count) =>
        (Readings.FromJson(Encoding.UTF8.GetBytes(json))?.Count).ShouldBe(count);

    [Fact]
    public void A_reading_is_one_statement_in_one_form()
    {
        List<Reading> csv = Readings.FromCsv("2026-01-01T08:00:00+08:00,4.20\n"u8)!;
        List<Reading> json = Readings.FromJson("[[1767225600000,4.2]]"u8)!;
        Readings.Statements(csv).Single().ShouldBe(Readings.Statements(json).Single());
        Readings.Statements(csv).Single().Value.ShouldBe("[\"2026-01-01T00:00:00.000Z\",4.2]");
    }

    [Fact]
    public void Only_the_device_s_own_signature_is_taken()
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256), other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = ecdsa.ExportSubjectPublicKeyInfo(), bytes = RecordBlock.Signed("d", 1, "s", "1,2"u8);
        DeviceKey.IsValid(DeviceKey.EcdsaName, spki).ShouldBeTrue();
        DeviceKey.IsValid(DeviceKey.EcdsaName, spki.AsSpan(1)).ShouldBeFalse();
        DeviceKey.IsValid(DeviceKey.Ed25519Name, new byte[31]).ShouldBeFalse();
        DeviceKey.IsValid("none", spki).ShouldBeFalse();
        DeviceKey key = new(DeviceKey.EcdsaName, spki);
        key.Verifies(bytes, ecdsa.SignData(bytes, HashAlgorithmName.SHA256)).ShouldBeTrue();
        key.Verifies(bytes, other.SignData(bytes, HashAlgorithmName.SHA256)).ShouldBeFalse();
        key.Verifies(RecordBlock.Signed("d", 2, "s", "1,2"u8), ecdsa.SignData(bytes, HashAlgorithmName.SHA256)).ShouldBeFalse();
        key.Verifies(bytes, []).ShouldBeFalse();
    }

    private static Reading[] Series(string values) =>
        [.. values.Split(',').Select((v, i) => new Reading(Begin.AddMinutes(10 * i), decimal.Parse(v, CultureInfo.InvariantCulture)))];
}
