using System.Security.Cryptography;
using Proofs.Notes;
using Proofs.Witnessing;
using Services.Tests.Proofs;
using Shouldly;
using Xunit;

namespace Services.Tests.Anchor;

/// <summary>What a log takes from a witness that it does not trust.</summary>
public sealed class WitnessAnswerTests
{
    private const long Now = (long)TestNetwork.Time;
    private static readonly string Text = new Checkpoint(TestNetwork.Origin, 7, SHA256.HashData([7])).Text;
    private static readonly string Right = Line(TestNetwork.Witness, Text);

    [Fact]
    public void A_cosignature_by_the_witnesss_key_is_taken() =>
        SignedNote.Line(Read(200, Right).Cosignature.ShouldNotBeNull()).ShouldBe(Right);

    [Fact]
    public void Cosignatures_by_unknown_keys_beside_it_are_ignored() =>
        SignedNote.Line(Read(200, Line(Other(), Text) + Right).Cosignature.ShouldNotBeNull()).ShouldBe(Right);

    [Fact]
    public void A_cosignature_by_another_key_of_the_same_name_is_not_taken() =>
        Read(200, Line(Other(TestNetwork.Witness.Public.Name), Text)).Cosignature.ShouldBeNull();

    [Fact]
    public void A_cosignature_of_another_checkpoint_is_not_taken() => Read(200, Line(TestNetwork.Witness,
        new Checkpoint(TestNetwork.Origin, 8, SHA256.HashData([7])).Text)).Cosignature.ShouldBeNull();

    [Fact]
    public void A_plain_signature_by_the_witnesss_key_is_not_taken() => Read(200, Line(
        new NoteSigner(TestNetwork.Witness.Public.Name, NoteAlgorithm.Ed25519, TestNetwork.WitnessSeed), Text))
        .Cosignature.ShouldBeNull();

    [Fact]
    public void A_cosignature_of_a_time_to_come_is_not_taken()
    {
        Read(200, Line(TestNetwork.Witness, Text, Now + WitnessAnswer.ClockTolerance)).Cosignature.ShouldNotBeNull();
        Read(200, Line(TestNetwork.Witness, Text, Now + WitnessAnswer.ClockTolerance + 1)).Cosignature.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("— ")]
    [InlineData("<html>")]
    public void An_answer_that_holds_no_signature_line_is_not_taken(string body) =>
        Read(200, body).Cosignature.ShouldBeNull();

    [Fact]
    public void A_signature_counts_with_the_right_status_only()
    {
        foreach (var status in new[] { 201, 302, 400, 403, 404, 409, 422, 500 })
            Read(status, Right).Cosignature.ShouldBeNull();
    }

    [Theory]
    [InlineData("5\n", 5L)]
    [InlineData("0\n", 0L)]
    [InlineData("5", null)]
    [InlineData("05\n", null)]
    [InlineData("5\n\n", null)]
    [InlineData("-5\n", null)]
    [InlineData("99999999999999999999\n", null)]
    public void A_conflict_names_the_size_in_one_form(string body, long? size) =>
        Read(409, body, AddCheckpoint.SizeContentType).KnownSize.ShouldBe(size);

    [Fact]
    public void A_size_of_another_content_type_is_none() => Read(409, "5\n").KnownSize.ShouldBeNull();

    private static WitnessAnswer Read(int status, string body, string type = "text/plain")
    {
        var answer = WitnessAnswer.Read(status, type, body, Text, TestNetwork.Witness.Public, Now);
        (answer.Fault.Length == 0).ShouldBe(answer.Cosignature is not null);
        return answer;
    }

    private static NoteSigner Other(string name = "other.example") =>
        new(name, NoteAlgorithm.Cosignature, SHA256.HashData("other"u8));

    private static string Line(NoteSigner signer, string text, long time = Now) =>
        SignedNote.Line(signer.Sign(text, (ulong)time));
}
