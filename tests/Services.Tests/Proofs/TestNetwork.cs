using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Anchor.Keys;
using Chain.Core;
using Proofs;
using Proofs.Merkle;
using Proofs.Notes;

namespace Services.Tests.Proofs;

/// <summary>
/// A chain group with keys of its own, small enough to be made in memory: log, blocks, seals and state. Everything is
/// derived from fixed words, so that the same bundle has the same bytes in every run.
/// </summary>
internal sealed class TestNetwork
{
    public const string Origin = "apps.example/evidence";
    public const long ChainId = 1001;
    public const ulong Time = 1_795_334_400;

    public static readonly Address Governance = Address.Parse("0000000000000000000000000000000000001000");
    public static readonly Address Registry = Address.Parse("0000000000000000000000000000000000001001");
    public static readonly Hash32 GovernanceCode = Keccak256.Hash("governance code"u8);
    public static readonly Hash32 Topic = Keccak256.Hash("CheckpointRecorded(bytes32,uint64,bytes32,uint64)"u8);

    private readonly Dictionary<Address, byte[]> _keys = [];

    public TestNetwork(int validators, string name = "validator")
    {
        for (var i = 0; i < validators; i++)
        {
            var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{name} {i}"));
            _keys[Secp256k1.AddressOf(key)] = key;
        }
        Validators = [.. _keys.Keys.Order()];
    }

    public IReadOnlyList<Address> Validators { get; }

    public static byte[] LogSeed { get; } = SHA256.HashData("log"u8);

    public static LogKey Log { get; } = new(Origin, LogSeed);

    public static byte[] WitnessSeed { get; } = SHA256.HashData("witness"u8);

    public static NoteSigner Witness { get; } = new("witness.example/w1", NoteAlgorithm.Cosignature, WitnessSeed);

    public static byte[] SenderKey { get; } = SHA256.HashData("anchor"u8);

    public TrustFile Trust() => new()
    {
        Group = "evidence",
        ChainId = ChainId,
        GenesisHash = Keccak256.Hash("genesis"u8),
        Contracts =
        [
            new TrustedContract("AnchorRegistry", Registry, Keccak256.Hash("registry code"u8)),
            new TrustedContract("Governance", Governance, GovernanceCode),
        ],
        Logs = [new TrustedLog(Origin, Log.Public.PublicKey)],
        Witnesses = [new TrustedWitness("witness.example/w1", Witness.Public.PublicKey)],
        Validators = [new ValidatorSet(0, Validators, null)],
    };

    /// <summary>An event; with a file digest it attests that file.</summary>
    public static byte[] Event(string? fileSha256 = null, string note = "收到")
    {
        var content = fileSha256 is null ? "" : $$"""{"sha256":"{{fileSha256}}","size":5}""";
        var data = fileSha256 is null ? $$"""{"note":"{{note}}"}""" : $$"""{"content":{{content}}}""";
        return Encoding.UTF8.GetBytes(
            $$"""{"actor":"p-1","data":{{data}},"id":"0190b3d4-5a00-7000-8000-000000000001","occurredAt":"2026-11-22T08:00:00.000Z","salt":"00112233445566778899aabbccddeeff","service":"evidence","stream":"deposit-1","type":"evidence.deposited.v1","version":1}""");
    }

    /// <summary>The log with one entry among others, and the entry's part of a bundle.</summary>
    public static (LogPart Part, Checkpoint Checkpoint) LogOf(byte[] digest, int index = 3, int size = 7, LogKey? key = null)
    {
        var (tree, tiles) = (new TiledTree(), new Dictionary<string, byte[]>());
        for (var i = 0; i < size; i++)
            tree.Append(MerkleTree.LeafHash(i == index ? digest : SHA256.HashData(BitConverter.GetBytes(i))));
        foreach (var (id, bytes) in tree.TakeTiles())
            tiles[id.Path] = bytes;
        var log = key ?? Log;
        var checkpoint = new Checkpoint(log.Public.Name, size, tree.Root());
        var path = MerkleTree.InclusionPath(new TileHashes((ulong)size, id => tiles[id.Path]), (ulong)index, (ulong)size);
        return (new LogPart(index, path, log.Sign(checkpoint)), checkpoint);
    }

    public static string Cosign(string note, ulong time = Time, string name = "witness.example/w1")
    {
        var key = new NoteSigner(name, NoteAlgorithm.Cosignature, WitnessSeed);
        return note + SignedNote.Line(key.Sign(SignedNote.Parse(note)!.Text, time));
    }

    public static Transaction Send(TransactionType type = TransactionType.DynamicFee, Address? to = null, ulong? chainId = ChainId,
        ulong nonce = 0) => new Transaction
        {
            Type = type,
            ChainId = chainId,
            Nonce = nonce,
            GasLimit = 1_000_000,
            To = to ?? Registry,
            Data = "checkpoint"u8.ToArray(),
        }.Sign(SenderKey);

