using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Chain.Core;
using Chain.Node.Configuration;

namespace Chain.Node.Generation;

/// <summary>
/// The genesis block of a group: the governance contract, which holds the validators, and the anchor registry, with the
/// storage that their constructors would have written. The genesis hash so binds code, validators and log origin.
/// </summary>
static class GenesisBuilder
{
    public static readonly Address Governance = Address.Parse("0x0000000000000000000000000000000000001000");
    public static readonly Address AnchorRegistry = Address.Parse("0x0000000000000000000000000000000000001001");

    public static readonly Address PledgeRegistry = Address.Parse("0x0000000000000000000000000000000000001002");

    public static readonly Address LiabilityRegistry = Address.Parse("0x0000000000000000000000000000000000001003");

    // A registry of its own, besides the anchor's: claims to receivables, and what issuers of prepaid cards owe.
    static readonly Dictionary<string, (string Name, Address Address)> s_registries = new()
    {
        ["receivables"] = (nameof(PledgeRegistry), PledgeRegistry),
        ["prepaid"] = (nameof(LiabilityRegistry), LiabilityRegistry),
    };

    const ulong GasLimit = 50_000_000;

    // "ctical byzantine fault tolerance": fixed by QBFT in every header.
    const string MixHash = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365";

    // RLP([32 zero bytes, no validators, no vote, round 0, no seals]): contract mode.
    static readonly string ExtraData = "0xe5a0" + new string('0', 64) + "c0c080c0";

    /// <summary>Builds the genesis of one group.</summary>
    /// <param name="group">Name of the group; some have a registry of their own.</param>
    /// <param name="chainId">Chain id of the group.</param>
    /// <param name="origin">Origin line of the group's transparency log.</param>
    /// <param name="validators">Validators; they are also the first members of governance.</param>
    /// <param name="anchor">The account that may record checkpoints.</param>
    /// <param name="now">Time of the genesis block; whole seconds are used.</param>
    /// <param name="contracts">Folder of compiled contracts.</param>
    public static GenesisFile Build(
        string group, ulong chainId, string origin, IReadOnlyList<Address> validators, Address anchor, DateTimeOffset now,
        string contracts) =>
        new()
        {
            Config = new GenesisRules
            {
                ChainId = chainId,
                Qbft = new GenesisQbft { ValidatorContractAddress = Governance.ToString() },
            },
            Nonce = "0x0",
            Timestamp = Quantity((ulong)now.ToUnixTimeSeconds()),
            ExtraData = ExtraData,
            GasLimit = Quantity(GasLimit),
            Difficulty = "0x1",
            MixHash = MixHash,
            Coinbase = Address.Zero.ToString(),
            BaseFeePerGas = "0x0",
            Alloc = Alloc(group, origin, validators, anchor, contracts),
        };

    /// <summary>The group's own registry; null where it has none.</summary>
    public static (string Name, Address Address)? RegistryOf(string group) =>
        s_registries.TryGetValue(group, out var registry) ? registry : null;

    static Dictionary<string, GenesisAccount> Alloc(
        string group, string origin, IReadOnlyList<Address> validators, Address anchor, string contracts)
    {
        var alloc = new Dictionary<string, GenesisAccount>
        {
            [Governance.ToString()] = Contract(
                ContractArtifact.Read(contracts, nameof(Governance)), GovernanceStorage(validators, anchor)),
            [AnchorRegistry.ToString()] = Contract(
                ContractArtifact.Read(contracts, nameof(AnchorRegistry)), RegistryStorage(origin)),
        };
        if (RegistryOf(group) is { } registry)
        {
            alloc[registry.Address.ToString()] = Contract(
                ContractArtifact.Read(contracts, registry.Name),
                new() { [Slot(0).ToString()] = Governance.ToWord().ToString() });
        }
        return alloc;
    }

    static GenesisAccount Contract(ContractArtifact artifact, Dictionary<string, string> storage) =>
        new() { Balance = "0x0", Nonce = "0x1", Code = artifact.DeployedBytecode, Storage = storage };

    // Slot 0 address[] validators, slot 1 address[] members, slot 2 mapping(address => bool) of anchors.
    static Dictionary<string, string> GovernanceStorage(IReadOnlyList<Address> validators, Address anchor)
    {
        var storage = new Dictionary<string, string>();
        WriteArray(storage, 0, validators);
        WriteArray(storage, 1, validators);
        var key = new byte[64];
        anchor.ToWord().CopyTo(key);
        Slot(2).CopyTo(key.AsSpan(32));
        storage[Keccak256.Hash(key).ToString()] = Slot(1).ToString();
        return storage;
    }

    // Slot 0 the governance contract, slot 1 SHA-256 of the origin line; size, epoch and root start at zero.
    static Dictionary<string, string> RegistryStorage(string origin) => new()
    {
        [Slot(0).ToString()] = Governance.ToWord().ToString(),
        [Slot(1).ToString()] = new Hash32(SHA256.HashData(Encoding.UTF8.GetBytes(origin))).ToString(),
    };

    // Solidity: the length at the slot, elements from keccak256(slot) on.
    static void WriteArray(Dictionary<string, string> storage, ulong slot, IReadOnlyList<Address> items)
    {
        storage[Slot(slot).ToString()] = Slot((ulong)items.Count).ToString();
        var position = UInt256.FromBigEndian(Keccak256.Hash(Slot(slot).Bytes).Bytes);
        var word = new byte[32];
        foreach (var item in items)
        {
            position.WriteBigEndian(word);
            storage[new Hash32(word).ToString()] = item.ToWord().ToString();
            position += 1;
        }
    }

    static Hash32 Slot(ulong number)
    {
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(word, number);
        return Hash32.LeftPadded(word);
    }

    static string Quantity(ulong value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);
}
