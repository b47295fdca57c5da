using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Proofs.Merkle;
using Proofs.Notes;
using Proofs.Witnessing;
using Services.Tests.Proofs;
using Shouldly;
using Xunit;

namespace Services.Tests.Anchor;

/// <summary>What a witness answers, as C2SP tlog-witness says.</summary>
public sealed class WitnessStepTests
{
    private const int SizeMax = 300;
    private static readonly TestLog Log = new(SizeMax, "");
    private static readonly TestLog Fork = new(SizeMax, "other");

    [Fact]
    public void Every_consistent_step_is_cosigned() => ForTwoSizes((old, size) =>
        Decide(Log.Request(old, size), old == 0 ? null : Log.At(old)).Verdict == WitnessVerdict.Cosign);

    [Fact]
    public void No_step_onto_a_fork_is_cosigned() => ForTwoSizes((old, size) => old == 0
        || Decide(Fork.Request(old, size), Log.At(old)).Verdict
            == (old == size ? WitnessVerdict.Conflict : WitnessVerdict.Inconsistent));

    [Fact]
    public void An_old_size_that_is_not_the_last_cosigned_one_is_a_conflict_which_names_that() =>
        ForTwoSizes((old, size) =>
        {
            foreach (var known in new[] { old + 1, old - 1 }.Where(k => k is > 0 and <= SizeMax))
            {
                var decision = Decide(Log.Request(old, size), Log.At(known));
                if (decision.Verdict != WitnessVerdict.Conflict || decision.KnownSize != known)
                    return false;
            }
            return true;
        });

    [Fact]
    public void A_proof_with_a_surplus_a_missing_or_a_changed_hash_is_refused() => ForTwoSizes((old, size) =>
    {
        var right = Log.Request(old, size);
        var surplus = right with { Proof = [.. right.Proof, SHA256.HashData([1])] };
        var wrong = new List<AddCheckpoint> { surplus };
        if (right.Proof.Count > 0)
        {
            wrong.Add(right with { Proof = [.. right.Proof.Skip(1)] });
            wrong.Add(right with { Proof = [.. right.Proof.SkipLast(1), SHA256.HashData([2])] });
        }
        return wrong.All(w => Decide(w, old == 0 ? null : Log.At(old)).Verdict == WitnessVerdict.Inconsistent);
    });

    [Fact]
    public void An_old_size_above_the_checkpoints_is_malformed() =>
        Decide(Log.Request(5, 5) with { OldSize = 6 }, Log.At(6)).Verdict.ShouldBe(WitnessVerdict.Malformed);

    [Fact]
    public void An_unknown_log_is_not_found() =>
        WitnessStep.Decide(Log.Request(0, 5), _ => null, _ => null).Verdict.ShouldBe(WitnessVerdict.UnknownOrigin);

    [Fact]
    public void A_checkpoint_that_the_log_did_not_sign_is_forbidden()
    {
        var request = Log.Request(0, 5);
        Decide(request with { Note = request.Note.Replace("\n5\n", "\n6\n", StringComparison.Ordinal) }, null)
            .Verdict.ShouldBe(WitnessVerdict.NotSigned);
        var other = new NoteSigner(TestNetwork.Origin, NoteAlgorithm.Ed25519, SHA256.HashData("another"u8));
        var text = Log.At(5).Text;
        Decide(request with { Note = new SignedNote(text, [other.Sign(text)]).ToString() }, null)
            .Verdict.ShouldBe(WitnessVerdict.NotSigned);
    }

    [Fact]
    public void Signatures_by_unknown_keys_beside_the_logs_are_ignored()
    {
        var request = Log.Request(0, 5);
        var cosigned = request with { Note = TestNetwork.Cosign(request.Note) };
        Decide(cosigned, null).Verdict.ShouldBe(WitnessVerdict.Cosign);
    }

    [Fact]
    public void A_tree_without_leaves_has_one_root_only()
    {
        Decide(Log.Request(0, 0), null).Verdict.ShouldBe(WitnessVerdict.Cosign);
        var other = new Checkpoint(TestNetwork.Origin, 0, SHA256.HashData([1]));
        Decide(new AddCheckpoint(0, [], TestNetwork.Log.Sign(other)), null).Verdict.ShouldBe(WitnessVerdict.Conflict);
    }

    [Fact]
    public void A_request_is_read_as_it_was_written() => ForTwoSizes((old, size) =>
    {
        var request = Log.Request(old, size);
        return AddCheckpoint.Parse(request.ToString()) is { } read && read.OldSize == old && read.Note == request.Note
            && read.Proof.Select(Convert.ToBase64String).SequenceEqual(request.Proof.Select(Convert.ToBase64String));
    });

    [Theory]
    [InlineData("")]
    [InlineData("old 1\n")]
    [InlineData("old 01\n\nnote\n")]
    [InlineData("old -1\n\nnote\n")]
    [InlineData("old 9007199254740992\n\nnote\n")]
    [InlineData("Old 1\n\nnote\n")]
    [InlineData("old 1 \n\nnote\n")]
    [InlineData("old 1\nAAAA\n\nnote\n")]
    [InlineData("old 1\r\n\r\nnote\n")]
    public void A_request_of_another_form_is_malformed(string body) => AddCheckpoint.Parse(body).ShouldBeNull();

    [Fact]
    public void A_request_with_more_than_63_hashes_is_malformed()
    {
        var hash = Convert.ToBase64String(new byte[32]) + "\n";
        AddCheckpoint.Parse("old 1\n" + string.Concat(Enumerable.Repeat(hash, 63)) + "\nnote\n").ShouldNotBeNull();
        AddCheckpoint.Parse("old 1\n" + string.Concat(Enumerable.Repeat(hash, 64)) + "\nnote\n").ShouldBeNull();
    }

    private static WitnessDecision Decide(AddCheckpoint request, Checkpoint? last) => WitnessStep.Decide(
        AddCheckpoint.Parse(request.ToString()), o => o == TestNetwork.Origin ? TestNetwork.Log.Public : null, _ => last);

    private static void ForTwoSizes(Func<int, int, bool> rule)
    {
        var sizes = Gen.Choose(1, SizeMax).SelectMany(size => Gen.Choose(0, size).Select(old => (old, size)));
        Prop.ForAll(Arb.From(sizes), s => rule(s.old, s.size)).QuickCheckThrowOnFailure();
    }

    /// <summary>A log in memory.</summary>
    private sealed class TestLog
    {
        private readonly Dictionary<string, byte[]> _tiles = [];
        private readonly List<byte[]> _roots = [];

        public TestLog(int size, string word)
        {
            var tree = new TiledTree();
            _roots.Add(tree.Root());
            for (var i = 0; i < size; i++)
            {
                tree.Append(MerkleTree.LeafHash(System.Text.Encoding.UTF8.GetBytes($"{word}{i}")));
                _roots.Add(tree.Root());
                foreach (var (id, bytes) in tree.TakeTiles())
                    _tiles[id.Path] = bytes;
            }
        }

        public Checkpoint At(int size) => new(TestNetwork.Origin, size, _roots[size]);

        public AddCheckpoint Request(int old, int size) => new(old,
            MerkleTree.ConsistencyProof(new TileHashes((ulong)size, id => _tiles[id.Path]), (ulong)old, (ulong)size),
            TestNetwork.Log.Sign(At(size)));
    }
}
