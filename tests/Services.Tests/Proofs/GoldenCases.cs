using Chain.Core;
using Proofs;
using Proofs.Merkle;
using Proofs.Notes;

namespace Services.Tests.Proofs;

/// <summary>Bundles that prove, bundles that prove a part, and one refusal for every reason of content and log.</summary>
internal static class GoldenCases
{
    public const string Proven = "ok ok ok";

    public static IEnumerable<GoldenCase> All() =>
        [.. Right(), .. Partial(), .. ContentAndLog(), .. GoldenChainCases.All(), .. GoldenFormCases.All()];

    private static IEnumerable<GoldenCase> Right()
    {
        var file = TestNetwork.Event(Draft.FileDigest);
        yield return new Draft().Case("proven-four-validators", Proven);
        yield return new Draft { Network = new TestNetwork(1) }.Case("proven-one-validator", Proven);
        yield return new Draft { Network = new TestNetwork(7), Block = (n, c) => n.Block(c, seals: 5) }
            .Case("proven-five-of-seven", Proven);
        yield return new Draft { Block = (n, c) => n.Block(c, seals: 3) }.Case("proven-three-of-four", Proven);
        yield return new Draft { Block = (n, c) => n.Block(c, round: 2) }.Case("proven-in-round-two", Proven);
        yield return new Draft { Event = file, File = Draft.FileDigest }.Case("proven-with-file", Proven);
        yield return new Draft { Event = file }.Case("proven-file-not-given", "no-file ok ok");
        yield return new Draft { Withhold = true }.Case("proven-event-withheld", "event-withheld ok ok");
        yield return new Draft { Index = 0, Size = 1 }.Case("proven-only-entry", Proven);
        yield return new Draft { Index = 69_999, Size = 70_000 }.Case("proven-last-of-70000", Proven);
        yield return new Draft { Index = 65_536, Size = 70_000 }.Case("proven-inside-70000", Proven);
        yield return new Draft { Block = (n, c) => n.Block(c, type: TransactionType.Legacy) }
            .Case("proven-legacy-transaction", Proven);
        yield return new Draft { Block = (n, c) => n.Block(c, type: TransactionType.AccessList) }
            .Case("proven-access-list-transaction", Proven);
        yield return new Draft { Block = (n, c) => Crowded(n, c, 300, 2) }.Case("proven-transaction-2-of-300", Proven);
        yield return new Draft { Block = (n, c) => Crowded(n, c, 300, 128) }.Case("proven-transaction-128-of-300", Proven);
        yield return new Draft { Block = (n, c) => Crowded(n, c, 300, 299) }.Case("proven-transaction-299-of-300", Proven);
        yield return new Draft { Block = OtherLogs }.Case("proven-with-other-logs", Proven);
        yield return new Draft { Log = l => l with { Checkpoint = TestNetwork.Cosign(l.Checkpoint) } }
            .Case("proven-with-witness", Proven);
        yield return new Draft { Trust = t => t with { Pin = new PinnedBlock(20, Hash32.Zero) } }
            .Case("proven-below-pin", Proven);
        yield return new Draft
        {
            Block = (n, c) => n.Block(c, epoch: 1),
            Trust = t => t with { Logs = [new TrustedLog("apps.example/lost", t.Logs[0].PublicKey), .. t.Logs] },
        }.Case("proven-in-epoch-one", Proven);
        var next = new TestNetwork(5, "later");
        yield return new Draft
        {
            Block = (n, c) => next.Block(c, number: 12),
            Trust = t => t with { Validators = [.. t.Validators, new TestNetwork(4).Adopt(next, 12)] },
        }.Case("proven-by-second-set", Proven);
        yield return new Draft
        {
            Trust = t => t with { Validators = [.. t.Validators, new TestNetwork(4).Adopt(next, 12)] },
        }.Case("proven-by-first-of-two-sets", Proven);
        var last = new TestNetwork(1, "last");
        yield return new Draft
        {
            Block = (n, c) => last.Block(c, number: 40),
            Trust = t => t with
            {
                Validators = [.. t.Validators, new TestNetwork(4).Adopt(next, 12, seals: 3), next.Adopt(last, 30, seals: 4)],
            },
        }.Case("proven-by-third-set", Proven);
    }

    private static IEnumerable<GoldenCase> Partial()
    {
        var next = new TestNetwork(5, "later");
        yield return new Draft { Withhold = true, File = Draft.FileDigest }
            .Case("incomplete-file-but-event-withheld", "event-withheld ok ok");
        yield return new Draft { Block = (n, c) => next.Block(c, number: 12) }
            .Case("incomplete-newer-validators", "ok ok needs-newer-trust-file");
        yield return new Draft
        {
            Block = (n, c) => next.Block(c, number: 12),
            Trust = t => t with { Pin = new PinnedBlock(11, Hash32.Zero) },
        }.Case("incomplete-newer-validators-above-pin", "ok ok needs-newer-trust-file");
        yield return new Draft
        {
            Trust = t => t with
            {
                Validators = [.. t.Validators, new TestNetwork(4).Adopt(next, 12)],
                Pin = new PinnedBlock(12, Hash32.Zero),
            },
        }.Case("incomplete-former-validators", "ok ok sealed-by-former-validators");
    }

