using System.Text;
using Proofs.Notes;
using Shouldly;
using Xunit;

namespace Services.Tests.Proofs;

public sealed class NoteTests
{
    // The key of the example in the tlog-cosignature specification is not published; this pair is of RFC 8032 §7.1.
    private const string Text = "example.com/log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    [Fact]
    public void Ed25519_vectors_are_answered_as_they_say()
    {
        var groups = VectorFiles.Json(VectorFiles.Gunzip("ed25519/ed25519_test.json.gz")).GetProperty("testGroups");
        var run = 0;
        foreach (var group in groups.EnumerateArray())
        {
            var key = Convert.FromHexString(group.GetProperty("publicKey").GetProperty("pk").GetString()!);
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                var message = Convert.FromHexString(test.GetProperty("msg").GetString()!);
                var signature = Convert.FromHexString(test.GetProperty("sig").GetString()!);
                Ed25519.Verify(key, message, signature)
                    .ShouldBe(test.GetProperty("result").GetString() == "valid", test.GetProperty("tcId").ToString());
                run++;
            }
        }
        run.ShouldBe(103);
    }

    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")] // the neutral element
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // order 2
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")] // order 4
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")] // order 8
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // y = p + 1, not canonical
    [InlineData("0100000000000000000000000000000000000000000000000000000000000080")] // x = 0 with a sign
    public void Keys_of_small_order_or_other_spelling_verify_nothing(string key)
    {
        // With such keys S = 0 and R = neutral would verify every message.
        var signature = new byte[64];
        signature[0] = 1;
        Ed25519.Verify(Convert.FromHexString(key), [1, 2, 3], signature).ShouldBeFalse();
    }

    [Fact]
    public void A_note_is_read_only_in_its_own_spelling()
    {
        var note = new SignedNote(Text, [new("example.com/log", 7, new byte[64])]).ToString();
        SignedNote.Parse(note).ShouldNotBeNull().ToString().ShouldBe(note);
        foreach (var other in new[]
        {
            note[..^1], note + "\n", note.Replace("— ", "- "), note.Replace("\n\n", "\n"), note.Replace("— ", "—  "),
            note + "— a+b AAAAAAAA\n", note + "— a AAAAAA==\n", note + "— a AAAAAAB=\n", note.Replace("3", "\u0001"), "",
        })
        {
            SignedNote.Parse(other).ShouldBeNull(other);
        }
    }

    [Theory]
    [InlineData("example.com/log\n03\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("example.com/log\n+3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("example.com/log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n")]
    [InlineData("example.com/log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nmore\n")]
    [InlineData("example.com/log\n9007199254740992\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("example log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    public void A_checkpoint_of_another_spelling_is_refused(string text)
    {
        Checkpoint.Parse(Text).ShouldNotBeNull();
        Checkpoint.Parse(text).ShouldBeNull();
    }

    [Fact]
    public void The_key_id_is_that_of_the_published_example()
    {
        // transparency-dev/tessera testdata/log: key and checkpoint.
        var note = SignedNote.Parse(Encoding.UTF8.GetString(VectorFiles.Unzip("merkle/tessera-log.zip")["checkpoint"]))!;
        note.Signatures.ShouldHaveSingleItem().KeyId.ShouldBe(0x33d7b496u);
    }
}
