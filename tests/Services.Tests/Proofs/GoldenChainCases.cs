using Chain.Core;
using Proofs;
using Proofs.Notes;

namespace Services.Tests.Proofs;

/// <summary>One refusal for every reason of the chain's answer.</summary>
internal static class GoldenChainCases
{
    public static IEnumerable<GoldenCase> All() => [.. Headers(), .. Seals(), .. Transactions(), .. Receipts(), .. Records()];

    private static IEnumerable<GoldenCase> Headers()
    {
        yield return Changed("header-21-items", h => h with { RequestsHash = Hash32.Zero });
        yield return Changed("header-17-items",
            h => h with { BlobGasUsed = null, ExcessBlobGas = null, ParentBeaconBlockRoot = null });
        yield return Changed("header-nonce", h => h with { Nonce = 1 });
        yield return Changed("header-difficulty", h => h with { Difficulty = UInt256.Zero });
        yield return Changed("header-mix-hash", h => h with { MixHash = Hash32.Zero });
        yield return Changed("header-ommers", h => h with { OmmersHash = Hash32.Zero });
        yield return Changed("header-lists-validators",
            h => h.WithExtraData(new QbftExtraData(default, [TestNetwork.Registry], null, 0, [])));
        yield return Changed("header-votes",
            h => h.WithExtraData(new QbftExtraData(default, [], new QbftVote(TestNetwork.Registry, true), 0, [])));
        yield return Header("header-trailing-byte", h => [.. h, 0]);
        yield return Header("header-cut", h => h[..^1]);
        yield return Header("header-empty", _ => []);
    }

    private static IEnumerable<GoldenCase> Seals()
    {
        var strangers = new TestNetwork(4, "stranger");
        yield return Sealed("seal-high-s", (n, h) => [HighS(n.SealBy(h, n.Validators[0])), .. All(n, h).Skip(1)], Reason.SealForm);
        yield return Sealed("seal-zero", (n, h) => [default, .. All(n, h).Skip(1)], Reason.SealForm);
        yield return Sealed("seal-twice", (n, h) => [All(n, h)[0], .. All(n, h).Take(3)], Reason.SealDuplicate);
        yield return Sealed("seal-more-than-validators", (n, h) => [.. All(n, h), All(n, h)[0]], Reason.SealDuplicate);
        yield return Sealed("seal-below-quorum", (n, h) => [.. All(n, h).Take(2)], Reason.SealQuorum);
        yield return Sealed("seal-none", (_, _) => [], Reason.SealQuorum);
        yield return Sealed("seal-of-other-round", (n, h) => All(n, h.WithRound(1)), Reason.SealSigner, pinned: true);
        yield return Sealed("seal-forged-beyond-quorum",
            (n, h) => [.. All(n, h).Take(3), strangers.SealBy(h, strangers.Validators[0])], Reason.SealSigner, pinned: true);
        yield return Sealed("seal-by-strangers", (_, h) => All(strangers, h), Reason.SealSigner, pinned: true);
        yield return Sealed("seal-forged-not-bounded",
            (n, h) => [.. All(n, h).Take(3), strangers.SealBy(h, strangers.Validators[0])], Reason.NeedsNewerTrustFile);
        yield return Sealed("seal-stranger-and-high-s",
            (n, h) => [HighS(n.SealBy(h, n.Validators[0])), .. All(strangers, h).Take(3)], Reason.SealForm);
        yield return Changed("coinbase-of-stranger", h => h with { Coinbase = TestNetwork.Registry }, Reason.SealSigner,
            t => t with { Pin = new PinnedBlock(20, Hash32.Zero) });
        yield return new Draft
        {
            Block = (n, c) => new TestNetwork(5, "later").Block(c, number: 11),
            Trust = t => t with { Validators = [.. t.Validators, new TestNetwork(4).Adopt(new TestNetwork(5, "later"), 12)] },
        }.Case("refuted-set-not-yet-in-force", "ok ok " + Reason.SealSigner);
        yield return new Draft { Trust = t => t with { Pin = new PinnedBlock(9, Hash32.Zero) } }
            .Case("refuted-pin", "ok ok " + Reason.PinMismatch);
    }

