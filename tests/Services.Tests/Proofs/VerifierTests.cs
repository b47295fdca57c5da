using System.Text;
using Chain.Core;
using Proofs;
using Proofs.Json;
using Shouldly;
using Xunit;

namespace Services.Tests.Proofs;

public sealed class VerifierTests
{
    private const string Folder = "proofs";

    [Fact]
    public void Every_case_is_answered_as_the_format_says()
    {
        foreach (var test in GoldenCases.All())
            Said(Run(test)).ShouldBe(test.Expected, test.Name);
    }

    [Fact]
    public void The_golden_files_are_those_that_the_generator_makes()
    {
        var folder = Path.Combine(VectorFiles.Folder, Folder);
        var write = Environment.GetEnvironmentVariable("WRITE_GOLDEN") == "1";
        var names = new List<string>();
        foreach (var test in GoldenCases.All())
        {
            var path = Path.Combine(folder, test.Name + ".json");
            names.Add(Path.GetFileName(path));
            if (write)
            {
                Directory.CreateDirectory(folder);
                File.WriteAllBytes(path, Write(test));
            }
            File.ReadAllBytes(path).ShouldBe(Write(test), test.Name);
        }
        names.ShouldBeUnique();
        Directory.GetFiles(folder).Select(Path.GetFileName).ShouldBe(names, ignoreOrder: true);
    }

    [Fact]
    public void Every_reason_has_a_case()
    {
        var reasons = typeof(Reason).GetFields().Select(f => (string)f.GetRawConstantValue()!);
        var seen = GoldenCases.All().SelectMany(c => c.Expected.Split(' ')).Append(Reason.ChainNotProven).ToHashSet();
        reasons.Except(seen).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("proven-four-validators", 0)]
    [InlineData("proven-event-withheld", 0)]
    [InlineData("refuted-other-file", 1)]
    [InlineData("unreadable-newline", 2)]
    [InlineData("incomplete-file-but-event-withheld", 3)]
    [InlineData("incomplete-newer-validators", 3)]
    public void The_exit_code_follows_the_verdict(string name, int code) =>
        Run(GoldenCases.All().Single(c => c.Name == name)).ExitCode.ShouldBe(code);

    [Fact]
    public void A_bundle_of_another_group_is_not_proven()
    {
        var one = new Draft().Case("", "");
        var other = new Draft { Network = new TestNetwork(4, "other group") }.Case("", "");
        Verifier.Verify(one.Bundle, other.Trust).Verdict.ShouldNotBe(Verdict.Proven);
    }

    [Fact]
    public void The_fingerprint_has_eight_groups_of_four_digits() =>
        TrustFile.Fingerprint(new Draft().Case("", "").Trust).ShouldMatch("^([0-9a-f]{4}-){7}[0-9a-f]{4}$");

    [Fact]
    public void A_valid_bundle_with_any_byte_changed_is_never_proven()
    {
        foreach (var name in new[] { "proven-one-validator", "proven-event-withheld" })
        {
            var test = GoldenCases.All().Single(c => c.Name == name);
            var bytes = test.Bundle.ToArray();
            for (var i = 0; i < bytes.Length; i++)
            {
                var right = bytes[i];
                foreach (var wrong in new[] { (byte)(right ^ 1), (byte)(right ^ 0x80), (byte)(right + 1) })
                {
                    bytes[i] = wrong;
                    Verifier.Verify(bytes, test.Trust).Verdict.ShouldNotBe(Verdict.Proven, $"{name}, byte {i}: {right} → {wrong}");
                }
                bytes[i] = right;
            }
            Verifier.Verify(bytes, test.Trust).Verdict.ShouldBe(Verdict.Proven);
        }
    }

    [Fact]
    public void A_trust_file_with_any_byte_of_its_second_set_changed_is_never_proven()
    {
        var test = GoldenCases.All().Single(c => c.Name == "proven-by-second-set");
        var bytes = test.Trust.ToArray();
        var start = Encoding.UTF8.GetString(bytes).IndexOf("\"accountProof\"");
        var end = Encoding.UTF8.GetString(bytes).IndexOf("\"witnesses\"");
        for (var i = start; i < end; i += 7)
        {
            var right = bytes[i];
            bytes[i] ^= 1;
            Verifier.Verify(test.Bundle, bytes).Verdict.ShouldNotBe(Verdict.Proven, $"byte {i}");
            bytes[i] = right;
        }
    }

    private static VerificationResult Run(GoldenCase test) =>
        Verifier.Verify(test.Bundle, test.Trust, test.File is { } file ? Hash32.Parse(file) : null);

    private static string Said(VerificationResult result) => result.Answers is { } a
        ? $"{a.Content.Reason} {a.Log.Reason} {a.Chain.Reason}"
        : result.Unreadable!;

    private static byte[] Write(GoldenCase test) => CanonicalJson.Write(JsonObject.Of(
        ("bundle", new JsonString(Convert.ToBase64String(test.Bundle))),
        ("trust", new JsonString(Convert.ToBase64String(test.Trust))),
        ("file", test.File is { } file ? new JsonString(file) : JsonNull.Instance),
        ("result", CanonicalJson.Parse(Run(test).ToJson())!)));
}
