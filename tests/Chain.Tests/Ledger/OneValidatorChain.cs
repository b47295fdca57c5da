using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Core;
using Chain.Ledger;
using Chain.State;
using Shouldly;

namespace Chain.Tests.Ledger;

/// <summary>A group with one validator that seals as soon as it is told to: the whole chain without consensus.</summary>
internal sealed class OneValidatorChain
{
    public const ulong ChainId = 1001;
    public const ulong GenesisTime = 1_700_000_000;
    public const ulong GasLimit = 30_000_000;

    /// <summary>A key with wei in genesis.</summary>
    public static readonly byte[] RichKey = KeyOf(0x22);

    public static readonly byte[] ValidatorKey = KeyOf(0x11);

    /// <summary>Returns BLOCKHASH(NUMBER − 1) ‖ PREVRANDAO ‖ TIMESTAMP ‖ BASEFEE, and stores them at slots 0 to 3.</summary>
    public static readonly Address BlockReader = Address.Parse("0x00000000000000000000000000000000000000b1");

    /// <summary>Logs call data word 0 as topic, and reverts with it if it is zero.</summary>
    public static readonly Address Logger = Address.Parse("0x00000000000000000000000000000000000000b2");

    public OneValidatorChain(IKeyValueStore? store = null, LedgerOptions? options = null, Action<JsonObject>? change = null)
    {
        Store = store ?? new MemoryStore();
        Ledger = GroupLedger.Open(NewGenesis(change), Store, options);
    }

    public static Address Validator => Secp256k1.AddressOf(ValidatorKey);

    public static Address Rich => Secp256k1.AddressOf(RichKey);

    public IKeyValueStore Store { get; }

    public GroupLedger Ledger { get; }

    /// <summary>The node's clock, seconds since 1970.</summary>
    public ulong Now { get; set; } = GenesisTime + 10;

    public static byte[] KeyOf(byte fill) => [.. Enumerable.Repeat(fill, 32)];

    public static Genesis NewGenesis(Action<JsonObject>? change = null)
    {
        JsonObject genesis = GenesisJson();
        change?.Invoke(genesis);
        return Genesis.Parse(Encoding.UTF8.GetBytes(genesis.ToJsonString()));
    }

    public static JsonObject GenesisJson() => new()
    {
        ["config"] = new JsonObject { ["chainId"] = ChainId, ["londonBlock"] = 0, ["shanghaiTime"] = 0, ["cancunTime"] = 0 },
        ["nonce"] = "0x0",
        ["timestamp"] = "0x" + GenesisTime.ToString("x", null),
        ["extraData"] = Hex.ToPrefixed(QbftExtraData.ForGenesis([]).Encode()),
        ["gasLimit"] = "0x" + GasLimit.ToString("x", null),
        ["difficulty"] = "0x1",
        ["mixHash"] = BlockHeader.QbftMixHash.ToString(),
        ["coinbase"] = Address.Zero.ToString(),
        ["alloc"] = new JsonObject
        {
            [Genesis.DefaultGovernance.ToString()] = new JsonObject
            {
                ["balance"] = "0x0",
                ["code"] = "0x" + DeployedCode("Governance"),
                ["storage"] = Validators([Validator]),
            },
            [Rich.ToString()] = new JsonObject { ["balance"] = "1000000000000000000000" },
            [BlockReader.ToString()] = new JsonObject
            {
                // BLOCKHASH(NUMBER-1), PREVRANDAO, TIMESTAMP, BASEFEE each MSTOREd and SSTOREd; return 128 bytes.
                ["code"] = "0x" + "60014303408060005260005544806020526001554280604052600255488060605260035560806000f3",
            },
            [Logger.ToString()] = new JsonObject
            {
                // w = calldata[0]; if w: LOG1(0, 32, w) else revert(0, 32) with calldata word 1 in memory.
                ["code"] = "0x" + "602035600052600035801560145760206000a1005b60206000fd",
            },
        },
    };

    public static JsonObject Validators(IReadOnlyList<Address> validators)
    {
        JsonObject storage = new() { [Word(0)] = Word((ulong)validators.Count) };
        UInt256 first = UInt256.FromBigEndian(Keccak256.Hash(new byte[32]).Bytes);
        for (int i = 0; i < validators.Count; i++)
        {
            storage[Hex.ToPrefixed((first + (ulong)i).ToBigEndian())] = validators[i].ToWord().ToString();
        }

        return storage;
    }

    public static string Word(ulong value) => Hex.ToPrefixed(((UInt256)value).ToBigEndian());

    public static JsonElement ContractJson(string name)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Apps.sln")))
        {
            folder = folder.Parent;
        }

        string path = Path.Combine(folder!.FullName, "contracts-sol", "build", name + ".json");
        return JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.Clone();
    }

    public static Transaction Transfer(ulong nonce, byte[]? key = null, Address? to = null, ulong value = 0, byte[]? data = null,
        ulong gas = 200_000, ulong fee = 0) => new Transaction
        {
            Type = TransactionType.DynamicFee,
            ChainId = ChainId,
            Nonce = nonce,
            GasLimit = gas,
            MaxFeePerGas = fee,
            MaxPriorityFeePerGas = fee,
            To = to ?? Address.Parse("0x00000000000000000000000000000000000000aa"),
            Value = value,
            Data = data ?? [],
        }.Sign(key ?? RichKey);

    public void Send(Transaction transaction) => Ledger.Pool.Add(transaction).ShouldBe(new PoolAnswer(PoolStatus.Added, ""));

    public Block Build(int round = 0) => Ledger.BuildBlock(Now, Validator, round);

    /// <summary>Builds, checks, seals and imports the next block.</summary>
    public Block SealNext(int round = 0)
    {
        Block block = Build(round);
        Ledger.ValidateProposal(block, Now).ShouldBe(BlockVerdict.Valid);
        Block final = Seal(block);
        Ledger.Import(final).ShouldBe(new ImportResult(ImportStatus.Imported, BlockVerdict.Valid));
        return final;
    }

    public static Block Seal(Block block, params byte[][] keys) => block.WithHeader(block.Header.WithSeals(
        [.. (keys.Length == 0 ? [ValidatorKey] : keys).Select(k => Secp256k1.Sign(block.Header.CommitHash, k))]));

    private static string DeployedCode(string contract) =>
        ContractJson(contract).GetProperty("deployedBytecode").GetString()!.Replace("0x", "", StringComparison.Ordinal);
}
