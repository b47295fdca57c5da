using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Core;
using Prepaid.Cards;
using Prepaid.Liabilities;
using Proofs;
using Proofs.Liabilities;
using Proofs.Notes;
using Services.Tests.Proofs;
using Shouldly;
using Xunit;
using Receipt = Prepaid.Receipts.Receipt;

namespace Services.Tests.Prepaid;

/// <summary>
/// The files that a holder checks, and every way of cheating with them. Each case is also a golden file for the browser's
/// verifier, in <c>tests/Vectors/liabilities</c>.
/// </summary>
public sealed class LiabilityFileTests
{
    private const string Merchant = "gym";
    private static readonly DateOnly Day = new(2026, 3, 2);
    private static readonly Guid Own = new(1, 0, 0, new byte[8]);
    private static readonly Guid Friend = new(2, 0, 0, new byte[8]);
    private static readonly Address Registry = Address.Parse("0x0000000000000000000000000000000000001003");
    private static readonly Hash32 Code = Keccak256.Hash("liabilities"u8);
    private static readonly TestNetwork Chain = new(4);

    public static TheoryData<string> Cases => [.. Make().Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_case_has_its_verdict(string name)
    {
        Golden given = Make()[name];
        LiabilityResult result = LiabilityAudit.Check(given.Receipt, given.Proof, given.Root, given.Trust);
        name.ShouldStartWith(result.Verdict.ToString().ToLowerInvariant());
        name.ShouldEndWith(result.Reason);
        string file = Path.Combine(VectorFiles.Folder, "liabilities", name + ".json");
        string golden = new JsonObject
        {
            ["receipt"] = given.Receipt,
            ["proof"] = Convert.ToBase64String(given.Proof),
            ["root"] = Convert.ToBase64String(given.Root),
            ["trust"] = Convert.ToBase64String(given.Trust),
            ["result"] = JsonNode.Parse(result.ToJson()),
        }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
        if (Environment.GetEnvironmentVariable("WRITE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, golden);
        }
        File.ReadAllText(file).ShouldBe(golden);
    }

    [Fact]
    public void A_stored_tree_gives_the_proofs_of_the_tree()
    {
        foreach (int count in new[] { 1, 3, 200, 1_500 })
        {
            CardBalance[] cards = [.. Enumerable.Range(1, count).Select(i =>
                new CardBalance(new Guid(i * 7_919, 0, 0, new byte[8]), new Liability(i, i % 5), i))];
            LiabilityTree tree = LiabilityTree.Build(Merchant, Day, cards, Bytes(count));
            (Guid First, byte[] Bytes)[] runs = [.. StoredTree.Runs(tree)];
            int shift = StoredTree.TopLevel(tree.Root.Depth);
            foreach (CardBalance card in cards.Where((_, i) => i % 37 == 0))
            {
                byte[] run = runs.Last(r => r.First.CompareTo(card.Card) <= 0).Bytes;
                (int first, int second) = StoredTree.Find(run, card.Card).ShouldNotBeNull();
                LiabilityProof[] proofs = [.. new[] { first, second }.Select(index => StoredTree.Prove(
                    index, tree.Root.Depth, Merchant, Day, tree.Blocks[index >> shift], tree.Top))];
                LiabilityCheck.Verify(tree.Root, Merchant, Day, card, proofs).ShouldBe(LiabilityFault.None);
                StoredTree.Find(run, new Guid(3, 3, 3, new byte[8])).ShouldBeNull();
            }
        }
    }

    [Fact]
    public void A_proof_in_a_tree_of_a_million_cards_is_below_4_KB()
    {
        LiabilityProof leaf = new((1L << 21) - 1, new LiabilityLeaf(Own, new byte[16], new Liability(1 << 30, 1 << 30), 999_999),
            [.. Enumerable.Repeat(new ProofStep(new Liability(Liability.Limit - 1, Liability.Limit - 1), new byte[32]), 21)]);
        new LiabilityProofFile("91310000MA1FL5XX0A", Day, [leaf, leaf]).ToBytes().Length.ShouldBeLessThan(4_096);
    }

    [Fact]
    public void A_holder_counts_a_lot_on_later_days_as_the_service_does()
    {
        Lot year = new("y", LotKind.Timed, Day, 3_650_01, 99, 365, null, Day, Day.AddDays(365), DrawOrder.InProportion, "c");
        Card card = Held(year, Lot("v", 100_00));
        ReceiptClaim claim = ReceiptClaim.Parse(Note(Own, card, Day)).ShouldNotBeNull();
        for (int later = 0; later < 400; later += 13)
        {
            Owed owed = Owed.For(card, Day.AddDays(later));
            claim.On(Day.AddDays(later)).Owed.ShouldBe(new Liability(owed.PrincipalFen, owed.GiftFen));
        }
    }

    private static Dictionary<string, Golden> Make()
    {
        Card own = Held(Lot("1", 500_00));
        CardBalance mine = new(Own, new Liability(500_00, 0), 1);
        CardBalance[] all = [mine, new CardBalance(Friend, new Liability(500_00, 20_00), 1)];
        LiabilityTree tree = LiabilityTree.Build(Merchant, Day, all, Bytes(1));
        string receipt = Note(Own, own, Day);
        byte[] trust = Trust();
        byte[] proof = Proof(tree.Prove(Own)!, Day);
        byte[] root = Root(tree.Root, Day);
        LiabilityTree less = LiabilityTree.Build(
            Merchant, Day, [mine with { Owed = new Liability(400_00, 0) }, all[1]], Bytes(3));
        LiabilityTree next = LiabilityTree.Build(Merchant, Day.AddDays(1), all, Bytes(4));
        LiabilityProof half = tree.Prove(Own)![0];
        LiabilityProof negative = half with
        {
            Path = [half.Path[0] with { Sum = new Liability(-1, 0) }, .. half.Path.Skip(1)],
        };
        Golden good = new(receipt, proof, root, trust);
        return new Dictionary<string, Golden>
        {
            ["proven-counted-ok"] = good,
            ["proven-days-later-ok"] = good with
            {
                Proof = Proof(next.Prove(Own)!, Day.AddDays(1)),
                Root = Root(next.Root, Day.AddDays(1)),
            },
            // The chain has one root; a second tree that counts another balance does not lead to it.
            ["refuted-two-trees-other-root"] = good with { Proof = Proof(less.Prove(Own)!, Day) },
            ["refuted-understated-other-balance"] = good with { Proof = Proof(less.Prove(Own)!, Day), Root = Root(less.Root, Day) },
            ["refuted-shown-leaf-of-other-card"] = good with { Proof = Proof(tree.Prove(Friend)!, Day) },
            ["refuted-one-leaf-twice-not-two-leaves"] = good with { Proof = Proof([half, half], Day) },
            ["refuted-swapped-day-other-day"] = good with { Proof = Proof(next.Prove(Own)!, Day.AddDays(1)) },
            ["refuted-relabelled-day-other-root"] = good with { Root = Root(next.Root, Day) },
            ["refuted-negative-sum-bad-sum"] = good with { Proof = Proof([negative, tree.Prove(Own)![1]], Day) },
            ["refuted-total-of-another-state-other-total"] = good with
            {
                Root = Root(tree.Root with { Total = new Liability(500_00, 0) }, Day),
            },
            ["refuted-older-receipt-other-receipt"] = good with { Receipt = Note(Own, Redeemed(own), Day) },
            ["refuted-receipt-after-the-day-other-day"] = good with { Receipt = Note(Own, own, Day.AddDays(1)) },
            ["refuted-another-merchant-other-merchant"] = good with { Receipt = Note(Own, own with { Merchant = "spa" }, Day) },
            ["refuted-no-root-of-the-day-no-root"] = good with { Root = Root(null, Day) },
            ["refuted-forged-storage-state-proof"] = good with
            {
                Root = Root(tree.Root, Day, s => s with { StorageProofs = [s.StorageProofs[1], s.StorageProofs[0]] }),
            },
            ["refuted-two-seals-of-four-seal-quorum"] = good with { Root = Root(tree.Root, Day, seals: 2) },
            ["refuted-other-contract-state-proof"] = good with { Root = Root(tree.Root, Day, code: Keccak256.Hash("evil"u8)) },
            ["unreadable-cut-proof"] = good with { Proof = proof[..^1] },
            ["unreadable-cut-root"] = good with { Root = root[..^1] },
            ["unreadable-words-receipt"] = good with { Receipt = "I paid." },
            ["unreadable-cut-trust-file"] = good with { Trust = trust[..^1] },
        };
    }

    private static Lot Lot(string id, long paid) =>
        new(id, LotKind.Value, Day, paid, 0, paid, null, null, null, DrawOrder.InProportion, "c");

    private static Card Held(params Lot[] lots) => lots.Select((lot, i) => (CardEvent)new CardEvent.Sold(i + 1, lot, "north"))
        .Prepend(new CardEvent.Opened(Merchant, "north", null, false, "", false)).Aggregate(Card.Initial, Card.Evolve);

    private static Card Redeemed(Card card) => Card.Evolve(card, new CardEvent.Redeemed(
        2, "r", "north", HolderProof.Clerk, [new Draw("1", 0, 0, 0, default)], null, null));

    private static string Note(Guid id, Card card, DateOnly day)
    {
        NoteSigner signer = new("prepaid-receipts", NoteAlgorithm.Ed25519, new byte[32]);
        string text = Receipt.Text(id, card, new CardEvent.KeyChanged(card.Receipts, null, ""), (Guid.Empty, "00"),
            new DateTimeOffset(day, new TimeOnly(4, 0), TimeSpan.Zero), day);
        return new SignedNote(text, [signer.Sign(text)]).ToString();
    }

    private static byte[] Proof(IReadOnlyList<LiabilityProof> proofs, DateOnly day) =>
        new LiabilityProofFile(Merchant, day, proofs).ToBytes();

    private static byte[] Trust() => (Chain.Trust() with
    {
        Group = "prepaid",
        Contracts = [.. Chain.Trust().Contracts, new TrustedContract(LiabilityRootFile.Contract, Registry, Code)],
    }).ToBytes();

    /// <summary>A block whose state holds the root as the contract stores it.</summary>
    private static byte[] Root(
        LiabilityRoot? root, DateOnly day, Func<StateProof, StateProof>? change = null, int? seals = null, Hash32? code = null)
    {
        IReadOnlyList<Hash32> slots = LiabilityRootFile.Slots(Merchant, day);
        List<(byte[], byte[])> words = [(new byte[32], TestNetwork.Scalar(UInt256.One))];
        if (root is not null)
        {
            words.Add((slots[0].ToArray(), TestNetwork.Scalar(UInt256.FromBigEndian(root.Hash))));
            byte[] figures = new byte[32];
            figures[7] = (byte)root.Depth;
            BinaryPrimitives.WriteInt64BigEndian(figures.AsSpan(8), 1_772_000_000);
            BinaryPrimitives.WriteInt64BigEndian(figures.AsSpan(16), root.Total.GiftFen);
            BinaryPrimitives.WriteInt64BigEndian(figures.AsSpan(24), root.Total.PrincipalFen);
            words.Add((slots[1].ToArray(), TestNetwork.Scalar(UInt256.FromBigEndian(figures))));
        }
        TestTrie storage = TestTrie.OfState(words);
        TestTrie state = TestTrie.OfState([(Registry.ToArray(), TestNetwork.Account(storage.Root, code ?? Code)),
            (TestNetwork.Governance.ToArray(), TestNetwork.Account(BlockHeader.EmptyTrieRoot, TestNetwork.GovernanceCode))]);
        BlockHeader header = Chain.Seal(Chain.Header(9, state: state.Root), seals);
        StateProof proof = new(header.Encode(), state.ProveState(Registry.ToArray()),
            [.. slots.Select(s => (IReadOnlyList<byte[]>)storage.ProveState(s.ToArray()))]);
        return new LiabilityRootFile(Merchant, day, change is null ? proof : change(proof)).ToBytes();
    }

    private static Action<Span<byte>> Bytes(int seed)
    {
        Random random = new(seed);
        return span => random.NextBytes(span);
    }

    private sealed record Golden(string Receipt, byte[] Proof, byte[] Root, byte[] Trust);
}