    private static IEnumerable<GoldenCase> Transactions()
    {
        yield return Part("transaction-proof-surplus",
            c => c with { TransactionProof = [.. c.TransactionProof, [0xc0]] }, Reason.TransactionProof);
        yield return Part("transaction-proof-repeated",
            c => c with { TransactionProof = [.. c.TransactionProof, c.TransactionProof[0]] }, Reason.TransactionProof);
        yield return Part("transaction-proof-empty", c => c with { TransactionProof = [] }, Reason.TransactionProof);
        yield return Part("transaction-proof-of-receipt",
            c => c with { TransactionProof = c.ReceiptProof }, Reason.TransactionProof);
        yield return Part("transaction-index", c => c with { TransactionIndex = 1 }, Reason.TransactionProof);
        yield return Sent("transaction-to-other", TestNetwork.Send(to: TestNetwork.Governance), Reason.TransactionTarget);
        yield return Sent("transaction-of-other-chain", TestNetwork.Send(chainId: 1002), Reason.TransactionTarget);
        yield return Sent("transaction-without-chain",
            TestNetwork.Send(TransactionType.Legacy, chainId: null), Reason.TransactionTarget);
        yield return Sent("transaction-creation", new Transaction
        {
            Type = TransactionType.DynamicFee,
            ChainId = TestNetwork.ChainId,
            GasLimit = 1_000_000,
        }.Sign(TestNetwork.SenderKey), Reason.TransactionTarget);
        yield return Sent("transaction-blob", new Transaction
        {
            Type = TransactionType.Blob,
            ChainId = TestNetwork.ChainId,
            To = TestNetwork.Registry,
            BlobVersionedHashes = [Hash32.Zero],
        }.Sign(TestNetwork.SenderKey), Reason.TransactionProof);
    }

    private static IEnumerable<GoldenCase> Receipts()
    {
        yield return Part("receipt-proof-surplus",
            c => c with { ReceiptProof = [.. c.ReceiptProof, [0xc0]] }, Reason.ReceiptProof);
        yield return Part("receipt-proof-empty", c => c with { ReceiptProof = [] }, Reason.ReceiptProof);
        yield return Part("receipt-proof-of-transaction", c => c with { ReceiptProof = c.TransactionProof }, Reason.ReceiptProof);
        yield return Received("receipt-of-other-type",
            c => new Receipt(TransactionType.AccessList, true, 60_000, [TestNetwork.Recorded(c)]), Reason.ReceiptProof);
        yield return Received("receipt-failed",
            c => new Receipt(TransactionType.DynamicFee, false, 60_000, [TestNetwork.Recorded(c)]), Reason.ReceiptFailed);
        yield return Logged("receipt-without-log", _ => [], Reason.ReceiptLog);
        yield return Logged("receipt-with-two-logs",
            c => [TestNetwork.Recorded(c), TestNetwork.Recorded(c)], Reason.ReceiptLog);
        yield return Logged("receipt-imitated-by-other-contract",
            c => [TestNetwork.Recorded(c, address: TestNetwork.Governance)], Reason.ReceiptLog);
        yield return Logged("receipt-log-without-size",
            c => [TestNetwork.Recorded(c) with { Topics = [.. TestNetwork.Recorded(c).Topics.Take(2)] }], Reason.ReceiptLog);
        yield return Logged("receipt-log-long-data",
            c => [TestNetwork.Recorded(c) with { Data = new byte[96] }], Reason.ReceiptLog);
    }

