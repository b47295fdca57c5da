using System.IO.Pipelines;
using System.Text;
using Shouldly;
using Traceability.Codes;
using Traceability.Codes.Batches;
using Traceability.Codes.Exports;
using Traceability.Codes.Foreign;
using Traceability.Codes.Keys;
using Traceability.Codes.Validation;
using Xunit;

namespace Services.Tests.Traceability.Codes;

/// <summary>Three answers about a code, from memory; and files of codes.</summary>
public sealed class CodeValidatorTests : IDisposable
{
    private const string Gtin = "06901234567892";

    private readonly string _folder = Directory.CreateTempSubdirectory("apps-codes-").FullName;
    private readonly CodeKeys _keys;
    private readonly CodeValidator _validator;

    public CodeValidatorTests()
    {
        _keys = new CodeKeys(Path.Combine(_folder, "keys", "serials.json"));
        _validator = new CodeValidator(_keys);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_key_file_is_the_accounts_alone_and_survives()
    {
        string path = Path.Combine(_folder, "keys", "serials.json");
#pragma warning disable CA1416 // Services run on Linux.
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
#pragma warning restore CA1416
        KnownBatch batch = Batch(1, 10);
        string serial = batch.SerialOf(_keys[1], 3);
        new CodeKeys(path)[1].Version.ShouldBe(1);
        batch.SerialOf(new CodeKeys(path)[1], 3).ShouldBe(serial);
    }

    [Fact]
    public void A_serial_that_was_never_issued_is_told_only_where_the_products_codes_are_issued_here()
    {
        KnownBatch batch = Batch(1, 10);
        _validator.Learn(batch);
        string serial = batch.SerialOf(_keys[1], 3);
        const string item = $"https://id.gs1.org/01/{Gtin}/21/";
        IssuedSerials.IsNeverIssued(_validator, item + "FAKE000000000001").ShouldBeTrue();
        IssuedSerials.IsNeverIssued(_validator, item + batch.SerialOf(_keys[1], 10)).ShouldBeTrue("beyond the batch");
        IssuedSerials.IsNeverIssued(_validator, item + serial).ShouldBeFalse();
        IssuedSerials.IsNeverIssued(_validator, "https://id.gs1.org/01/09506000134352/21/A1").ShouldBeFalse("kept elsewhere");
        IssuedSerials.IsNeverIssued(_validator, $"https://id.gs1.org/01/{Gtin}/10/L1").ShouldBeFalse("a lot");
        IssuedSerials.IsNeverIssued(_validator, "https://id.gs1.org/00/106901234000000017").ShouldBeFalse("a pallet");
    }

    [Fact]
    public void An_issued_serial_in_other_letters_is_the_issued_one()
    {
        KnownBatch batch = Batch(1, 10);
        _validator.Learn(batch);
        string right = $"https://id.gs1.org/01/{Gtin}/21/{batch.SerialOf(_keys[1], 3)}";
        string typed = $"https://id.gs1.org/01/{Gtin}/21/{batch.SerialOf(_keys[1], 3).ToLowerInvariant()}";
        IssuedSerials.Corrected(_validator, typed).ShouldBe(right);
        IssuedSerials.Corrected(_validator, right).ShouldBeNull();
        IssuedSerials.Corrected(_validator, $"https://id.gs1.org/01/{Gtin}/21/fake000000000001").ShouldBeNull("none of ours");
    }

    [Fact]
    public void A_key_file_made_just_now_can_be_told_and_taken_away()
    {
        string path = Path.Combine(_folder, "other", "serials.json");
        CodeKeys made = new(path);
        made.IsNew.ShouldBeTrue();
        new CodeKeys(path).IsNew.ShouldBeFalse();
        made.Discard();
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public void A_version_that_another_process_made_is_read_when_a_batch_has_it()
    {
        CodeKeys other = new(Path.Combine(_folder, "keys", "serials.json"));
        other.Rotate().ShouldBe(2);
        _keys.Find(2).ShouldBeNull();
        KnownBatch batch = Batch(1, 10, keyVersion: 2);
        _validator.Learn(batch);
        Find(batch.SerialOf(other[2], 6)).Counter.ShouldBe(6);
    }

    [Fact]
    public void Codes_of_an_older_key_version_stay_valid_after_a_rotation()
    {
        KnownBatch old = Batch(1, 10);
        _validator.Learn(old);
        string serial = old.SerialOf(_keys[1], 3);
        _keys.Rotate().ShouldBe(2);
        _keys.Current.ShouldBe(2);
        KnownBatch young = Batch(2, 10, keyVersion: 2);
        _validator.Learn(young);
        Find(serial).Counter.ShouldBe(3);
        Find(young.SerialOf(_keys[2], 4)).Batch!.Opened.Number.ShouldBe(2);
        young.SerialOf(_keys[2], 4)[0].ShouldBe('2');
    }

    [Fact]
    public void All_thirty_one_versions_can_be_used_and_no_more()
    {
        for (int i = 2; i <= 31; i++)
            _keys.Rotate().ShouldBe(i);
        _keys.Rotate().ShouldBeNull();
        Batch(1, 1, keyVersion: 31).SerialOf(_keys[31], 0)[0].ShouldBe('Z');
    }

    [Fact]
    public void A_code_goes_from_stock_through_print_and_activation_to_use()
    {
        KnownBatch batch = Batch(1, 10);
        string serial = batch.SerialOf(_keys[1], 5);
        Find(serial).Standing.ShouldBe(CodeStanding.NotOurs);
        _validator.Learn(batch);
        Find(serial).Reason.ShouldBe("not-printed");
        _validator.Learn(batch = batch with { Printed = RangeSet.Empty.Add(new CodeRange(0, 10)) });
        Find(serial).Reason.ShouldBe("not-activated");
        CodeActivation activation = new(
            Guid.NewGuid(), Guid.NewGuid(), new CodeRange(4, 8), "L1", null, "D1", DateTimeOffset.UnixEpoch);
        _validator.Learn(batch = batch with { Activations = [activation] });
        Find(serial).ShouldSatisfyAllConditions(
            f => f.Standing.ShouldBe(CodeStanding.InUse), f => f.Activation!.Lot.ShouldBe("L1"));
        Find(batch.SerialOf(_keys[1], 8)).Reason.ShouldBe("not-activated");
        _validator.Learn(batch with { Destroyed = RangeSet.Empty.Add(new CodeRange(5, 6)) });
        Find(serial).Reason.ShouldBe("destroyed");
    }

    [Fact]
    public void Rolls_taken_in_one_by_one_are_found_as_rolls_learnt_at_once()
    {
        CodeActivation[] rolls =
        [
            .. Enumerable.Range(0, 10).Select(i => new CodeActivation(
                Guid.NewGuid(), Guid.NewGuid(), new CodeRange(i * 10, (i * 10) + 9), $"L{i}", null, null,
                DateTimeOffset.UnixEpoch)),
        ];
        KnownBatch batch = Batch(1, 100);
        KnownBatch one = rolls.Reverse().Concat(rolls.Take(3)).Aggregate(batch, (known, roll) => known.With(roll));
        one.Activations.ShouldBe(rolls);
        KnownBatch moved = one.With(rolls[4] with { Lot = "L4b" });
        moved.ActivationOf(44)!.Lot.ShouldBe("L4b");
        moved.ActivationOf(49).ShouldBeNull("between two rolls");
        moved.ActivationOf(0)!.Lot.ShouldBe("L0");
    }

    [Fact]
    public void A_counter_beyond_what_was_issued_is_not_ours()
    {
        KnownBatch batch = Batch(1, 10);
        _validator.Learn(batch);
        Find(batch.SerialOf(_keys[1], 9)).Standing.ShouldBe(CodeStanding.NotInUse);
        Find(batch.SerialOf(_keys[1], 10)).Standing.ShouldBe(CodeStanding.NotOurs);
        Find(Batch(2, 10).SerialOf(_keys[1], 0)).Standing.ShouldBe(CodeStanding.NotOurs);
    }

    [Fact]
    public void Every_way_of_writing_a_code_is_one_identity()
    {
        KnownBatch batch = Batch(1, 10);
        _validator.Learn(batch);
        string serial = batch.SerialOf(_keys[1], 7);
        string[] texts =
        [
            $"https://id.gs1.org/01/{Gtin}/21/{serial}",
            $"https://brand.example/x/gtin/6901234567892/ser/{serial}?17=301231",
            $"(01){Gtin}(21){serial}", $"]d201{Gtin}21{serial}", $"01{Gtin}21{serial}\u001d10LOT",
            $"]Q1https://brand.example/01/{Gtin}/21/{serial}", $"  (01){Gtin}(21){serial.ToLowerInvariant()} ",
            $"https://id.gs1.org/01/{Gtin}/10/LOT/21/{serial.Replace('1', 'l').Replace('0', 'o')}",
        ];
        foreach (string text in texts)
        {
            _validator.Find(text).ShouldSatisfyAllConditions(
                f => f.Counter.ShouldBe(7, text), f => f.Serial.ShouldBe(serial), f => f.Gtin.ShouldBe(Gtin));
        }
    }

    [Theory]
    [InlineData("https://a$")]
    [InlineData("https://")]
    [InlineData("ftp://brand.example")]
    [InlineData("https://brand.example/?x=")]
    [InlineData("https://brand.example/#")]
    [InlineData("https://brand.example/a b")]
    public void A_code_after_something_that_is_no_stem_is_not_ours(string stem)
    {
        KnownBatch batch = Batch(1, 10);
        _validator.Learn(batch);
        string text = $"{stem}/01/{Gtin}/21/{batch.SerialOf(_keys[1], 7)}";
        _validator.Find(text).Standing.ShouldBe(CodeStanding.NotOurs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("]")]
    [InlineData("https://id.gs1.org/01/06901234567893/21/1")]
    [InlineData("(01)06901234567892")]
    [InlineData("http://")]
    [InlineData("81234567890123456789")]
    [InlineData("\u0000")]
    public void Anything_else_is_not_ours(string text) => _validator.Find(text).Standing.ShouldBe(CodeStanding.NotOurs);

    [Fact]
    public void Numeric_codes_are_found_in_their_batch()
    {
        KnownBatch first = Batch(1, 100, SerialMode.Numeric);
        KnownBatch second = Batch(2, 100, SerialMode.Numeric, first: 100);
        _validator.Learn(first);
        _validator.Learn(second);
        Find(second.SerialOf(_keys[1], 42)).ShouldSatisfyAllConditions(
            f => f.Batch!.Id.ShouldBe(second.Id), f => f.Counter.ShouldBe(42));
        Find(Batch(3, 1, SerialMode.Numeric, first: 200).SerialOf(_keys[1], 0)).Standing.ShouldBe(CodeStanding.NotOurs);
    }

    [Fact]
    public void Imported_codes_are_found_and_do_not_hide_own_ones()
    {
        KnownList list = new(Guid.NewGuid(), "farm", "vendor", "items", 2);
        UInt128[] digests =
            [ForeignCodes.DigestOf(new(Gtin, "ABC-1")), ForeignCodes.DigestOf(new(null, "81234567890123456789"))];
        Array.Sort(digests);
        _validator.Foreign.Learn(list, digests);
        Find("ABC-1").ShouldSatisfyAllConditions(
            f => f.Standing.ShouldBe(CodeStanding.InUse), f => f.List!.Name.ShouldBe("vendor"),
            f => f.Tenant.ShouldBe("farm"));
        _validator.Find("81234567890123456789").Standing.ShouldBe(CodeStanding.InUse);
        Find("ABC-2").Standing.ShouldBe(CodeStanding.NotOurs);
    }

    [Theory]
    [InlineData(SerialMode.Text)]
    [InlineData(SerialMode.Numeric)]
    public async Task A_file_of_codes_can_be_taken_up_at_any_byte(SerialMode mode)
    {
        KnownBatch batch = Batch(1, 5_000, mode);
        CodeLines lines = new(batch, _keys[1]);
        byte[] all = await WriteAsync(lines, new CodeRange(0, 5_000), 0);
        string[] rows = Encoding.ASCII.GetString(all).TrimEnd('\n').Split('\n');
        rows.Length.ShouldBe(5_000);
        string serial = batch.SerialOf(_keys[1], 41);
        rows[41].ShouldBe($"0000000042,{serial},https://id.gs1.org/01/{Gtin}/21/{serial}");
        if (mode == SerialMode.Numeric)
            return;
        all.Length.ShouldBe(5_000 * lines.LineLength);
        foreach (int start in new[] { 1, lines.LineLength - 1, lines.LineLength, 123_457 })
        {
            byte[] rest = await WriteAsync(
                lines, new CodeRange(start / lines.LineLength, 5_000), start % lines.LineLength);
            rest.AsSpan().SequenceEqual(all.AsSpan(start)).ShouldBeTrue();
        }
    }

    private static async Task<byte[]> WriteAsync(CodeLines lines, CodeRange range, int skip)
    {
        MemoryStream stream = new();
        PipeWriter writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        await lines.WriteAsync(writer, range, skip, default);
        await writer.CompleteAsync();
        return stream.ToArray();
    }

    private CodeFinding Find(string serial) => _validator.Find(new ItemCode(Gtin, serial));

    private static KnownBatch Batch(
        int number, int count, SerialMode mode = SerialMode.Text, long first = 0, int keyVersion = 1) => new(
        Guid.NewGuid(), "farm", Gtin,
        new CodeBatchEvent.Opened(
            Gtin, number, count, mode, first, keyVersion, "https://id.gs1.org", Activation.Required, null),
        RangeSet.Empty, RangeSet.Empty, []);
}