    public static Log Recorded(Checkpoint checkpoint, ulong epoch = 0, Address? address = null)
    {
        var data = new byte[64];
        checkpoint.Root.CopyTo(data, 0);
        BinaryPrimitives.WriteUInt64BigEndian(data.AsSpan(56), epoch);
        var size = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(size, (ulong)checkpoint.Size);
        return new Log(address ?? Registry,
            [Topic, new Hash32(SHA256.HashData(Encoding.UTF8.GetBytes(checkpoint.Origin))), Hash32.LeftPadded(size)], data);
    }

    /// <summary>An unsealed header over transactions and receipts.</summary>
    public BlockHeader Header(ulong number, TestTrie? transactions = null, TestTrie? receipts = null, Hash32? state = null,
        int round = 0) => new()
        {
            ParentHash = Keccak256.Hash(BitConverter.GetBytes(number)),
            Coinbase = Validators[0],
            StateRoot = state ?? Keccak256.Hash("state"u8),
            TransactionsRoot = transactions?.Root ?? BlockHeader.EmptyTrieRoot,
            ReceiptsRoot = receipts?.Root ?? BlockHeader.EmptyTrieRoot,
            Number = number,
            GasLimit = 30_000_000,
            GasUsed = 21_000,
            Timestamp = Time + number,
            ExtraData = new QbftExtraData(default, [], null, round, []).Encode(),
            BaseFeePerGas = UInt256.Zero,
            WithdrawalsRoot = BlockHeader.EmptyTrieRoot,
            BlobGasUsed = 0,
            ExcessBlobGas = 0,
            ParentBeaconBlockRoot = Hash32.Zero,
        };

    /// <summary>Seals by the first validators; all of them unless said otherwise.</summary>
    public BlockHeader Seal(BlockHeader header, int? count = null) =>
        header.WithSeals([.. Validators.Take(count ?? Validators.Count).Select(v => SealBy(header, v))]);

    public Signature SealBy(BlockHeader header, Address validator) => Secp256k1.Sign(header.CommitHash, _keys[validator]);

    /// <summary>The chain's part for a block whose transactions and receipts are given.</summary>
    public ChainPart Block(IReadOnlyList<Transaction> transactions, IReadOnlyList<Receipt> receipts, int index = 0,
        ulong number = 9, int? seals = null, int round = 0, Func<BlockHeader, BlockHeader>? change = null)
    {
        var (sent, received) = (TestTrie.OfList([.. transactions.Select(t => t.Encoded.ToArray())]),
            TestTrie.OfList([.. receipts.Select(r => r.Encode())]));
        var header = Header(number, sent, received, round: round);
        header = Seal(change is null ? header : change(header), seals);
        return new ChainPart(header.Encode(), index, sent.Prove(TestTrie.IndexKey(index)),
            received.Prove(TestTrie.IndexKey(index)));
    }

    /// <summary>The usual block: one transaction, one receipt with the checkpoint's log.</summary>
    public ChainPart Block(Checkpoint checkpoint, ulong number = 9, int? seals = null, int round = 0,
        TransactionType type = TransactionType.DynamicFee, ulong epoch = 0, Func<BlockHeader, BlockHeader>? change = null) =>
        Block([Send(type)], [new Receipt(type, true, 60_000, [Recorded(checkpoint, epoch)])], 0, number, seals, round, change);

    /// <summary>The adoption of the next set by block <paramref name="from"/> − 1 of this one.</summary>
    public ValidatorSet Adopt(TestNetwork next, long from, int? seals = null, Hash32? code = null,
        Func<ValidatorSetProof, ValidatorSetProof>? change = null)
    {
        // The contract keeps its list in the order in which members came, not sorted.
        var members = next.Validators.Reverse().ToList();
        var first = UInt256.FromBigEndian(Keccak256.Hash(Hash32.Zero.Bytes).Bytes);
        var slots = new List<(byte[] Key, byte[] Value)> { (Hash32.Zero.ToArray(), Scalar((ulong)members.Count)) };
        slots.AddRange(members.Select((m, i) =>
            ((first + (UInt256)(ulong)i).ToBigEndian(), Scalar(UInt256.FromBigEndian(m.Bytes)))));
        var storage = TestTrie.OfState(slots);
        var state = TestTrie.OfState([(Governance.ToArray(), Account(storage.Root, code ?? GovernanceCode)),
            (Registry.ToArray(), Account(BlockHeader.EmptyTrieRoot, Keccak256.Hash("registry code"u8)))]);
        var header = Seal(Header((ulong)from - 1, state: state.Root), seals);
        var proof = new ValidatorSetProof(header.Encode(), state.ProveState(Governance.ToArray()),
            [.. slots.Select(s => storage.ProveState(s.Key))]);
        return new ValidatorSet(from, next.Validators, change is null ? proof : change(proof));
    }

    public static byte[] Account(Hash32 storage, Hash32 code)
    {
        var writer = new RlpWriter();
        var list = writer.StartList();
        writer.Write(1UL);
        writer.Write(0UL);
        writer.Write(storage);
        writer.Write(code);
        writer.EndList(list);
        return writer.ToArray();
    }

    public static byte[] Scalar(UInt256 value)
    {
        var writer = new RlpWriter();
        writer.Write(value);
        return writer.ToArray();
    }
}