    private static IEnumerable<GoldenCase> Records()
    {
        yield return Recorded("record-of-other-root", c => c with { Root = new byte[32] });
        yield return Recorded("record-of-other-size", c => c with { Size = c.Size + 1 });
        yield return Recorded("record-of-other-origin", c => c with { Origin = "apps.example/other" });
        yield return new Draft { Block = (n, c) => n.Block(c, epoch: 1) }
            .Case("refuted-record-of-unknown-epoch", "ok ok " + Reason.CheckpointNotOnChain);
        yield return new Draft
        {
            Block = (n, c) => n.Block(c, epoch: 1),
            Trust = t => t with { Logs = [.. t.Logs, new TrustedLog("apps.example/next", t.Logs[0].PublicKey)] },
        }.Case("refuted-record-of-other-epoch", "ok ok " + Reason.CheckpointNotOnChain);
        yield return Logged("record-size-overflow", c =>
        {
            var log = TestNetwork.Recorded(c);
            var wide = log.Topics[2].ToArray();
            wide[0] = 1;
            return [log with { Topics = [log.Topics[0], log.Topics[1], new Hash32(wide)] }];
        }, Reason.CheckpointNotOnChain);
        yield return Logged("record-epoch-overflow", c =>
        {
            var log = TestNetwork.Recorded(c);
            var wide = log.Data.ToArray();
            wide[32] = 1;
            return [log with { Data = wide }];
        }, Reason.CheckpointNotOnChain);
    }

    private static GoldenCase Changed(string name, Func<BlockHeader, BlockHeader> change, string reason = Reason.HeaderForm,
        Func<TrustFile, TrustFile>? trust = null) =>
        new Draft { Block = (n, c) => n.Block(c, change: change), Trust = trust ?? (t => t) }
            .Case("refuted-" + name, "ok ok " + reason);

    private static GoldenCase Header(string name, Func<byte[], byte[]> change) =>
        Part(name, c => c with { Header = change(c.Header) }, Reason.HeaderForm);

    private static GoldenCase Part(string name, Func<ChainPart, ChainPart> change, string reason) =>
        new Draft { Chain = change }.Case("refuted-" + name, "ok ok " + reason);

    // A pinned block above bounds the last set: only then are strangers' seals refuted.
    private static GoldenCase Sealed(string name, Func<TestNetwork, BlockHeader, IReadOnlyList<Signature>> seals,
        string reason, bool pinned = false) => new Draft
        {
            Block = (n, c) =>
            {
                var chain = n.Block(c);
                BlockHeader.TryDecode(chain.Header, out var header);
                return chain with { Header = header.WithSeals(seals(n, header.WithSeals([]))).Encode() };
            },
            Trust = t => pinned ? t with { Pin = new PinnedBlock(20, Hash32.Zero) } : t,
        }.Case((reason == Reason.NeedsNewerTrustFile ? "incomplete-" : "refuted-") + name, "ok ok " + reason);

    private static GoldenCase Sent(string name, Transaction transaction, string reason) => new Draft
    {
        Block = (n, c) => n.Block([transaction], [new Receipt(transaction.Type, true, 60_000, [TestNetwork.Recorded(c)])]),
    }.Case("refuted-" + name, "ok ok " + reason);

    private static GoldenCase Received(string name, Func<Checkpoint, Receipt> receipt, string reason) =>
        new Draft { Block = (n, c) => n.Block([TestNetwork.Send()], [receipt(c)]) }.Case("refuted-" + name, "ok ok " + reason);

    private static GoldenCase Logged(string name, Func<Checkpoint, IReadOnlyList<Log>> logs, string reason) =>
        Received(name, c => new Receipt(TransactionType.DynamicFee, true, 60_000, logs(c)), reason);

    private static GoldenCase Recorded(string name, Func<Checkpoint, Checkpoint> change) =>
        Logged(name, c => [TestNetwork.Recorded(change(c))], Reason.CheckpointNotOnChain);

    private static List<Signature> All(TestNetwork network, BlockHeader header) =>
        [.. network.Validators.Select(v => network.SealBy(header, v))];

    private static Signature HighS(Signature seal)
    {
        var s = UInt256.FromBigEndian(Secp256k1.Order.Bytes) - UInt256.FromBigEndian(seal.S.Bytes);
        return new Signature(seal.R, new Hash32(s.ToBigEndian()), (byte)(1 - seal.YParity));
    }
}