    private static IEnumerable<GoldenCase> ContentAndLog()
    {
        var file = TestNetwork.Event(Draft.FileDigest);
        var other = new string('0', 64);
        yield return new Draft { Event = file, File = other }.Case("refuted-other-file", "file-mismatch ok ok");
        yield return new Draft { File = Draft.FileDigest }.Case("refuted-event-without-file", "event-names-no-file ok ok");
        yield return new Draft { Log = l => l with { Index = 2 } }.Case("refuted-other-index", "ok inclusion-mismatch ok");
        yield return new Draft { Log = l => l with { Index = 7 } }
            .Case("refuted-index-beyond-size", "ok inclusion-mismatch ok");
        yield return new Draft { Log = l => l with { Path = [.. l.Path.Skip(1)] } }
            .Case("refuted-short-path", "ok inclusion-mismatch ok");
        yield return new Draft { Log = l => l with { Path = [.. l.Path, MerkleTree.EmptyRoot()] } }
            .Case("refuted-long-path", "ok inclusion-mismatch ok");
        yield return new Draft { Log = l => l with { Checkpoint = Signed(l, (s, i) => i == 0 ? Flipped(s) : s) } }
            .Case("refuted-log-signature", "ok checkpoint-signature ok");
        yield return new Draft { Log = l => l with { Checkpoint = Signed(l, (s, _) => s with { KeyId = s.KeyId ^ 1 }) } }
            .Case("refuted-log-key-id", "ok checkpoint-signature ok");
        yield return new Draft { Log = l => l with { Checkpoint = Cosigned(l, 2) } }
            .Case("refuted-witness-twice", "ok checkpoint-signature ok");
        yield return new Draft { Log = l => l with { Checkpoint = TestNetwork.Cosign(l.Checkpoint, name: "stranger") } }
            .Case("refuted-strange-witness", "ok checkpoint-signature ok");
        yield return new Draft
        {
            Log = l => l with { Checkpoint = Signed(Cosigned(l, 1), (s, i) => i == 1 ? Flipped(s) : s) },
        }.Case("refuted-witness-signature", "ok checkpoint-signature ok");
        yield return new Draft
        {
            Log = l => l with { Checkpoint = new SignedNote(Note(l).Text, [.. Note(Cosigned(l, 1)).Signatures.Reverse()]).ToString() },
        }.Case("refuted-witness-before-log", "ok checkpoint-signature ok");
        yield return new Draft
        {
            Trust = t => t with { Logs = [new TrustedLog("apps.example/other", t.Logs[0].PublicKey)] },
        }.Case("refuted-other-origin", "ok checkpoint-origin checkpoint-not-on-chain");
    }

    private static ChainPart Crowded(TestNetwork network, Checkpoint checkpoint, int count, int index)
    {
        var sent = Enumerable.Range(0, count).Select(i =>
            TestNetwork.Send(to: i == index ? TestNetwork.Registry : TestNetwork.Governance, nonce: (ulong)i)).ToList();
        var received = sent.Select((t, i) => new Receipt(t.Type, true, 60_000 * (ulong)(i + 1),
            i == index ? [TestNetwork.Recorded(checkpoint)] : [])).ToList();
        return network.Block(sent, received, index);
    }

    private static ChainPart OtherLogs(TestNetwork network, Checkpoint checkpoint)
    {
        var recorded = TestNetwork.Recorded(checkpoint);
        return network.Block([TestNetwork.Send()], [new Receipt(TransactionType.DynamicFee, true, 60_000,
        [
            recorded with { Address = TestNetwork.Governance },
            recorded with { Topics = [Keccak256.Hash("Other()"u8)] },
            recorded with { Topics = [] },
            recorded,
        ])]);
    }

    private static SignedNote Note(LogPart log) => Note(log.Checkpoint);

    private static SignedNote Note(string note) => SignedNote.Parse(note)!;

    private static string Cosigned(LogPart log, int times) =>
        Enumerable.Range(0, times).Aggregate(log.Checkpoint, (note, _) => TestNetwork.Cosign(note));

    private static string Signed(LogPart log, Func<NoteSignature, int, NoteSignature> change) =>
        Signed(log.Checkpoint, change);

    private static string Signed(string note, Func<NoteSignature, int, NoteSignature> change) =>
        new SignedNote(Note(note).Text, [.. Note(note).Signatures.Select(change)]).ToString();

    private static NoteSignature Flipped(NoteSignature signature)
    {
        var bytes = signature.Signature.ToArray();
        bytes[^1] ^= 1;
        return signature with { Signature = bytes };
    }
}
